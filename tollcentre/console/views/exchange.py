"""Pages of the exchange: who is there, what we sent, what we took, every try and answer."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.messages import queries
from tollcentre.messages.actions import act_again, moment, send_again
from tollcentre.messages.terms import Protocol, ReceivedState, SentState

from ..formatting import Shown, text_of
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page, refusal_text
from ..words import MESSAGE_KINDS, MESSAGE_STATES, MESSAGE_TAGS, PEER_KINDS, RESULTS
from .passage import choices_of

RECORDS_SHOWN = 200
ARRIVALS_SHOWN = 50
AMOUNTS = frozenset({
    "amount", "discount_fee", "disputed_amount", "fee", "pay_fee", "payable", "post_balance",
    "pre_balance", "receivable", "trans_fee",
})  # fmt: skip
"""Names of a message's values that are fen."""
MINUTES = {"park_time"}
"""Names of a message's values that are spans, not moments."""
PLATES = {"vehicle_id", "card_license", "obu_license"}
"""Names of a message's values that are plates."""
SENT_STATES = {name: MESSAGE_STATES[name] for name in ("waiting", "taken", "refused")}
RECEIVED_STATES = {name: MESSAGE_STATES[name] for name in ("waiting", "done", "failed")}


def listing(
    name: str, title: Any, note: Any, found: Callable[..., Any], fields: tuple[SearchField, ...],
    columns: tuple[Column, ...],
) -> Listing:  # fmt: skip
    """A list of messages, newest first."""

    def rows(viewer: Viewer, filters: Filters) -> Any:
        return found(viewer=viewer, **filters)

    return Listing(
        name=name, title=title, note=note, fields=fields, columns=columns,
        page=lambda viewer, filters, number, size: slice_of(rows(viewer, filters), number, size),
        rows=lambda viewer, filters: rows(viewer, filters).iterator(chunk_size=2_000),
        count=lambda viewer, filters: rows(viewer, filters).count(),
    )  # fmt: skip


_KIND = SearchField("kind", gettext_lazy("报文种类"), "select", choices_of(MESSAGE_KINDS))
_ID = SearchField("message_id", gettext_lazy("报文编号"), hint=gettext_lazy("编号或其开头"))
_TOTALS = (
    Column("count", gettext_lazy("明细数"), Shown.COUNT),
    Column("amount_fen", gettext_lazy("金额"), Shown.AMOUNT),
)

