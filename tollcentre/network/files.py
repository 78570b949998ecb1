"""Reading official CSV files whatever their encoding, header case or title rows."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from tollcentre.core.refusal import Refusal

from .terms import COLUMNS_MISSING, FILE_UNREADABLE

ENCODINGS = ("utf-8-sig", "gb18030")
TITLE_ROWS = 3


def read_csv(path: Path, *forms: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """(line, fields by lower-case name) of each row; title rows above the header are passed over.

    A form is the column names that a file of its kind must have; the header must satisfy one. A
    row cut short keeps what it has. Refuses a file that is missing, in no known encoding, or of no
    form.
    """
    try:
        rows = list(csv.reader(io.StringIO(_text(path), newline="")))
    except csv.Error as error:
        raise Refusal(FILE_UNREADABLE, path.name, path=path, why=error) from error
    at = _header_row(rows, forms)
    if at is None:
        first = _folded(rows[0]) if rows else []
        missing = [name for name in forms[0] if name.lower() not in first]
        raise Refusal(COLUMNS_MISSING, path.name, path=path, columns=", ".join(missing))
    header = _folded(rows[at])
    return [
        (line, dict(zip(header, row, strict=False)))
        for line, row in enumerate(rows[at + 1 :], at + 2)
        if any(cell.strip() for cell in row)
    ]


def _folded(row: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in row]


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


def _header_row(rows: Sequence[Sequence[str]], forms: Sequence[Sequence[str]]) -> int | None:
    """The first of the leading rows that has all columns of one of the forms."""
    for number, row in enumerate(rows[:TITLE_ROWS]):
        names = set(_folded(row))
        if any({name.lower() for name in form} <= names for form in forms):
            return number
    return None
