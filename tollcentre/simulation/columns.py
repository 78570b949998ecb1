"""Columns of text, built whole: times, padded numbers, hex, plates. Arrow in, Arrow out."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from tollcentre.core.clock import DAY_SECONDS, day_start

from .road_map import IntArray

Column: TypeAlias = Any
"""An Arrow array of text; pyarrow comes without types."""
PLATE_CHARS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
HEX4 = pa.array([f"{i:04X}" for i in range(65536)])


def numbers(values: IntArray) -> Column:
    """Whole numbers as text."""
    return pa.array(np.asarray(values, dtype=np.int64)).cast(pa.string())


def padded(values: IntArray, width: int) -> Column:
    """Whole numbers with leading zeros."""
    return pc.ascii_lpad(numbers(values), width, "0")


def constant(text: str, count: int) -> Column:
    """The same text in every row."""
    return pa.repeat(pa.scalar(text), count)


def join(*parts: Column | str, between: str = "") -> Column:
    """The parts of each row in one text."""
    return pc.binary_join_element_wise(*parts, between)


def take(column: Column, rows: IntArray) -> Column:
    """The column at `rows`."""
    return column.take(pa.array(rows))


def either(condition: IntArray, yes: Column | str, no: Column | str) -> Column:
    """`yes` where the condition holds, else `no`."""
    return pc.if_else(pa.array(condition), yes, no)


def grouped(texts: Column, counts: IntArray, between: str = "|") -> Column:
    """Neighbouring texts joined, `counts[i]` of them into row i."""
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), texts), between)


def hex8(values: IntArray) -> Column:
    """Eight hex digits of 32 bits."""
    bits = np.asarray(values, dtype=np.int64)
    return join(take(HEX4, (bits >> 16) & 0xFFFF), take(HEX4, bits & 0xFFFF))


@cache
def clock_texts() -> tuple[Column, Column]:
    """Every second of a day as `08:00:00` and as `080000`."""
    clock = [(s // 3600, s // 60 % 60, s % 60) for s in range(DAY_SECONDS)]
    colons = pa.array([f"{h:02d}:{m:02d}:{s:02d}" for h, m, s in clock])
    return colons, pa.array([f"{h:02d}{m:02d}{s:02d}" for h, m, s in clock])


class TimeText:
    """Times as text, from tables of days and of seconds of a day."""

    def __init__(self, day: date, days_before: int = 10, days_after: int = 3) -> None:
        self.days_before = days_before
        self.start = day_start(day - timedelta(days=days_before))
        days = [day + timedelta(days=i) for i in range(-days_before, days_after + 1)]
        self.span = len(days) * DAY_SECONDS
        self.dashed = pa.array([d.strftime("%Y-%m-%d") for d in days])
        self.plain = pa.array([d.strftime("%Y%m%d") for d in days])
        self.colons, self.digits = clock_texts()
        self.hours = pa.array([f"{h:02d}" for h in range(24)])

    def parts(self, epoch: IntArray) -> tuple[IntArray, IntArray]:
        """Day number and second of the day; ValueError outside the table's days."""
        since = np.asarray(epoch, dtype=np.int64) - self.start
        if len(since) and (since.min() < 0 or since.max() >= self.span):
            raise ValueError("time outside the simulated days")
        return since // DAY_SECONDS, since % DAY_SECONDS

    def iso(self, epoch: IntArray, between: str = " ") -> Column:
        """`2026-11-22 08:00:00`."""
        day, second = self.parts(epoch)
        return join(take(self.dashed, day), take(self.colons, second), between=between)

    def compact(self, epoch: IntArray) -> Column:
        """`20261122080000`."""
        day, second = self.parts(epoch)
        return join(take(self.plain, day), take(self.digits, second))

    def hour_batch(self, epoch: IntArray) -> Column:
        """`2026112208`."""
        day, second = self.parts(epoch)
        return join(take(self.plain, day), take(self.hours, second // 3600))

    def midnight(self, epoch: IntArray) -> Column:
        """`2026-11-22 00:00:00`."""
        return join(take(self.dashed, self.parts(epoch)[0]), " 00:00:00")

    def hour_number(self, epoch: IntArray) -> IntArray:
        """Hours since the table's first day."""
        return (np.asarray(epoch, dtype=np.int64) - self.start) // 3600

    def hour_texts(self) -> list[str]:
        """The hour batch of every hour number."""
        return [f"{day}{hour:02d}" for day in self.plain.to_pylist() for hour in range(24)]


def plate_tails(values: IntArray, length: int = 5) -> Column:
    """Plate characters of numbers below 34^length, one to one."""
    alphabet = np.frombuffer(PLATE_CHARS.encode(), dtype=np.uint8)
    rest = np.asarray(values, dtype=np.int64).copy()
    chars = np.empty((len(rest), length), dtype=np.uint8)
    for place in range(length - 1, -1, -1):
        chars[:, place] = alphabet[rest % 34]
        rest //= 34
    offsets = np.arange(0, (len(rest) + 1) * length, length, dtype=np.int32)
    return pa.StringArray.from_buffers(
        len(rest), pa.py_buffer(offsets.tobytes()), pa.py_buffer(chars.tobytes())
    )


NUMBERS_A_DAY = 9_000
"""Running numbers that one run may use per device and hour of each earlier day."""


class Sequence:
    """Running numbers per (device, hour), over all chunks of a run.

    A run also writes hours of the days before its own; there it numbers from a start of its own
    for each day back, so that the runs of neighbouring days never name two records alike.
    """

    def __init__(self, devices: int, times: TimeText) -> None:
        self.hours = times.span // 3600
        days_back = np.maximum(0, times.days_before - np.arange(self.hours) // 24)
        self.used = np.tile(days_back * NUMBERS_A_DAY, devices)

    def next(self, device: IntArray, hour: IntArray) -> IntArray:
        """The next number of each row's device and hour, in row order."""
        key = device * self.hours + hour
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        counts = np.diff(np.concatenate([starts, [len(key)]]))
        rank = np.empty(len(key), dtype=np.int64)
        rank[order] = np.arange(len(key)) - np.repeat(starts, counts)
        result = self.used[key] + rank + 1
        self.used += np.bincount(key, minlength=len(self.used))
        return result


class RecordFile:
    """A CSV file of records under the official header; `core` leaves out columns never filled."""

    def __init__(self, path: Path, header: list[str], blanks: set[str] | None = None) -> None:
        self.path = path
        self.header = [name for name in header if blanks is None or name not in blanks]
        self.stream = path.open("wb")
        self.stream.write((",".join(self.header) + "\n").encode())
        self.rows = 0

    def write(self, columns: dict[str, Column | str]) -> None:
        """Appends rows; a column that is not given is blank, a text is repeated."""
        count = next(len(c) for c in columns.values() if not isinstance(c, str))
        blank = constant("", count)
        arrays: list[Any] = []
        for name in self.header:
            column = columns.get(name, blank)
            arrays.append(constant(column, count) if isinstance(column, str) else column)
        table = pa.table(arrays, names=self.header)
        options = arrow_csv.WriteOptions(
            include_header=False, quoting_style="none", batch_size=16384
        )
        arrow_csv.write_csv(table, self.stream, options)
        self.rows += count

    def close(self) -> None:
        """Closes the file."""
        self.stream.close()
