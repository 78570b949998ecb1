"""Pages of deposit: the board by station and day, a shift, channels' bills, differences."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.access.queries import approval
from tollcentre.access.terms import ApprovalState, Permission, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.deposit import queries
from tollcentre.deposit.actions import propose_ruling
from tollcentre.deposit.terms import DepositRulingKind, ShiftKey
from tollcentre.messages.actions import moment

from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, Slice, paged, show, slice_of
from ..pages import page, refusal_text
from ..words import (
    APPROVAL_STATES,
    APPROVAL_TAGS,
    DEPOSIT_DIFFERENCES,
    DEPOSIT_RULINGS,
    DIFFERENCE_STATES,
    DIFFERENCE_TAGS,
    LANE_FATES,
    MEANS,
    ORDER_STATES,
    SHIFT_STATES,
    SHIFT_TAGS,
)
from .passage import choices_of


def latest_shift_day() -> str:
    """The newest day that a shift belongs to, as text; empty where there is none."""
    days = queries.shift_days()
    return days[0].isoformat() if days else ""


def _day(filters: Filters, name: str = "day") -> date | None:
    return date.fromisoformat(filters[name]) if filters.get(name) else None


def address(name: str, **query: object) -> str:
    """The address of a list with its search form filled in."""
    return f"{reverse(name)}?{urlencode({key: str(value) for key, value in query.items()})}"


def _board(viewer: Viewer, filters: Filters) -> list[Any]:
    day = _day(filters)
    if day is None:
        return []
    return queries.board(
        viewer=viewer,
        day=day,
        now=moment(),
        station_id=filters["station_id"],
        state=filters["state"],
    )


def _paid(row: Any, means: str) -> str:
    return address("deposit_payments", day=row.shift_day, station_id=row.station_id, shift="",
                   means=means)  # fmt: skip


def _shifts_of(row: Any) -> str:
    return address("deposit_shifts", day=row.shift_day, station_id=row.station_id, state="")


DAY = SearchField("day", gettext_lazy("班次日"), "date", default=latest_shift_day)
STATION = SearchField("station_id", gettext_lazy("收费站"), hint=gettext_lazy("编号或其开头"))
STATE = SearchField("state", gettext_lazy("状态"), "select", choices_of(SHIFT_STATES))

BOARD = Listing(
    name="deposits",
    title=gettext_lazy("缴存看板"),
    note=gettext_lazy("应缴以车道流水为准；每一分现金已入账、在途、短款，或有名差异"),
    fields=(DAY, STATION, STATE),
    columns=(
        Column("station_id", gettext_lazy("收费站"), Shown.CODE, link=_shifts_of),
        Column("state", gettext_lazy("状态"), labels=SHIFT_STATES, tags=SHIFT_TAGS),
        Column("shifts", gettext_lazy("班次"), Shown.COUNT, on=False),
        Column("due_fen", gettext_lazy("应缴现金"), Shown.AMOUNT,
               link=lambda row: _paid(row, "cash")),
        Column("declared_fen", gettext_lazy("申报"), Shown.AMOUNT, link=_shifts_of),
        Column("deposited_fen", gettext_lazy("已缴"), Shown.AMOUNT, link=_shifts_of),
        Column("credited_fen", gettext_lazy("已入账"), Shown.AMOUNT, link=_shifts_of),
        Column("waiting_fen", gettext_lazy("在途"), Shown.AMOUNT, on=False),
        Column("late_fen", gettext_lazy("迟缴"), Shown.AMOUNT),
        Column("short_fen", gettext_lazy("短款"), Shown.AMOUNT),
        Column("over_fen", gettext_lazy("长款"), Shown.AMOUNT),
        Column("mobile_fen", gettext_lazy("移动支付"), Shown.AMOUNT,
               link=lambda row: _paid(row, "mobile")),
        Column("matched_fen", gettext_lazy("已对账"), Shown.AMOUNT),
        Column("mobile_waiting_fen", gettext_lazy("等账单"), Shown.AMOUNT),
        Column("mobile_differs_fen", gettext_lazy("移动差异"), Shown.AMOUNT),
        Column("other_fen", gettext_lazy("其它方式"), Shown.AMOUNT, on=False),
    ),
    page=lambda viewer, filters, number, size: slice_of(_board(viewer, filters), number, size),
    rows=lambda viewer, filters: iter(_board(viewer, filters)),
    count=lambda viewer, filters: len(_board(viewer, filters)),
    size=50,
)  # fmt: skip


@page(Permission.VIEW_DEPOSITS)
def board(request: HttpRequest) -> HttpResponse:
    """Stations of a day: due, declared, deposited, credited, late, over and short."""
    rows = _board(request.viewer, BOARD.filters(request))
    return show(request, BOARD, template="console/deposit/board.html",
                totals=queries.totals(rows), stations=len(rows))  # fmt: skip


def _shifts(viewer: Viewer, filters: Filters) -> Any:
    return queries.shifts(
        viewer=viewer, day=_day(filters), station_id=filters["station_id"], state=filters["state"]
    )


def _shift_page(row: Any) -> str:
    return reverse("deposit_shift", args=[row.station_id, row.shift_day, row.shift])


SHIFTS = Listing(
    name="deposit_shifts",
    title=gettext_lazy("班次"),
    fields=(DAY, STATION, STATE),
    columns=(
        Column("shift_day", gettext_lazy("班次日"), Shown.DAY),
        Column("station_id", gettext_lazy("收费站"), Shown.CODE),
        Column("shift", gettext_lazy("班次"), Shown.CODE,
               link=lambda row: _shift_page(row) if row.station_id and row.shift else None),
        Column("state", gettext_lazy("状态"), labels=SHIFT_STATES, tags=SHIFT_TAGS),
        Column("lane_fen", gettext_lazy("应缴现金"), Shown.AMOUNT),
        Column("declared_fen", gettext_lazy("申报"), Shown.AMOUNT),
        Column("deposited_fen", gettext_lazy("已缴"), Shown.AMOUNT),
        Column("credited_fen", gettext_lazy("已入账"), Shown.AMOUNT),
        Column("station_fen", gettext_lazy("在收费站"), Shown.AMOUNT),
        Column("bank_fen", gettext_lazy("在银行途中"), Shown.AMOUNT),
        Column("late_fen", gettext_lazy("迟缴"), Shown.AMOUNT),
        Column("short_fen", gettext_lazy("短款"), Shown.AMOUNT),
        Column("over_fen", gettext_lazy("长款"), Shown.AMOUNT),
        Column("deposit_by", gettext_lazy("最迟缴存日"), Shown.DAY),
    ),
    page=lambda viewer, filters, number, size: slice_of(_shifts(viewer, filters), number, size),
    rows=lambda viewer, filters: _shifts(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _shifts(viewer, filters).count(),
    size=50,
)  # fmt: skip


@page(Permission.VIEW_DEPOSITS)
def shifts(request: HttpRequest) -> HttpResponse:
    """Shifts, and where the cash of each is."""
    return show(request, SHIFTS)


@page(Permission.VIEW_DEPOSITS)
def shift(request: HttpRequest, station_id: str, day: date, shift: str) -> HttpResponse:
    """One shift: what its lanes took, its report's versions, its slips, what does not agree."""
    found = queries.shift(ShiftKey(station_id, day, shift), viewer=request.viewer)
    differing = queries.differences(viewer=request.viewer, station_id=station_id).filter(
        shift_day=day, shift=shift
    )
    return render(request, "console/deposit/shift.html", {
        "title": _("班次"),
        "found": found,
        "state": SHIFT_STATES[found.cash.state] if found.cash else "",
        "state_css": SHIFT_TAGS[found.cash.state] if found.cash else "",
        "means": [
            {"word": MEANS[due.means], "due": due, "address": address(
                "deposit_payments", day=day, station_id=station_id, shift=shift, means=due.means)}
            for due in found.dues
        ],
        "differences": [
            {"row": row, "word": DEPOSIT_DIFFERENCES[row.kind]} for row in differing[:100]
        ],
    })  # fmt: skip


