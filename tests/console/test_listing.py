"""The list page: totals, pager, chosen columns, filters."""

from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from tollcentre.console.listing import Column, Listing, SearchField, Slice, pager, slice_of

LISTING = Listing(
    name="things",
    title="物",
    columns=(Column("a", "甲"), Column("b", "乙"), Column("c", "丙", on=False)),
    fields=(
        SearchField("word", "词"),
        SearchField("day", "日", "date"),
        SearchField("number", "数", "number", default="7"),
    ),
    page=lambda viewer, filters, number, size: slice_of(list(range(45)), number, size),
    rows=lambda viewer, filters: range(45),
)


def request(query="", cookie=""):
    made = RequestFactory().get(f"/things?{query}")
    if cookie:
        made.COOKIES["columns_things"] = cookie
    return made


@pytest.mark.parametrize(
    ("rows", "total"), [(0, 0), (20, 20), (10_000, 10_000), (10_001, None), (25_000, None)]
)
def test_total_is_exact_to_ten_thousand(rows, total):
    assert slice_of(range(rows), 1, 20).total == total


def test_last_page_holds_the_rest():
    assert slice_of(range(45), 3, 20) == Slice(list(range(40, 45)), 45)


def test_pager_offers_near_pages_and_both_ends():
    found = Slice(range(20), 1000)
    assert pager(25, 20, found)["offered"] == [1, None, 23, 24, 25, 26, 27, None, 50]
    assert pager(1, 20, found)["previous"] is None
    assert pager(50, 20, found)["next"] is None


def test_pager_without_a_total_goes_on_while_pages_are_full():
    assert pager(600, 20, Slice(range(20), None))["next"] == 601
    assert pager(600, 20, Slice(range(7), None))["next"] is None


def test_columns_are_the_chosen_ones_or_the_usual_ones():
    assert [column.key for column in LISTING.chosen(request())] == ["a", "b"]
    assert [column.key for column in LISTING.chosen(request(cookie="c.a"))] == ["a", "c"]
    assert [column.key for column in LISTING.chosen(request(cookie="gone"))] == ["a", "b"]


@pytest.mark.parametrize(
    ("query", "word", "day", "number"),
    [
        ("", "", "", "7"),
        ("word=+x+&day=2026-11-22&number=-3", "x", "2026-11-22", "-3"),
        ("day=22.11.2026&number=1;drop", "", "", ""),
        ("number=", "", "", ""),
    ],
)
def test_filters_are_what_the_form_may_say(query, word, day, number):
    assert LISTING.filters(request(query)) == {"word": word, "day": day, "number": number}


def test_column_reads_mappings_objects_and_labels():
    column = Column("state", "状态", labels={"done": "完成"})
    assert column.of({"state": "done"}) == "完成"
    assert column.of(SimpleNamespace(state="other")) == "other"
