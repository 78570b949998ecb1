"""The one list page: search form, column chooser, table, export, pager."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from tollcentre.core.refusal import Refusal

from .exports import csv_response, xlsx_response
from .formatting import Shown
from .pages import refusal_text

EXACT_TOTAL_UP_TO = 10_000
PAGE_SIZES = (20, 50, 100)
EXPORT_ROWS_AT_ONCE = 50_000

Filters = dict[str, str]


@dataclass(frozen=True)
class Column:
    """One column: where its value is in the row, its heading, and how it is shown."""

    key: str
    title: Any
    shown: Shown = Shown.TEXT
    on: bool = True
    link: Callable[[Any], str | None] | None = None
    labels: Mapping[Any, Any] | None = None
    value: Callable[[Any], Any] | None = None
    tags: Mapping[Any, str] | None = None

    @property
    def css(self) -> str:
        """The class of its cells; words of a table stay on one line."""
        return self.shown.css if self.labels is None else "keep"

    def raw(self, row: Any) -> Any:
        """The value as the row holds it."""
        if self.value is not None:
            return self.value(row)
        return row.get(self.key) if isinstance(row, Mapping) else getattr(row, self.key)

    def of(self, row: Any) -> Any:
        """The value, its label where the column has labels."""
        raw = self.raw(row)
        if self.labels is not None:
            return self.labels.get(raw, raw)
        return raw


Choices = Callable[[Any], Sequence[tuple[str, Any]]]


@dataclass(frozen=True)
class SearchField:
    """One field of the search form; `kind` is text, date, select or number."""

    name: str
    title: Any
    kind: str = "text"
    choices: Choices | None = None
    hint: Any = ""
    default: str | Callable[[], str] = ""
    narrow: bool = False


@dataclass(frozen=True)
class Slice:
    """One page of rows; `total` None means more than is counted unasked."""

    rows: Sequence[Any]
    total: int | None


@dataclass(frozen=True)
class Listing:
    """Everything one list page is: its fields, its columns, and where its rows come from.

    `page(viewer, filters, number, size)` gives one page; `count(viewer, filters)` the exact
    total on request; `rows(viewer, filters)` all rows for the export, one after the other.
    """

    name: str
    title: Any
    columns: tuple[Column, ...]
    page: Callable[[Any, Filters, int, int], Slice]
    rows: Callable[[Any, Filters], Iterable[Any]]
    count: Callable[[Any, Filters], int] | None = None
    fields: tuple[SearchField, ...] = ()
    note: Any = ""
    empty: Any = field(default=_("没有符合条件的记录"))
    size: int = 20

    def without(self, *keys: str) -> "Listing":
        """The same list without some columns, for readers who may not see them."""
        return replace(self, columns=tuple(c for c in self.columns if c.key not in keys))

    def chosen(self, request: HttpRequest) -> tuple[Column, ...]:
        """The columns that this reader chose, in the page's own order."""
        picked = set(request.COOKIES.get(f"columns_{self.name}", "").split("."))
        chosen = tuple(column for column in self.columns if column.key in picked)
        return chosen or tuple(column for column in self.columns if column.on)

    def filters(self, request: HttpRequest) -> Filters:
        """What the search form says; a field that was never sent has its default."""
        asked = {}
        for field_ in self.fields:
            usual = field_.default if isinstance(field_.default, str) else field_.default()
            text = request.GET.get(field_.name, usual).strip()
            if field_.kind == "date" and text and not _is_day(text):
                text = ""
            if field_.kind == "number" and text and not text.lstrip("-").isdecimal():
                text = ""
            asked[field_.name] = text
        return asked


def slice_of(found: QuerySet | Sequence[Any], number: int, size: int) -> Slice:
    """One page of a QuerySet or sequence, its total exact to 10,000."""
    start = (number - 1) * size
    if isinstance(found, QuerySet):
        total = found[: EXACT_TOTAL_UP_TO + 1].count()
        rows = list(found[start : start + size])
    else:
        total = len(found)
        rows = list(found[start : start + size])
    return Slice(rows, total if total <= EXACT_TOTAL_UP_TO else None)


