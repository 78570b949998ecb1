"""Pages of refund: overcharges found, changes by state, one change, customers' credits."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tollcentre.access.actions import approve
from tollcentre.access.terms import ApprovalInfo, Permission, Viewer
from tollcentre.core.clock import SHANGHAI
from tollcentre.core.fen import fen_from_yuan
from tollcentre.core.refusal import Refusal
from tollcentre.daily_run.queries import run as run_of
from tollcentre.ledger.queries import batches
from tollcentre.messages.actions import moment
from tollcentre.refund import actions, queries
from tollcentre.refund.terms import (
    ENGINE,
    FEE_NOT_POSITIVE,
    ChangeCause,
    ChangeKind,
    ChangeState,
    InvoiceFlag,
)
from tollcentre.reporting.queries import explain_passage

from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page, refusal_text
from ..words import (
    CHANGE_CAUSES,
    CHANGE_KINDS,
    CHANGE_PARTIES,
    CHANGE_ROUTES,
    CHANGE_STATES,
    CHANGE_TAGS,
    CREDIT_RESULTS,
    CREDIT_TAGS,
    INVOICE_FLAGS,
)
from .passage import choices_of

RAISERS = {ENGINE: gettext_lazy("系统发现"), "person": gettext_lazy("人工提出")}
ELECTRONIC = 1


def _found(viewer: Viewer, filters: Filters) -> Any:
    return queries.changes(viewer=viewer, **filters)


def _waiting_days(row: Any) -> int | None:
    """Days since the change came into its state; none where nothing is to come."""
    if row.state in ("closed", "rejected", "withdrawn"):
        return None
    days: int = (datetime.now(SHANGHAI).date() - row.since).days
    return days


COLUMNS = (
    Column("change_id", gettext_lazy("退补费单号"), Shown.CODE,
           link=lambda row: reverse("refund", args=[row.change_id])),
    Column("passage_day", gettext_lazy("通行清分日"), Shown.DAY, on=False),
    Column("kind", gettext_lazy("类别"), labels=CHANGE_KINDS),
    Column("cause", gettext_lazy("退补费原因"), labels=CHANGE_CAUSES),
    Column("pass_id", gettext_lazy("通行标识"), Shown.CODE,
           link=lambda row: reverse("passage", args=[str(row.pass_key)])),
    Column("original_fee", gettext_lazy("原金额"), Shown.AMOUNT),
    Column("fee", gettext_lazy("退补金额"), Shown.AMOUNT),
    Column("state", gettext_lazy("状态"), labels=CHANGE_STATES, tags=CHANGE_TAGS),
    Column("since", gettext_lazy("自"), Shown.DAY, on=False),
    Column("waiting", gettext_lazy("已等待天数"), Shown.COUNT, value=_waiting_days),
    Column("clear_date", gettext_lazy("生效清分日"), Shown.DAY, on=False),
    Column("route", gettext_lazy("办理途径"), labels=CHANGE_ROUTES, on=False),
    Column("issuer_id", gettext_lazy("发行方"), Shown.CODE, on=False),
    Column("medium_no", gettext_lazy("介质编号"), Shown.CODE, on=False),
    Column("transaction_id", gettext_lazy("交易编号"), Shown.CODE, on=False),
    Column("raised_by", gettext_lazy("提出人"), on=False),
)  # fmt: skip
_TEXT = SearchField("text", gettext_lazy("编号"), hint=gettext_lazy("退补费单、通行或交易编号"))
_CAUSE = SearchField("cause", gettext_lazy("退补费原因"), "select", choices_of(CHANGE_CAUSES))
_DAY = SearchField("day", gettext_lazy("通行清分日"), "date")


def _listing(
    name: str, title: Any, note: Any, fields: tuple[SearchField, ...], **fixed: str
) -> Listing:
    """A list of changes; `fixed` are filters that its page does not offer."""

    def rows(viewer: Viewer, filters: Filters) -> Any:
        return _found(viewer, filters | fixed)

    return Listing(
        name=name, title=title, note=note, fields=fields, columns=COLUMNS,
        page=lambda viewer, filters, number, size: slice_of(rows(viewer, filters), number, size),
        rows=lambda viewer, filters: rows(viewer, filters).iterator(chunk_size=2_000),
        count=lambda viewer, filters: rows(viewer, filters).count(),
    )  # fmt: skip


CHANGES = _listing(
    "refunds",
    gettext_lazy("退补费单"),
    gettext_lazy("按原拆分由各方退回，各按自己的清分日记账；跨省的须部中心接受、发行方入账"),
    (SearchField("state", gettext_lazy("状态"), "select", choices_of(CHANGE_STATES)),
     SearchField("kind", gettext_lazy("类别"), "select", choices_of(CHANGE_KINDS)),
     _CAUSE, SearchField("raised", gettext_lazy("提出人"), "select", choices_of(RAISERS)),
     _DAY, _TEXT),
)  # fmt: skip
FOUND = _listing(
    "refunds_found",
    gettext_lazy("未诉先办"),
    gettext_lazy(
        "系统在清分后发现的多收：路径确定、实收高于重算，无人投诉即拟退；经办人核实后送审"
    ),
    (_CAUSE, _DAY, _TEXT),
    state=ChangeState.DRAFTED,
    raised=ENGINE,
)
CREDITS = Listing(
    name="refund_credits",
    title=gettext_lazy("客户入账"),
    note=gettext_lazy("本省发行方对其客户的退补费：已入账，或拒绝及原因；客户账户建立前，入账即此登记"),
    fields=(
        SearchField("result", gettext_lazy("结果"), "select",
                    choices_of({"credited": gettext_lazy("已入账"),
                                "refused": gettext_lazy("已拒绝")})),
    ),
    columns=(
        Column("credited_on", gettext_lazy("入账日"), Shown.DAY),
        Column("toll_party", gettext_lazy("收费方"), Shown.CODE),
        Column("change_id", gettext_lazy("退补费单号"), Shown.CODE),
        Column("kind", gettext_lazy("类别"), labels=CHANGE_KINDS),
        Column("medium_no", gettext_lazy("介质编号"), Shown.CODE),
        Column("transaction_id", gettext_lazy("交易编号"), Shown.CODE),
        Column("fee", gettext_lazy("金额"), Shown.AMOUNT),
        Column("result", gettext_lazy("结果"), labels=CREDIT_RESULTS,
               tags=CREDIT_TAGS, value=lambda row: str(row.result)),
        Column("issuer_id", gettext_lazy("发行方"), Shown.CODE, on=False),
        Column("message_id", gettext_lazy("报文编号"), Shown.CODE, on=False),
    ),
    page=lambda viewer, filters, number, size: slice_of(_credits(viewer, filters), number, size),
    rows=lambda viewer, filters: _credits(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _credits(viewer, filters).count(),
)  # fmt: skip


def _credits(viewer: Viewer, filters: Filters) -> Any:
    return queries.credits(viewer=viewer, **filters)


@page(Permission.VIEW_REFUNDS)
def credits(request: HttpRequest) -> HttpResponse:
    """What our issuer made of changes of its customers' tolls."""
    return show(request, CREDITS)


