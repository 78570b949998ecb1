"""One value looks the same on the page, in the CSV file and in the sheet."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from tollcentre.console.formatting import Shown, cell_of, html_of, plain_of, text_of

CASES = [
    (Shown.AMOUNT, 123_456, "¥1,234.56", "1234.56", Decimal("1234.56")),
    (Shown.AMOUNT, -8_100, "-¥81.00", "-81.00", Decimal("-81.00")),
    (Shown.AMOUNT, 0, "¥0.00", "0.00", Decimal("0.00")),
    (Shown.COUNT, 1_234_567, "1,234,567", "1234567", 1_234_567),
    (Shown.DISTANCE, 12_345, "12.345 km", "12345", 12_345),
    (Shown.SHARE, 999_999, "99.99 %", "999999", 999_999),
    (Shown.TIME, 1_795_276_800, "2026-11-22 00:00:00", "2026-11-22 00:00:00", None),
    (Shown.TIME, datetime(2026, 11, 21, 16, tzinfo=UTC), "2026-11-22 00:00:00", None, None),
    (Shown.DAY, date(2026, 11, 22), "2026-11-22", "2026-11-22", "2026-11-22"),
    (Shown.PLATE, "甘A12345_0", "甘A·12345 蓝", "甘A·12345 蓝", "甘A·12345 蓝"),
    (Shown.TEXT, None, "—", "", ""),
    (Shown.TEXT, "", "—", "", ""),
]


@pytest.mark.parametrize(("shown", "value", "text", "plain", "cell"), CASES)
def test_value_is_shown(shown, value, text, plain, cell):
    assert text_of(shown, value) == text
    if plain is not None:
        assert plain_of(shown, value) == plain
    if cell is not None:
        assert cell_of(shown, value) == cell


def test_page_cell_is_escaped():
    assert "<script>" not in html_of(Shown.CODE, "<script>")
    assert "<script>" not in html_of(Shown.PLATE, "<script>_0")


def test_colour_word_follows_the_reader():
    with translation.override("en"):
        assert text_of(Shown.PLATE, "甘A12345_1") == "甘A·12345 yellow"
