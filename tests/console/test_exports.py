"""An export holds the chosen columns of every row, and nothing that a spreadsheet would run."""

from io import BytesIO

from python_calamine import CalamineWorkbook

from tollcentre.console import exports
from tollcentre.console.exports import csv_response, xlsx_response
from tollcentre.console.formatting import Shown
from tollcentre.console.listing import Column

COLUMNS = (Column("plate", "车牌", Shown.PLATE), Column("note", "备注"),
           Column("fee", "实收", Shown.AMOUNT))  # fmt: skip
ROWS = [
    {"plate": "甘A12345_0", "note": "=1+1", "fee": -8_100},
    {"plate": "甘B00001_1", "note": "", "fee": 123_456},
]


def csv_text(rows):
    return b"".join(csv_response("list", COLUMNS, rows).streaming_content).decode()


def sheets(rows):
    answer = xlsx_response("list", COLUMNS, iter(rows))
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def test_csv_starts_with_a_byte_order_mark_and_quotes_formulas():
    lines = csv_text(ROWS).splitlines()
    assert lines[0] == "\ufeff车牌,备注,实收"
    assert lines[1] == "甘A·12345 蓝,'=1+1,-81.00"
    assert lines[2] == "甘B·00001 黄,,1234.56"


def test_workbook_holds_amounts_as_numbers_and_formulas_as_text():
    (sheet,) = sheets(ROWS)
    assert sheet[0] == ["车牌", "备注", "实收"]
    assert sheet[1] == ["甘A·12345 蓝", "=1+1", -81.0]
    assert sheet[2][2] == 1234.56


def test_empty_list_still_has_its_headings():
    assert sheets([]) == [[["车牌", "备注", "实收"]]]
    assert csv_text([]).splitlines() == ["\ufeff车牌,备注,实收"]


def test_long_list_goes_on_in_the_next_sheet(monkeypatch):
    monkeypatch.setattr(exports, "SHEET_ROWS", 1)
    first, second = sheets(ROWS)
    assert first[0] == second[0]
    assert [first[1][2], second[1][2]] == [-81.0, 1234.56]