@page(Permission.VIEW_REFUNDS)
def refunds(request: HttpRequest) -> HttpResponse:
    """Changes by state with their ageing; those that wait for approval can be approved at once."""
    viewer: Viewer = request.viewer
    sums = [
        {"kind": CHANGE_KINDS[one.kind], "state": CHANGE_STATES[one.state],
         "css": CHANGE_TAGS[one.state], "one": one,
         "address": f"{reverse('refunds')}?state={one.state}&kind={one.kind}"}
        for one in queries.state_sums()
    ]  # fmt: skip
    filters = CHANGES.filters(request)
    bulk = None
    if filters["state"] == ChangeState.PROPOSED and viewer.may(Permission.APPROVE):
        bulk = _bulk(_found(viewer, filters), reverse("refunds_approve"), filters)
    return show(
        request, CHANGES, template="console/refund/changes.html", sums=sums, bulk=bulk
    )  # fmt: skip


@page(Permission.VIEW_REFUNDS)
def found(request: HttpRequest) -> HttpResponse:
    """Overcharges that the engine found: to be accepted or declined, one by one or all shown."""
    viewer: Viewer = request.viewer
    filters = FOUND.filters(request)
    rows = _found(viewer, filters | {"state": ChangeState.DRAFTED, "raised": ENGINE})
    may = viewer.may(Permission.RAISE_REFUNDS)
    bulk = _bulk(rows, reverse("refunds_decide"), filters) if may else None
    return show(request, FOUND, template="console/refund/found.html", bulk=bulk)


