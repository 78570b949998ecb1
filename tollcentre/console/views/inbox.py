"""The to-do inbox: what waits for a person, gathered from the domains' own queries."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tollcentre.access.queries import open_approvals
from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.clock import SHANGHAI, day_of
from tollcentre.daily_run.queries import days, standing_runs
from tollcentre.daily_run.terms import RunState
from tollcentre.deposit.queries import difference_counts
from tollcentre.dispute.queries import deadlines_of, open_own_disputes
from tollcentre.messages.actions import moment
from tollcentre.messages.queries import messages_for_person, quarantine_counts
from tollcentre.passage.queries import decisions
from tollcentre.passage.terms import DECIDE_PATH
from tollcentre.refund.queries import changes_in
from tollcentre.refund.terms import ChangeState
from tollcentre.settlement import queries as settlement

from ..days import days_to_clear
from ..pages import page
from ..words import DEPOSIT_DIFFERENCES

Task = dict[str, Any]
DAYS_TOLD = 7


@page()
def inbox(request: HttpRequest) -> HttpResponse:
    """Everything that waits for this reader, most urgent first."""
    viewer: Viewer = request.viewer
    tasks: list[Task] = []
    if viewer.may(Permission.VIEW_BOARD):
        tasks += _stopped(viewer)
    if viewer.may(Permission.APPROVE):
        tasks += _to_approve(viewer)
    if viewer.may(Permission.RUN_CLEAR_DAY):
        tasks += _to_clear(viewer) + _decided_since(viewer)
    if viewer.may(Permission.REVIEW_PASSAGES):
        tasks += _in_review() + _own_decisions(viewer)
    if viewer.may(Permission.RULE_DISPUTES):
        tasks += _to_rule(viewer)
    if viewer.may(Permission.IMPORT_RECORDS):
        tasks += _quarantined(viewer)
    if viewer.may(Permission.RAISE_REFUNDS):
        tasks += _refunds()
    if viewer.may(Permission.RUN_EXCHANGE):
        tasks += _messages_stuck()
    if viewer.may(Permission.SETTLE):
        tasks += _to_settle(viewer)
    if viewer.may(Permission.RULE_DEPOSITS):
        tasks += _deposits(viewer)
    if not viewer.may(Permission.VIEW_BOARD) and viewer.may(Permission.VIEW_STATEMENTS):
        tasks += _to_confirm(viewer) + _statements()
    context = {"title": _("待办"), "today": datetime.now(SHANGHAI).date(), "tasks": tasks}
    return render(request, "console/inbox.html", context)


def _task(kind: str, css: str, text: str, address: str, number: int | None = None) -> Task:
    return {"kind": kind, "css": css, "text": text, "address": address, "number": number}


def _stopped(viewer: Viewer) -> list[Task]:
    """Days whose newest run was stopped by a check."""
    return [
        _task(_("清分停止"), "bad", f"{run.clear_date}: {run.message}",
              reverse("run", args=[run.run_key]))
        for run in days(viewer) if run.state is RunState.STOPPED
    ]  # fmt: skip


def _refunds() -> list[Task]:
    """Overcharges to be looked at, cash to be paid out, invoices to be set right."""
    found = (
        (changes_in(ChangeState.DRAFTED).count(), _("系统发现的多收待核实"),
         reverse("refunds_found")),
        (changes_in(ChangeState.ACCEPTED).exclude(media_type=1).count(), _("退费待付给客户"),
         f"{reverse('refunds')}?state=accepted"),
        (changes_in(ChangeState.CREDITED).count(), _("已退费，待开红字发票"),
         f"{reverse('refunds')}?state=credited"),
    )  # fmt: skip
    return [_task(_("退费补费"), "warn", text, address, n) for n, text, address in found if n]


def _messages_stuck() -> list[Task]:
    """Messages that nobody but a person can bring on."""
    refused, failed = messages_for_person()
    found = (
        (refused, _("对端拒收的报文"), f"{reverse('exchange_sent')}?state=refused"),
        (failed, _("处理出错的报文"), f"{reverse('exchange_received')}?state=failed"),
    )
    return [_task(_("报文待处理"), "bad", text, address, n) for n, text, address in found if n]


def _to_rule(viewer: Viewer) -> list[Task]:
    """Disputes within the province that wait for a ruling, and when the first is deemed payable."""
    waiting = open_own_disputes(viewer=viewer)
    first = waiting.first()
    if first is None:
        return []
    text = _("省内争议待裁定，最早于 %(day)s 到期") % {"day": deadlines_of(first.opened_on).ruling}
    return [_task(_("争议裁定"), "warn", text, reverse("own_disputes"), waiting.count())]


def _to_clear(viewer: Viewer) -> list[Task]:
    return [
        _task(_("待清分"), "info", _("%(day)s 的出口流水已到，尚未清分") % {"day": day},
              reverse("plan", args=[day]))
        for day in days_to_clear(viewer)[:DAYS_TOLD]
    ]  # fmt: skip


def _to_approve(viewer: Viewer) -> list[Task]:
    """Requests of others that wait for this reader."""
    waiting = sum(found.maker != viewer.name for found in open_approvals(viewer=viewer))
    if not waiting:
        return []
    return [_task(_("待审批"), "warn", _("有申请等待复核"), reverse("approvals"), waiting)]


def _decided_since(viewer: Viewer) -> list[Task]:
    """Cleared days with decisions on paths that were approved after the standing run began."""
    tasks = []
    for run in standing_runs()[:DAYS_TOLD]:
        began = int(run.started_at.timestamp())
        fresh = sum(one.stands and one.decided_at >= began
                    for one in decisions(viewer, day=run.clear_date))  # fmt: skip
        if fresh:
            text = _("%(day)s 有复核决定已批准，重新清分后生效") % {"day": run.clear_date}
            address = reverse("plan", args=[run.clear_date])
            tasks.append(_task(_("待重清"), "info", text, address, fresh))
    return tasks


def _own_decisions(viewer: Viewer) -> list[Task]:
    """The reader's own decisions on paths that wait for another person."""
    waiting = sum((found.maker, found.act) == (viewer.name, DECIDE_PATH)
                  for found in open_approvals(viewer=viewer))  # fmt: skip
    if not waiting:
        return []
    address = f"{reverse('decisions')}?state=waiting"
    return [_task(_("复核决定"), "info", _("我提交的复核决定在等待审批"), address, waiting)]