def _payments(viewer: Viewer, filters: Filters, number: int, size: int) -> Slice:
    day = _day(filters)
    if day is None:
        return Slice((), 0)
    rows, total = queries.payments(
        viewer=viewer, day=day, station_id=filters["station_id"], shift=filters["shift"],
        means=filters["means"], size=size, skip=(number - 1) * size,
    )  # fmt: skip
    return Slice(rows, total)


PAYMENTS = Listing(
    name="deposit_payments",
    title=gettext_lazy("车道现收流水"),
    note=gettext_lazy("发行方不记账的出口收费：现金、移动支付及其它"),
    fields=(
        DAY,
        SearchField("station_id", gettext_lazy("收费站")),
        SearchField("shift", gettext_lazy("班次"), narrow=True),
        SearchField("means", gettext_lazy("支付方式"), "select", choices_of(MEANS)),
    ),
    columns=(
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
        Column("station_id", gettext_lazy("收费站"), Shown.CODE),
        Column("shift", gettext_lazy("班次"), Shown.CODE),
        Column("pass_id", gettext_lazy("通行标识"), Shown.CODE,
               link=lambda row: reverse("passage", args=[str(row["pass_key"])]),
               value=lambda row: row["pass_id"] or str(row["pass_key"])),
        Column("means", gettext_lazy("支付方式"), labels=MEANS),
        Column("channel", gettext_lazy("渠道")),
        Column("order_no", gettext_lazy("订单号"), Shown.CODE),
        Column("fee", gettext_lazy("金额"), Shown.AMOUNT),
        Column("matched", gettext_lazy("已对账"), Shown.AMOUNT),
        Column("kind", gettext_lazy("说明"), labels=LANE_FATES),
    ),
    page=_payments,
    rows=lambda viewer, filters: paged(
        lambda number, size: _payments(viewer, filters, number, size).rows),
    count=lambda viewer, filters: _payments(viewer, filters, 1, 1).total or 0,
)  # fmt: skip


