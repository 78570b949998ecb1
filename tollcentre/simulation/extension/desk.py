"""What a piece of the extension centre's work has at hand, and its plan."""

import sqlite3
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tollcentre.core.clock import day_of, day_start

from ..counterpart.chance import Chance
from .terms import PackPlan

PARAMETERS = Path(__file__).resolve().parent.parent / "parameters" / "exchange_extension_2026.yaml"


@dataclass(frozen=True)
class Parties:
    """Who the two sides are: 16 hex digits each."""

    centre: str
    platform: str


@dataclass(frozen=True)
class Desk:
    """One transaction, what the run was given, and the moment in epoch seconds."""

    db: sqlite3.Connection
    plan: PackPlan
    chance: Chance
    parties: Parties
    moment: int

    @property
    def day(self) -> date:
        """The day that the moment lies in."""
        return day_of(self.moment)

    @property
    def second_of_day(self) -> int:
        """Seconds since the day began."""
        return self.moment - day_start(self.day)


def read_plan(*, faults: bool) -> PackPlan:
    """The plan of the house, with nothing going wrong on the way unless `faults`."""
    raw: dict[str, Any] = yaml.safe_load(PARAMETERS.read_text(encoding="utf-8"))
    values = {field.name: raw[field.name] for field in fields(PackPlan)}
    if not faults:
        for name in ("receiving", "sending"):
            values[name] = dict.fromkeys(values[name], 0)
    return PackPlan(**values)
