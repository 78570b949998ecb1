"""Pages of clearing with the ministry: what went up and is held there, money between provinces."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import Permission
from tollcentre.clearing.queries import cross_province, newest_day, upload_proofs

from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page
from ..words import MESSAGE_KINDS, PROOF_STATES, PROOF_TAGS
from .passage import choices_of

DAYS_SHOWN = 31


def _first() -> str:
    newest = newest_day()
    return str(newest - timedelta(days=DAYS_SHOWN)) if newest else ""


_SPAN = (
    SearchField("start", gettext_lazy("起"), "date", default=_first),
    SearchField("end", gettext_lazy("止"), "date"),
)


def _span(filters: Filters) -> tuple[date, date]:
    start, end = filters["start"], filters["end"]
    return (
        date.fromisoformat(start) if start else date.min,
        date.fromisoformat(end) if end else date.max,
    )


def _listing(rows: Callable[[Filters], list[Any]], **given: Any) -> Listing:
    """A list of what is summed by day."""
    return Listing(
        page=lambda viewer, filters, number, size: slice_of(rows(filters), number, size),
        rows=lambda viewer, filters: iter(rows(filters)),
        count=lambda viewer, filters: len(rows(filters)),
        **given,
    )


def _proofs(filters: Filters) -> list[Any]:
    return [
        row for row in upload_proofs(*_span(filters))
        if filters["kind"] in ("", row.kind) and filters["state"] in ("", row.state)
    ]  # fmt: skip


UPLOAD_KINDS = {
    name: MESSAGE_KINDS[name]
    for name in ("exit_upload", "other_exit_upload", "entry_upload", "gantry_upload",
                 "batch_sum_upload")
}  # fmt: skip
PROOF = _listing(
    _proofs,
    name="upload_proof",
    title=gettext_lazy("上报核对"),
    note=gettext_lazy("落湖记录 = 上报报文 = 部中心已收 = 部中心对账清单所列"),
    empty=gettext_lazy("没有上报过的清分日"),
    size=50,
    fields=(
        *_SPAN,
        SearchField("kind", gettext_lazy("报文种类"), "select", choices_of(UPLOAD_KINDS)),
        SearchField("state", gettext_lazy("状态"), "select", choices_of(PROOF_STATES)),
    ),
    columns=(
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
        Column("kind", gettext_lazy("报文种类"), labels=UPLOAD_KINDS,
               link=lambda row: f"{reverse('exchange_sent')}?{urlencode({'kind': row.kind})}"),
        Column("state", gettext_lazy("状态"), labels=PROOF_STATES, tags=PROOF_TAGS),
        Column("landed_count", gettext_lazy("落湖笔数"), Shown.COUNT),
        Column("unfit", gettext_lazy("无法上报"), Shown.COUNT),
        Column("sent_count", gettext_lazy("上报笔数"), Shown.COUNT),
        Column("taken_count", gettext_lazy("已收笔数"), Shown.COUNT),
        Column("held_count", gettext_lazy("部存笔数"), Shown.COUNT),
        Column("landed_fee", gettext_lazy("落湖金额"), Shown.AMOUNT, on=False),
        Column("sent_fee", gettext_lazy("上报金额"), Shown.AMOUNT),
        Column("taken_fee", gettext_lazy("已收金额"), Shown.AMOUNT, on=False),
        Column("held_fee", gettext_lazy("部存金额"), Shown.AMOUNT),
        Column("messages", gettext_lazy("报文数"), Shown.COUNT),
        Column("uploads", gettext_lazy("批数"), Shown.COUNT),
    ),
)  # fmt: skip


def _provinces(filters: Filters) -> list[Any]:
    rows = cross_province(*_span(filters))
    return [row for row in rows if row.province.startswith(filters["province"])]


def _account(family: str) -> Callable[[Any], str]:
    """The statement of a province's account on the day."""

    def link(row: Any) -> str:
        named = {"account": f"{family}.{row.province or 'unknown'}", "start": row.clear_date,
                 "end": row.clear_date}  # fmt: skip
        return f"{reverse('account')}?{urlencode(named)}"

    return link


PROVINCES = _listing(
    _provinces,
    name="cross_province",
    title=gettext_lazy("跨省往来"),
    note=gettext_lazy("当日新增的跨省应收、应付与净额分列；“已统计”为当日部清分统计计入、已转部中心往来的部分"),
    empty=gettext_lazy("没有跨省往来"),
    size=50,
    fields=(*_SPAN, SearchField("province", gettext_lazy("省份"), narrow=True)),
    columns=(
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
        Column("province", gettext_lazy("省份"), Shown.CODE,
               value=lambda row: row.province or _("未知")),
        Column("receivable", gettext_lazy("跨省应收"), Shown.AMOUNT,
               link=_account("receivable.province")),
        Column("payable", gettext_lazy("跨省应付"), Shown.AMOUNT,
               link=_account("payable.province")),
        Column("net", gettext_lazy("净额"), Shown.AMOUNT),
        Column("receivable_counted", gettext_lazy("应收已统计"), Shown.AMOUNT,
               link=_account("receivable.province")),
        Column("payable_counted", gettext_lazy("应付已统计"), Shown.AMOUNT,
               link=_account("payable.province")),
        Column("net_counted", gettext_lazy("净额已统计"), Shown.AMOUNT),
    ),
)  # fmt: skip


@page(Permission.VIEW_EXCHANGE)
def proof(request: HttpRequest) -> HttpResponse:
    """What landed of each day against what the ministry holds."""
    return show(request, PROOF)


@page(Permission.VIEW_EXCHANGE)
def provinces(request: HttpRequest) -> HttpResponse:
    """Receivable, payable and net with each province by clear day."""
    return show(request, PROVINCES)
