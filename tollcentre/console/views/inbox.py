"""The to-do inbox: what waits for a person, gathered from the domains' own queries."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tollcentre.access.queries import open_approvals
from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.clock import SHANGHAI
from tollcentre.daily_run.queries import days, standing_runs
from tollcentre.daily_run.terms import RunState
from tollcentre.messages.queries import messages_for_person, quarantine_counts
from tollcentre.passage.queries import decisions
from tollcentre.passage.terms import DECIDE_PATH

from ..days import days_to_clear
from ..pages import page

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
    if viewer.may(Permission.IMPORT_RECORDS):
        tasks += _quarantined(viewer)
    if viewer.may(Permission.RUN_EXCHANGE):
        tasks += _messages_stuck()
    if not viewer.may(Permission.VIEW_BOARD) and viewer.may(Permission.VIEW_STATEMENTS):
        tasks += _statements()
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


def _messages_stuck() -> list[Task]:
    """Messages that nobody but a person can bring on."""
    refused, failed = messages_for_person()
    found = (
        (refused, _("对端拒收的报文"), f"{reverse('exchange_sent')}?state=refused"),
        (failed, _("处理出错的报文"), f"{reverse('exchange_received')}?state=failed"),
    )
    return [_task(_("报文待处理"), "bad", text, address, n) for n, text, address in found if n]


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


def _statements() -> list[Task]:
    """A road owner's newest statements to read."""
    return [
        _task(_("清分单"), "good", _("%(day)s 的清分单可查看、下载") % {"day": run.clear_date},
              f"{reverse('statements')}?day={run.clear_date}")
        for run in standing_runs()[:DAYS_TOLD]
    ]  # fmt: skip
