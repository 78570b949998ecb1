"""Landing of one batch: validate in workers, drop repeats in order, write, register at once."""

import shutil
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from tollcentre.core.keys import intern_key
from tollcentre.lake import actions as lake_actions
from tollcentre.lake import queries as lake

from ..codecs.blocks import Block
from ..codecs.definitions import definition
from ..codecs.source import Piece
from ..kernels.prepare import (
    Prepared,
    charged_units,
    day_text,
    landing_table,
    names_counted,
    prepare,
)
from ..models import IntakeBatch, QuarantinedRow
from ..terms import CHARGED_UNIT, IntakeReport, RecordKind

CONTROL_SUMS = ("pay_fee", "fee", "discount_fee")
STATISTICS = ("record_key", "pass_key", "fee", "gantry_key", "unit_key")


@dataclass(frozen=True)
class StagedPart:
    """A finished Parquet file that waits to be registered."""

    relation: str
    partition: str
    number: int
    path: Path
    rows: int
    control_sums: dict[str, str]


@dataclass(frozen=True)
class Quarantine:
    """A row to be kept aside, and why; it holds on to nothing else of its block."""

    kind: RecordKind | None
    header: str
    encoding: str
    shape: str
    line: int
    raw: bytes
    reasons: str


class SeenKeys:
    """Keys of what has landed, a day at a time, so that exact repeats are known."""

    def __init__(self) -> None:
        self.con = lake.connect()
        self.con.execute(
            "CREATE TABLE seen (kind VARCHAR, record_key BIGINT, content_digest BIGINT)"
        )
        self.loaded: set[tuple[RecordKind, int]] = set()

    def load(self, kind: RecordKind, days: Iterable[int]) -> None:
        """Read the keys of these days from the lake, once each."""
        for day in days:
            if (kind, day) in self.loaded:
                continue
            self.loaded.add((kind, day))
            paths = lake.paths(kind.value, partitions=[f"event_day={day_text(day)}"])
            if paths:
                rows = lake.read_sql(paths, f"'{kind.value}', record_key, content_digest")
                self.con.execute(f"INSERT INTO seen {rows}")

    def repeats(
        self, kind: RecordKind, keys: npt.NDArray[np.int64], digests: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.bool_], int]:
        """Which rows are exact repeats of an earlier one, and how many conflict with another.

        The others are remembered. A conflict is the same record id with other content: both land.
        """
        fresh = pa.table({"pos": np.arange(len(keys)), "k": keys, "d": digests})
        self.con.register("fresh", fresh)
        repeated = self.con.sql(
            "SELECT pos FROM (SELECT pos, row_number() OVER (PARTITION BY k, d ORDER BY pos) AS n"
            " FROM fresh) WHERE n > 1 UNION SELECT pos FROM fresh JOIN seen ON record_key = k"
            f" AND content_digest = d AND kind = '{kind.value}'"
        ).fetchnumpy()["pos"]
        mask = np.zeros(len(keys), dtype=np.bool_)
        mask[np.asarray(repeated, dtype=np.int64)] = True
        self.con.register("kept", fresh.filter(pa.array(~mask)))
        conflicts = self.con.execute(
            "SELECT count(*) FROM (SELECT k FROM kept GROUP BY k HAVING count(*) > 1 UNION"
            f" SELECT k FROM kept JOIN seen ON record_key = k AND kind = '{kind.value}')"
        ).fetchone()
        self.con.execute(f"INSERT INTO seen SELECT '{kind.value}', k, d FROM kept")
        for name in ("fresh", "kept"):
            self.con.unregister(name)
        return mask, conflicts[0] if conflicts else 0


