"""Statements as files say the same figures as their rows, to the fen."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from tollcentre.reporting.statements import Document, Kind, Table, pdf_of, xlsx_of

COLUMNS = (
    ("发行方", Kind.CODE),
    ("介质", Kind.TEXT),
    ("通行量", Kind.COUNT),
    ("实收", Kind.AMOUNT),
)
ROWS = (("620101", "OBU", 2, 123_456), ("", "CPC 卡", 1, -8_100), ("610101", "OBU", 3, 1))
DOCUMENT = Document(
    title="业主清分单",
    facts=(("业主", "渭武公司"), ("清分日", "2026-11-22")),
    tables=(Table("按发行方", COLUMNS, ROWS, "合计"),),
)


def sheet_rows(document):
    book = CalamineWorkbook.from_filelike(BytesIO(xlsx_of(document)))
    return book.sheet_names, book.get_sheet_by_index(0).to_python()


def test_totals_are_sums_of_the_rows():
    assert DOCUMENT.tables[0].totals == ("合计", "", 6, 115_357)


def test_workbook_holds_amounts_as_numbers_in_yuan():
    names, rows = sheet_rows(DOCUMENT)
    assert names == ["按发行方"]
    assert rows[0][0] == "业主清分单"
    assert rows[2][:2] == ["业主", "渭武公司"]
    assert [row[3] for row in rows[-4:]] == [1234.56, -81.0, 0.01, 1153.57]
    assert rows[-4][0] == "620101"


def test_same_document_gives_same_bytes():
    assert xlsx_of(DOCUMENT) == xlsx_of(DOCUMENT)
    assert pdf_of(DOCUMENT) == pdf_of(DOCUMENT)


def test_pdf_is_a_pdf_with_an_embedded_font():
    pages = pdf_of(DOCUMENT)
    assert pages.startswith(b"%PDF-")
    assert b"/FontFile" in pages


def test_statement_without_rows_is_still_a_statement():
    empty = Document("业主清分单", (), (Table("按发行方", COLUMNS, (), "合计"),))
    _names, rows = sheet_rows(empty)
    assert rows[-1][-1] == 0.0
    assert pdf_of(empty).startswith(b"%PDF-")


def test_money_that_is_no_integer_is_refused():
    with pytest.raises(ValueError, match="is no integer"):
        Table("按发行方", COLUMNS, (("620101", "OBU", 2, 1234.56),), "合计")


def test_sheets_of_one_title_get_different_names():
    twice = Document("题", (), (Table("甲/乙", COLUMNS, ()), Table("甲/乙", COLUMNS, ())))
    names, _rows = sheet_rows(twice)
    assert names == ["甲 乙", "甲 乙 2"]