def show(
    request: HttpRequest,
    listing: Listing,
    *,
    template: str = "console/list.html",
    **context: Any,
) -> HttpResponse:
    """Answer one list: the page, only its table for htmx, an export, or the exact total."""
    viewer = request.viewer
    filters = listing.filters(request)
    columns = listing.chosen(request)
    export = request.GET.get("export", "")
    if export in ("csv", "xlsx"):
        answer = csv_response if export == "csv" else xlsx_response
        return answer(listing.name, columns, listing.rows(viewer, filters))
    if request.GET.get("count") == "exact":
        total = _exact(listing, viewer, filters)
        return render(request, "console/_total.html", {"total": total})
    number = _whole(request.GET.get("page"), 1)
    size = _whole(request.GET.get("size"), listing.size)
    size = size if size in PAGE_SIZES else listing.size
    found, reason = Slice((), 0), ""
    try:
        found = listing.page(viewer, filters, number, size)
        if not found.rows and number > 1 and found.total:
            number = -(-found.total // size)
            found = listing.page(viewer, filters, number, size)
    except Refusal as refusal:
        reason = refusal_text(refusal)
    context |= {
        "reason": reason,
        "listing": listing,
        "title": context.get("title", listing.title),
        "columns": columns,
        "column_keys": {column.key for column in columns},
        "search": _search(listing, viewer, filters),
        "grid": [[_cell(column, row) for column in columns] for row in found.rows],
        "found": found,
        "pager": pager(number, size, found),
        "asked": request.GET.copy(),
    }  # fmt: skip
    name = "console/_table.html" if _wants_table(request) else template
    return render(request, name, context)


def paged(
    query: Callable[[int, int], Sequence[Any]], size: int = EXPORT_ROWS_AT_ONCE
) -> Iterator[Any]:
    """All rows of a query that gives `query(number, size)`, read piece by piece."""
    number = 1
    while True:
        rows = query(number, size)
        yield from rows
        if len(rows) < size:
            return
        number += 1


def pager(number: int, size: int, found: Slice) -> dict[str, Any]:
    """What the pager draws: the numbers to offer, with gaps, and whether there is a next page."""
    last = -(-found.total // size) if found.total is not None else None
    top = last if last is not None else number + (1 if len(found.rows) == size else 0)
    near = {1, *range(number - 2, number + 3)}
    if last is not None:
        near.add(last)
    offered: list[int | None] = []
    for page in sorted(page for page in near if 1 <= page <= top):
        if offered and page - (offered[-1] or 0) > 1:
            offered.append(None)
        offered.append(page)
    return {
        "number": number,
        "size": size,
        "sizes": PAGE_SIZES,
        "offered": offered,
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if number < top else None,
        "first_row": (number - 1) * size + 1 if found.rows else 0,
        "last_row": (number - 1) * size + len(found.rows),
    }


def _exact(listing: Listing, viewer: Any, filters: Filters) -> int:
    if listing.count is not None:
        return listing.count(viewer, filters)
    return sum(1 for _row in listing.rows(viewer, filters))


def _wants_table(request: HttpRequest) -> bool:
    htmx = getattr(request, "htmx", None)
    return bool(htmx and not htmx.boosted and not htmx.history_restore_request)


def _search(listing: Listing, viewer: Any, filters: Filters) -> list[dict[str, Any]]:
    return [
        {
            "field": field_,
            "value": filters[field_.name],
            "choices": list(islice(field_.choices(viewer), 500)) if field_.choices else (),
        }
        for field_ in listing.fields
    ]


def _cell(column: Column, row: Any) -> tuple[Column, Any, str | None, str | None]:
    """A cell as the table draws it: value, where it leads, the colour where it is a tag."""
    link = column.link(row) if column.link is not None else None
    raw = column.raw(row)
    tag = None if column.tags is None or not raw else column.tags.get(raw, "")
    return column, column.of(row), link, tag


def _whole(text: str | None, otherwise: int) -> int:
    return max(1, int(text)) if text and text.isdecimal() and len(text) < 10 else otherwise


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
