"""What a piece of a bank's work has at hand."""

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta

from tollcentre.core.clock import day_of, day_start

from ..counterpart.chance import Chance
from ..counterpart.store import fact
from .plan import Plan


@dataclass(frozen=True)
class Parties:
    """The bank's code, whose account it keeps, and the account's number."""

    code: str
    customer: str
    account: str


@dataclass(frozen=True)
class Desk:
    """One transaction, what the run was given, and the moment in epoch seconds."""

    db: sqlite3.Connection
    plan: Plan
    chance: Chance
    parties: Parties
    moment: int

    @property
    def day(self) -> date:
        """The day that the moment lies in."""
        return day_of(self.moment)

    @property
    def open_day(self) -> date:
        """The first bank day that was not closed."""
        return date.fromisoformat(fact(self.db, "closed_through")) + timedelta(days=1)

    def bookable(self, due_at: int) -> int:
        """When something due then is booked: then, or at the start of the first open day."""
        return max(due_at, day_start(self.open_day))
