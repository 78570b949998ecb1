"""Registers and lists as plain CSV files: rows by column name, each taken or refused by itself."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from tollcentre.core.refusal import Refusal, RefusedLine

from ..terms import CSV_COLUMNS_MISSING, CSV_UNREADABLE
from .sniff import BOM, GB18030, UTF8, encoding_of

Row = Mapping[str, str]
T = TypeVar("T")
BLOCK_ROWS = 10_000
SAMPLE_BYTES = 1 << 20


def parsed_blocks(
    path: Path, columns: Sequence[str], parse: Callable[[Row], T | Refusal]
) -> Iterator[tuple[list[tuple[int, T]], list[RefusedLine]]]:
    """Ten thousand rows at a time: (line, value) of those that parse, and the refused lines.

    A cell that the file lacks is empty. Refuses a file that cannot be read (UTF-8 or GB18030) and
    one whose header lacks a column.
    """
    rows = csv_rows(path, columns)
    while block := list(islice(rows, BLOCK_ROWS)):
        found = [(line, parse(row)) for line, row in block]
        yield (
            [(line, value) for line, value in found if not isinstance(value, Refusal)],
            [RefusedLine(line, value) for line, value in found if isinstance(value, Refusal)],
        )


def csv_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, stripped cells by column name) of each row that holds anything."""
    try:
        with path.open("rb") as handle:
            sample = handle.read(SAMPLE_BYTES)
        encoding = encoding_of(sample.removeprefix(BOM), whole=len(sample) < SAMPLE_BYTES)
        encoding = "utf-8-sig" if encoding == UTF8 else GB18030
        with path.open(encoding=encoding, errors="replace", newline="") as text:
            reader = csv.reader(text)
            header = [name.strip().lower() for name in next(reader, [])]
            missing = [name for name in columns if name not in header]
            if missing:
                raise Refusal(CSV_COLUMNS_MISSING, path=path, columns=", ".join(missing))
            blank = dict.fromkeys(header, "")
            for cells in reader:
                row = dict(zip(header, map(str.strip, cells), strict=False))
                if any(row.values()):
                    yield reader.line_num, blank | row
    except OSError as error:
        raise Refusal(CSV_UNREADABLE, path=path, why=error.strerror) from error
    except csv.Error as error:
        raise Refusal(CSV_UNREADABLE, path=path, why=error) from error


def parsed_lines(path: Path | None, columns: Sequence[str], parse: Callable[[Row], T]) -> list[T]:
    """What the lines of a register say, none of no file; refuses the first that does not parse.

    The refusal names file, line and field.
    """
    found = []
    for line, row in csv_rows(path, columns) if path else ():
        try:
            found.append(parse(row))
        except Refusal as refusal:
            where = f"{path.name if path else ''}:{line} {refusal.field}"
            raise Refusal(refusal.reason, where, **refusal.details) from refusal
    return found
