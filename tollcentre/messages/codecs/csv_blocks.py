"""CSV blocks: one physical line is one row; a line that cannot be read is named, never skipped.

The national format has no line breaks inside a value, so every line of the file is accounted
for by counting lines. Most lines are split by sight, at full speed; one with any doubt is read
with care on its own.
"""

import csv
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..kernels.cells import RETURN, Cells, octets_of, split_lines, text_columns
from ..terms import RecordKind
from .blocks import Block, BrokenRow, empty_block
from .definitions import detect, folded, names_of
from .sniff import BOM, decodes

NEWLINE = 10
UNKNOWN = "\x00"
PIECE = 1 << 18
LONGEST = (1 << 31) - 1


@dataclass
class CsvHeader:
    """A header line: its text, the kind that it tells, our name per field and fields not ours."""

    text: str
    kind: RecordKind | None
    fields: list[str]
    unknown: set[str]


def header_of(line: bytes, encoding: str, kind: RecordKind | None = None) -> CsvHeader:
    """Read the header line; `kind` overrides what the names tell. A repeated name counts once."""
    text = line.removeprefix(BOM).decode(encoding, errors="replace").rstrip("\r\n")
    cells = next(csv.reader([text]), [])
    kind = kind or detect(cells)
    spellings = names_of(kind) if kind else {}
    fields: list[str] = []
    unknown: set[str] = set()
    for number, cell in enumerate(cells):
        name = spellings.get(folded(cell), "")
        if not name or name in fields:
            unknown.add(cell.strip())
            name = f"{UNKNOWN}{number}"
        fields.append(name)
    return CsvHeader(text, kind, fields, unknown)


def csv_block(
    data: bytes,
    *,
    header: CsvHeader,
    encoding: str,
    first_line: int,
    last: bool,
    broke: bool,
    skip: int = 0,
) -> Block:
    """The rows of whole lines `data`, whose first line is number `first_line` of the source.

    The first `skip` bytes are lines that hold no row.
    """
    starts, ends = _line_spans(data)
    filled = _filled(data, starts, ends)
    filled = filled[starts[filled] >= skip]
    lines = _Lines(data, starts[filled], ends[filled], filled + first_line)
    if header.kind is None:
        broken = [lines.broken(at, "unknown_kind") for at in range(len(filled))]
        return empty_block(header.text, encoding, "csv", broken)
    cut = last and not data.endswith(b"\n")
    table, broken, kept = _rows(lines, header, encoding, cut=cut, broke=broke)
    spans = (lines.starts[kept], lines.ends[kept])
    return Block(
        kind=header.kind,
        table=table,
        lines=lines.numbers[kept],
        raw=lambda row: data[spans[0][row] : spans[1][row]],
        header=header.text,
        encoding=encoding,
        shape="csv",
        broken=broken,
        unknown_columns=header.unknown,
    )


@dataclass
class _Lines:
    """The lines of a block that hold anything: where each starts and ends, and its number."""

    data: bytes
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.int64]

    def text(self, at: int) -> bytes:
        return self.data[self.starts[at] : self.ends[at]]

    def broken(self, at: int, reason: str) -> BrokenRow:
        return BrokenRow(int(self.numbers[at]), self.text(at), reason)


def _rows(
    lines: _Lines, header: CsvHeader, encoding: str, *, cut: bool, broke: bool
) -> tuple[pa.Table, list[BrokenRow], npt.NDArray[np.int64]]:
    """The text columns of the lines that are rows, the broken ones, and which lines are rows.

    `cut`: the source ends within the last line. `broke`: its compression does.
    """
    odd = lines.ends > LONGEST
    try:
        return _read(lines, odd, header, encoding, cut=cut, broke=broke)
    except (UnicodeDecodeError, pa.ArrowInvalid):
        odd = np.array([not decodes(lines.text(at), encoding) for at in range(len(odd))])
        return _read(lines, odd, header, encoding, cut=cut, broke=broke)


