"""CSV blocks: one physical line is one row; a line that cannot be read is named, never skipped.

The national format has no line breaks inside a value, so every line of the file is accounted
for by counting lines. A block whose lines are all sound is parsed at full speed; one with any
doubt is gone through line by line.
"""

import csv
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

from ..terms import RecordKind
from .blocks import Block, BrokenRow, empty_block
from .definitions import detect, folded, names_of
from .sniff import BOM, GB18030, UTF8

NEWLINE, QUOTE, COMMA, RETURN = 10, 34, 44, 13
DICTIONARY = pa.dictionary(pa.int32(), pa.string())
FEW_VALUES_OF = 4
UNKNOWN = "\x00"
PIECE = 1 << 18
READ_BYTES = 1 << 21


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
    data: bytes, *, header: CsvHeader, encoding: str, first_line: int, last: bool, broke: bool
) -> Block:
    """The rows of whole lines `data`, whose first line is number `first_line` of the source."""
    starts, ends = _line_spans(data)
    if header.kind is None:
        broken = [
            BrokenRow(first_line + i, data[starts[i] : ends[i]], "unknown_kind")
            for i in _filled(data, starts, ends)
        ]
        return empty_block(header.text, encoding, "csv", broken)
    filled = _filled(data, starts, ends)
    parsed = None
    if not broke and _sound(data, starts):
        parsed = _parse(data, header, encoding, len(filled))
    broken = []
    kept = filled
    if parsed is None:
        kept, broken = _one_by_one(data, starts, ends, filled, header, encoding, first_line,
                                   unfinished=last and not data.endswith(b"\n"))  # fmt: skip
        if broke and not broken and len(kept):
            broken = [_broken_tail(data, starts, ends, kept, first_line)]
            kept = kept[:-1]
        clean = b"".join(data[starts[i] : ends[i]].rstrip(b"\r") + b"\n" for i in kept)
        parsed = _parse(clean, header, encoding, len(kept))
        if parsed is None:
            parsed = _parse_slowly(clean, header, encoding)
    spans = (starts[kept], ends[kept])
    return Block(
        kind=header.kind,
        table=parsed,
        lines=kept + first_line,
        raw=lambda row: data[spans[0][row] : spans[1][row]],
        header=header.text,
        encoding=encoding,
        shape="csv",
        broken=broken,
        unknown_columns=header.unknown,
    )


def _broken_tail(
    data: bytes,
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    kept: npt.NDArray[np.int64],
    first_line: int,
) -> BrokenRow:
    """The last line of a source whose compression broke off: it may be a part of a line."""
    at = int(kept[-1])
    return BrokenRow(first_line + at, data[starts[at] : ends[at]], "truncated_compression")


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


def _sound(data: bytes, starts: npt.NDArray[np.int64]) -> bool:
    """Whether there is no NUL, and every quote opens or closes a whole value of its own line."""
    if b"\x00" in data:
        return False
    if b'"' not in data:
        return True
    array = np.frombuffer(data, dtype=np.uint8)
    quotes = _positions(data, QUOTE)
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    before = array[opening - 1]
    at_start = opening == 0
    if not np.all(at_start | (before == COMMA) | (before == NEWLINE)):
        return False
    after = array[np.minimum(closing + 1, len(array) - 1)]
    at_end = closing == len(array) - 1
    if not np.all(at_end | (after == COMMA) | (after == NEWLINE) | (after == RETURN)):
        return False
    line_of = np.searchsorted(starts, opening, side="right")
    return bool(np.all(line_of == np.searchsorted(starts, closing, side="right")))


def _parse(data: bytes, header: CsvHeader, encoding: str, rows: int) -> pa.Table | None:
    """The text columns of sound lines; None where the parser does not see exactly `rows` rows."""
    if rows == 0:
        return pa.table({name: pa.array([], pa.string()) for name in _ours(header)})
    if encoding == GB18030:
        try:
            data = data.decode(GB18030).encode(UTF8)
        except UnicodeDecodeError:
            return None
    try:
        few = _columns_of_few_values(data, header)
        table = _read(data, header, few)
    except pa.ArrowInvalid:
        return None
    return table if table.num_rows == rows else None


def _parse_slowly(data: bytes, header: CsvHeader, encoding: str) -> pa.Table:
    """The same columns by the plain reader, for sound lines that the fast one counts otherwise."""
    rows = [next(csv.reader([line])) for line in data.decode(encoding).split("\n")[:-1]]
    return pa.table(
        {
            name: pa.array([row[at] for row in rows], pa.string())
            for at, name in enumerate(header.fields)
            if not name.startswith(UNKNOWN)
        }
    )


def _ours(header: CsvHeader) -> list[str]:
    return [name for name in header.fields if not name.startswith(UNKNOWN)]


def _read(data: bytes, header: CsvHeader, few: set[str]) -> pa.Table:
    # Pieces of 2 MB stay in the cache, which halves the time; one chunk a column in the end, so
    # that a check looks at each value of a dictionary once.
    table = pacsv.read_csv(
        pa.py_buffer(data),
        read_options=pacsv.ReadOptions(
            column_names=header.fields, block_size=READ_BYTES, use_threads=False
        ),
        parse_options=pacsv.ParseOptions(newlines_in_values=False),
        convert_options=pacsv.ConvertOptions(
            include_columns=_ours(header),
            column_types={
                name: DICTIONARY if name in few else pa.string() for name in _ours(header)
            },
            strings_can_be_null=False,
            check_utf8=True,
        ),
    )
    return table.unify_dictionaries().combine_chunks()


def _columns_of_few_values(data: bytes, header: CsvHeader) -> set[str]:
    """Columns that repeat their values, told from the first lines: kept as dictionaries."""
    sample = data[: 1 << 20]
    if len(sample) < len(data):
        sample = sample[: sample.rfind(b"\n") + 1]
    if not sample:
        return set()
    table = _read(sample, header, set())
    most = max(table.num_rows // FEW_VALUES_OF, 2)
    return {name for name in table.column_names if len(table.column(name).unique()) <= most}


def _one_by_one(
    data: bytes,
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    filled: npt.NDArray[np.int64],
    header: CsvHeader,
    encoding: str,
    first_line: int,
    *,
    unfinished: bool,
) -> tuple[npt.NDArray[np.int64], list[BrokenRow]]:
    """The lines that can be read, and the others with their reason."""
    kept: list[int] = []
    broken: list[BrokenRow] = []
    width = len(header.fields)
    final = int(filled[-1]) if len(filled) else -1
    for at in map(int, filled):
        line = data[starts[at] : ends[at]]
        reason = line_fault(line.rstrip(b"\r"), width, encoding, cut=unfinished and at == final)
        if reason:
            broken.append(BrokenRow(first_line + at, line, reason))
        else:
            kept.append(at)
    return np.array(kept, dtype=np.int64), broken


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
