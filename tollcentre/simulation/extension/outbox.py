"""Outgoing messages: put down with the faults that the seed draws, tried until answered."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import Protocol

from ..counterpart.store import note
from ..counterpart.work import drawn, wait_after
from .desk import Desk
from .terms import PackSending

REPLY = "pack_reply"
ARRIVED = (1, 5)
EXPECTED = {"": ARRIVED, PackSending.duplicate: ARRIVED, PackSending.wrong_count: (4,),
            PackSending.wrong_amount: (8,)}  # fmt: skip
"""What the platform is to answer, by what is wrong with a message."""
SPOILED = {"pack_booking": PackSending.wrong_count,
           "pack_clearing_statistics": PackSending.wrong_amount}  # fmt: skip


def post(
    desk: Desk, *, cause: str, kind: str, fields: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]] = (),
) -> None:  # fmt: skip
    """Puts one message down for sending, once a cause; a spoiled one goes before it."""
    before = None
    spoiling = SPOILED.get(kind)
    if spoiling and _drawn(desk, spoiling, cause):
        before = _put(desk, cause, kind, fields, records, fault=spoiling)
    seq = _put(desk, cause, kind, fields, records, after=before)
    if _drawn(desk, PackSending.delay, cause):
        late = desk.moment + desk.chance.between(desk.plan.delay_s, "delay_s", cause)
        desk.db.execute("UPDATE outgoing SET next_try = ? WHERE seq = ?", (late, seq))
    if kind != REPLY and _drawn(desk, PackSending.duplicate, cause):
        desk.db.execute(
            """
            INSERT INTO outgoing (message_id, cause, kind, body, fault, after_seq, next_try,
                                  made_at)
            SELECT message_id, 'duplicate: ' || cause, kind, body, 'duplicate', seq, next_try,
                   made_at
            FROM outgoing WHERE seq = ?
            """,
            (seq,),
        )


def next_due(db: sqlite3.Connection, moment: int) -> sqlite3.Row | None:
    """The message that may go now: due, and what it comes after is closed."""
    row: sqlite3.Row | None = db.execute(
        """
        SELECT o.* FROM outgoing AS o
        WHERE o.state = 'waiting' AND o.next_try <= ?
          AND NOT EXISTS (SELECT 1 FROM outgoing AS p
                          WHERE p.seq = o.after_seq AND p.state = 'waiting')
        ORDER BY o.next_try, o.seq LIMIT 1
        """,
        (moment,),
    ).fetchone()
    return row


def record_try(db: sqlite3.Connection, row: sqlite3.Row, acknowledged: bool, moment: int) -> None:
    """Keeps one try; a reply is done once it was acknowledged, all else is tried until answered."""
    wait = wait_after(row["tries"])
    db.execute(
        "UPDATE outgoing SET tries = tries + 1, next_try = ? WHERE seq = ?",
        (moment + wait, row["seq"]),
    )
    if acknowledged and row["kind"] == REPLY:
        db.execute(
            "UPDATE outgoing SET state = 'closed', closed_at = ? WHERE seq = ?",
            (moment, row["seq"]),
        )


def close(desk: Desk, message_id: str, result: int) -> None:
    """Closes the message that the platform answered; an answer that was not expected is noted."""
    row = desk.db.execute(
        """
        SELECT seq, kind, fault FROM outgoing
        WHERE message_id = ? AND state = 'waiting' AND kind <> ? ORDER BY seq LIMIT 1
        """,
        (message_id, REPLY),
    ).fetchone()
    if row is None:
        return
    desk.db.execute(
        "UPDATE outgoing SET state = 'closed', result = ?, closed_at = ? WHERE seq = ?",
        (result, desk.moment, row["seq"]),
    )
    if result not in EXPECTED[row["fault"]]:
        detail = f"{row['kind']} {row['fault'] or 'right'}: {result}"
        note(desk.db, "answered_otherwise", str(row["seq"]), detail, desk.moment)


def wrongly_framed(desk: Desk, row: sqlite3.Row) -> bool:
    """Whether the message goes first in a frame of a wrong length; noted where it does."""
    return _drawn(desk, PackSending.wrong_length, row["cause"])


def _drawn(desk: Desk, fault: PackSending, cause: str) -> bool:
    return drawn(desk, desk.plan.sending[fault], fault, cause)


def _put(
    desk: Desk, cause: str, kind: str, fields: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]], *, fault: str = "", after: int | None = None,
) -> int:  # fmt: skip
    """Inserts one row of the outbox; its number is the message's id."""
    last = desk.db.execute("SELECT max(CAST(message_id AS INTEGER)) FROM outgoing").fetchone()[0]
    message_id = str((last or 0) + 1)
    body = exchange.encode(
        protocol=Protocol.PACK, kind=kind, version=exchange.versions_of(Protocol.PACK)[-1],
        message_id=message_id, sender_id=desk.parties.centre, receiver_id=desk.parties.platform,
        sent_at=desk.moment, fields=_lying(fields, fault), records=records,
    )  # fmt: skip
    if fault == PackSending.wrong_count:
        told, lie = (
            f"<DisputedCount>{n}</DisputedCount>" for n in (len(records), len(records) + 1)
        )
        body = body.replace(told.encode(), lie.encode())
    done = desk.db.execute(
        """
        INSERT INTO outgoing (message_id, cause, kind, body, fault, after_seq, made_at, next_try)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (message_id, f"{fault}: {cause}" if fault else cause, kind, body, fault, after,
         desk.moment, desk.moment),
    )  # fmt: skip
    return int(done.lastrowid or 0)


def _lying(fields: Mapping[str, Any], fault: str) -> dict[str, Any]:
    """The fields, with a fen too many where that is the fault."""
    if fault != PackSending.wrong_amount:
        return dict(fields)
    return dict(fields) | {"amount": fields["amount"] + 1}