@page(Permission.VIEW_DEPOSITS)
def payments(request: HttpRequest) -> HttpResponse:
    """The passages behind a figure of the board."""
    return show(request, PAYMENTS)


def _channels(viewer: Viewer, filters: Filters) -> list[dict[str, Any]]:
    return queries.channel_days(channel=filters["channel"], day=_day(filters))


def _differing(row: dict[str, Any]) -> str:
    return address("deposit_differences", day=row["bill_day"], channel=row["channel"], kind="",
                   station_id="", state="")  # fmt: skip


CHANNELS = Listing(
    name="deposit_channels",
    title=gettext_lazy("渠道账单"),
    note=gettext_lazy("以渠道日账单为准，逐笔与出口流水的订单号核对"),
    fields=(
        SearchField("day", gettext_lazy("账单日"), "date"),
        SearchField("channel", gettext_lazy("渠道")),
    ),
    columns=(
        Column("bill_day", gettext_lazy("账单日"), Shown.DAY),
        Column("channel", gettext_lazy("渠道"), link=lambda row: address(
            "deposit_orders", day=row["bill_day"], channel=row["channel"])),
        Column("count", gettext_lazy("订单数"), Shown.COUNT),
        Column("paid_fen", gettext_lazy("账单金额"), Shown.AMOUNT),
        Column("matched_count", gettext_lazy("对上笔数"), Shown.COUNT),
        Column("matched_fen", gettext_lazy("已对账"), Shown.AMOUNT),
        Column("over_fen", gettext_lazy("无流水"), Shown.AMOUNT, link=_differing),
        Column("refunded_fen", gettext_lazy("已退款"), Shown.AMOUNT),
        Column("fee_fen", gettext_lazy("手续费"), Shown.AMOUNT),
        Column("payout_fen", gettext_lazy("应到账"), Shown.AMOUNT),
        Column("credited_on", gettext_lazy("到账日"), Shown.DAY),
        Column("message_id", gettext_lazy("报文编号"), Shown.CODE, on=False),
    ),
    page=lambda viewer, filters, number, size: slice_of(_channels(viewer, filters), number, size),
    rows=lambda viewer, filters: iter(_channels(viewer, filters)),
    count=lambda viewer, filters: len(_channels(viewer, filters)),
)  # fmt: skip


@page(Permission.VIEW_CHANNELS)
def channels(request: HttpRequest) -> HttpResponse:
    """Channels' bills, day by day, against the lanes."""
    return show(request, CHANNELS)


def _orders(viewer: Viewer, filters: Filters, number: int, size: int) -> Slice:
    day = _day(filters)
    if day is None:
        return Slice((), 0)
    rows, total = queries.orders(
        day=day, channel=filters["channel"], size=size, skip=(number - 1) * size
    )
    return Slice(rows, total)


def _order_state(row: dict[str, Any]) -> str:
    if row["is_refunded"]:
        return "refunded"
    if row["fee"] is None:
        return "bill_only"
    return "matched" if row["matched"] == row["fee"] == row["amount_fen"] else "amount_differs"


ORDERS = Listing(
    name="deposit_orders",
    title=gettext_lazy("账单订单"),
    fields=(
        SearchField("day", gettext_lazy("账单日"), "date"),
        SearchField("channel", gettext_lazy("渠道")),
    ),
    columns=(
        Column("paid_at", gettext_lazy("支付时间"), Shown.TIME),
        Column("channel", gettext_lazy("渠道")),
        Column("order_no", gettext_lazy("订单号"), Shown.CODE),
        Column("station_id", gettext_lazy("收费站"), Shown.CODE),
        Column("amount_fen", gettext_lazy("账单金额"), Shown.AMOUNT),
        Column("fee", gettext_lazy("流水金额"), Shown.AMOUNT),
        Column("state", gettext_lazy("状态"), value=_order_state, labels=ORDER_STATES),
        Column("pass_id", gettext_lazy("通行标识"), Shown.CODE,
               link=lambda row: reverse("passage", args=[str(row["pass_key"])])
               if row["pass_key"] else None),
    ),
    page=_orders,
    rows=lambda viewer, filters: paged(
        lambda number, size: _orders(viewer, filters, number, size).rows),
    count=lambda viewer, filters: _orders(viewer, filters, 1, 1).total or 0,
)  # fmt: skip


