"""Files for the other side: put down with the faults that the seed draws, offered until taken."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any

from tollcentre.core.clock import day_start
from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import Protocol, ResultCode

from ..counterpart.store import note
from ..counterpart.work import drawn, send_behind, send_later, wait_after
from .desk import Desk
from .spoiling import APART, figures, other_content, spoiled
from .terms import Sending

ARRIVED = (ResultCode.OK, ResultCode.DUPLICATE)
BEFORE = (Sending.wrong_count, Sending.wrong_amount, Sending.wrong_digest)
AFTERWARDS = (Sending.duplicate, Sending.other_content)
RECEIPT = "receipt"


def post(
    desk: Desk, *, cause: str, kind: str, records: Sequence[Mapping[str, Any]],
    fields: Mapping[str, Any] | None = None, of_day: date | None = None,
) -> str:  # fmt: skip
    """Puts one file down for the other side, once a cause; returns its id.

    `of_day` is the day a file is of, where that is not the day it is made. Faults that spoil
    go before it, repeats later under its own id.
    """
    day = of_day or desk.day
    file_id, body = _written(desk, cause, kind, day, records, fields or {})
    before = None
    for fault in BEFORE:
        if _drawn(desk, fault, cause):
            wrong_id = (
                file_id_of(desk, kind, day, f"{fault}: {cause}") if fault in APART else file_id
            )
            wrong = spoiled(fault, body, wrong_id)
            before = _put(desk, cause, kind, wrong_id, wrong, fault=fault, after=before)
    seq = _put(desk, cause, kind, file_id, body, after=before)
    if _drawn(desk, Sending.delay, cause):
        send_later(desk, seq, Sending.delay, cause)
    if _drawn(desk, Sending.reorder, cause):
        send_behind(desk, seq)
    for fault in AFTERWARDS:
        empty = fault is Sending.other_content and not records
        if not empty and _drawn(desk, fault, cause):
            again = body if fault is Sending.duplicate else other_content(body)
            number = _put(desk, cause, kind, file_id, again, fault=fault, after=seq)
            send_later(desk, number, fault, cause)
    return file_id


def post_receipt(desk: Desk, *, cause: str, record: Mapping[str, Any]) -> None:
    """Puts a receipt down; it is offered once and not answered."""
    file_id, body = _written(desk, cause, RECEIPT, desk.day, [record], {})
    _put(desk, cause, RECEIPT, file_id, body)


def file_id_of(desk: Desk, kind: str, day: date, cause: str) -> str:
    """The id that a cause has in a run of this seed."""
    name = f"{desk.chance.seed}\x1f{cause}"
    return exchange.bank_file_id(
        kind=kind, sender_id=desk.parties.code, receiver_id=desk.parties.customer, day=day,
        sequence=blake2b(name.encode(), digest_size=6).hexdigest(),
    )  # fmt: skip


def lost(desk: Desk, row: sqlite3.Row) -> bool:
    """Whether the file does not arrive this time."""
    right = not row["fault"] and row["kind"] != RECEIPT
    return right and not row["tries"] and _drawn(desk, Sending.drop, row["cause"])


def record_offer(desk: Desk, row: sqlite3.Row) -> None:
    """Notes that a file was offered, and when it is offered again if no receipt comes."""
    if row["kind"] == RECEIPT:
        desk.db.execute(
            "UPDATE outgoing SET tries = 1, state = 'offered', closed_at = ? WHERE seq = ?",
            (desk.moment, row["seq"]),
        )
        return
    wait = wait_after(row["tries"])
    desk.db.execute(
        "UPDATE outgoing SET tries = tries + 1, next_try = ? WHERE seq = ?",
        (desk.moment + wait, row["seq"]),
    )


def take_receipt(desk: Desk, record: Mapping[str, Any]) -> None:
    """Closes the file that a receipt answers, where the two agree."""
    rows = desk.db.execute(
        "SELECT * FROM outgoing WHERE file_id = ? AND kind <> ? ORDER BY seq",
        (record["of_file"], RECEIPT),
    ).fetchall()
    if not rows:
        note(desk.db, "receipt_of_unknown_file", record["of_file"], "", desk.moment)
        return
    offered = [row for row in rows if row["state"] == "waiting" and row["tries"]]
    if offered:
        _close(desk, offered[0], record, spoiled_before=len(rows) > 1)


def _close(
    desk: Desk, row: sqlite3.Row, record: Mapping[str, Any], *, spoiled_before: bool
) -> None:
    said = (record["count"], record["amount_fen"], record["digest"])
    arrived = record["result"] in ARRIVED
    if arrived and said != (row["count"], row["amount_fen"], row["digest"]):
        return
    right = row["fault"] in ("", Sending.duplicate)
    if right and not arrived:
        # A receipt of a spoiled copy under the same id may come late: this one is offered again.
        if not spoiled_before:
            detail = f"{row['kind']}: {record['result']}"
            note(desk.db, "right_file_refused", row["file_id"], detail, desk.moment)
        return
    if arrived and not right:
        note(desk.db, "wrong_file_taken", f"{row['file_id']} {row['fault']}", "", desk.moment)
    desk.db.execute(
        "UPDATE outgoing SET state = ?, result = ?, closed_at = ? WHERE seq = ?",
        ("taken" if arrived else "refused", record["result"], desk.moment, row["seq"]),
    )


def _written(
    desk: Desk, cause: str, kind: str, day: date, records: Sequence[Mapping[str, Any]],
    fields: Mapping[str, Any],
) -> tuple[str, bytes]:  # fmt: skip
    file_id = file_id_of(desk, kind, day, cause)
    body = exchange.encode(
        protocol=Protocol.BANK, kind=kind, version=exchange.versions_of(Protocol.BANK)[-1],
        message_id=file_id, sender_id=desk.parties.code, receiver_id=desk.parties.customer,
        sent_at=day_start(day), fields=fields, records=records,
    )  # fmt: skip
    return file_id, body


def _drawn(desk: Desk, fault: Sending, cause: str) -> bool:
    return drawn(desk, desk.plan.sending[fault], fault, cause)


def _put(
    desk: Desk, cause: str, kind: str, file_id: str, body: bytes, *,
    fault: str = "", after: int | None = None,
) -> int:  # fmt: skip
    """Inserts one row of the outbox; returns its number."""
    done = desk.db.execute(
        """
        INSERT INTO outgoing (cause, file_id, kind, count, amount_fen, digest, body, fault,
                              after_seq, made_at, next_try)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            f"{fault}: {cause}" if fault else cause, file_id, kind, *figures(body), body, fault,
            after, desk.moment, desk.moment,
        ),
    )  # fmt: skip
    return int(done.lastrowid or 0)
