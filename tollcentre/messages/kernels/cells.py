"""Cells of text records: where each one stands in a block's bytes, gathered into columns.

The positions of a block are two tables, field by row. Rows are gone through in tiles, so that
the bytes of a tile are still in the cache when its next field is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit, uint64

QUOTE, COMMA, RETURN = 34, 44, 13
FEW_VALUES_OF = 4
FEW_VALUES_MAX = 255
SLOTS = 1024
TILE_BYTES = 1 << 18
HASH_PRIME = 1099511628211
GB18030 = "gb18030"

Octets = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]


@dataclass
class Cells:
    """Field f of row r is `data[begins[f, r]:ends[f, r]]`; texts read with care lie behind data."""

    data: Octets
    begins: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]
    more: bytearray = field(default_factory=bytearray)

    def put(self, fields: Positions, rows: Positions, texts: Sequence[bytes]) -> None:
        """Make the texts the cells of these fields and rows, one each."""
        bounds = np.cumsum([len(self.data) + len(self.more), *map(len, texts)])
        self.begins[fields, rows] = bounds[:-1]
        self.ends[fields, rows] = bounds[1:]
        self.more += b"".join(texts)

    def of_rows(self, rows: Positions) -> "Cells":
        """The cells of these rows alone."""
        return Cells(self.data, self.begins[:, rows], self.ends[:, rows], self.more)

    @cached_property
    def octets(self) -> Octets:
        """The data with what was put behind it; asked for when all is put."""
        if not self.more:
            return self.data
        return fixed(np.concatenate([self.data, np.frombuffer(self.more, dtype=np.uint8)]))


def fixed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array, from now on not to be written: of one type, so that kernels are compiled once."""
    array.flags.writeable = False
    return array


def octets_of(data: bytes | pa.Buffer) -> Octets:
    """The bytes as an array, not copied."""
    return fixed(np.frombuffer(data, dtype=np.uint8))


