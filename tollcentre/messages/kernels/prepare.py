"""One block of text rows → what lands, what is quarantined, under which keys and days."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..codecs.blocks import Block
from ..codecs.definitions import codes, definition, forms, issuer_rule, limits, pass_id_forms
from ..rules.selects import typed_columns, units_sql, validation_sql
from ..terms import RecordDefinition
from .misfits import misfits

EPOCH_DAY = date(1970, 1, 1)
PIECE = 1 << 18


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
    found = misfits(block.table, of, forms(), codes(), look_for_control=_has_control(block))
    table = block.table.append_column("idx", pa.array(np.arange(rows, dtype=np.int32)))
    names = {}
    for number, misfit in enumerate(found):
        table = table.append_column(f"misfit_{number}", pa.array(misfit.rows))
        names[f"misfit_{number}"] = (misfit.name, misfit.severity)
    sql = validation_sql(
        of,
        source="block",
        present=set(block.table.column_names),
        constants=_constants(block, of),
        misfits=names,
        limits=limits(),
        now=now,
        issuer=issuer_rule(EPOCH_DAY + timedelta(seconds=now)),
        pass_ids=pass_id_forms(),
    )
    engine.register("block", table)
    checked: pa.Table = engine.sql(sql).to_arrow_table()
    engine.unregister("block")
    order = checked.column("idx").to_numpy()
    if not np.array_equal(order, np.arange(rows)):
        checked = checked.take(pa.array(np.argsort(order)))
    reasons = checked.column("reasons").combine_chunks()
    fine = pc.equal(reasons, "").to_numpy(zero_copy_only=False)
    refused = np.flatnonzero(~fine)
    return Prepared(
        block=block,
        checked=checked,
        accepted=np.flatnonzero(fine),
        refused=refused,
        record_keys=checked.column("record_key").to_numpy(),
        digests=checked.column("content_digest").to_numpy(),
        days=checked.column("event_day").to_numpy(),
        reasons=reasons.take(pa.array(refused)).to_pylist(),
    )


def _constants(block: Block, of: RecordDefinition) -> dict[str, str]:
    """Columns with one value in every row, absent columns (blank) among them."""
    found: dict[str, str] = {}
    for column in of.columns:
        if column.name not in block.table.column_names:
            found[column.name] = ""
            continue
        chunked = block.table.column(column.name)
        array = chunked.combine_chunks() if chunked.num_chunks != 1 else chunked.chunk(0)
        if isinstance(array, pa.DictionaryArray) and len(array.dictionary) == 1:
            found[column.name] = array.dictionary[0].as_py()
    return found


def _has_control(block: Block) -> bool:
    """Whether any text of the block may hold control characters other than line ends."""
    for column in block.table.columns:
        array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
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
    checked, texts = prepared.checked, prepared.block.table
    if len(kept) < checked.num_rows:
        rows = pa.array(kept)
        checked, texts = checked.take(rows), texts.take(rows)
    count = checked.num_rows
    typed = set(typed_columns(of))
    arrays: dict[str, Any] = {
        "schema_version": pa.array(np.full(count, of.schema_version, dtype=np.int16)),
        "record_key": checked.column("record_key"),
        "content_digest": checked.column("content_digest"),
        "intake_key": _constant(intake_key, count),
        "anomalies": checked.column("anomalies"),
    }
    for name in typed_columns(of):
        arrays[name] = checked.column(name)
    for column in of.columns:
        if column.name in typed:
            continue
        present = column.name in texts.column_names
        arrays[column.name] = texts.column(column.name) if present else _constant("", count)
    return pa.table(arrays)


def _constant(text: str, count: int) -> pa.Array:
    indices = pa.array(np.zeros(count, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array([text], pa.string()))


def charged_units(table: pa.Table, of: RecordDefinition, engine: Engine) -> pa.Table | None:
    """The charged toll units of landed records that carry several; None where there are none."""
    if of.units is None:
        return None
    engine.register("landed", table)
    sql = units_sql(of, source="landed", event_time=of.event_time)
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