def _read(
    lines: _Lines,
    odd: npt.NDArray[np.bool_],
    header: CsvHeader,
    encoding: str,
    *,
    cut: bool,
    broke: bool,
) -> tuple[pa.Table, list[BrokenRow], npt.NDArray[np.int64]]:
    """The same, where all but the odd lines are text of the encoding."""
    cells = _cells(lines, len(header.fields), odd)
    broken = []
    sound = np.ones(len(odd), dtype=np.bool_)
    for at in map(int, np.flatnonzero(odd)):
        reason = _read_with_care(lines, at, cells, encoding, cut=cut)
        if reason:
            broken.append(lines.broken(at, reason))
            sound[at] = False
    if broke and not broken and len(odd):
        # The last line may be a part of one.
        broken.append(lines.broken(len(odd) - 1, "truncated_compression"))
        sound[-1] = False
    kept = np.flatnonzero(sound)
    if broken:
        cells = cells.of_rows(kept)
    return _table(cells, header, encoding), broken, kept


def _cells(lines: _Lines, width: int, odd: npt.NDArray[np.bool_]) -> Cells:
    """The cells of all lines that can be split by sight; marks the others as odd."""
    data = octets_of(lines.data)
    ends = lines.ends - (data[lines.ends - 1] == RETURN)
    shape = (width, len(lines.starts))
    cells = Cells(data, np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.int32))
    split_lines(data, lines.starts, ends, cells.begins, cells.ends, odd)
    return cells


def _read_with_care(lines: _Lines, at: int, cells: Cells, encoding: str, *, cut: bool) -> str:
    """Put the cells of an odd line in their place; else why it is no row."""
    line = lines.text(at).rstrip(b"\r")
    width, count = cells.begins.shape
    reason = line_fault(line, width, encoding, cut=cut and at == count - 1)
    if not reason:
        text = line.decode(encoding)
        values = next(csv.reader([text])) if '"' in text else text.split(",")
        rows = np.full(width, at)
        cells.put(np.arange(width), rows, [value.encode(encoding) for value in values])
    return reason


def _table(cells: Cells, header: CsvHeader, encoding: str) -> pa.Table:
    """The columns that are ours."""
    ours = {name: at for at, name in enumerate(header.fields) if not name.startswith(UNKNOWN)}
    columns = text_columns(cells, list(ours.values()), encoding)
    return pa.table(dict(zip(ours, columns, strict=True)))


def _line_spans(data: bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Start and end (without the line feed) of every line."""
    ends = _positions(data, NEWLINE)
    if not data.endswith(b"\n") and data:
        ends = np.append(ends, len(data))
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1] + 1])[: len(ends)]
    return starts, ends


def _positions(data: bytes, byte: int) -> npt.NDArray[np.int64]:
    """Where a byte stands, found piece by piece so that each piece stays in the cache."""
    array = np.frombuffer(data, dtype=np.uint8)
    found = [
        np.flatnonzero(array[at : at + PIECE] == byte) + at for at in range(0, len(array), PIECE)
    ]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _filled(
    data: bytes, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Numbers of the lines that hold anything."""
    lengths = ends - starts
    filled = lengths > 1
    for at in np.flatnonzero(lengths == 1):
        filled[at] = data[starts[at]] != RETURN
    return np.flatnonzero(filled)


def line_fault(line: bytes, width: int, encoding: str, *, cut: bool) -> str:
    """Why a line is no row of `width` values; empty where it is one. `cut`: the file ends here."""
    if b"\x00" in line:
        return "nul_byte"
    if b"\r" in line:
        return "stray_line_break"
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return "truncated_row" if cut else "undecodable_bytes"
    if '"' not in text:
        count = text.count(",") + 1
    elif not _quotes_closed(text):
        return "truncated_row" if cut else "stray_quote"
    else:
        try:
            count = len(next(csv.reader([text], strict=True)))
        except (csv.Error, StopIteration):
            return "truncated_row" if cut else "stray_quote"
    if count != width:
        return "truncated_row" if cut and count < width else "wrong_column_count"
    return ""


def _quotes_closed(text: str) -> bool:
    """Whether each quote opens or closes a whole value, or is doubled inside one."""
    if text.count('"') % 2:
        return False
    inside = False
    position = 0
    while (position := text.find('"', position)) >= 0:
        if not inside:
            if position and text[position - 1] != ",":
                return False
            inside = True
        elif text[position + 1 : position + 2] == '"':
            position += 1
        elif text[position + 1 : position + 2] not in ("", ","):
            return False
        else:
            inside = False
        position += 1
    return not inside
