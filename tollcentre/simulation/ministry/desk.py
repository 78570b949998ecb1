"""What a piece of the ministry's work has at hand."""

import sqlite3
from dataclasses import dataclass
from datetime import date

from tollcentre.core.clock import day_of, day_start

from ..counterpart.chance import Chance
from .media import Media
from .plan import Plan

MINISTRY = "000000"


@dataclass(frozen=True)
class Parties:
    """Ids of participants: province 2, role 01 issuer or 02 centre, sequence 2."""

    own_province: int

    @property
    def centre(self) -> str:
        """The toll side that the other process is."""
        return f"{self.own_province}0201"

    @property
    def issuer(self) -> str:
        """The first issuer of that province."""
        return f"{self.own_province}0101"

    def ours(self, party: str) -> bool:
        """Whether the party is one that the other process speaks for."""
        return party.startswith(str(self.own_province))


@dataclass(frozen=True)
class Desk:
    """One transaction, what the run was given, and the moment in epoch seconds."""

    db: sqlite3.Connection
    plan: Plan
    chance: Chance
    parties: Parties
    media: Media
    moment: int

    @property
    def day(self) -> date:
        """The day that the moment lies in."""
        return day_of(self.moment)

    @property
    def second_of_day(self) -> int:
        """Seconds since the day began."""
        return self.moment - day_start(self.day)
