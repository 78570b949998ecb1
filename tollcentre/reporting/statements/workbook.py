"""The statement as a workbook: one sheet for the facts and each table, amounts as numbers."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

from .document import Document, Kind, Table

SHEET_NAME_WIDTH = 31
FORBIDDEN_IN_SHEET_NAME = str.maketrans("[]:*?/\\", "       ")
WIDTHS = {Kind.TEXT: 26, Kind.CODE: 22, Kind.COUNT: 14, Kind.AMOUNT: 18}


def xlsx_of(document: Document, *, created: datetime | None = None) -> bytes:
    """The bytes of the workbook; totals are formulas with their value beside.

    The same document and `created` give the same bytes.
    """
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False,
                                        "strings_to_urls": False})  # fmt: skip
    book.set_properties(
        {"title": document.title, "created": created or datetime(2026, 1, 1, 0, 0, 0)}
    )
    looks = _looks(book)
    names: set[str] = set()
    for place, table in enumerate(document.tables):
        sheet = book.add_worksheet(_sheet_name(table.title or document.title, names))
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")
        row = _write_facts(sheet, document, looks) if place == 0 else 0
        _write_table(sheet, table, row, looks)
    book.close()
    return buffer.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    line = {"bottom": 1, "bottom_color": "#DDE3E0"}
    return {
        "title": book.add_format({"bold": True, "font_size": 15}),
        "label": book.add_format({"font_color": "#55655F"}),
        "table": book.add_format({"bold": True, "font_size": 12}),
        "head": book.add_format({"bold": True, "bg_color": "#E3F1EC", "bottom": 1}),
        "head_right": book.add_format(
            {"bold": True, "bg_color": "#E3F1EC", "bottom": 1, "align": "right"}
        ),
        "text": book.add_format(line),
        "count": book.add_format({**line, "num_format": "#,##0"}),
        "amount": book.add_format({**line, "num_format": "#,##0.00"}),
        "sum_text": book.add_format({"bold": True, "top": 1}),
        "sum_count": book.add_format({"bold": True, "top": 1, "num_format": "#,##0"}),
        "sum_amount": book.add_format({"bold": True, "top": 1, "num_format": "#,##0.00"}),
        "note": book.add_format({"font_color": "#55655F", "italic": True}),
    }


def _write_facts(sheet: Any, document: Document, looks: dict[str, Any]) -> int:
    sheet.write_string(0, 0, document.title, looks["title"])
    row = 2
    for label, value in document.facts:
        sheet.write_string(row, 0, label, looks["label"])
        sheet.write_string(row, 1, value)
        row += 1
    if document.note:
        sheet.write_string(row, 0, document.note, looks["note"])
        row += 1
    return row + 1


def _write_table(sheet: Any, table: Table, row: int, looks: dict[str, Any]) -> None:
    if table.title:
        sheet.write_string(row, 0, table.title, looks["table"])
        row += 1
    for place, (heading, kind) in enumerate(table.columns):
        sheet.set_column(place, place, WIDTHS[kind])
        sheet.write_string(row, place, heading, looks["head_right" if kind.numeric else "head"])
    first = row + 1
    for line in table.rows:
        row += 1
        for place, ((_heading, kind), cell) in enumerate(zip(table.columns, line, strict=True)):
            if isinstance(cell, int):
                value = Decimal(cell).scaleb(-2) if kind is Kind.AMOUNT else cell
                sheet.write_number(row, place, value, looks[kind.value])
            else:
                sheet.write_string(row, place, cell, looks["text"])
    if table.total_label:
        _write_totals(sheet, table, first, row, looks)


def _write_totals(sheet: Any, table: Table, first: int, last: int, looks: dict[str, Any]) -> None:
    for place, ((_heading, kind), cell) in enumerate(zip(table.columns, table.totals, strict=True)):
        if not isinstance(cell, int):
            sheet.write_string(last + 1, place, cell, looks["sum_text"])
            continue
        value = Decimal(cell).scaleb(-2) if kind is Kind.AMOUNT else cell
        look = looks[f"sum_{kind.value}"]
        if table.rows:
            top = xlsxwriter.utility.xl_rowcol_to_cell(first, place)
            bottom = xlsxwriter.utility.xl_rowcol_to_cell(last, place)
            sheet.write_formula(last + 1, place, f"=SUM({top}:{bottom})", look, value)
        else:
            sheet.write_number(last + 1, place, value, look)


def _sheet_name(wanted: str, taken: set[str]) -> str:
    base = wanted.translate(FORBIDDEN_IN_SHEET_NAME).strip()[:SHEET_NAME_WIDTH] or "1"
    name, number = base, 2
    while name.lower() in taken:
        tail = f" {number}"
        name, number = base[: SHEET_NAME_WIDTH - len(tail)] + tail, number + 1
    taken.add(name.lower())
    return name
