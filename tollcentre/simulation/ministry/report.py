"""The ministry's own figures, for comparing: money by clear day, messages, injected truth."""

import sqlite3
from dataclasses import asdict
from datetime import date
from typing import Any

from tollcentre.core.clock import day_start
from tollcentre.messages.terms import ResultCode

from ..counterpart.store import Rows, Store, fact, rows_of
from .terms import REASON_OF, SIDES, Planted, Side

ANSWERS_TO = {"": ["0"], "unknown_medium": ["1"], "above_original": ["3"], "repeated": ["0", "4"]}
"""What is planted → what a right issuer answers, of all copies of a change."""
RESULTS = {int(code): code.name.lower() for code in ResultCode}
MONEY = """
    SELECT day AS clear_date, party, counterparty,
           sum(what = 'confirmed') AS confirmed_count,
           sum(CASE WHEN what = 'confirmed' THEN fee ELSE 0 END) AS confirmed_fen,
           sum(what = 'disputed') AS disputed_count,
           sum(CASE WHEN what = 'disputed' THEN fee ELSE 0 END) AS disputed_fen,
           sum(what = 'paid') AS ruled_pay_count,
           sum(CASE WHEN what = 'paid' THEN fee ELSE 0 END) AS ruled_pay_fen,
           sum(what = 'bad_debt') AS bad_debt_count,
           sum(CASE WHEN what = 'bad_debt' THEN fee ELSE 0 END) AS bad_debt_fen
    FROM (
        SELECT clear_date AS day, {party} AS party, {counterparty} AS counterparty, fee,
               CASE WHEN state = 'confirmed' THEN 'confirmed' ELSE 'disputed' END AS what
        FROM trade WHERE {message} IS NOT NULL AND state <> 'open'
        UNION ALL
        SELECT ruled_on, {party}, {counterparty}, fee, state
        FROM trade WHERE {message} IS NOT NULL AND ruled_on IS NOT NULL
    )
    GROUP BY day, party, counterparty ORDER BY day, party, counterparty
"""
TRUTH = """
    SELECT planted, reason, state = 'open' AS open, count(*) AS count, sum(fee) AS fee
    FROM trade WHERE book_message IS NOT NULL
    GROUP BY planted, reason, state = 'open' ORDER BY planted, reason, open
"""
SENT = """
    SELECT kind, CASE WHEN fault = '' THEN state ELSE fault END AS became, count(*) AS count
    FROM outgoing GROUP BY kind, became ORDER BY kind, became
"""
RECEIVED = """
    SELECT kind, result, count(*) AS count FROM receipt GROUP BY kind, result ORDER BY kind, result
"""
UNACKNOWLEDGED = """
    SELECT message_id, kind, fault, tries, next_try FROM outgoing WHERE state = 'waiting'
    ORDER BY next_try, seq
"""
UNDONE = """
    SELECT message_id, kind, due_at FROM taken WHERE done_at IS NULL ORDER BY due_at, message_id
"""
UNANSWERED = """
    SELECT DISTINCT t.book_message AS message_id FROM trade AS t
    WHERE t.book_message IS NOT NULL AND t.state = 'open' ORDER BY 1
"""
SPLIT_TRUTH = """
    SELECT pass_id, fee AS our_fee, split_fee, split_message FROM journey
    WHERE split_fee IS NOT NULL AND split_fee <> fee ORDER BY pass_id
"""
SPLITS = """
    SELECT toll_party, count(*) AS count, sum(fee) AS fee, count(split_fee) AS split_count,
           coalesce(sum(split_fee), 0) AS split_fee
    FROM journey GROUP BY toll_party ORDER BY toll_party
"""
HELD_THERE_ONLY = """
    SELECT h.message_id, h.kind,
           CASE WHEN k.digest IS NULL THEN 'not here' ELSE 'differs' END AS how
    FROM held_there AS h LEFT JOIN (
        SELECT message_id, count, amount_fen, digest FROM taken
        UNION SELECT message_id, count, amount_fen, digest FROM outgoing WHERE fault = ''
    ) AS k ON k.message_id = h.message_id
    WHERE k.digest IS NULL OR (k.count, k.amount_fen, k.digest) <> (h.count, h.amount_fen, h.digest)
    ORDER BY h.message_id
"""
HELD_HERE_ONLY = """
    SELECT k.message_id, k.kind FROM (
        SELECT message_id, kind, taken_at AS at FROM taken
        UNION SELECT message_id, kind, closed_at FROM outgoing WHERE fault = '' AND state = 'taken'
    ) AS k
    WHERE k.at < :before AND NOT EXISTS (
        SELECT 1 FROM held_there AS h WHERE h.message_id = k.message_id)
    ORDER BY k.message_id
"""
NETS = """
    SELECT clear_date, receivable, payable, receivable - payable AS net, file AS credit_file,
           coalesce((SELECT sum(amount_fen) FROM paid_in
                     WHERE paid_in.clear_date = net.clear_date), 0) AS paid_in
    FROM net ORDER BY clear_date
"""
CHANGES = """
    SELECT toll_party, issuer, kind, state, coalesce(verdict, '') AS verdict, count(*) AS count,
           sum(fee) AS fee
    FROM toll_change GROUP BY toll_party, issuer, kind, state, verdict
    ORDER BY toll_party, issuer, kind, state, verdict
"""
CHANGE_TRUTH = """
    SELECT change_id, max(planted) AS planted, group_concat(answer) AS answers, count(*) AS count,
           sum(CASE WHEN state = 'credited' THEN fee ELSE 0 END) AS credited_fen
    FROM (SELECT * FROM toll_change WHERE toll_party NOT LIKE :own || '%' ORDER BY answer)
    GROUP BY toll_party, change_id ORDER BY toll_party, change_id
"""
FINDINGS = "SELECT what, subject, detail, at FROM finding ORDER BY at, what, subject"
FAULTS = "SELECT name, count(*) AS count FROM fault GROUP BY name ORDER BY name"


