"""Every read of runs for others."""

from datetime import date
from typing import Any

from tollcentre.core.refusal import Refusal

from .models import Run, RunStep
from .terms import NO_SUCH_RUN, RunInfo, RunState, StepInfo, StepState


def _info(row: Run) -> RunInfo:
    return RunInfo(
        run_key=row.run_key,
        clear_date=row.clear_date,
        state=RunState(row.state),
        engine=row.engine,
        network_version=row.network_version,
        code_version=row.code_version,
        inputs_digest=row.inputs_digest,
        supersedes=row.supersedes,
        control_totals=row.control_totals,
        message=row.message,
        actor=row.actor,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def runs(viewer: Any, *, day: date | None = None) -> list[RunInfo]:
    """Runs, newest first; of one day where it is given."""
    found = Run.objects.order_by("-id")
    if day is not None:
        found = found.filter(clear_date=day)
    return [_info(row) for row in found[:1000]]


def run(run_key: str) -> RunInfo:
    """The run of that key; Refusal where there is none."""
    row = Run.objects.filter(run_key=run_key).first()
    if row is None:
        raise Refusal(NO_SUCH_RUN, "run_key", run=run_key)
    return _info(row)


def latest_run(day: date) -> RunInfo | None:
    """The newest finished run of the day: the one whose figures stand."""
    row = Run.objects.filter(clear_date=day, state=RunState.DONE).order_by("-id").first()
    return None if row is None else _info(row)


def steps(run_key: str) -> list[StepInfo]:
    """The steps of a run in order."""
    found = RunStep.objects.filter(run__run_key=run_key).order_by("seq")
    return [
        StepInfo(
            row.seq,
            row.name,
            StepState(row.state),
            row.rows,
            row.seconds,
            tuple(row.checks),
            row.message,
        )  # fmt: skip
        for row in found
    ]


def days(viewer: Any) -> list[RunInfo]:
    """The newest run of each day, newest day first."""
    newest: dict[date, RunInfo] = {}
    for info in runs(viewer):
        newest.setdefault(info.clear_date, info)
    return [newest[day] for day in sorted(newest, reverse=True)]


def standing_runs() -> list[RunInfo]:
    """The run that stands of each cleared day, newest day first."""
    newest: dict[date, RunInfo] = {}
    for row in Run.objects.filter(state=RunState.DONE).order_by("-id"):
        newest.setdefault(row.clear_date, _info(row))
    return [newest[day] for day in sorted(newest, reverse=True)]