def _bulk(rows: Any, address: str, filters: Filters) -> dict[str, Any] | None:
    """What a form for all the rows shown says and sends; none where there is no row."""
    fees = list(rows.values_list("fee", flat=True))
    if not fees:
        return None
    return {"count": len(fees), "fee": sum(fees), "address": address, "filters": filters}


def _asked(request: HttpRequest, listing: Listing, **fixed: str) -> list[str] | None:
    """The changes that a bulk form is about; none, with a word, where the list has changed."""
    filters = {field.name: request.POST.get(field.name, "") for field in listing.fields}
    rows = list(_found(request.viewer, filters | fixed).values_list("change_id", "fee"))
    told = (request.POST.get("count"), request.POST.get("fee"))
    if told != (str(len(rows)), str(sum(fee for _id, fee in rows))):
        messages.error(request, _("列表已有变化，请核对后再办理。"))
        return None
    return [change_id for change_id, _fee in rows]


@require_POST
@page(Permission.RAISE_REFUNDS)
def decide_found(request: HttpRequest) -> HttpResponse:
    """Accept or decline every overcharge that was shown."""
    wanted = _asked(request, FOUND, state=ChangeState.DRAFTED, raised=ENGINE)
    if wanted:
        _decide(request, wanted)
    return redirect("refunds_found")


@require_POST
@page(Permission.APPROVE)
def approve_shown(request: HttpRequest) -> HttpResponse:
    """Approve every change that was shown, as the second person."""
    wanted = _asked(request, CHANGES)

    def act() -> None:
        for change_id in wanted or ():
            approve(approval_key=actions.approval_key(change_id), checker=request.viewer)
        actions.carry_out(moment())

    if wanted:
        _told(request, act, _("已批准。"))
    return redirect("refunds")


def _decide(request: HttpRequest, change_ids: list[str]) -> None:
    """Propose or decline, as the button says."""
    accepts = request.POST.get("answer") == "accept"
    act = actions.propose if accepts else actions.decline
    reason = request.POST.get("reason", "")
    _told(
        request,
        lambda: act(change_ids=change_ids, reason=reason, maker=request.viewer, now=moment()),
        _("已送审，等待另一人批准。") if accepts else _("已不予办理。"),
    )


@page(Permission.VIEW_REFUNDS)
def refund(request: HttpRequest, change_id: str) -> HttpResponse:
    """One change: who bears it, the evidence, its postings and messages, every state."""
    viewer: Viewer = request.viewer
    row = queries.change(change_id, viewer=viewer)
    if request.method == "POST":
        _act_on(request, row)
        return redirect("refund", change_id=change_id)
    steps = list(queries.steps_of(row))
    maker = viewer.may(Permission.RAISE_REFUNDS)
    context = {
        "title": _("退补费单号"),
        "row": row,
        "words": {"kind": CHANGE_KINDS[row.kind], "cause": CHANGE_CAUSES[row.cause],
                  "route": CHANGE_ROUTES[row.route], "invoice": INVOICE_FLAGS[row.invoice_flag],
                  "state": CHANGE_STATES[row.state], "css": CHANGE_TAGS[row.state]},
        "raiser": RAISERS[ENGINE] if row.raised_by == ENGINE else row.raised_by,
        "ground": row.ground,
        "over": row.ground.get("own_fee", 0) - row.ground.get("expected_fee", 0),
        "lines": _lines(row, viewer),
        "steps": [{"step": step, "state": CHANGE_STATES[step.state],
                   "actor": RAISERS[ENGINE] if step.actor == ENGINE else step.actor,
                   "address": _message(step)} for step in steps],
        "postings": list(
            batches(viewer=viewer)
            .filter(batch_key__startswith=f"refund:{change_id}:")
            .order_by("seq")
        ),
        "units": _units(row, viewer),
        "approval_key": actions.approval_key(change_id),
        "may_propose": maker and row.state == ChangeState.DRAFTED,
        "may_approve": viewer.may(Permission.APPROVE) and row.state == ChangeState.PROPOSED,
        "may_pay": maker and row.state == ChangeState.ACCEPTED and row.media_type != ELECTRONIC,
        "may_close": maker and row.state == ChangeState.CREDITED,
    }  # fmt: skip
    return render(request, "console/refund/change.html", context)