@page(Permission.VIEW_CHANNELS)
def orders(request: HttpRequest) -> HttpResponse:
    """The orders of a bill, each with the passage that it paid for."""
    return show(request, ORDERS)


def _differences(viewer: Viewer, filters: Filters) -> Any:
    asked = {name: filters[name] for name in ("kind", "channel", "station_id", "state")}
    return queries.differences(viewer=viewer, day=_day(filters), **asked)


DIFFERENCES = Listing(
    name="deposit_differences",
    title=gettext_lazy("缴存差异"),
    note=gettext_lazy("车道、班次报告、缴款单与渠道账单之间不一致的，逐笔有名"),
    empty=gettext_lazy("没有差异"),
    fields=(
        SearchField("day", gettext_lazy("日期"), "date"),
        SearchField("kind", gettext_lazy("差异"), "select", choices_of(DEPOSIT_DIFFERENCES)),
        SearchField("channel", gettext_lazy("渠道"), narrow=True),
        STATION,
        SearchField("state", gettext_lazy("状态"), "select", choices_of(DIFFERENCE_STATES),
                    default="open"),
    ),
    columns=(
        Column("day", gettext_lazy("日期"), Shown.DAY),
        Column("kind", gettext_lazy("差异"), labels=DEPOSIT_DIFFERENCES,
               link=lambda row: address("deposit_difference", key=row.key)),
        Column("station_id", gettext_lazy("收费站"), Shown.CODE),
        Column("shift", gettext_lazy("班次"), Shown.CODE,
               link=lambda row: _shift_page(row) if row.shift and row.station_id else None),
        Column("channel", gettext_lazy("渠道")),
        Column("order_no", gettext_lazy("订单号"), Shown.CODE),
        Column("pass_id", gettext_lazy("通行标识"), Shown.CODE,
               link=lambda row: reverse("passage", args=[str(row.pass_key)])
               if row.pass_key else None),
        Column("count", gettext_lazy("笔数"), Shown.COUNT, on=False),
        Column("lane_fen", gettext_lazy("流水金额"), Shown.AMOUNT),
        Column("other_fen", gettext_lazy("对方金额"), Shown.AMOUNT),
        Column("off", gettext_lazy("相差"), Shown.AMOUNT,
               value=lambda row: row.other_fen - row.lane_fen),
        Column("state", gettext_lazy("状态"), labels=DIFFERENCE_STATES, tags=DIFFERENCE_TAGS),
    ),
    page=lambda viewer, filters, number, size: slice_of(
        _differences(viewer, filters), number, size),
    rows=lambda viewer, filters: _differences(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _differences(viewer, filters).count(),
)  # fmt: skip


@page(Permission.VIEW_DEPOSITS)
def differences(request: HttpRequest) -> HttpResponse:
    """What does not agree, by name."""
    return show(request, DIFFERENCES)


@page(Permission.VIEW_DEPOSITS)
def difference(request: HttpRequest) -> HttpResponse:
    """One difference: its figures, what was ruled of it, and a form to rule it."""
    viewer: Viewer = request.viewer
    key = request.GET.get("key", "")
    if request.method == "POST":
        return _ruled(request, key)
    row = queries.difference(key, viewer=viewer)
    made = []
    for ruling in queries.rulings_of(key):
        info = approval(ruling.approval_key)
        if info is not None:
            made.append({"ruling": ruling, "info": info, "word": DEPOSIT_RULINGS[ruling.kind],
                         "state": APPROVAL_STATES[info.state],
                         "css": APPROVAL_TAGS[info.state]})  # fmt: skip
    settled = any(one["info"].state is not ApprovalState.REFUSED for one in made)
    return render(request, "console/deposit/difference.html", {
        "title": DEPOSIT_DIFFERENCES[row.kind],
        "row": row,
        "off": row.other_fen - row.lane_fen,
        "rulings": made,
        "choices": [] if settled or not viewer.may(Permission.RULE_DEPOSITS) else [
            (kind.value, DEPOSIT_RULINGS[kind]) for kind in queries.rulings_that_fit(row)],
    })  # fmt: skip


def _ruled(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for the ruling that the form says."""
    kind = request.POST.get("ruling", "")
    known = kind in list(DepositRulingKind)
    try:
        if known:
            propose_ruling(
                difference_key=key, kind=DepositRulingKind(kind), maker=request.viewer,
                reason=request.POST.get("reason", ""),
                order_no=request.POST.get("order_no", "").strip()
                if kind == DepositRulingKind.PAID_BY_ORDER else "",
            )  # fmt: skip
            messages.success(request, _("已提交，待另一人复核。"))
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
    return redirect(address("deposit_difference", key=key))
