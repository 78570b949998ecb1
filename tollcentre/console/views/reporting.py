"""Pages of results: the day's owners, one owner's statement and its files, the differences."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import Permission, Viewer
from tollcentre.reporting import queries
from tollcentre.reporting.statements import Cell, Document, Kind, Table, pdf_of, xlsx_of
from tollcentre.reporting.terms import OwnerStatement, Page

from ..days import latest_cleared
from ..exports import XLSX_TYPE
from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, Slice, paged, show, slice_of
from ..pages import page, reads_english
from ..step_words import DIFFERENCE_KINDS
from ..words import EXIT_KINDS, MEDIA_TYPES
from .passage import choices_of, masked

Row = dict[str, Any]


def _nets(viewer: Viewer, filters: Filters) -> list[Row]:
    if not filters["day"]:
        return []
    day = date.fromisoformat(filters["day"])
    wanted = filters["owner"].casefold()
    return [
        {**row, "day": day} for row in queries.owner_nets(viewer, day)
        if wanted in row["owner_name"].casefold() or wanted in row["legal_owner_id"].casefold()
    ]  # fmt: skip


STATEMENTS = Listing(
    name="statements",
    title=gettext_lazy("业主清分单"),
    empty=gettext_lazy("没有清分单。还没有清分过任何一天时，这里是空的。"),
    fields=(
        SearchField("day", gettext_lazy("清分日"), "date", default=latest_cleared),
        SearchField("owner", gettext_lazy("业主"), hint=gettext_lazy("名称或编号")),
    ),
    columns=(
        Column("day", gettext_lazy("清分日"), Shown.DAY),
        Column("legal_owner_id", gettext_lazy("业主编号"), Shown.CODE),
        Column(
            "owner_name",
            gettext_lazy("业主"),
            link=lambda row: reverse("statement", args=[row["day"], row["legal_owner_id"]]),
        ),
        Column("units", gettext_lazy("单元次数"), Shown.COUNT),
        Column("pay_fee", gettext_lazy("应收"), Shown.AMOUNT),
        Column("discount_fee", gettext_lazy("优惠"), Shown.AMOUNT),
        Column("fee", gettext_lazy("应得"), Shown.AMOUNT),
    ),
    page=lambda viewer, filters, number, size: slice_of(_nets(viewer, filters), number, size),
    rows=_nets,
)


def _found(viewer: Viewer, filters: Filters, number: int, size: int) -> Page:
    if not filters["day"]:
        return Page((), 0)
    day = date.fromisoformat(filters["day"])
    return queries.differences(viewer, day, {"kind": filters["kind"]}, number, size)


def _page(viewer: Viewer, filters: Filters, number: int, size: int) -> Slice:
    found = _found(viewer, filters, number, size)
    return Slice(masked(viewer, found.rows), found.total)


def _rows(viewer: Viewer, filters: Filters) -> Iterator[Row]:
    return paged(lambda n, size: masked(viewer, _found(viewer, filters, n, size).rows))


def _count(viewer: Viewer, filters: Filters) -> int:
    day = date.fromisoformat(filters["day"])
    counts = queries.count_differences(viewer, day, {"kind": filters["kind"]})
    return sum(counts.values())


DIFFERENCES = Listing(
    name="differences",
    title=gettext_lazy("差异"),
    note=gettext_lazy("差额 = 核对应有的金额 − 计费或收取的金额"),
    empty=gettext_lazy("没有差异"),
    fields=(
        SearchField("day", gettext_lazy("清分日"), "date", default=latest_cleared),
        SearchField("kind", gettext_lazy("类别"), "select", choices_of(DIFFERENCE_KINDS)),
    ),
    columns=(
        Column("kind", gettext_lazy("类别"), labels=DIFFERENCE_KINDS),
        Column(
            "pass_id",
            gettext_lazy("通行标识"),
            Shown.CODE,
            link=lambda row: reverse("passage", args=[str(row["pass_key"])]),
            value=lambda row: row["pass_id"] or str(row["pass_key"]),
        ),
        Column("vehicle_id", gettext_lazy("车牌"), Shown.PLATE),
        Column("exit_time", gettext_lazy("出口时间"), Shown.TIME),
        Column("expected", gettext_lazy("应为"), Shown.AMOUNT),
        Column("actual", gettext_lazy("实为"), Shown.AMOUNT),
        Column("amount", gettext_lazy("差额"), Shown.AMOUNT),
    ),
    page=_page,
    rows=_rows,
    count=_count,
)


@page(Permission.VIEW_STATEMENTS)
def statements(request: HttpRequest) -> HttpResponse:
    """What every owner that the viewer may see earned on a day."""
    return show(request, STATEMENTS)


@page(Permission.VIEW_PASSAGES)
def differences(request: HttpRequest) -> HttpResponse:
    """What does not agree on a day, the largest first."""
    return show(request, DIFFERENCES)


@page(Permission.VIEW_STATEMENTS)
def statement(request: HttpRequest, day: date, owner_id: str) -> HttpResponse:
    """One owner's statement of a day: by section, issuer, exit province and medium."""
    viewer: Viewer = request.viewer
    found = queries.owner_statement(viewer, day, owner_id)
    context = {
        "title": _("业主清分单"),
        "statement": found,
        "document": document_of(found),
        "owners": queries.owners_of_day(viewer, day),
    }
    return render(request, "console/reporting/statement.html", context)


