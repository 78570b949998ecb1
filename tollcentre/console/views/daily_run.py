"""Pages of the clear day: the board, the runs, one run's steps with live progress."""

from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.daily_run import queries
from tollcentre.daily_run.terms import RunInfo, RunState, StepInfo, StepState

from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, Slice, show, slice_of
from ..pages import page
from ..step_words import STEP_TITLES
from ..words import RUN_STATES

STEP_CSS = {
    StepState.WAITING: "waiting",
    StepState.RUNNING: "running",
    StepState.DONE: "done",
    StepState.STOPPED: "failed",
}


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
        Column("state", gettext_lazy("状态"), labels=RUN_STATES),
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


def seconds_of(run: RunInfo) -> float:
    """Wall time of a run; up to now while it goes on."""
    return ((run.finished_at or datetime.now(UTC)) - run.started_at).total_seconds()


@page()
def runs(request: HttpRequest) -> HttpResponse:
    """The list of runs."""
    return show(request, RUNS)


@page()
def run(request: HttpRequest, run_key: str) -> HttpResponse:
    """One run: facts, steps with live progress, control totals."""
    found = queries.run(run_key)
    return render(request, "console/daily_run/run.html", _steps_context(found))


@page()
def run_steps(request: HttpRequest, run_key: str) -> HttpResponse:
    """Only the steps, polled while the run goes on."""
    found = queries.run(run_key)
    context = _steps_context(found)
    if found.state is RunState.DONE:
        context["finished"] = _("清分已完成。")
    elif found.state is RunState.STOPPED:
        context["finished"] = _("清分已停止，没有记账。")
    return render(request, "console/daily_run/_steps.html", context)


def _steps_context(found: RunInfo) -> dict[str, Any]:
    steps = [_step(step) for step in queries.steps(found.run_key)]
    return {
        "run": found,
        "steps": steps,
        "done": sum(step["css"] == "done" for step in steps),
        "elapsed": seconds_of(found),
    }


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
        "checks": step.checks,
    }