SENT = listing(
    "exchange_sent",
    gettext_lazy("发出报文"),
    gettext_lazy("送达以对端回执为准；未知结果按间隔重送，被拒的由人处理"),
    queries.outbox,
    (_KIND, SearchField("state", gettext_lazy("状态"), "select", choices_of(SENT_STATES)), _ID),
    (
        Column("created_at", gettext_lazy("生成时间"), Shown.TIME),
        Column("kind", gettext_lazy("报文种类"), labels=MESSAGE_KINDS),
        Column("message_id", gettext_lazy("报文编号"), Shown.CODE,
               link=lambda row: reverse("exchange_sent_one", args=[row.message_id])),
        Column("receiver", gettext_lazy("收方"), Shown.CODE),
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
        *_TOTALS,
        Column("state", gettext_lazy("状态"), labels=MESSAGE_STATES, tags=MESSAGE_TAGS),
        Column("tries", gettext_lazy("次数"), Shown.COUNT),
        Column("settled_at", gettext_lazy("送达时间"), Shown.TIME, on=False),
        Column("cause", gettext_lazy("起因"), Shown.CODE, on=False),
        Column("digest", gettext_lazy("报文摘要"), Shown.CODE, on=False),
    ),
)  # fmt: skip
RECEIVED = listing(
    "exchange_received",
    gettext_lazy("收到报文"),
    gettext_lazy("同一报文只处理一次；所指报文未到的先等待"),
    queries.received,
    (_KIND, SearchField("state", gettext_lazy("状态"), "select", choices_of(RECEIVED_STATES)),
     _ID),
    (
        Column("received_at", gettext_lazy("收到时间"), Shown.TIME),
        Column("kind", gettext_lazy("报文种类"), labels=MESSAGE_KINDS),
        Column("message_id", gettext_lazy("报文编号"), Shown.CODE,
               link=lambda row: reverse("exchange_received_one",
                                        args=[row.sender, row.message_id])),
        Column("sender", gettext_lazy("发方"), Shown.CODE),
        *_TOTALS,
        Column("state", gettext_lazy("状态"), labels=MESSAGE_STATES, tags=MESSAGE_TAGS),
        Column("fault", gettext_lazy("原因")),
        Column("tries", gettext_lazy("次数"), Shown.COUNT, on=False),
        Column("settled_at", gettext_lazy("处理时间"), Shown.TIME, on=False),
        Column("digest", gettext_lazy("报文摘要"), Shown.CODE, on=False),
    ),
)  # fmt: skip
ARRIVALS = listing(
    "exchange_arrivals",
    gettext_lazy("到达与回执"),
    gettext_lazy("每一次送到本中心的报文与所给的回执，被拒的没有留下任何改动"),
    lambda viewer, refused, sender, message_id: queries.arrivals_at_door(
        viewer=viewer, refused=refused == "1", sender=sender, message_id=message_id
    ),
    (SearchField("refused", gettext_lazy("回执"), "select",
                 lambda viewer: (("", _("全部")), ("1", _("被拒的")))),
     SearchField("sender", gettext_lazy("发方")), _ID),
    (
        Column("at", gettext_lazy("到达时间"), Shown.TIME),
        Column("sender", gettext_lazy("发方"), Shown.CODE),
        Column("message_id", gettext_lazy("报文编号"), Shown.CODE),
        Column("result", gettext_lazy("回执"), labels=RESULTS),
        Column("fault", gettext_lazy("原因")),
        Column("size_bytes", gettext_lazy("字节"), Shown.COUNT),
        Column("body_sha256", gettext_lazy("指纹"), Shown.CODE, on=False),
    ),
)  # fmt: skip
PEERS = listing(
    "exchange_peers",
    gettext_lazy("对端"),
    gettext_lazy("登记的中心、银行和支付渠道，以及最近一次联系受阻的原因"),
    queries.peers,
    (SearchField("kind", gettext_lazy("对端类别"), "select", choices_of(PEER_KINDS)),),
    (
        Column("code", gettext_lazy("编号"), Shown.CODE),
        Column("kind", gettext_lazy("对端类别"), labels=PEER_KINDS),
        Column("address", gettext_lazy("地址"), Shown.CODE),
        Column("user", gettext_lazy("登录用户"), Shown.CODE, on=False),
        Column("own_code", gettext_lazy("本方编号"), Shown.CODE),
        Column("added_at", gettext_lazy("登记时间"), Shown.TIME),
        Column("fault", gettext_lazy("原因")),
    ),
)  # fmt: skip


@page(Permission.VIEW_EXCHANGE)
def peers(request: HttpRequest) -> HttpResponse:
    """Who is registered at the other end."""
    return show(request, PEERS)


@page(Permission.VIEW_EXCHANGE)
def sent(request: HttpRequest) -> HttpResponse:
    """What we sent, newest first."""
    return show(request, SENT)


@page(Permission.VIEW_EXCHANGE)
def received(request: HttpRequest) -> HttpResponse:
    """What we took, newest first."""
    return show(request, RECEIVED)


@page(Permission.VIEW_EXCHANGE)
def arrivals(request: HttpRequest) -> HttpResponse:
    """Every delivery at our door and its receipt."""
    return show(request, ARRIVALS)


