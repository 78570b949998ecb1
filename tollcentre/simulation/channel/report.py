"""The channel's own figures, for comparing: orders by day, notices, bills, injected truth."""

from pathlib import Path
from typing import Any

from ..counterpart.store import Store, fact, rows_of
from .service import FILE

DAYS = """
    SELECT day, count(*) AS orders, sum(amount_fen) AS amount_fen,
           sum(CASE WHEN state = 'paid' THEN amount_fen ELSE 0 END) AS paid_fen,
           sum(fee_fen) AS fee_fen,
           sum(CASE WHEN state = 'paid' THEN amount_fen - fee_fen ELSE 0 END) AS payout_fen
    FROM paid_order GROUP BY day ORDER BY day
"""
NOTICES = """
    SELECT CASE WHEN fault = '' THEN 'right' ELSE fault END AS what, state, count(*) AS count
    FROM notice GROUP BY what, state ORDER BY what, state
"""
WAITING = """
    SELECT count(*) AS count, min(next_try) AS next_try FROM notice WHERE state = 'waiting'
"""
NEVER = "SELECT subject AS order_no FROM fault WHERE name = 'never' ORDER BY subject"
REQUESTS = """
    SELECT day, status, what, count(*) AS count FROM request
    GROUP BY day, status, what ORDER BY day, status, what
"""
FAULTS = "SELECT name, count(*) AS count FROM fault GROUP BY name ORDER BY name"
FINDINGS = "SELECT what, subject, detail, at FROM finding ORDER BY at, what, subject"


def report(state: Path) -> dict[str, Any]:
    """Every figure of a run; amounts in fen, moments in epoch seconds, days as texts."""
    with Store.of_run(state, FILE).reading() as db:
        return {
            "channel": fact(db, "code"),
            "seed": int(fact(db, "seed")),
            "days": rows_of(db, DAYS),
            "notices": rows_of(db, NOTICES),
            "waiting": rows_of(db, WAITING)[0],
            "never": [row["order_no"] for row in rows_of(db, NEVER)],
            "requests": rows_of(db, REQUESTS),
            "faults": {row["name"]: row["count"] for row in rows_of(db, FAULTS)},
            "findings": rows_of(db, FINDINGS),
        }
