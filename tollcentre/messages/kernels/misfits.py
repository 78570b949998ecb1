"""Single-column checks over Arrow columns: each value of a dictionary is looked at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..terms import Column, RecordDefinition, Severity

LANDED_DIGITS = {"smallint": 4, "integer": 9, "bigint": 15}
FEW_VALUES = 64
CONTROL = r"[\x00-\x1f\x7f]"


@dataclass(frozen=True)
class Misfit:
    """Rows of a column that fail a check, with the name they get and what it means."""

    name: str
    severity: Severity
    rows: npt.NDArray[np.bool_]


def misfits(
    texts: Mapping[str, pa.Array],
    count: int,
    definition: RecordDefinition,
    forms: dict[str, str],
    codes: dict[str, frozenset[str]],
    *,
    look_for_control: bool,
) -> list[Misfit]:
    """Every failed single-column check of `count` rows, in the order of the columns."""
    found: list[Misfit] = []
    for column in definition.columns:
        array = texts.get(column.name)
        if array is None:
            if column.required:
                rows = np.ones(count, dtype=np.bool_)
                found.append(_named("missing_field", column, rows, Severity.QUARANTINE))
            continue
        values = array.dictionary if isinstance(array, pa.DictionaryArray) else array
        if not look_for_control and _all_known(values, column, forms, codes):
            continue
        blank = pc.equal(values, "")
        if column.required:
            _collect(found, "missing_field", column, array, blank, Severity.QUARANTINE)
        if look_for_control:
            control = pc.match_substring_regex(values, CONTROL)
            _collect(found, "control_character", column, array, control, Severity.ANOMALY)
        # Landed times are read by SQL, pass ids by their own table of forms: both named there.
        read_by_sql = column.landed == "epoch" or column.form == "pass_id"
        if column.form and not read_by_sql and not _plain(values, column):
            pattern = pattern_of(column, forms)
            fits = pc.or_(pc.match_substring_regex(values, f"^(?:{pattern})$"), blank)
            _collect(found, _form_fault(column), column, array, pc.invert(fits), column.bad)
        if column.codes:
            listed = pa.array(sorted(codes[column.codes]), pa.string())
            fits = pc.or_(pc.is_in(values, value_set=listed), blank)
            _collect(found, "bad_code", column, array, pc.invert(fits), column.bad)
    return found


def _all_known(
    values: pa.Array, column: Column, forms: dict[str, str], codes: dict[str, frozenset[str]]
) -> bool:
    """Whether a short dictionary holds only values that were judged fit before, or are now."""
    if len(values) > FEW_VALUES:
        return False
    read_by_sql = column.landed == "epoch" or column.form == "pass_id"
    pattern = pattern_of(column, forms) if column.form and not read_by_sql else ""
    table = codes[column.codes] if column.codes else None
    texts = values.to_pylist()
    if column.required and "" in texts:
        return False
    return all(_fits(text, pattern, table) for text in texts)


@lru_cache(maxsize=1 << 16)
def _fits(text: str, pattern: str, table: frozenset[str] | None) -> bool:
    """Whether one value passes the checks of its column; a blank one passes."""
    if not text:
        return True
    if pattern and not re.fullmatch(pattern, text, re.ASCII):
        return False
    return table is None or text in table


def _plain(values: pa.Array, column: Column) -> bool:
    """Whether all values fit by sight: moments, short decimals, upper-case ids of their width."""
    if column.form == "time":
        return _all_moments(values)
    if column.form not in ("number", "digits", "id") or len(values) == 0:
        return False
    lengths = pc.min_max(pc.binary_length(values))
    longest = column.width or LANDED_DIGITS.get(column.landed, 18)
    if column.form == "number":
        fits = lengths["max"].as_py() <= longest and lengths["min"].as_py() > 0
        return fits and pc.all(pc.ascii_is_decimal(values)).as_py()
    if not column.width or lengths["max"].as_py() != longest or lengths["min"] != lengths["max"]:
        return False
    plain = pc.ascii_is_alnum(values) if column.form == "id" else pc.ascii_is_decimal(values)
    upper = pc.equal(pc.ascii_upper(values), values)
    return bool(pc.all(pc.and_(plain, upper)).as_py())


def _all_moments(values: pa.Array) -> bool:
    """Whether every text is a moment to the second, or blank."""
    try:
        pc.cast(pc.if_else(pc.equal(values, ""), None, values), pa.timestamp("s"))
    except pa.ArrowInvalid:
        return False
    lengths = pc.binary_length(values)
    return bool(pc.all(pc.is_in(lengths, value_set=pa.array([0, 19], pa.int32()))).as_py())


def pattern_of(column: Column, forms: dict[str, str]) -> str:
    """The pattern that the column's text must match as a whole."""
    pattern = forms[column.form]
    width = str(column.width) if column.width else "1,"
    digits = LANDED_DIGITS.get(column.landed, 18)
    return pattern.replace("{{width}}", "{" + width + "}").replace("{digits}", str(digits))


def _form_fault(column: Column) -> str:
    if column.form == "time":
        return "bad_time"
    if column.form == "number":
        return "not_a_number"
    return "bad_width" if column.width else "bad_form"


def _collect(
    found: list[Misfit],
    code: str,
    column: Column,
    array: pa.Array,
    failing: pa.Array,
    severity: Severity,
) -> None:
    """Name the rows whose value fails, where there are any."""
    if not pc.any(failing).as_py():
        return
    rows = pc.take(failing, array.indices) if isinstance(array, pa.DictionaryArray) else failing
    mask = rows.to_numpy(zero_copy_only=False)
    if mask.any():
        found.append(_named(code, column, mask, severity))


def _named(code: str, column: Column, rows: npt.NDArray[np.bool_], severity: Severity) -> Misfit:
    return Misfit(f"{code}:{column.official}", severity, rows)
