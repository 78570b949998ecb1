"""Trades that go to their issuer, and the one answer that each message of trades gets."""

import re
import sqlite3
from collections.abc import Mapping
from datetime import date, timedelta

from tollcentre.core.clock import day_of
from tollcentre.messages.terms import MessageFault, Parcel, ResultCode

from ..counterpart.store import fact, note
from .desk import Desk
from .outbox import post
from .splits import keep_parts
from .terms import (
    BOOKED_BEFORE,
    BOOKING_DISAGREES,
    ISSUERS_SEVERAL,
    NOT_TO_BOOK,
    PARTY_WRONG,
    TRADE_NOT_IN_MESSAGE,
)

ISSUER_ID = re.compile(r"[1-8][0-9]01[0-9]{2}")
SAME_TRADE = 2
"""The reason of a dispute over a trade that came before."""


def take_exit_upload(desk: Desk, parcel: Parcel) -> int | None:
    """Keeps the trades and passes those of the sender's own issuers on; when they are answered.

    Refused with 4 where the records are not of one issuer, or of no issuer there is. Epoch
    seconds; none where the answer waits for the issuer.
    """
    message_id = parcel.envelope.message_id
    issuers = sorted({str(record["issuer_id"]) for record in parcel.records})
    if len(issuers) > 1 or issuers == [""]:
        raise MessageFault(
            ResultCode.CONTENT, ISSUERS_SEVERAL, "issuerId", issuers=", ".join(issuers) or "—"
        )
    issuer = issuers[0] if issuers else ""
    if issuer and not ISSUER_ID.fullmatch(issuer):
        raise MessageFault(
            ResultCode.CONTENT, PARTY_WRONG, "issuerId", name="issuerId", party=issuer
        )
    desk.db.executemany(
        """
        INSERT INTO trade (origin, transaction_id, toll_party, issuer, fee, exit_message, planted)
        VALUES (?, ?, ?, ?, ?, ?, '')
        """,
        [
            (message_id, r["transaction_id"], parcel.envelope.sender_id, issuer, r["fee"],
             message_id)
            for r in parcel.records
        ],
    )  # fmt: skip
    keep_parts(desk, parcel, None)
    if desk.parties.ours(issuer):
        _pass_on(desk, parcel, issuer)
        return None
    return desk.moment + desk.chance.between(desk.plan.booking_after_s, "booking", message_id)


def take_booking_result(desk: Desk, parcel: Parcel) -> int | None:
    """Books what our issuer says of trades that were sent to it; waits where they are not known.

    Refused with 6 where the message was answered before or holds no trades to book, with 4 where
    count, amount or a trade disagree with it.
    """
    of_message = str(parcel.fields["of_message_id"])
    sent = desk.db.execute(
        "SELECT kind, fault, count, amount_fen FROM outgoing WHERE message_id = ? ORDER BY seq",
        (of_message,),
    ).fetchone()
    if sent is None:
        return None
    _check_booking(desk, parcel, of_message, sent)
    disputes = {str(r["transaction_id"]): int(str(r["reason"])) for r in parcel.records}
    said_at = parcel.envelope.sent_at
    day = _clear_day(desk, said_at, of_message)
    book(desk, "book_message", of_message, parcel.envelope.message_id, disputes, day)
    passed = desk.db.execute(
        "SELECT exit_message, toll_party FROM trade WHERE book_message = ? LIMIT 1", (of_message,)
    ).fetchone()
    if passed is not None and passed["exit_message"] is not None:
        _answer(desk, passed["exit_message"], passed["toll_party"], disputes, said_at)
    return desk.moment


def answer_due(desk: Desk) -> bool:
    """Plays the issuers elsewhere: answers one exit upload that is due; false where none is."""
    row = desk.db.execute(
        """
        SELECT message_id, sender_id FROM taken
        WHERE kind = 'exit_upload' AND done_at IS NULL AND due_at <= ? ORDER BY due_at, message_id
        """,
        (desk.moment,),
    ).fetchone()
    if row is None:
        return False
    message_id = row["message_id"]
    disputes = _disputes_elsewhere(desk, message_id)
    _answer(desk, message_id, row["sender_id"], disputes, desk.moment)
    book(desk, "exit_message", message_id, "", disputes, desk.day)
    return True


def book(
    desk: Desk, side: str, of_message: str, by_message: str, disputes: Mapping[str, int], day: date
) -> None:
    """Confirms the trades of a message on a clear day but for those disputed, once a message."""
    desk.db.execute(
        f"UPDATE trade SET state = 'confirmed', clear_date = ? WHERE {side} = ?",
        (str(day), of_message),
    )
    desk.db.executemany(
        f"""
        UPDATE trade SET state = 'disputed', reason = ?, ruling_due = ?
        WHERE {side} = ? AND transaction_id = ?
        """,
        [
            (reason, _ruling_due(desk, transaction_id), of_message, transaction_id)
            for transaction_id, reason in disputes.items()
        ],
    )
    desk.db.execute(
        "INSERT INTO booking VALUES (?, ?, ?, ?)", (of_message, by_message, str(day), desk.moment)
    )