@page(Permission.VIEW_EXCHANGE)
def sent_one(request: HttpRequest, message_id: str) -> HttpResponse:
    """One message of ours: its totals, tries and records."""
    message = queries.outbox_message(message_id)
    tries = [
        {
            "at": one.at,
            "result": RESULTS.get(one.result, _unanswered(message, one)),
            "fault": one.fault,
        }
        for one in queries.outbox_tries(message)
    ]
    again = "exchange_sent_again" if message.state == SentState.REFUSED else ""
    return _one(request, _("发出报文"), message, again, tries)


def _unanswered(message: Any, one: Any) -> str:
    """What a try without a receipt is: a file laid down, a frame that came, or nothing known."""
    if one.fault:
        return _("没有回执")
    return _("帧已到达") if message.protocol == Protocol.PACK else _("已放入银行目录")


@page(Permission.VIEW_EXCHANGE)
def received_one(request: HttpRequest, sender: str, message_id: str) -> HttpResponse:
    """One message that was taken: its totals, what became of it, and its records."""
    message = queries.inbox_message(sender, message_id)
    arrived = queries.arrivals_at_door(sender=sender, message_id=message_id)
    tries = [
        {"at": one.at, "result": RESULTS[one.result], "fault": one.fault}
        for one in arrived[:ARRIVALS_SHOWN]
    ]
    again = "exchange_received_again" if message.state == ReceivedState.FAILED else ""
    return _one(request, _("收到报文"), message, again, tries)


def _one(
    request: HttpRequest, title: str, message: Any, again: str, tries: list[dict[str, Any]]
) -> HttpResponse:
    """The page of one message."""
    viewer: Viewer = request.viewer
    parcel = queries.parcel_of(message)
    hidden = set() if viewer.may(Permission.VIEW_PLATES) else PLATES
    names = [name for name in (parcel.records or ({},))[0] if name not in hidden]
    return render(request, "console/exchange/message.html", {
        "title": title,
        "message": message,
        "kind": MESSAGE_KINDS.get(message.kind, message.kind),
        "state": MESSAGE_STATES[message.state],
        "state_css": MESSAGE_TAGS[message.state],
        "tries": tries,
        "facts": {name: _shown(name, value) for name, value in parcel.fields.items()},
        "names": names,
        "records": [
            [_shown(name, row[name]) for name in names] for row in parcel.records[:RECORDS_SHOWN]
        ],
        "more": max(len(parcel.records) - RECORDS_SHOWN, 0),
        "again": again if viewer.may(Permission.RUN_EXCHANGE) else "",
    })  # fmt: skip


def _shown(name: str, value: Any) -> str:
    """A value of a message by what its name says that it is."""
    if isinstance(value, tuple):
        return " | ".join(_shown(name.removesuffix("_group"), part) for part in value)
    if isinstance(value, dict):
        return " ".join(f"{key} {_shown(key, part)}" for key, part in value.items())
    kind = Shown.TEXT
    if name in AMOUNTS or name.endswith("_fen"):
        kind = Shown.AMOUNT
    elif name == "time" or (name.endswith(("_time", "_at")) and name not in MINUTES):
        kind = Shown.TIME
    return text_of(kind, value)


@require_POST
@page(Permission.RUN_EXCHANGE)
def sent_again(request: HttpRequest, message_id: str) -> HttpResponse:
    """A person has a refused message sent again."""
    viewer: Viewer = request.viewer
    _told(request, lambda: send_again(message_id=message_id, actor=viewer.name, now=moment()))
    return redirect("exchange_sent_one", message_id=message_id)


@require_POST
@page(Permission.RUN_EXCHANGE)
def received_again(request: HttpRequest, sender: str, message_id: str) -> HttpResponse:
    """A person has a failed message acted on again."""
    viewer: Viewer = request.viewer
    _told(request, lambda: act_again(
        sender=sender, message_id=message_id, actor=viewer.name, now=moment()
    ))  # fmt: skip
    return redirect("exchange_received_one", sender=sender, message_id=message_id)


def _told(request: HttpRequest, act: Callable[[], None]) -> None:
    """Do it, and say what came of it."""
    try:
        act()
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
        return
    messages.success(request, _("已重新排队，下一轮即处理。"))
