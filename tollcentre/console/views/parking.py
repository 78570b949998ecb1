"""Pages of ETC 拓展: trades of service providers by fate, their packs, statistics compared."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import Permission, Viewer
from tollcentre.messages.queries import outbox_by_id
from tollcentre.parking import queries

from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, Slice, show, slice_of
from ..pages import page
from ..words import (
    CARD_TYPES,
    DISPUTE_REASONS,
    EXTENSION_FATE_TAGS,
    EXTENSION_FATES,
    MESSAGE_STATES,
    MESSAGE_TAGS,
)
from .exchange import listing
from .passage import choices_of

DAYS_SHOWN = 9
AT_ONCE = 500
PACK = "extension_packs"


def _providers(viewer: Viewer) -> list[tuple[str, Any]]:
    named = [(one.code, f"{one.name} {one.code}") for one in queries.providers()]
    return [("", _("全部")), *named]


_PROVIDER = SearchField("provider", gettext_lazy("服务方"), "select", _providers)
_FATE = SearchField("fate", gettext_lazy("去向"), "select", choices_of(EXTENSION_FATES))
_PROVIDER_COLUMN = Column("provider", gettext_lazy("服务方"), value=lambda row: row.provider.name)


def _with(name: str, **filters: str) -> str:
    """The address of a list, searched so."""
    return f"{reverse(name)}?{urlencode(filters)}"


def _fates(viewer: Viewer, filters: Filters) -> list[dict[str, Any]]:
    names = {one.code: one.name for one in queries.providers()}
    return [
        {"code": row.provider, "provider": names[row.provider], "fate": row.fate.value,
         "count": row.count, "fee": row.fee}
        for row in queries.fates(viewer=viewer)
        if filters["provider"] in ("", row.provider) and filters["fate"] in ("", row.fate)
    ]  # fmt: skip


FATES = Listing(
    name="extension_fates",
    title=gettext_lazy("拓展交易去向"),
    note=gettext_lazy("停车场等服务方的每笔 ETC 交易都有去向；点笔数看明细"),
    empty=gettext_lazy("还没有服务方送来交易"),
    fields=(_PROVIDER, _FATE),
    columns=(
        Column("provider", gettext_lazy("服务方")),
        Column("code", gettext_lazy("编号"), Shown.CODE),
        Column("fate", gettext_lazy("去向"), labels=EXTENSION_FATES, tags=EXTENSION_FATE_TAGS),
        Column("count", gettext_lazy("笔数"), Shown.COUNT, link=lambda row: _with(
            "extension_trades", provider=row["code"], fate=row["fate"])),
        Column("fee", gettext_lazy("金额"), Shown.AMOUNT),
    ),
    page=lambda viewer, filters, number, size: slice_of(_fates(viewer, filters), number, size),
    rows=lambda viewer, filters: iter(_fates(viewer, filters)),
    count=lambda viewer, filters: len(_fates(viewer, filters)),
    size=100,
)  # fmt: skip


def _pack_of(row: Any) -> str | None:
    return _with(PACK, message_id=row.pack.message_id) if row.pack else None


TRADES = listing(
    "extension_trades",
    gettext_lazy("拓展交易"),
    gettext_lazy("由服务方送来，按服务方、卡网络、卡类型装入报文包"),
    queries.trades,
    (_PROVIDER, _FATE,
     SearchField("trade_id", gettext_lazy("交易编号"), hint=gettext_lazy("编号或其开头")),
     SearchField("pack", gettext_lazy("报文包"))),
    (
        Column("time", gettext_lazy("交易时间"), Shown.TIME),
        _PROVIDER_COLUMN,
        Column("trade_id", gettext_lazy("交易编号"), Shown.CODE),
        Column("fee", gettext_lazy("金额"), Shown.AMOUNT),
        Column("fate", gettext_lazy("去向"), labels=EXTENSION_FATES, tags=EXTENSION_FATE_TAGS),
        Column("pack", gettext_lazy("报文包"), Shown.CODE, link=_pack_of,
               value=lambda row: row.pack.message_id if row.pack else ""),
        Column("trans_id", gettext_lazy("包内序号"), Shown.COUNT),
        Column("reason", gettext_lazy("争议原因"), labels=DISPUTE_REASONS,
               value=lambda row: row.dispute.reason if hasattr(row, "dispute") else ""),
        Column("card_id", gettext_lazy("卡号"), Shown.CODE, on=False),
        Column("card_net_no", gettext_lazy("卡网络"), Shown.CODE, on=False),
        Column("card_type", gettext_lazy("卡类型"), labels=CARD_TYPES, on=False),
        Column("taken_at", gettext_lazy("收到时间"), Shown.TIME, on=False),
    ),
)  # fmt: skip


def _told(rows: list[Any]) -> list[Any]:
    """Packs, each with its message."""
    found = outbox_by_id([row.message_id for row in rows])
    for row in rows:
        row.message = found[row.message_id]
    return rows


def _packs_page(viewer: Viewer, filters: Filters, number: int, size: int) -> Slice:
    found = slice_of(queries.packs(viewer=viewer, **filters), number, size)
    return Slice(_told(list(found.rows)), found.total)


def _packs(viewer: Viewer, filters: Filters) -> Iterator[Any]:
    found = queries.packs(viewer=viewer, **filters).iterator(chunk_size=AT_ONCE)
    while part := list(islice(found, AT_ONCE)):
        yield from _told(part)


def _confirmed(row: Any, name: str) -> Any:
    """What was confirmed of a pack, once it is booked."""
    return getattr(row.booking, name) if hasattr(row, "booking") else None


PACKS = Listing(
    name=PACK,
    title=gettext_lazy("报文包"),
    note=gettext_lazy("满额即装，最早一笔等满五分钟也装；应答之前按间隔重送"),
    fields=(_PROVIDER, SearchField("message_id", gettext_lazy("报文编号"))),
    columns=(
        Column("made_at", gettext_lazy("生成时间"), Shown.TIME),
        Column("message_id", gettext_lazy("报文编号"), Shown.CODE,
               link=lambda row: reverse("exchange_sent_one", args=[row.message_id])),
        _PROVIDER_COLUMN,
        Column("card_net_no", gettext_lazy("卡网络"), Shown.CODE),
        Column("card_type", gettext_lazy("卡类型"), labels=CARD_TYPES),
        Column("count", gettext_lazy("笔数"), Shown.COUNT, link=lambda row: _with(
            "extension_trades", pack=row.message_id)),
        Column("fee", gettext_lazy("金额"), Shown.AMOUNT),
        Column("state", gettext_lazy("状态"), labels=MESSAGE_STATES, tags=MESSAGE_TAGS,
               value=lambda row: row.message.state),
        Column("tries", gettext_lazy("次数"), Shown.COUNT, value=lambda row: row.message.tries),
        Column("booked_on", gettext_lazy("记账日"), Shown.DAY,
               value=lambda row: _confirmed(row, "booked_on")),
        Column("confirmed_count", gettext_lazy("确认笔数"), Shown.COUNT,
               value=lambda row: _confirmed(row, "confirmed_count")),
        Column("confirmed_fee", gettext_lazy("确认金额"), Shown.AMOUNT,
               value=lambda row: _confirmed(row, "confirmed_fee")),
    ),
    page=_packs_page,
    rows=_packs,
    count=lambda viewer, filters: queries.packs(viewer=viewer, **filters).count(),
)  # fmt: skip


@page(Permission.VIEW_EXCHANGE)
def fates(request: HttpRequest) -> HttpResponse:
    """What has become of every trade, by provider."""
    return show(request, FATES)


@page(Permission.VIEW_EXCHANGE)
def trades(request: HttpRequest) -> HttpResponse:
    """Trades of providers, newest first."""
    return show(request, TRADES)


@page(Permission.VIEW_EXCHANGE)
def packs(request: HttpRequest) -> HttpResponse:
    """Packs with how far each has come, newest first."""
    return show(request, PACKS)


@page(Permission.VIEW_EXCHANGE)
def statistics(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """A clear day as the extension centre counted it, against our own figure."""
    viewer: Viewer = request.viewer
    days = queries.statistic_days(viewer=viewer)
    day = day or (days[0] if days else None)
    names = {one.code: one.name for one in queries.providers()}
    told = queries.compared(day, viewer=viewer) if day else None
    return render(request, "console/parking/statistics.html", {
        "title": _("拓展清分统计对照"),
        "day": day,
        "days": days[:DAYS_SHOWN],
        "told": told,
        "off": told.their_fee - told.our_fee if told else 0,
        "rows": [
            {"row": row, "name": names.get(row.provider, row.provider),
             "off": row.their_fee - row.our_fee}
            for row in (told.providers if told else ())
        ],
    })  # fmt: skip
