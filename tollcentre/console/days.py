"""Which day a page is about: what the reader asked for, else the newest that has something."""

import hashlib
from datetime import date

from tollcentre.access.terms import Viewer
from tollcentre.core.clock import day_of
from tollcentre.daily_run.queries import days, standing_runs
from tollcentre.lake.queries import files, partitions_of
from tollcentre.messages.actions import moment
from tollcentre.messages.queries import landed_days
from tollcentre.messages.terms import RecordKind

DAY_PARTITION = "event_day="


def today() -> date:
    """The day that it is by the house's clock."""
    return day_of(moment())


def latest_cleared() -> str:
    """The newest cleared day as text, empty where none is."""
    standing = standing_runs()
    return standing[0].clear_date.isoformat() if standing else ""


def days_with_exits() -> list[date]:
    """The days for which exit records have arrived, newest first."""
    found = [name.removeprefix(DAY_PARTITION) for name in partitions_of("exit_record")]
    return sorted((date.fromisoformat(text) for text in found), reverse=True)


def latest_landed() -> str:
    """The newest day for which any record has landed, empty where none has."""
    landed = landed_days()
    return landed[0].isoformat() if landed else ""


def state_of_lake() -> str:
    """Changes whenever a record file lands: what a page may hold on to until then."""
    digests = [
        f"{stored.path}{stored.sha256}" for kind in RecordKind for stored in files(kind.value)
    ]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def days_to_clear(viewer: Viewer) -> list[date]:
    """Days with exit records that no run has ever been started for, oldest first."""
    begun = {run.clear_date for run in days(viewer)}
    return sorted(day for day in days_with_exits() if day not in begun)