@dataclass
class Landing:
    """The work on one batch; nothing is visible before `register`.

    `open_batch` is called when the first rows are to be staged, so that what it takes to know the
    batch can go on beside the reading.
    """

    open_batch: Callable[[], IntakeBatch]
    now: int
    seen: SeenKeys
    report: IntakeReport = field(default_factory=IntakeReport)
    quarantine: list[Quarantine] = field(default_factory=list)
    parts: list[StagedPart] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engines = threading.local()

    @cached_property
    def batch(self) -> IntakeBatch:
        """The batch; what an attempt that was cut short staged for it is removed."""
        batch = self.open_batch()
        shutil.rmtree(_staging(batch), ignore_errors=True)
        return batch

    def run(self, pieces: Iterable[Piece]) -> None:
        """Take in all pieces in their order; validation and writing go on in workers."""
        workers = max(int(settings.LAKE_THREADS), 1)
        with ThreadPoolExecutor(workers, thread_name_prefix="intake") as pool:
            writes: deque[Future[list[StagedPart]]] = deque()
            number = 0
            for prepared in _in_order(pool, pieces, self._prepare, workers + 1):
                for one in prepared:
                    kept = self._judge(one)
                    if len(kept):
                        writes.append(pool.submit(self._write, self.batch, one, kept, number))
                        number += 1
                    while len(writes) > workers:
                        self.parts += writes.popleft().result()
            while writes:
                self.parts += writes.popleft().result()

    def _prepare(self, piece: Piece) -> list[Prepared]:
        return [prepare(block, self._engine(), now=self.now) for block in piece()]

    def _engine(self) -> duckdb.DuckDBPyConnection:
        """The worker's own single-threaded connection."""
        if not hasattr(self.engines, "con"):
            con = duckdb.connect(config={"threads": 1})
            con.execute("SET TimeZone = 'UTC'")
            self.engines.con = con
        engine: duckdb.DuckDBPyConnection = self.engines.con
        return engine

    def _judge(self, prepared: Prepared) -> npt.NDArray[np.int64]:
        """Count the block's rows and say which of them land."""
        block, report = prepared.block, self.report
        report.unknown_columns |= block.unknown_columns
        for broken in block.broken:
            self._set_aside(block, broken.line, broken.raw, broken.reason)
        for row, reasons in zip(prepared.refused, prepared.reasons, strict=True):
            line, raw = int(block.lines[row]), block.raw(int(row))
            self._set_aside(block, line, raw, reasons)
        if block.kind is None or prepared.checked is None or not len(prepared.accepted):
            return np.zeros(0, dtype=np.int64)
        days = np.unique(prepared.days[prepared.accepted])
        self.seen.load(block.kind, map(int, days))
        repeated, conflicts = self.seen.repeats(
            block.kind,
            prepared.record_keys[prepared.accepted],
            prepared.digests[prepared.accepted],
        )
        kept = prepared.accepted[~repeated]
        report.duplicates += int(repeated.sum())
        report.conflicting_versions += conflicts
        report.accepted += len(kept)
        report.kinds[block.kind.value] += len(kept)
        report.days |= {day_text(day) for day in np.unique(prepared.days[kept])}
        names = prepared.checked.column("anomalies").take(pa.array(kept))
        report.anomalies.update(names_counted(names))
        return kept

    def _set_aside(self, block: Block, line: int, raw: bytes, reasons: str) -> None:
        self.report.quarantined += 1
        self.report.reasons.update(reasons.split("|"))
        self.quarantine.append(
            Quarantine(block.kind, block.header, block.encoding, block.shape, line, raw, reasons)
        )

    def _write(
        self, batch: IntakeBatch, prepared: Prepared, kept: npt.NDArray[np.int64], number: int
    ) -> list[StagedPart]:
        """Stage the kept rows, one file a relation and day."""
        assert prepared.block.kind is not None
        of = definition(prepared.block.kind)
        staged: list[StagedPart] = []
        days = prepared.days[kept]
        for day in np.unique(days):
            table = landing_table(prepared, kept[days == day], batch.key)
            partition = f"event_day={day_text(day)}"
            staged.append(_stage(batch, of.kind.value, partition, number, table))
            units = charged_units(table, of, self._engine())
            if units is not None:
                staged.append(_stage(batch, CHARGED_UNIT, partition, number, units))
        return staged

    def register(self) -> None:
        """Move the staged files into the lake and keep the quarantined rows.

        Called inside the batch's own transaction: all of it becomes visible at once.
        """
        for part in sorted(self.parts, key=lambda part: (part.relation, part.partition,
                                                         part.number)):  # fmt: skip
            lake_actions.adopt_parquet(
                relation=part.relation,
                partition=part.partition,
                run_key=f"{self.batch.key}-{part.number:05d}",
                source=part.path,
                rows=part.rows,
                control_sums=part.control_sums,
            )
        rows = (_quarantined_row(self.batch, row) for row in self.quarantine)
        for chunk in _chunks(rows, 2000):
            QuarantinedRow.objects.bulk_create(chunk, ignore_conflicts=True)

    def clean(self) -> None:
        """Remove what was staged."""
        shutil.rmtree(_staging(self.batch), ignore_errors=True)


def _staging(batch: IntakeBatch) -> Path:
    """The folder of a batch's files until they are registered."""
    return Path(settings.HOME) / "spill" / "intake" / batch.key


def _stage(
    batch: IntakeBatch, relation: str, partition: str, number: int, table: pa.Table
) -> StagedPart:
    """Write a table as a file that waits to be registered."""
    folder = _staging(batch) / relation / partition
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number:05d}.parquet"
    pq.write_table(
        table,
        path,
        compression="zstd",
        store_schema=False,
        # Ids and amounts hardly repeat: a dictionary of them costs time and space.
        use_dictionary=[name for name in table.column_names if _repeats(table, name)],
        write_statistics=[name for name in STATISTICS if name in table.column_names],
    )
    sums = {
        name: str(_total(table.column(name))) for name in CONTROL_SUMS if name in table.column_names
    }
    return StagedPart(relation, partition, number, path, table.num_rows, sums)


def _repeats(table: pa.Table, name: str) -> bool:
    kind = table.schema.field(name).type
    return bool(pa.types.is_dictionary(kind) or pa.types.is_int16(kind))


def _total(column: pa.ChunkedArray) -> int:
    return int(column.to_numpy().sum())


def _quarantined_row(batch: IntakeBatch, row: Quarantine) -> QuarantinedRow:
    """The stored row; its key is the same whenever the same bytes come again."""
    kind = row.kind.value if row.kind else ""
    content = "\x1f".join((kind, row.header, row.raw.hex()))
    return QuarantinedRow(
        quarantine_key=intern_key(content),
        batch=batch,
        file=batch.name,
        line=row.line,
        kind=kind,
        reasons=row.reasons[:1000],
        raw=row.raw,
        header=row.header,
        encoding=row.encoding,
        shape=row.shape,
        received_at=batch.started_at,
    )


def _chunks(rows: Iterator[QuarantinedRow], size: int) -> Iterator[list[QuarantinedRow]]:
    chunk: list[QuarantinedRow] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _in_order(
    pool: ThreadPoolExecutor,
    pieces: Iterable[Piece],
    work: Callable[[Piece], list[Prepared]],
    ahead: int,
) -> Iterator[list[Prepared]]:
    """Results of `work` over the pieces in their order, at most `ahead` in the making."""
    waiting: deque[Future[list[Prepared]]] = deque()
    for piece in pieces:
        waiting.append(pool.submit(work, piece))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
