"""Notices of a channel: put down with the faults that the seed draws, sent until SUCCESS."""

import json
import sqlite3
from typing import Any

from ..bank.supply import Row, rows_of, take_up
from ..counterpart import work
from ..counterpart.store import note
from .desk import Desk
from .terms import Noticing

TOLD, REFUSED = "told", "refused"


def take_orders(desk: Desk, name: str, body: bytes) -> None:
    """Takes up a day's orders: they stand on its bill, and each is told by a notice."""
    if not take_up(desk.db, desk.moment, name, body):
        return
    digits = name.removesuffix(".csv").rpartition("_")[2]
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    for row in rows_of(body):
        desk.db.execute(
            "INSERT INTO paid_order VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                row["order_no"], day, row["station_id"], int(row["paid_at"]),
                int(row["amount_fen"]), int(row["fee_fen"]), row["state"],
            ),
        )  # fmt: skip
        _put_notices(desk, row)


def next_due(db: sqlite3.Connection, moment: int) -> sqlite3.Row | None:
    """The notice that may go now: due, what it comes after closed, no longer held back."""
    row: sqlite3.Row | None = db.execute(
        """
        SELECT n.* FROM notice AS n
        WHERE n.state = 'waiting' AND n.next_try <= ?1
          AND NOT EXISTS (SELECT 1 FROM notice AS p WHERE p.seq = n.after_seq
                          AND p.state = 'waiting')
          AND (n.behind_until IS NULL OR n.behind_until <= ?1
               OR EXISTS (SELECT 1 FROM notice AS l WHERE l.seq > n.seq AND l.state = 'told'))
        ORDER BY n.next_try, n.seq LIMIT 1
        """,
        (moment,),
    ).fetchone()
    return row


def record_answer(desk: Desk, row: sqlite3.Row, code: str) -> None:
    """Closes a notice that was answered as it should be; else it goes again later."""
    wanted = "FAIL" if row["fault"] == Noticing.other_content else "SUCCESS"
    if code == wanted:
        desk.db.execute(
            "UPDATE notice SET tries = tries + 1, state = ?, closed_at = ? WHERE seq = ?",
            (TOLD if code == "SUCCESS" else REFUSED, desk.moment, row["seq"]),
        )
        return
    if code == "SUCCESS":
        note(desk.db, "other_content_taken", row["order_no"], "", desk.moment)
    wait = work.wait_after(row["tries"])
    desk.db.execute(
        "UPDATE notice SET tries = tries + 1, next_try = ? WHERE seq = ?",
        (desk.moment + wait, row["seq"]),
    )


def drawn(desk: Desk, fault: Noticing, order_no: str) -> bool:
    """Whether the notice of this order has the fault; noted where it has."""
    return work.drawn(desk, desk.plan.noticing[fault], fault, order_no)


def _put_notices(desk: Desk, row: Row) -> None:
    order_no, paid_at = row["order_no"], int(row["paid_at"])
    if drawn(desk, Noticing.never, order_no):
        return
    said: dict[str, Any] = {
        "noticeId": f"N{order_no}", "orderNo": order_no, "stationId": row["station_id"],
        "amountFen": int(row["amount_fen"]), "paidAt": paid_at,
    }  # fmt: skip
    due = paid_at + desk.chance.between(desk.plan.notice_after_s, "notice", order_no)
    behind = None
    if drawn(desk, Noticing.delay, order_no):
        due += _delay(desk, Noticing.delay, order_no)
    if drawn(desk, Noticing.reorder, order_no):
        behind = max(due, desk.moment) + desk.plan.reorder_s
    seq = _put(desk, order_no, said, due, behind=behind)
    for fault in (Noticing.duplicate, Noticing.other_content):
        if drawn(desk, fault, order_no):
            later = max(due, desk.moment) + _delay(desk, fault, order_no)
            other = {"amountFen": said["amountFen"] + 1} if fault is Noticing.other_content else {}
            _put(desk, order_no, said | other, later, fault=fault, after=seq)


def _delay(desk: Desk, fault: Noticing, order_no: str) -> int:
    return desk.chance.between(desk.plan.delay_s, "delay_s", fault, order_no)


def _put(
    desk: Desk, order_no: str, said: dict[str, Any], due: int, *, fault: str = "",
    after: int | None = None, behind: int | None = None,
) -> int:  # fmt: skip
    body = json.dumps(said, separators=(",", ":")).encode()
    done = desk.db.execute(
        """
        INSERT INTO notice (order_no, body, fault, after_seq, behind_until, next_try)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        (order_no, body, fault, after, behind, due),
    )
    return int(done.lastrowid or 0)