def _lines(row: Any, viewer: Viewer) -> list[dict[str, Any]]:
    return [
        {"party": CHANGE_PARTIES[line.party], "code": line.code,  "fee": line.fee}
        for line in queries.lines_of(row, viewer=viewer)
    ]  # fmt: skip


def _message(step: Any) -> str:
    """The page of the message that brought a state."""
    if not step.message_id:
        return ""
    if step.state == ChangeState.SENT:
        return reverse("exchange_sent_one", args=[step.message_id])
    return reverse("exchange_received_one", args=["000000", step.message_id])


def _units(row: Any, viewer: Viewer) -> list[dict[str, Any]]:
    """Each unit of the passage: what was collected for it, and what it costs by the path."""
    try:
        told = explain_passage(str(row.pass_key), viewer)
    except Refusal:
        return []
    units: dict[str, dict[str, Any]] = {}
    for part, name in ((told["path"], "expected"), (told["split"], "collected")):
        for unit in part:
            key = unit["toll_interval_id"] or f"#{unit['unit_key']}"
            found_unit = units.setdefault(
                key, {"id": key, "name": unit["name"], "expected": 0, "collected": 0}
            )
            found_unit[name] += unit["fee"]
    return list(units.values())


def _act_on(request: HttpRequest, row: Any) -> None:
    """What the pressed button asks for."""
    answer, text = request.POST.get("answer", ""), request.POST.get("reason", "")
    given = {"change_id": row.change_id, "maker": request.viewer, "now": moment()}
    if answer == "pay":
        _told(request, lambda: actions.pay_out(reference=text, **given), _("已登记付款。"))
    elif answer == "close":
        _told(request, lambda: actions.close_change(reason=text, **given), _("已办结。"))
    else:
        _decide(request, [row.change_id])
    actions.carry_out(moment())


@page(Permission.RAISE_REFUNDS)
def raise_refund(request: HttpRequest, pass_id: str) -> HttpResponse:
    """The form that raises a change of a passage, for another person to approve."""
    told = explain_passage(pass_id, request.viewer)
    said = request.POST
    if request.method == "POST":
        try:
            made = _raise(request, told)
        except Refusal as refusal:
            messages.error(request, refusal_text(refusal))
        else:
            messages.success(request, _("已送审，等待另一人批准。"))
            return redirect("refund", change_id=made.change_id)
    return render(request, "console/refund/raise.html", {
        "title": _("提出退补费"),
        "told": told,
        "head": told["passage"],
        "kinds": CHANGE_KINDS.items(),
        "causes": CHANGE_CAUSES.items(),
        "flags": INVOICE_FLAGS.items(),
        "said": said,
    })  # fmt: skip


def _raise(request: HttpRequest, told: dict[str, Any]) -> Any:
    said = request.POST
    try:
        fee = fen_from_yuan(said.get("yuan", ""))
    except ValueError as error:
        raise Refusal(FEE_NOT_POSITIVE, "fee") from error
    run = run_of(told["run_key"])
    return actions.raise_change(
        run_key=run.run_key, day=run.clear_date, version=run.network_version,
        pass_id=str(told["pass_key"]), kind=ChangeKind(said.get("kind", ChangeKind.REFUND)),
        cause=ChangeCause(said.get("cause", ChangeCause.COMPLAINT)), fee=fee,
        reason=said.get("reason", ""), maker=request.viewer, now=moment(),
        invoice_flag=InvoiceFlag(int(said.get("invoice_flag", InvoiceFlag.NOT_ISSUED))),
    )  # fmt: skip


def asked_change(viewer: Viewer, asked: ApprovalInfo) -> dict[str, Any]:
    """What a request for a change would do: the change, and who bears it."""
    row = queries.change(str(asked.detail["change_id"]), viewer=viewer)
    return {"row": row, "kind": CHANGE_KINDS[row.kind], "cause": CHANGE_CAUSES[row.cause],
            "lines": _lines(row, viewer)}  # fmt: skip


def _told(request: HttpRequest, act: Callable[[], Any], done: str) -> None:
    """Do it, and say what came of it."""
    try:
        act()
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
        return
    messages.success(request, done)
