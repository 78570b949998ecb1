"""Pages of payment channels: notices, and each day's bill with every time it was asked for."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import Permission
from tollcentre.core.refusal import Refusal
from tollcentre.messages import queries

from ..formatting import Shown
from ..listing import Column, SearchField, show
from ..pages import page
from ..words import BILL_STATES, BILL_TAGS, NOTICE_STATES, NOTICE_TAGS, RESULTS
from .exchange import listing
from .passage import choices_of

_CHANNEL = SearchField("channel", gettext_lazy("渠道"))


def _bill_state(bill: Any) -> str:
    return "here" if bill.settled_at else "missing"


def _message_of(bill: Any) -> str | None:
    """Where the bill stands as a message, once it is here."""
    if not bill.message_id:
        return None
    return reverse("exchange_received_one", args=[bill.channel, bill.message_id])


NOTICES = listing(
    "channel_notices",
    gettext_lazy("付款通知"),
    gettext_lazy("渠道逐笔告知的扫码付款，以账单为准；被拒的通知列在“到达与回执”"),
    queries.notices,
    (_CHANNEL, SearchField("state", gettext_lazy("状态"), "select", choices_of(NOTICE_STATES)),
     SearchField("order_no", gettext_lazy("订单号"), hint=gettext_lazy("编号或其开头"))),
    (
        Column("received_at", gettext_lazy("收到时间"), Shown.TIME),
        Column("channel", gettext_lazy("渠道"), Shown.CODE),
        Column("order_no", gettext_lazy("订单号"), Shown.CODE),
        Column("station_id", gettext_lazy("收费站"), Shown.CODE),
        Column("paid_at", gettext_lazy("付款时间"), Shown.TIME),
        Column("amount_fen", gettext_lazy("金额"), Shown.AMOUNT),
        Column("state", gettext_lazy("状态"), labels=NOTICE_STATES, tags=NOTICE_TAGS),
        Column("notice_id", gettext_lazy("通知编号"), Shown.CODE, on=False),
        Column("fault", gettext_lazy("原因"), on=False),
        Column("digest", gettext_lazy("指纹"), Shown.CODE, on=False),
    ),
)  # fmt: skip
BILLS = listing(
    "channel_bills",
    gettext_lazy("渠道账单"),
    gettext_lazy("每个渠道前一日的账单，未到或有误的按间隔再取，直到取得"),
    lambda viewer, channel, state: queries.channel_bills(
        viewer=viewer, channel=channel, missing=state == "missing"
    ),
    (_CHANNEL, SearchField("state", gettext_lazy("状态"), "select",
                           choices_of({"missing": BILL_STATES["missing"]}))),
    (
        Column("day", gettext_lazy("账单日"), Shown.DAY,
               link=lambda row: reverse("channel_bill", args=[row.channel, row.day])),
        Column("channel", gettext_lazy("渠道"), Shown.CODE),
        Column("state", gettext_lazy("状态"), labels=BILL_STATES, tags=BILL_TAGS,
               value=_bill_state),
        Column("tries", gettext_lazy("次数"), Shown.COUNT),
        Column("fault", gettext_lazy("原因")),
        Column("settled_at", gettext_lazy("取得时间"), Shown.TIME),
        Column("message_id", gettext_lazy("报文编号"), Shown.CODE, link=_message_of),
    ),
)  # fmt: skip


@page(Permission.VIEW_EXCHANGE)
def notices(request: HttpRequest) -> HttpResponse:
    """What channels said that drivers paid, newest first."""
    return show(request, NOTICES)


@page(Permission.VIEW_EXCHANGE)
def bills(request: HttpRequest) -> HttpResponse:
    """Bills of channels by day, and those that are not here yet."""
    return show(request, BILLS)


@page(Permission.VIEW_EXCHANGE)
def bill(request: HttpRequest, channel: str, day: str) -> HttpResponse:
    """One bill: how it stands, and every time that it was asked for."""
    try:
        found, tries = queries.bill_tries(channel, date.fromisoformat(day))
    except (Refusal, ValueError) as error:
        raise Http404 from error
    state = _bill_state(found)
    return render(request, "console/exchange/bill.html", {
        "bill": found, "state": BILL_STATES[state], "state_css": BILL_TAGS[state],
        "message": _message_of(found),
        "tries": [{"at": one.at, "status": one.status or "—", "fault": one.fault,
                   "result": RESULTS.get(one.result, "—")} for one in tries],
    })  # fmt: skip