def _answer(
    desk: Desk, exit_message: str, receiver: str, disputes: Mapping[str, int], said_at: int
) -> None:
    """Sends the toll side the one booking result of its exit upload."""
    trades = desk.db.execute(
        "SELECT transaction_id, fee FROM trade WHERE exit_message = ? ORDER BY transaction_id",
        (exit_message,),
    ).fetchall()
    records = [
        {"transaction_id": row["transaction_id"], "fee": row["fee"],
         "reason": disputes[row["transaction_id"]]}
        for row in trades if row["transaction_id"] in disputes
    ]  # fmt: skip
    fields = {
        "of_message_id": exit_message,
        "count": len(trades),
        "amount": sum(row["fee"] for row in trades),
        "disputed_count": len(records),
        "disputed_amount": sum(record["fee"] for record in records),
    }
    post(
        desk, cause=f"answer to {exit_message}", kind="booking_result", receiver=receiver,
        fields=fields, records=records, said_at=said_at,
    )  # fmt: skip
    desk.db.execute(
        "UPDATE taken SET done_at = ? WHERE message_id = ?", (desk.moment, exit_message)
    )


def _pass_on(desk: Desk, parcel: Parcel, issuer: str) -> None:
    """Sends trades of the sender's own issuer back to it, to be booked."""
    exit_message = parcel.envelope.message_id
    book_message = post(
        desk, cause=f"passed on {exit_message}", kind="trades_to_book", receiver=issuer,
        fields={"clear_date": parcel.fields["clear_date"],
                "toll_province_id": parcel.envelope.sender_id},
        records=parcel.records,
    )  # fmt: skip
    desk.db.execute(
        "UPDATE trade SET book_message = ? WHERE exit_message = ?", (book_message, exit_message)
    )


def _disputes_elsewhere(desk: Desk, message_id: str) -> dict[str, int]:
    """Trades that the issuer disputes and why: what came before, and what the seed says."""
    rows = desk.db.execute(
        """
        SELECT t.transaction_id, EXISTS (
            SELECT 1 FROM trade AS b JOIN taken AS m ON m.message_id = b.origin
            WHERE b.transaction_id = t.transaction_id AND b.origin <> t.origin
              AND m.rowid < (SELECT rowid FROM taken WHERE message_id = t.origin)) AS before
        FROM trade AS t WHERE t.exit_message = ? ORDER BY t.transaction_id
        """,
        (message_id,),
    ).fetchall()
    found = {}
    for row in rows:
        name = row["transaction_id"]
        if row["before"]:
            found[name] = SAME_TRADE
        elif desk.chance.happens(desk.plan.dispute_ppm, "dispute", name):
            found[name] = desk.chance.weigh(desk.plan.dispute_reasons, "reason", name)
    return found


def _check_booking(desk: Desk, parcel: Parcel, of_message: str, sent: sqlite3.Row) -> None:
    """Refuse a booking result that does not agree with the message it answers."""
    if sent["kind"] != "trades_to_book" or sent["fault"]:
        raise MessageFault(
            ResultCode.ADVICE_REFUSED, NOT_TO_BOOK, "ofMessageId", of_message=of_message
        )
    before = desk.db.execute(
        "SELECT message_id FROM booking WHERE of_message = ?", (of_message,)
    ).fetchone()
    if before is not None:
        raise MessageFault(
            ResultCode.ADVICE_REFUSED, BOOKED_BEFORE, "ofMessageId",
            of_message=of_message, before=before["message_id"],
        )  # fmt: skip
    for name, wanted in (("count", sent["count"]), ("amount", sent["amount_fen"])):
        if parcel.fields[name] != wanted:
            raise MessageFault(
                ResultCode.CONTENT, BOOKING_DISAGREES, name,
                name=name, found=parcel.fields[name], wanted=wanted,
            )  # fmt: skip
    fees = dict(
        desk.db.execute(
            "SELECT transaction_id, fee FROM trade WHERE book_message = ?", (of_message,)
        ).fetchall()
    )
    for record in parcel.records:
        if fees.get(record["transaction_id"]) != record["fee"]:
            raise MessageFault(
                ResultCode.CONTENT, TRADE_NOT_IN_MESSAGE, "transactionId",
                transaction_id=record["transaction_id"], fee=record["fee"],
            )  # fmt: skip


def _clear_day(desk: Desk, said_at: int, of_message: str) -> date:
    """The day that the issuer confirmed on, or the first open one where that day is closed."""
    day = day_of(said_at)
    closed = date.fromisoformat(fact(desk.db, "statistics_through"))
    if day > closed:
        return day
    counted = closed + timedelta(days=1)
    note(desk.db, "confirmed_late", of_message, f"{day} counted on {counted}", desk.moment)
    return counted


def _ruling_due(desk: Desk, transaction_id: str) -> str:
    days = desk.chance.between(desk.plan.ruling_after_days, "ruling_day", transaction_id)
    return str(desk.day + timedelta(days=days))