@page(Permission.VIEW_STATEMENTS)
def statement_file(request: HttpRequest, day: date, owner_id: str, suffix: str) -> HttpResponse:
    """The same statement as a workbook or a PDF."""
    if suffix not in ("pdf", "xlsx"):
        raise Http404
    viewer: Viewer = request.viewer
    document = document_of(queries.owner_statement(viewer, day, owner_id))
    if suffix == "pdf":
        answer = HttpResponse(pdf_of(document), content_type="application/pdf")
    else:
        answer = HttpResponse(xlsx_of(document), content_type=XLSX_TYPE)
    name = f"statement-{day:%Y%m%d}-{owner_id}.{suffix}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def document_of(found: OwnerStatement) -> Document:
    """The statement as a document in the reader's language: by section, then by its source."""
    return Document(
        title=_("业主清分单"),
        facts=(
            (_("业主"), found.owner_name),
            (_("业主编号"), found.owner_id),
            (_("清分日"), found.clear_date.isoformat()),
            (_("运行号"), found.run_key),
        ),
        tables=(
            _table(_("按路段"), ((_("路段"), "road_id", Kind.CODE),), found.lines),
            _table(
                _("按来源"),
                (
                    (_("出口"), "exit_kind", Kind.TEXT),
                    (_("发行方"), "issuer_id", Kind.CODE),
                    (_("收费省份"), "toll_province", Kind.CODE),
                    (_("介质"), "media_type", Kind.TEXT),
                ),
                found.lines,
            ),
        ),
        note=_("金额单位：元。应收 = 应得 + 优惠。每一分钱都可追溯到通行与门架记录。"),
        page_words=_("第 {page} 页 / 共 {pages} 页"),
        language="en" if reads_english() else "zh",
    )


WORDS_OF: dict[str, dict[Any, Any]] = {"media_type": MEDIA_TYPES, "exit_kind": EXIT_KINDS}
MONEY = ("pay_fee", "discount_fee", "fee")


def _table(title: str, by: tuple[tuple[str, str, Kind], ...], lines: Any) -> Table:
    """The lines summed by the named columns."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for line in lines:
        held = sums.setdefault(tuple(line[name] for _title, name, _kind in by), [0, 0, 0, 0])
        for place, name in enumerate(("units", *MONEY)):
            held[place] += line[name]
    rows: list[tuple[Cell, ...]] = []
    for values, numbers in sorted(sums.items(), key=lambda item: str(item[0])):
        texts = [
            str(WORDS_OF.get(name, {}).get(value, value)) or "—"
            for (_title, name, _kind), value in zip(by, values, strict=True)
        ]
        rows.append((*texts, *numbers))
    columns = (
        *((heading, kind) for heading, _name, kind in by),
        (_("单元次数"), Kind.COUNT),
        (_("应收"), Kind.AMOUNT),
        (_("优惠"), Kind.AMOUNT),
        (_("应得"), Kind.AMOUNT),
    )
    return Table(title, columns, tuple(rows), _("合计"))