def _in_review() -> list[Task]:
    """Cleared days with passages in the review queue."""
    tasks = []
    for run in standing_runs()[:DAYS_TOLD]:
        waiting = run.control_totals.get("passages_in_review", 0)
        if waiting:
            text = _("%(day)s 的还原置信度不足，待人工复核") % {"day": run.clear_date}
            address = f"{reverse('review')}?day={run.clear_date}"
            tasks.append(_task(_("待复核"), "warn", text, address, waiting))
    return tasks


def _quarantined(viewer: Viewer) -> list[Task]:
    rows = sum(quarantine_counts(viewer=viewer).values())
    if not rows:
        return []
    text = _("隔离区有记录待处理")
    return [_task(_("隔离记录"), "warn", text, reverse("quarantine"), rows)]


def _deposits(viewer: Viewer) -> list[Task]:
    """What does not agree between lanes, stations, banks and channels, by kind."""
    return [
        _task(_("缴存差异"), "warn", str(DEPOSIT_DIFFERENCES[kind]),
              f"{reverse('deposit_differences')}?kind={kind}", number)
        for kind, number in difference_counts(viewer=viewer).items()
    ]  # fmt: skip


def _to_confirm(viewer: Viewer) -> list[Task]:
    """Settlement statements that a road owner is to confirm or contest."""
    waiting = settlement.to_be_confirmed(viewer=viewer).count()
    if not waiting:
        return []
    text, address = _("结算单待确认"), reverse("settle_statements")
    return [_task(_("结算"), "warn", text, address, waiting)]


def _statements() -> list[Task]:
    """A road owner's newest statements to read."""
    return [
        _task(_("清分单"), "good", _("%(day)s 的清分单可查看、下载") % {"day": run.clear_date},
              f"{reverse('statements')}?day={run.clear_date}")
        for run in standing_runs()[:DAYS_TOLD]
    ]  # fmt: skip


def _to_settle(viewer: Viewer) -> list[Task]:
    """What of settlement waits for a clerk."""
    today = day_of(moment())
    found = (
        ("warn", _("窗口已到期，待关闭"), "settle_windows",
         sum(one.due_on <= today for one in settlement.windows_due(today))),
        ("warn", _("结算单待释放"), "settle_release",
         settlement.statements(viewer=viewer, state="drafted").filter(side="pay").count()),
        ("warn", _("付款指令待发出"), "settle_pay",
         settlement.instructions(viewer=viewer, state="ready").count()),
        ("bad", _("付款被拒或退汇，待重发"), "settle_payments",
         settlement.to_reinstruct(viewer=viewer).count()),
        ("bad", _("银行流水核对不上"), "settle_exceptions", len(settlement.unmatched(today))),
        ("bad", _("业主异议待答复"), "settle_contests",
         settlement.contests(viewer=viewer, is_open=True).count()),
        ("bad", _("与部中心数字不一致"), "settle_positions",
         sum(one.state == "differs" for one in settlement.positions(is_open=True))),
    )  # fmt: skip
    return [_task(_("结算"), css, text, reverse(name), n) for css, text, name, n in found if n]