def report(store: Store) -> dict[str, Any]:
    """Every figure of a run; amounts in fen, moments in epoch seconds, days as texts."""
    with store.reading() as db:
        unacknowledged = rows_of(db, UNACKNOWLEDGED)
        return {
            "seed": int(fact(db, "seed")),
            "closed_through": fact(db, "statistics_through"),
            "days": {side.name: rows_of(db, MONEY.format(**asdict(side))) for side in SIDES},
            "nets": rows_of(db, NETS),
            "trades": {side.name: _states(db, side) for side in SIDES},
            "sent": rows_of(db, SENT),
            "received": [row | {"result": RESULTS[row["result"]]} for row in rows_of(db, RECEIVED)],
            "unacknowledged": unacknowledged,
            "next_try": unacknowledged[0]["next_try"] if unacknowledged else None,
            "to_be_done": rows_of(db, UNDONE),
            "waiting_for_our_booking": rows_of(db, UNANSWERED),
            "booking_truth": _booking_truth(db),
            "splits": rows_of(db, SPLITS),
            "split_truth": rows_of(db, SPLIT_TRUTH),
            "changes": rows_of(db, CHANGES),
            "change_truth": _change_truth(db),
            "faults": {row["name"]: row["count"] for row in rows_of(db, FAULTS)},
            "findings": rows_of(db, FINDINGS),
            "held_there_only": rows_of(db, HELD_THERE_ONLY),
            "held_here_only": _held_here_only(db),
        }


def _states(db: sqlite3.Connection, side: Side) -> dict[str, dict[str, int]]:
    """Trades of a side by what has become of them: number and fen."""
    query = f"""
        SELECT state, count(*) AS count, sum(fee) AS fee FROM trade
        WHERE {side.message} IS NOT NULL GROUP BY state ORDER BY state
    """
    return {row["state"]: {"count": row["count"], "fee": row["fee"]} for row in rows_of(db, query)}


def _booking_truth(db: sqlite3.Connection) -> Rows:
    """What was planted against the reason given: `right`, `missed`, `other`, `extra` or `open`."""
    found = []
    for row in rows_of(db, TRUTH):
        wanted = REASON_OF[Planted(row["planted"])] if row["planted"] else None
        if row.pop("open"):
            verdict = "open"
        elif row["reason"] == wanted:
            verdict = "right"
        elif row["reason"] is None:
            verdict = "missed"
        else:
            verdict = "other" if wanted else "extra"
        found.append(row | {"wanted_reason": wanted, "verdict": verdict})
    return found


def _change_truth(db: sqlite3.Connection) -> Rows:
    """Other provinces' changes: what was planted against what our issuer answered to all copies."""
    found = []
    for row in rows_of(db, CHANGE_TRUTH, own=fact(db, "own_province")):
        answers = sorted((row["answers"] or "").split(","))
        wanted = ANSWERS_TO[row["planted"]]
        verdict = "right" if answers == wanted else "other"
        if len([answer for answer in answers if answer]) < row["count"]:
            verdict = "open"
        found.append(row | {"verdict": verdict})
    return found


def _held_here_only(db: sqlite3.Connection) -> Rows:
    """Messages of days that the other centre has listed which it never listed."""
    (last,) = db.execute("SELECT max(day) FROM held_there").fetchone()
    if last is None:
        return []
    return rows_of(db, HELD_HERE_ONLY, before=day_start(date.fromisoformat(last)))
