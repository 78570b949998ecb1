"""Reading runs: nothing is left out because there are many."""

from datetime import date

import pytest

from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.daily_run.models import Run
from tollcentre.daily_run.queries import days, finished_runs
from tollcentre.daily_run.terms import RunState

pytestmark = pytest.mark.django_db


def test_the_first_of_many_runs_is_among_the_days_and_the_finished_ones() -> None:
    first, busy = date(2026, 1, 1), date(2026, 11, 22)
    Run.objects.create(run_key="r0000", clear_date=first, state=RunState.DONE)
    Run.objects.bulk_create(
        Run(run_key=f"r{number:04d}", clear_date=busy, state=RunState.DONE)
        for number in range(1, 1_001)
    )
    Run.objects.create(run_key="r1001", clear_date=busy, state=RunState.STOPPED)
    assert [(run.clear_date, run.run_key) for run in days(SHELL_VIEWER)] == [
        (busy, "r1001"), (first, "r0000"),
    ]  # fmt: skip
    assert finished_runs() == [f"r{number:04d}" for number in range(1_001)]
