"""Pages of the clear day: the board, planning and starting it, the runs and their steps."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tollcentre.access.terms import Permission
from tollcentre.core.clock import SHANGHAI
from tollcentre.core.refusal import Refusal
from tollcentre.daily_run import queries
from tollcentre.daily_run.actions import plan_day
from tollcentre.daily_run.jobs import start_clear_day
from tollcentre.daily_run.terms import RunInfo, RunState, StepInfo, StepState
from tollcentre.reporting.queries import count_differences, held_amounts, owner_nets

from ..days import days_with_exits, latest_cleared
from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, Slice, show, slice_of
from ..pages import page, refusal_text
from ..step_words import CHECKS, DIFFERENCE_KINDS, HELD_REASONS, STEP_TITLES, TOTALS
from ..words import RUN_STATE_TAGS, RUN_STATES

STEP_CSS = {
    StepState.WAITING: "waiting",
    StepState.RUNNING: "running",
    StepState.DONE: "done",
    StepState.STOPPED: "failed",
}
OWNERS_ON_BOARD = 12
DAYS_ON_BOARD = 10


def _found(viewer: Any, filters: Filters) -> list[RunInfo]:
    day = date.fromisoformat(filters["day"]) if filters["day"] else None
    found = queries.runs(viewer, day=day)
    return [run for run in found if filters["state"] in ("", run.state)]


def _page(viewer: Any, filters: Filters, number: int, size: int) -> Slice:
    return slice_of(_found(viewer, filters), number, size)


RUNS = Listing(
    name="runs",
    title=gettext_lazy("清分运行"),
    fields=(
        SearchField("day", gettext_lazy("清分日"), "date"),
        SearchField(
            "state",
            gettext_lazy("状态"),
            "select",
            choices=lambda viewer: (
                ("", gettext_lazy("全部")),
                *((state.value, RUN_STATES[state.value]) for state in RunState),
            ),
        ),
    ),
    columns=(
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
        Column(
            "run_key",
            gettext_lazy("运行号"),
            Shown.CODE,
            link=lambda run: reverse("run", args=[run.run_key]),
        ),
        Column("state", gettext_lazy("状态"), labels=RUN_STATES, tags=RUN_STATE_TAGS),
        Column("network_version", gettext_lazy("路网版本"), Shown.CODE),
        Column("engine", gettext_lazy("引擎")),
        Column("actor", gettext_lazy("操作人")),
        Column("started_at", gettext_lazy("开始"), Shown.TIME),
        Column("finished_at", gettext_lazy("结束"), Shown.TIME),
        Column("seconds", gettext_lazy("用时"), Shown.SECONDS, value=lambda run: seconds_of(run)),
        Column("supersedes", gettext_lazy("代替的运行"), Shown.CODE, on=False),
        Column("code_version", gettext_lazy("程序版本"), Shown.CODE, on=False),
        Column("inputs_digest", gettext_lazy("输入指纹"), Shown.CODE, on=False),
        Column("message", gettext_lazy("说明"), on=False),
    ),
    page=_page,
    rows=_found,
    empty=gettext_lazy("还没有清分运行。在日看板上选一天开始清分。"),
)


@dataclass(frozen=True)
class Balance:
    """One law of conservation as the board shows it: what went in, what came out."""

    title: str
    whole_title: str
    whole: int
    parts: tuple[tuple[str, int], ...]

    @property
    def difference(self) -> int:
        """What is missing from the parts; zero where the law holds."""
        return self.whole - sum(amount for _title, amount in self.parts)


def seconds_of(run: RunInfo) -> float:
    """Wall time of a run; up to now while it goes on."""
    return ((run.finished_at or datetime.now(UTC)) - run.started_at).total_seconds()


@page(Permission.VIEW_BOARD)
def day_board(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """The day: what ran, control totals, the laws, differences, the queue."""
    asked = request.GET.get("day", "")
    if asked:
        return redirect("day_of", day=_day_or_404(asked))
    viewer = request.viewer
    with_exits = days_with_exits()
    if day is None:
        standing = latest_cleared()
        newest = with_exits[0] if with_exits else datetime.now(SHANGHAI).date()
        day = date.fromisoformat(standing) if standing else newest
    of_day = queries.runs(viewer, day=day)
    standing_run = queries.latest_run(day)
    context: dict[str, Any] = {
        "title": _("日看板"),
        "day": day,
        "previous": day - timedelta(1),
        "next": day + timedelta(1),
        "runs": of_day[:5],
        "run": standing_run,
        "newest": of_day[0] if of_day else None,
        "has_records": day in with_exits,
        "recent": _recent(viewer, with_exits),
        "may_run": viewer.may(Permission.RUN_CLEAR_DAY),
        "may_passages": viewer.may(Permission.VIEW_PASSAGES),
    }
    if standing_run is not None:
        context |= _standing(viewer, day, standing_run)
    return render(request, "console/daily_run/day.html", context)


def _standing(viewer: Any, day: date, run: RunInfo) -> dict[str, Any]:
    kinds = count_differences(viewer, day, {})
    nets = owner_nets(viewer, day)
    return {
        "totals": run.control_totals,
        "balances": _balances(run.control_totals),
        "differences": [(kind, DIFFERENCE_KINDS.get(kind, kind), n) for kind, n in kinds.items()],
        "held": [
            {**row, "title": HELD_REASONS.get(row["reason"], row["reason"])}
            for row in held_amounts(viewer, day)
        ],
        "nets": nets[:OWNERS_ON_BOARD],
        "nets_left": len(nets) - OWNERS_ON_BOARD,
        "chart": {
            "names": [net["owner_name"] for net in nets[:OWNERS_ON_BOARD]],
            "yuan": [net["fee"] / 100 for net in nets[:OWNERS_ON_BOARD]],
        },
    }


def _balances(totals: dict[str, int]) -> list[Balance]:
    def of(name: str) -> int:
        return totals.get(name, 0)

    return [
        Balance(
            _("本省出口"),
            _("收取"),
            of("collected_here"),
            (
                (_("本省单元"), of("own_units_here")),
                (_("应付外省"), of("payable_to_provinces")),
                (_("留待复核"), of("held_in_review")),
            ),
        ),
        Balance(
            _("外省出口"),
            _("应收外省"),
            of("receivable_from_provinces"),
            ((_("本省单元"), of("own_units_elsewhere")),),
        ),
        Balance(
            _("拆分"), _("单元份额"), of("unit_shares"), ((_("业主份额"), of("owner_shares")),)
        ),
    ]


def _recent(viewer: Any, with_exits: list[date]) -> list[dict[str, Any]]:
    newest = {run.clear_date: run for run in queries.days(viewer)}
    standing = {run.clear_date: run for run in queries.standing_runs()}
    known = sorted({*newest, *with_exits}, reverse=True)[:DAYS_ON_BOARD]
    return [{"day": day, "run": newest.get(day), "standing": standing.get(day)} for day in known]


@page(Permission.RUN_CLEAR_DAY)
def plan(request: HttpRequest, day: date) -> HttpResponse:
    """What clearing the day would read, build and post; nothing is written yet."""
    context: dict[str, Any] = {"title": _("清分计划"), "day": day}
    try:
        found = plan_day(day=day)
    except Refusal as refusal:
        context["reason"] = refusal_text(refusal)
        return render(request, "console/daily_run/plan.html", context)
    running = [run for run in queries.runs(request.viewer, day=day)
               if run.state is RunState.STARTED]  # fmt: skip
    context |= {
        "plan": found,
        "inputs": [(name, len(files)) for name, files in found.inputs.items()],
        "steps": [STEP_TITLES.get(name, name) for name in found.steps],
        "running": running[0] if running else None,
    }
    return render(request, "console/daily_run/plan.html", context)


@require_POST
@page(Permission.RUN_CLEAR_DAY)
def start(request: HttpRequest, day: date) -> HttpResponse:
    """Hand the day to the worker and show its steps."""
    found = plan_day(day=day)
    if not found.already_done:
        start_clear_day.enqueue(day=day.isoformat(), actor=request.user.get_username())
    return redirect(f"{reverse('run', args=[found.run_key])}?queued={day}")


@page(Permission.VIEW_BOARD)
def runs(request: HttpRequest) -> HttpResponse:
    """The list of runs."""
    return show(request, RUNS)


@page(Permission.VIEW_BOARD)
def run(request: HttpRequest, run_key: str) -> HttpResponse:
    """One run: facts, steps with live progress, control totals."""
    try:
        found = queries.run(run_key)
    except Refusal:
        queued = request.GET.get("queued", "")
        if not queued:
            raise
        context = {"run_key": run_key, "day": _day_or_404(queued)}
        return render(request, "console/daily_run/queued.html", context)
    return render(request, "console/daily_run/run.html", _run_context(found))


@page(Permission.VIEW_BOARD)
def run_waits(request: HttpRequest, run_key: str) -> HttpResponse:
    """Polled until the worker has taken the job: then the run's page is loaded."""
    try:
        queries.run(run_key)
    except Refusal:
        return HttpResponse(status=204)
    answer = HttpResponse()
    answer["HX-Redirect"] = reverse("run", args=[run_key])
    return answer


