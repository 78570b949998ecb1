"""The extension centre's own figures, for comparing: trades by state, clear days, messages."""

import sqlite3
from pathlib import Path
from typing import Any

from ..counterpart.store import Store, fact
from .service import FILE
from .working import COUNTED

STATES = "SELECT state, count(*) AS count, sum(fee) AS fee FROM trade GROUP BY state ORDER BY state"
DAYS = """
    SELECT booked_on AS day FROM taken WHERE booked_on IS NOT NULL
    UNION SELECT ruled_on FROM trade WHERE state = 'paid' ORDER BY 1
"""
SENT = """
    SELECT kind, fault, state, count(*) AS count FROM outgoing
    GROUP BY kind, fault, state ORDER BY kind, fault, state
"""
UNANSWERED = """
    SELECT message_id, kind, fault, tries, next_try FROM outgoing
    WHERE state = 'waiting' ORDER BY seq
"""


def report(state: Path) -> dict[str, Any]:
    """Every figure of a run; amounts in fen, moments in epoch seconds, days as texts."""
    with Store.of_run(state, FILE).reading() as db:
        return {
            "seed": int(fact(db, "seed")),
            "closed_through": fact(db, "statistics_through"),
            "packs": db.execute("SELECT count(*) FROM taken").fetchone()[0],
            "trades": {row.pop("state"): row for row in _rows(db, STATES)},
            "days": {row["day"]: _rows(db, COUNTED, **row) for row in _rows(db, DAYS)},
            "sent": _rows(db, SENT),
            "unanswered": _rows(db, UNANSWERED),
            "faults": dict(db.execute("SELECT name, count(*) FROM fault GROUP BY name").fetchall()),
            "findings": _rows(db, "SELECT what, subject, detail, at FROM finding ORDER BY at"),
        }


def _rows(db: sqlite3.Connection, query: str, **values: object) -> list[dict[str, Any]]:
    return [dict(row) for row in db.execute(query, values)]
