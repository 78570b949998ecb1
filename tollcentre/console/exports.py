"""Export of any list: CSV as a stream, XLSX through a temporary file; both from an iterator."""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol

import xlsxwriter
from django.http import FileResponse, HttpResponse, StreamingHttpResponse

from tollcentre.core.clock import SHANGHAI

from .formatting import Shown, cell_of, plain_of

SHEET_ROWS = 1_000_000
"""Rows of one sheet; a longer list goes on in the next (the format's own limit is 1,048,576)."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Heading(Protocol):
    """What an export needs of a column."""

    @property
    def title(self) -> Any: ...
    @property
    def shown(self) -> Shown: ...
    def of(self, row: Any) -> Any: ...


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def file_name(name: str, suffix: str) -> str:
    """`passages-20261122-081500.csv`."""
    now = datetime.now(SHANGHAI)
    return f"{name}-{now:%Y%m%d-%H%M%S}.{suffix}"


def csv_response(name: str, columns: Iterable[Heading], rows: Iterable[Any]) -> HttpResponse:
    """The rows as UTF-8 CSV with a byte order mark, so that spreadsheets read the Chinese."""
    chosen = tuple(columns)

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield "\ufeff"
        yield writer.writerow([str(column.title) for column in chosen])
        for row in rows:
            yield writer.writerow([_harmless(column, row) for column in chosen])

    response = StreamingHttpResponse(lines(), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{file_name(name, "csv")}"'
    return response


def _harmless(column: Heading, row: Any) -> str:
    """The cell; a text that a spreadsheet would run as a formula is quoted."""
    text = plain_of(column.shown, column.of(row))
    if text.startswith(FORMULA_STARTS) and not column.shown.numeric:
        return "'" + text
    return text


def xlsx_response(name: str, columns: Iterable[Heading], rows: Iterable[Any]) -> FileResponse:
    """The rows as a workbook; amounts are numbers in yuan, codes stay text."""
    chosen = tuple(columns)
    handle = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    book = xlsxwriter.Workbook(handle, {"constant_memory": True, "strings_to_formulas": False,
                                        "strings_to_urls": False})  # fmt: skip
    head = book.add_format({"bold": True, "bg_color": "#E3F1EC", "bottom": 1})
    looks = {
        Shown.AMOUNT: book.add_format({"num_format": "#,##0.00"}),
        Shown.COUNT: book.add_format({"num_format": "#,##0"}),
    }
    sheet, at = None, SHEET_ROWS
    for row in _with_one_empty(rows):
        if sheet is None or at > SHEET_ROWS:
            sheet, at = book.add_worksheet(), 1
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(chosen):
                sheet.set_column(place, place, 22 if not column.shown.numeric else 14)
                sheet.write_string(0, place, str(column.title), head)
        if row is _NO_ROW:
            continue
        for place, column in enumerate(chosen):
            cell = cell_of(column.shown, column.of(row))
            if isinstance(cell, str):
                sheet.write_string(at, place, cell)
            else:
                sheet.write_number(at, place, cell, looks.get(column.shown))
        at += 1
    book.close()
    handle.seek(0)
    return FileResponse(
        handle, as_attachment=True, filename=file_name(name, "xlsx"), content_type=XLSX_TYPE
    )


_NO_ROW = object()


def _with_one_empty(rows: Iterable[Any]) -> Iterator[Any]:
    """The rows after a mark, so that an empty list still gets its heading."""
    yield _NO_ROW
    yield from rows
