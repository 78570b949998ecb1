"""Outgoing messages: put down with the faults that the seed draws, tried until a receipt agrees."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault, Protocol, Receipt, ResultCode

from ..counterpart.store import note
from ..counterpart.work import drawn, send_behind, send_later, wait_after
from .desk import MINISTRY, Desk
from .spoiling import SPOILERS, other_content, spoiled
from .terms import OutState, Sending

Record = TypeVar("Record")
ARRIVED = (ResultCode.OK, ResultCode.DUPLICATE)
RECORDS_MAX = 10_000
TO_ISSUERS = ("trades_to_book", "toll_change_to_credit")
AFTERWARDS = (Sending.duplicate, Sending.other_content)


def post(
    desk: Desk, *, cause: str, kind: str, receiver: str,
    fields: Mapping[str, Any], records: Sequence[Mapping[str, Any]], said_at: int | None = None,
) -> str:  # fmt: skip
    """Puts one message down for sending, once a cause; returns its id.

    `said_at` (epoch seconds) is when it was said, where another has said it first. Faults that
    spoil go before it under ids of their own, repeats later under its own.
    """
    message_id = message_id_of(desk, kind, cause)
    body = exchange.encode(
        protocol=Protocol.TRUNK, kind=kind, version=exchange.versions_of(Protocol.TRUNK)[-1],
        message_id=message_id, sender_id=MINISTRY, receiver_id=receiver,
        sent_at=desk.moment if said_at is None else said_at, fields=fields, records=records,
    )  # fmt: skip
    before = None
    for fault in SPOILERS:
        if fault is Sending.unknown_issuer and kind not in TO_ISSUERS:
            continue
        if _drawn(desk, fault, cause):
            spoiled_id = message_id_of(desk, kind, f"{fault}: {cause}")
            torn = spoiled(fault, body, spoiled_id)
            before = _put(desk, cause, kind, spoiled_id, torn, fault=fault, after=before)
    seq = _put(desk, cause, kind, message_id, body, after=before)
    if _drawn(desk, Sending.delay, cause):
        send_later(desk, seq, Sending.delay, cause)
    if _drawn(desk, Sending.reorder, cause):
        send_behind(desk, seq)
    for fault in AFTERWARDS:
        if _drawn(desk, fault, cause):
            again = body if fault is Sending.duplicate else other_content(body)
            number = _put(desk, cause, kind, message_id, again, fault=fault, after=seq)
            send_later(desk, number, fault, cause)
    return message_id


def in_parts(records: Sequence[Record]) -> list[Sequence[Record]]:
    """The records in runs that one message may hold."""
    return [records[at : at + RECORDS_MAX] for at in range(0, len(records), RECORDS_MAX)]


def message_id_of(desk: Desk, kind: str, cause: str) -> str:
    """The id that a cause has in a run of this seed, whenever the message is made."""
    name = f"{desk.chance.seed}\x1f{cause}"
    return f"{MINISTRY}-{kind}-{blake2b(name.encode(), digest_size=10).hexdigest()}"


def record_try(db: sqlite3.Connection, seq: int, answer: "Receipt | str", moment: int) -> None:
    """Keeps what came of one try; closes the message where the receipt settles it."""
    row = db.execute("SELECT * FROM outgoing WHERE seq = ?", (seq,)).fetchone()
    outcome = answer if isinstance(answer, str) else _outcome(row, answer)
    tries = row["tries"] + 1
    db.execute("INSERT INTO sending VALUES (?, ?, ?, ?)", (seq, tries, moment, outcome))
    if isinstance(answer, str) or outcome not in ("taken", "refused"):
        wait = wait_after(row["tries"])
        db.execute(
            "UPDATE outgoing SET tries = ?, next_try = ? WHERE seq = ?", (tries, moment + wait, seq)
        )
        return
    db.execute(
        "UPDATE outgoing SET tries = ?, state = ?, result = ?, closed_at = ? WHERE seq = ?",
        (tries, outcome, answer.result, moment, seq),
    )
    wanted = OutState.taken if row["fault"] in ("", Sending.duplicate) else OutState.refused
    if outcome != wanted:
        detail = f"{row['kind']} {row['fault'] or 'right'}: {answer.result} {answer.reason}"
        note(db, "answered_otherwise", f"{row['message_id']} {row['fault']}", detail, moment)


def read_receipt(body: bytes) -> "Receipt | str":
    """The receipt in an answer, or what is wrong with it."""
    try:
        return exchange.decode_receipt(body)
    except MessageFault as fault:
        return f"no receipt: {fault.code}"


def _outcome(row: sqlite3.Row, receipt: Receipt) -> str:
    """`taken`, `refused`, or where the receipt disagrees with what was sent."""
    if receipt.result not in ARRIVED:
        known = receipt.message_id in ("", row["message_id"])
        return OutState.refused if known else "receipt of another message"
    for name in ("message_id", "count", "amount_fen", "digest"):
        if getattr(receipt, name) != row[name]:
            return f"receipt disagrees in {name}"
    return OutState.taken


def _drawn(desk: Desk, fault: Sending, cause: str) -> bool:
    return drawn(desk, desk.plan.sending[fault], fault, cause)


def _put(
    desk: Desk, cause: str, kind: str, message_id: str, body: bytes, *,
    fault: str = "", after: int | None = None,
) -> int:  # fmt: skip
    """Inserts one row of the outbox; returns its number."""
    count, amount, digest = _totals(body)
    done = desk.db.execute(
        """
        INSERT INTO outgoing (cause, message_id, kind, count, amount_fen, digest, body, fault,
                              after_seq, made_at, next_try)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            f"{fault}: {cause}" if fault else cause, message_id, kind, count, amount, digest,
            body, fault, after, desk.moment, desk.moment,
        ),
    )  # fmt: skip
    return int(done.lastrowid or 0)


def _totals(body: bytes) -> tuple[int, int, str]:
    """Count, amount and digest as the body declares them; nothing of a torn one."""
    try:
        manifest = json.loads(body)["manifest"]
    except ValueError:
        return 0, 0, ""
    return manifest["count"], manifest["amount"], manifest["digest"]
