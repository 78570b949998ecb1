"""Pages of dispute: every trade's fate, disputed trades, the ministry's figure against ours."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import Permission, Viewer
from tollcentre.clearing.queries import split_claims, statistic_days
from tollcentre.dispute import queries
from tollcentre.dispute.terms import Fate
from tollcentre.settlement.queries import counted

from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page
from ..words import (
    DIRECTIONS,
    DISPUTE_REASONS,
    DISPUTE_STATES,
    DISPUTE_TAGS,
    FATE_TAGS,
    FATES,
    STATISTIC_KINDS,
    STATISTIC_SIDES,
)
from .passage import choices_of

DAYS_SHOWN = 9


def _found(viewer: Viewer, filters: Filters) -> Any:
    return queries.disputes(viewer=viewer, **filters)


def state_of(row: Any) -> str:
    """Whether a dispute is open, was ruled payable, or is bad debt."""
    ruling = getattr(row, "ruling", None)
    if ruling is None:
        return "open"
    return "bad_debt" if ruling.result else "paid"


DISPUTES = Listing(
    name="disputes",
    title=gettext_lazy("争议交易"),
    note=gettext_lazy("未列入记账争议的即应付；争议款暂挂，裁定后记账或撤销"),
    fields=(
        SearchField("direction", gettext_lazy("方向"), "select", choices_of(DIRECTIONS)),
        SearchField("state", gettext_lazy("状态"), "select", choices_of(DISPUTE_STATES)),
        SearchField("reason", gettext_lazy("争议原因"), "select", choices_of(DISPUTE_REASONS)),
        SearchField("transaction_id", gettext_lazy("交易编号"), hint=gettext_lazy("编号或其开头")),
    ),
    columns=(
        Column("opened_on", gettext_lazy("争议日"), Shown.DAY),
        Column("direction", gettext_lazy("方向"), labels=DIRECTIONS),
        Column("transaction_id", gettext_lazy("交易编号"), Shown.CODE,
               link=lambda row: reverse("dispute", args=[row.pk])),
        Column("pass_id", gettext_lazy("通行标识"), Shown.CODE, link=lambda row: (
            reverse("passage", args=[row.pass_id])
            if row.pass_id and row.direction != "issuer" else None)),
        Column("issuer_id", gettext_lazy("发行方"), Shown.CODE),
        Column("toll_party", gettext_lazy("收费方"), Shown.CODE, on=False),
        Column("fee", gettext_lazy("金额"), Shown.AMOUNT),
        Column("reason", gettext_lazy("争议原因"), labels=DISPUTE_REASONS),
        Column("state", gettext_lazy("状态"), value=state_of, labels=DISPUTE_STATES,
               tags=DISPUTE_TAGS),
        Column("ruled_on", gettext_lazy("裁定日"), Shown.DAY,
               value=lambda row: row.ruling.ruled_on if state_of(row) != "open" else None),
        Column("of_message", gettext_lazy("报文编号"), Shown.CODE, on=False,
               value=lambda row: row.booked.of_message),
    ),
    page=lambda viewer, filters, number, size: slice_of(_found(viewer, filters), number, size),
    rows=lambda viewer, filters: _found(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _found(viewer, filters).count(),
)  # fmt: skip


def _fates(viewer: Viewer, filters: Filters) -> list[Any]:
    start, end = filters["start"], filters["end"]
    found = queries.fates(
        date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None
    )
    return [
        row for row in found
        if filters["direction"] in ("", row.direction) and filters["fate"] in ("", row.fate)
    ]  # fmt: skip


def _behind(row: Any) -> str | None:
    """Where the trades of a fate are listed."""
    if row.fate in (Fate.TO_SEND, Fate.SENT):
        return f"{reverse('exchange_sent')}?{urlencode({'kind': 'exit_upload'})}"
    if row.fate in (Fate.DISPUTED, Fate.BAD_DEBT):
        state = "open" if row.fate is Fate.DISPUTED else "bad_debt"
        return f"{reverse('disputes')}?{urlencode({'state': state, 'direction': row.direction})}"
    if row.fate in (Fate.PART, Fate.SERVED):
        return f"{reverse('cross_province')}?{urlencode({'start': row.since, 'end': row.since})}"
    if row.fate in (Fate.HERE, Fate.LANE, Fate.FREE) and row.since:
        return f"{reverse('passages')}?{urlencode({'day': row.since})}"
    return reverse("statistics")


AGEING = Listing(
    name="ageing",
    title=gettext_lazy("交易去向"),
    note=gettext_lazy(
        "每笔交易与出口都有去向：已清分、争议中、坏账、免费，或自某日起等待某一方；已了结的只列所选清分日（默认近九十天）"
    ),
    fields=(
        SearchField("direction", gettext_lazy("方向"), "select", choices_of(DIRECTIONS)),
        SearchField("fate", gettext_lazy("去向"), "select", choices_of(FATES)),
        SearchField("start", gettext_lazy("清分日起"), "date"),
        SearchField("end", gettext_lazy("清分日止"), "date"),
    ),
    columns=(
        Column("direction", gettext_lazy("方向"), labels=DIRECTIONS),
        Column("fate", gettext_lazy("去向"), labels=FATES, tags=FATE_TAGS),
        Column("waits_on", gettext_lazy("等待"), Shown.CODE),
        Column("since", gettext_lazy("自"), Shown.DAY),
        Column("count", gettext_lazy("笔数"), Shown.COUNT, link=_behind),
        Column("fee", gettext_lazy("金额"), Shown.AMOUNT),
    ),
    page=lambda viewer, filters, number, size: slice_of(_fates(viewer, filters), number, size),
    rows=lambda viewer, filters: iter(_fates(viewer, filters)),
    count=lambda viewer, filters: len(_fates(viewer, filters)),
    size=100,
)


CLAIMS = Listing(
    name="claims",
    title=gettext_lazy("拆分申诉"),
    note=gettext_lazy("外省出口的通行，部中心拆分与本中心数字不一致的，逐笔列出，导出即为申诉清单"),
    empty=gettext_lazy("部中心的拆分与本中心一致"),
    columns=(
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
        Column("pass_id", gettext_lazy("通行标识"), Shown.CODE,
               link=lambda row: reverse("passage", args=[row.pass_id])),
        Column("toll_province", gettext_lazy("收费方"), Shown.CODE),
        Column("our_fee", gettext_lazy("本方金额"), Shown.AMOUNT),
        Column("their_fee", gettext_lazy("部中心金额"), Shown.AMOUNT),
        Column("claimed", gettext_lazy("申诉金额"), Shown.AMOUNT),
        Column("message_id", gettext_lazy("报文编号"), Shown.CODE),
    ),
    page=lambda viewer, filters, number, size: slice_of(split_claims(), number, size),
    rows=lambda viewer, filters: iter(split_claims()),
    count=lambda viewer, filters: len(split_claims()),
)  # fmt: skip


@page(Permission.VIEW_DISPUTES)
def claims(request: HttpRequest) -> HttpResponse:
    """Journeys that the ministry split otherwise than we did."""
    return show(request, CLAIMS)


@page(Permission.VIEW_DISPUTES)
def disputes(request: HttpRequest) -> HttpResponse:
    """Disputed trades, newest first."""
    return show(request, DISPUTES)


@page(Permission.VIEW_DISPUTES)
def ageing(request: HttpRequest) -> HttpResponse:
    """What has become of every trade, and whom those that are not done wait on."""
    return show(request, AGEING)


@page(Permission.VIEW_DISPUTES)
def statistics(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """A clear day as the ministry counted it, against our own figure."""
    days = statistic_days()
    day = day or (days[0] if days else None)
    rows = counted(day) if day else []
    return render(request, "console/dispute/statistics.html", {
        "title": _("清分统计对照"),
        "day": day,
        "days": days[:DAYS_SHOWN],
        "rows": [
            {"side": STATISTIC_SIDES[row.side], "kind": STATISTIC_KINDS[row.kind], "row": row,
             "off": row.their_fee - row.our_fee}
            for row in rows
        ],
    })  # fmt: skip
