"""The deadlines of disputes, on working days."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tollcentre.core.dated import value_at

from ..rules.deadlines import after_working_days, working_days_left
from ..terms import DisputeDeadlines, WorkingCalendar

PARAMETERS = Path(__file__).parent.parent / "parameters"


@lru_cache(512)
def deadlines_of(opened_on: date) -> DisputeDeadlines:
    """The last days for evidence and ruling of disputes that were opened on the day."""
    numbers, calendar = _numbers(), working_calendar()
    return DisputeDeadlines(
        evidence=after_working_days(
            opened_on, value_at(numbers["evidence_working_days"], opened_on), calendar
        ),
        ruling=after_working_days(
            opened_on, value_at(numbers["ruling_working_days"], opened_on), calendar
        ),
    )


def days_left(today: date, last: date) -> int:
    """Working days from today to a deadline; negative once it has passed."""
    return working_days_left(today, last, working_calendar())


@lru_cache
def working_calendar() -> WorkingCalendar:
    """What the State Council's yearly notices say of working days."""
    years = yaml.safe_load((PARAMETERS / "working_days.yaml").read_text(encoding="utf-8"))["years"]
    return WorkingCalendar(
        rests=frozenset(day for year in years for day in year["rests"]),
        works=frozenset(day for year in years for day in year["works"]),
    )


@lru_cache
def _numbers() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(
        (PARAMETERS / "deadlines.yaml").read_text(encoding="utf-8")
    )
    return content