@page(Permission.VIEW_BOARD)
def run_steps(request: HttpRequest, run_key: str) -> HttpResponse:
    """Only the steps, polled while the run goes on; when it ends the whole page is loaded."""
    found = queries.run(run_key)
    answer = render(request, "console/daily_run/_steps.html", _run_context(found))
    if found.state is not RunState.STARTED:
        answer["HX-Refresh"] = "true"
    return answer


def _run_context(found: RunInfo) -> dict[str, Any]:
    steps = [_step(step) for step in queries.steps(found.run_key)]
    return {
        "run": found,
        "day": found.clear_date,
        "steps": steps,
        "done": sum(step["css"] == "done" for step in steps),
        "elapsed": seconds_of(found),
        "totals": [
            {"title": TOTALS[name][0] if name in TOTALS else name, "value": value,
             "money": name in TOTALS and TOTALS[name][1]}
            for name, value in found.control_totals.items()
        ],
    }  # fmt: skip


def _step(step: StepInfo) -> dict[str, Any]:
    return {
        "seq": step.seq,
        "name": step.name,
        "title": STEP_TITLES.get(step.name, step.name),
        "css": STEP_CSS[step.state],
        "state": step.state.value,
        "rows": step.rows,
        "seconds": step.seconds,
        "message": step.message,
        "checks": [(name, CHECKS.get(name, name)) for name in step.checks],
    }


def _day_or_404(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
