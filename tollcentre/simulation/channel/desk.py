"""What a piece of a channel's work has at hand."""

import sqlite3
from dataclasses import dataclass

from ..counterpart.chance import Chance
from .plan import Plan


@dataclass(frozen=True)
class Parties:
    """The channel's code, its customer, and the key that both sign with."""

    code: str
    customer: str
    key: bytes


@dataclass(frozen=True)
class Desk:
    """One transaction, what the run was given, and the moment in epoch seconds."""

    db: sqlite3.Connection
    plan: Plan
    chance: Chance
    parties: Parties
    moment: int
