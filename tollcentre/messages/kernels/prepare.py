"""One block of text rows → what lands, what is quarantined, under which keys and days."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tollcentre.core.keys import intern_key

from ..codecs.blocks import Block
from ..codecs.definitions import codes, definition, forms, issuer_rule, limits, pass_id_forms
from ..rules.schemas import landed_columns
from ..rules.selects import units_sql, validation_sql
from ..terms import RecordDefinition
from .digests import intern_keys, joined_keys
from .misfits import misfits

EPOCH_DAY = date(1970, 1, 1)
PIECE = 1 << 18
SEPARATOR = "\x1f"


class Engine(Protocol):
    """What runs SQL over a registered Arrow table (a DuckDB connection)."""

    def register(self, name: str, table: Any) -> Any: ...
    def unregister(self, name: str) -> Any: ...
    def sql(self, query: str) -> Any: ...


@dataclass
class Prepared:
    """A block after validation; `accepted` are positions of rows that may land."""

    block: Block
    checked: pa.Table | None
    accepted: npt.NDArray[np.int64]
    refused: npt.NDArray[np.int64]
    record_keys: npt.NDArray[np.int64]
    digests: npt.NDArray[np.int64]
    days: npt.NDArray[np.int64]
    reasons: list[str]


def prepare(block: Block, engine: Engine, *, now: int) -> Prepared:
    """Validate every row of the block; the order of rows is kept."""
    none = np.zeros(0, dtype=np.int64)
    if block.kind is None or block.table.num_rows == 0:
        return Prepared(block, None, none, none, none, none, none, [])
    of = definition(block.kind)
    rows = block.table.num_rows
    texts = whole_columns(block.table)
    found = misfits(texts, rows, of, forms(), codes(), look_for_control=_has_control(texts))
    table = block.table.append_column("idx", pa.array(np.arange(rows, dtype=np.int32)))
    names = {}
    for number, misfit in enumerate(found):
        table = table.append_column(f"misfit_{number}", pa.array(misfit.rows))
        names[f"misfit_{number}"] = (misfit.name, misfit.severity)
    constants = _constants(texts, of)
    sql = validation_sql(
        of,
        source="block",
        constants=constants,
        misfits=names,
        limits=limits(),
        now=now,
        issuer=issuer_rule(EPOCH_DAY + timedelta(seconds=now)),
        pass_ids=pass_id_forms(),
    )
    engine.register("block", table)
    checked: pa.Table = engine.sql(sql).to_arrow_table().combine_chunks()
    engine.unregister("block")
    order = checked.column("idx").to_numpy()
    if not np.array_equal(order, np.arange(rows)):
        checked = checked.take(pa.array(np.argsort(order)))
    for key, name in {"record_key": of.record_id, **of.keys}.items():
        checked = checked.append_column(key, pa.array(_keys_of(name, texts, checked)))
    digests = _content_digests(texts, of, constants, rows)
    reasons = checked.column("reasons").combine_chunks()
    fine = pc.equal(reasons, "").to_numpy(zero_copy_only=False)
    refused = np.flatnonzero(~fine)
    return Prepared(
        block=block,
        checked=checked.append_column("content_digest", pa.array(digests)),
        accepted=np.flatnonzero(fine),
        refused=refused,
        record_keys=checked.column("record_key").to_numpy(),
        digests=digests,
        days=checked.column("event_day").to_numpy(),
        reasons=reasons.take(pa.array(refused)).to_pylist(),
    )


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def whole_columns(table: pa.Table) -> dict[str, pa.Array]:
    """The columns by name, each whole; a table of many columns is slow to ask for one."""
    return dict(zip(table.column_names, map(_whole, table.columns), strict=True))


def _constants(texts: dict[str, pa.Array], of: RecordDefinition) -> dict[str, str]:
    """Columns with one value in every row, absent columns (blank) among them."""
    found: dict[str, str] = {}
    for column in of.columns:
        array = texts.get(column.name)
        if array is None:
            found[column.name] = ""
        elif isinstance(array, pa.DictionaryArray) and len(array.dictionary) == 1:
            found[column.name] = array.dictionary[0].as_py()
    return found


def _keys_of(name: str, texts: dict[str, pa.Array], checked: pa.Table) -> npt.NDArray[np.int64]:
    """The interned keys of a column of the record, or of one that was made of its columns."""
    if name in texts:
        return intern_keys(texts[name])
    if name in checked.column_names:
        return intern_keys(_whole(checked.column(name)))
    return np.zeros(checked.num_rows, dtype=np.int64)


def _content_digests(
    texts: dict[str, pa.Array], of: RecordDefinition, constants: dict[str, str], rows: int
) -> npt.NDArray[np.int64]:
    """The interned text of all content columns, blank where absent; times without their T."""
    parts: list[pa.Array | str] = []
    for column in of.columns:
        if not column.content:
            continue
        text = constants[column.name] if column.name in constants else texts[column.name]
        if column.form == "time":
            text = _without_t(text)
        if isinstance(text, str) and parts and isinstance(parts[-1], str):
            parts[-1] += SEPARATOR + text
        else:
            parts.append(text)
    if all(isinstance(part, str) for part in parts):
        return np.full(rows, intern_key(SEPARATOR.join(parts)))
    return joined_keys(parts, SEPARATOR)


def _without_t(text: pa.Array | str) -> pa.Array | str:
    """`2026-11-22T08:00:00` and `2026-11-22 08:00:00` are one moment."""
    if isinstance(text, str):
        return text.replace("T", " ")
    if isinstance(text, pa.DictionaryArray):
        text = text.dictionary_decode()
    return pc.replace_substring(text, "T", " ")


def _has_control(texts: dict[str, pa.Array]) -> bool:
    """Whether any text of the block may hold control characters other than line ends."""
    for array in texts.values():
        text = array.dictionary if isinstance(array, pa.DictionaryArray) else array
        buffer = text.buffers()[2]
        if buffer is None:
            continue
        octets = np.frombuffer(buffer, dtype=np.uint8)
        if any(np.any(octets[at : at + PIECE] < 32) for at in range(0, len(octets), PIECE)):
            return True
    return False


def landing_table(prepared: Prepared, kept: npt.NDArray[np.int64], intake_key: str) -> pa.Table:
    """The rows `kept` as they land: keys first, typed columns, then the other official texts."""
    assert prepared.checked is not None
    assert prepared.block.kind is not None
    of = definition(prepared.block.kind)
    rows = prepared.checked.num_rows
    found = {
        **whole_columns(prepared.block.table),
        **whole_columns(prepared.checked),
        "schema_version": pa.array(np.full(rows, of.schema_version, dtype=np.int16)),
        "intake_key": _constant(intake_key, rows),
    }
    blank = _constant("", rows)
    names = [column.name for column in landed_columns(of)]
    table = pa.table({name: found.get(name, blank) for name in names})
    return table if len(kept) == rows else table.take(pa.array(kept))


def _constant(text: str, count: int) -> pa.Array:
    indices = pa.array(np.zeros(count, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array([text], pa.string()))


def charged_units(table: pa.Table, of: RecordDefinition, engine: Engine) -> pa.Table | None:
    """The charged toll units of landed records that carry several; None where there are none."""
    if of.units is None:
        return None
    sql = units_sql(of, source="landed", event_time=of.event_time)
    words = set(re.findall(r"\w+", sql))
    engine.register("landed", table.select([n for n in table.column_names if n in words]))
    units: pa.Table = engine.sql(sql).to_arrow_table()
    engine.unregister("landed")
    if units.num_rows == 0:
        return None
    version = pa.array(np.ones(units.num_rows, dtype=np.int16))
    return units.add_column(0, "schema_version", version)


def names_counted(values: pa.ChunkedArray | pa.Array) -> Counter[str]:
    """How often each `|`-joined name occurs."""
    counted: Counter[str] = Counter()
    for entry in pc.value_counts(values).to_pylist():
        for name in filter(None, entry["values"].split("|")):
            counted[name] += entry["counts"]
    return counted


def day_text(day: int) -> str:
    """`2026-11-22` of days since 1970."""
    return (EPOCH_DAY + timedelta(days=int(day))).isoformat()
