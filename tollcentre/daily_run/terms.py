"""The clear day's words."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tollcentre.core.refusal import Reason

PLAN_OUTDATED = Reason(
    "plan_outdated",
    "{day} 的记录或复核决定在计划之后有变化，请重新计划",
    "records or decisions of {day} have changed since the plan: plan it again",
)
NO_RECORDS = Reason(
    "no_records_for_day",
    "{day} 没有可清分的出口记录或到期未出记录",
    "{day} has no exit records and no overdue journeys to clear",
)
NO_SUCH_RUN = Reason("no_such_run", "没有清分运行 {run}", "there is no run {run}")


class RunState(StrEnum):
    """Where a run stands."""

    STARTED = "started"
    DONE = "done"
    STOPPED = "stopped"


class StepState(StrEnum):
    """Where a step of a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True)
class RunInfo:
    """One run as others see it; control totals are fen and counts."""

    run_key: str
    clear_date: date
    state: RunState
    engine: str
    network_version: str
    code_version: str
    inputs_digest: str
    supersedes: str
    control_totals: dict[str, int]
    message: str
    actor: str
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class StepInfo:
    """One step of a run; seconds are wall time."""

    seq: int
    name: str
    state: StepState
    rows: int
    seconds: float
    checks: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class Plan:
    """What a clear day would build and post: decided as plain data before anything is done."""

    clear_date: date
    run_key: str
    network_version: str
    engine: str
    inputs: dict[str, list[str]]
    inputs_digest: str
    supersedes: str
    steps: tuple[str, ...] = field(default=())
    already_done: bool = False
