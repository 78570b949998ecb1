"""The statement as a PDF, set by Typst with the Chinese font that set-up brings."""

import json
from datetime import datetime
from pathlib import Path

import typst

from tollcentre.core.clock import SHANGHAI
from tollcentre.core.formats import amount_text, count_text

from .document import Cell, Document, Kind, Table

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "statement.typ"
FONTS = HERE.parent / "fonts"
FIXED_MOMENT = datetime(2026, 1, 1, tzinfo=SHANGHAI)


def pdf_of(document: Document, *, created: datetime | None = None) -> bytes:
    """The bytes of the PDF; the same document and `created` give the same bytes."""
    pages: bytes = typst.compile(
        str(TEMPLATE),
        root=str(HERE),
        font_paths=[str(FONTS)] if FONTS.is_dir() else [],
        sys_inputs={"document": json.dumps(_plain(document), ensure_ascii=False)},
        timestamp=int((created or FIXED_MOMENT).timestamp()),
    )
    return pages


def _plain(document: Document) -> dict[str, object]:
    return {
        "title": document.title,
        "language": document.language,
        "facts": [list(fact) for fact in document.facts],
        "note": document.note,
        "page_words": document.page_words,
        "tables": [_plain_table(table) for table in document.tables],
    }


def _plain_table(table: Table) -> dict[str, object]:
    kinds = [kind for _heading, kind in table.columns]
    return {
        "title": table.title,
        "columns": [{"heading": heading, "kind": kind.value} for heading, kind in table.columns],
        "rows": [_texts(kinds, row) for row in table.rows],
        "totals": _texts(kinds, table.totals) if table.total_label else [],
    }


def _texts(kinds: list[Kind], row: tuple[Cell, ...]) -> list[str]:
    """The row as it is read: amounts with sign and commas."""
    texts = []
    for kind, cell in zip(kinds, row, strict=True):
        if isinstance(cell, int):
            texts.append(amount_text(cell) if kind is Kind.AMOUNT else count_text(cell))
        else:
            texts.append(cell)
    return texts
