"""Reading official CSV files whatever their encoding, header case or title rows."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from tollcentre.core.refusal import Refusal

from .terms import COLUMNS_MISSING, FILE_UNREADABLE

ENCODINGS = ("utf-8-sig", "gb18030")
TITLE_ROWS = 3


def read_csv(path: Path, required: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, fields by lower-case name) of each row; title rows above the header are passed over.

    Refuses a file that is missing, in no known encoding or without the required columns.
    """
    text = _text(path)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    at = _header_row(rows, required)
    if at is None:
        first = {name.strip().lower() for name in rows[0]} if rows else set()
        missing = [name for name in required if name.lower() not in first]
        raise Refusal(COLUMNS_MISSING, path.name, path=path, columns=", ".join(missing))
    header = [name.strip().lower() for name in rows[at]]
    for line, row in enumerate(rows[at + 1 :], at + 2):
        if any(cell.strip() for cell in row):
            padded = row + [""] * (len(header) - len(row))
            yield line, dict(zip(header, padded, strict=False))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refusal(FILE_UNREADABLE, path.name, path=path, why=error.strerror) from error
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    raise Refusal(FILE_UNREADABLE, path.name, path=path, why="encoding / 编码")


def _header_row(rows: list[list[str]], required: Sequence[str]) -> int | None:
    """The first of the leading rows that has the required columns; Taiwan's has its own names."""
    wanted = {name.lower() for name in required}
    for number, row in enumerate(rows[:TITLE_ROWS]):
        names = {name.strip().lower() for name in row}
        if (wanted and wanted <= names) or "設定收費區代碼" in names:
            return number
        if not wanted and len([name for name in names if name]) > 1:
            return number
    return None