def is_text(data: Octets) -> bool:
    """Whether the bytes are UTF-8."""
    bounds = np.array([0, len(data)], dtype=np.int64)
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(data)]
    try:
        pa.Array.from_buffers(pa.large_string(), 1, buffers).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def text_columns(cells: Cells, fields: Sequence[int] | Positions, encoding: str) -> list[pa.Array]:
    """The fields as Arrow text; one that repeats few values is a dictionary of them.

    Bytes that are no text of the encoding raise UnicodeDecodeError or ArrowInvalid.
    """
    data = cells.octets
    rows = cells.begins.shape[1]
    wanted = np.array(fields, dtype=np.int64)
    most = min(max(rows // FEW_VALUES_OF, 2), FEW_VALUES_MAX)
    codes = np.empty((len(wanted), rows), dtype=np.int16)
    firsts = np.zeros((len(wanted), FEW_VALUES_MAX), dtype=np.int32)
    counts = np.zeros(len(wanted), dtype=np.int64)
    sizes = np.zeros(len(wanted), dtype=np.int64)
    tell_apart(data, cells.begins, cells.ends, wanted, most, codes, firsts, counts, sizes)
    many = np.flatnonzero(counts < 0)
    texts = iter(_gathered(data, cells, wanted[many], sizes[many], encoding))
    columns: list[pa.Array] = []
    for at, count in enumerate(counts):
        if count < 0:
            columns.append(next(texts))
            continue
        rows_of = firsts[at, :count]
        spans = zip(cells.begins[wanted[at], rows_of], cells.ends[wanted[at], rows_of], strict=True)
        values = [data[begin:end].tobytes().decode(encoding) for begin, end in spans]
        dictionary = pa.array(values, pa.string())
        columns.append(pa.DictionaryArray.from_arrays(pa.array(codes[at]), dictionary))
    return columns


def _gathered(
    data: Octets,
    cells: Cells,
    fields: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
    encoding: str,
) -> list[pa.Array]:
    """Text columns of these fields, whose texts have `sizes` bytes in all."""
    rows = cells.begins.shape[1]
    bounds = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    offsets = np.empty((len(fields), rows + 1), dtype=np.int32)
    texts = np.empty(bounds[-1], dtype=np.uint8)
    gather(data, cells.begins, cells.ends, fields, bounds[:-1], offsets, texts)
    columns = []
    for at in range(len(fields)):
        part = texts[bounds[at] : bounds[at + 1]]
        buffers = [None, pa.py_buffer(offsets[at]), pa.py_buffer(part)]
        if encoding == GB18030 and part.size and part.max() > 127:
            octets = pa.Array.from_buffers(pa.binary(), rows, buffers).to_pylist()
            columns.append(pa.array([text.decode(encoding) for text in octets], pa.string()))
            continue
        column = pa.Array.from_buffers(pa.string(), rows, buffers)
        column.validate(full=True)
        columns.append(column)
    return columns


@njit(nogil=True, cache=True)
def split_lines(data, starts, stops, begins, ends, odd):
    """Find the cells of every line; `odd` marks the lines that have to be read with care.

    A line is odd that has not one cell a field, or a quote elsewhere than around a whole cell, or
    a NUL, or a carriage return. Lines that are marked beforehand are left alone.
    """
    width = begins.shape[0]
    for row in range(len(starts)):
        if odd[row]:
            continue
        last = uint64(stops[row])
        begin = uint64(starts[row])
        cell = 0
        quotes = 0
        for at in range(begin, last):
            octet = data[at]
            if octet > COMMA:
                continue
            if octet == COMMA:
                if quotes == 1:
                    continue
                if cell == width:
                    break
                begins[cell, row] = begin + uint64(quotes == 2)
                ends[cell, row] = at - uint64(quotes == 2)
                cell += 1
                quotes = 0
                begin = at + uint64(1)
            elif octet == QUOTE:
                closes = at + uint64(1) == last or data[at + uint64(1)] == COMMA
                if quotes == 0 and at == begin:
                    quotes = 1
                elif quotes == 1 and closes:
                    quotes = 2
                else:
                    odd[row] = True
            elif octet == RETURN or octet == 0:
                odd[row] = True
        if cell != width - 1 or quotes == 1:
            odd[row] = True
        if not odd[row]:
            begins[cell, row] = begin + uint64(quotes == 2)
            ends[cell, row] = last - uint64(quotes == 2)


@njit(nogil=True, cache=True)
def _same(data, one, other, length):
    at = uint64(0)
    while at < uint64(length) and data[uint64(one) + at] == data[uint64(other) + at]:
        at += uint64(1)
    return at == uint64(length)


@njit(nogil=True, cache=True)
def _tile_rows(size, rows):
    return max(TILE_BYTES * rows // max(size, 1), 1)


@njit(nogil=True, cache=True)
def _slot_of(data, begin, length, begins, ends, slots, firsts):
    """The slot of a value that was seen before, else the free one where it belongs."""
    mixed = uint64(length)
    for at in range(uint64(length)):
        mixed = (mixed ^ uint64(data[uint64(begin) + at])) * uint64(HASH_PRIME)
    slot = (mixed ^ (mixed >> uint64(32))) & uint64(SLOTS - 1)
    while slots[slot] >= 0:
        first = firsts[slots[slot]]
        if ends[first] - begins[first] == length and _same(data, begin, begins[first], length):
            break
        slot = (slot + uint64(1)) & uint64(SLOTS - 1)
    return slot


@njit(nogil=True, cache=True)
def tell_apart(data, begins, ends, fields, most, codes, firsts, counts, sizes):
    """Number the values of each field in the order of their first rows, up to `most` of them.

    A field with more has count -1 in the end. `sizes` are the bytes of all texts of a field.
    """
    rows = begins.shape[1]
    step = _tile_rows(len(data), rows)
    slots = np.full((len(fields), SLOTS), -1, dtype=np.int16)
    for tile in range(0, rows, step):
        last = min(tile + step, rows)
        for at in range(len(fields)):
            begin_of, end_of = begins[fields[at]], ends[fields[at]]
            before = -1
            for row in range(tile, last):
                begin = begin_of[row]
                length = end_of[row] - begin
                sizes[at] += length
                if counts[at] < 0:
                    continue
                as_long = before >= 0 and length == end_of[before] - begin_of[before]
                if as_long and _same(data, begin, begin_of[before], length):
                    codes[at, row] = codes[at, before]
                    continue
                slot = _slot_of(data, begin, length, begin_of, end_of, slots[at], firsts[at])
                if slots[at, slot] < 0:
                    if counts[at] == most:
                        counts[at] = -1
                        continue
                    slots[at, slot] = counts[at]
                    firsts[at, counts[at]] = row
                    counts[at] += 1
                codes[at, row] = slots[at, slot]
                before = row


@njit(nogil=True, cache=True)
def gather(data, begins, ends, fields, bases, offsets, texts):
    """Copy the texts of each field together from its base on, with the offset of every row."""
    rows = begins.shape[1]
    step = _tile_rows(len(data), rows)
    place = bases.copy()
    for tile in range(0, rows, step):
        last = min(tile + step, rows)
        for at in range(len(fields)):
            to = place[at]
            for row in range(tile, last):
                begin = begins[fields[at], row]
                length = ends[fields[at], row] - begin
                offsets[at, row] = to - bases[at]
                for octet in range(uint64(length)):
                    texts[uint64(to) + octet] = data[uint64(begin) + octet]
                to += length
            place[at] = to
    for at in range(len(fields)):
        offsets[at, rows] = place[at] - bases[at]
