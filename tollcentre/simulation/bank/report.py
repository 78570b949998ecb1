"""The bank's own figures, for comparing: its book, what was paid, files, injected truth."""

from pathlib import Path
from typing import Any

from ..counterpart.store import Store, fact, rows_of
from ..ministry.report import RESULTS
from .service import FILE

PAYMENTS = """
    SELECT state, coalesce(result, -1) AS result, count(*) AS count, sum(amount_fen) AS amount_fen
    FROM payment GROUP BY state, result ORDER BY state, result
"""
TAKEN = "SELECT count(*) AS files, coalesce(sum(count), 0) AS count, \
coalesce(sum(amount_fen), 0) AS amount_fen FROM taken"
SLIPS = """
    SELECT count(*) AS count, coalesce(sum(amount_fen), 0) AS amount_fen,
           count(publish_file) AS told FROM slip
"""
CREDITS = """
    SELECT booked, count(*) AS count, sum(amount_fen) AS amount_fen
    FROM credit GROUP BY booked ORDER BY booked
"""
BOOK = """
    SELECT side, count(*) AS count, sum(amount_fen) AS amount_fen
    FROM movement GROUP BY side ORDER BY side
"""
DAYS = "SELECT day, opening_fen, closing_fen, movements, file_id FROM bank_day ORDER BY day"
SENT = """
    SELECT kind, CASE WHEN fault = '' THEN state ELSE fault END AS became, count(*) AS count
    FROM outgoing GROUP BY kind, became ORDER BY kind, became
"""
RECEIVED = "SELECT result, count(*) AS count FROM receipt GROUP BY result ORDER BY result"
UNACKNOWLEDGED = """
    SELECT file_id, kind, fault, tries, next_try FROM outgoing WHERE state = 'waiting'
    ORDER BY next_try, seq
"""
REFERENCES = """
    SELECT serial, cause, side, amount_fen, reference AS true_reference, written
    FROM movement WHERE written <> reference ORDER BY seq
"""
FAULTS = "SELECT name, count(*) AS count FROM fault GROUP BY name ORDER BY name"
FINDINGS = "SELECT what, subject, detail, at FROM finding ORDER BY at, what, subject"


def report(state: Path) -> dict[str, Any]:
    """Every figure of a run; amounts in fen, moments in epoch seconds, days as texts."""
    with Store.of_run(state, FILE).reading() as db:
        waiting = rows_of(db, UNACKNOWLEDGED)
        return {
            "bank": fact(db, "code"),
            "seed": int(fact(db, "seed")),
            "opening_fen": int(fact(db, "opening_fen")),
            "closed_through": fact(db, "closed_through"),
            "days": rows_of(db, DAYS),
            "book": rows_of(db, BOOK),
            "payment_files": rows_of(db, TAKEN)[0],
            "payments": rows_of(db, PAYMENTS),
            "slips": rows_of(db, SLIPS)[0],
            "credits": rows_of(db, CREDITS),
            "references": rows_of(db, REFERENCES),
            "sent": rows_of(db, SENT),
            "received": [r | {"result": RESULTS[r["result"]]} for r in rows_of(db, RECEIVED)],
            "unacknowledged": waiting,
            "next_try": waiting[0]["next_try"] if waiting else None,
            "faults": {row["name"]: row["count"] for row in rows_of(db, FAULTS)},
            "findings": rows_of(db, FINDINGS),
        }
