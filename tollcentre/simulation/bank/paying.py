"""Payments that the other side orders: taken, executed after a while, refused or sent back."""

import sqlite3

from tollcentre.core.clock import day_of
from tollcentre.messages.terms import MessageFault, Parcel, ResultCode

from .book import IN, OUT, book
from .desk import Desk
from .outbox import post
from .terms import INSTRUCTION_BEFORE, NOTES, PaymentResult, PaymentState


def take_payment(desk: Desk, parcel: Parcel) -> None:
    """Keeps the instructions of a file; each is executed with its part of the file."""
    file_id, parts = parcel.envelope.message_id, desk.plan.parts_a_file
    count = desk.chance.between(parts, "parts", file_id)
    for record in parcel.records:
        name = record["instruction_id"]
        before = desk.db.execute(
            "SELECT file_id FROM payment WHERE instruction_id = ?", (name,)
        ).fetchone()
        if before is not None:
            raise MessageFault(
                ResultCode.CONTENT, INSTRUCTION_BEFORE, "instruction_id", instruction_id=name,
                before=before["file_id"],
            )  # fmt: skip
        part = desk.chance.below(count, "part", name)
        due_at = desk.moment + desk.chance.between(desk.plan.pay_after_s, "pay", file_id, part)
        desk.db.execute(
            """
            INSERT INTO payment (instruction_id, file_id, part, due_at, payee_account, payee_name,
                                 payee_bank, amount_fen, voucher_no, purpose)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                name, file_id, part, due_at, record["payee_account"], record["payee_name"],
                record["payee_bank"], record["amount_fen"], record["voucher_no"] or "",
                record["purpose"] or "",
            ),
        )  # fmt: skip


def execute_due(desk: Desk) -> bool:
    """Executes the next part of a file that is due, and tells what became of it."""
    first = desk.db.execute(
        """
        SELECT file_id, part FROM payment WHERE state = 'pending' AND due_at <= ?
        ORDER BY due_at, file_id, part LIMIT 1
        """,
        (desk.moment,),
    ).fetchone()
    if first is None:
        return False
    rows = desk.db.execute(
        "SELECT * FROM payment WHERE file_id = ? AND part = ? ORDER BY instruction_id", first[:]
    ).fetchall()
    records = [_execute(desk, row) for row in rows]
    cause = f"result {first['file_id']} {first['part']}"
    post(desk, cause=cause, kind="payment_result", records=records)
    return True


def return_due(desk: Desk) -> bool:
    """Brings the next payment back that is due to come back (退汇), and tells it."""
    row = desk.db.execute(
        """
        SELECT * FROM payment WHERE state = 'paid' AND return_at <= ?
        ORDER BY return_at, instruction_id LIMIT 1
        """,
        (desk.moment,),
    ).fetchone()
    if row is None:
        return False
    name, at = row["instruction_id"], desk.bookable(row["return_at"])
    _book(desk, row, "return", at, IN, "退汇")
    desk.db.execute(
        "UPDATE payment SET state = ? WHERE instruction_id = ?", (PaymentState.returned, name)
    )
    record = {
        "instruction_id": name, "amount_fen": row["amount_fen"], "returned_on": day_of(at),
        "bank_serial": _serial(desk, f"return {name}"), "note": "收款行退汇",
    }  # fmt: skip
    post(desk, cause=f"return {name}", kind="payment_return", records=[record])
    return True


def outcome(desk: Desk, row: sqlite3.Row) -> PaymentResult:
    """What the seed says of a payment: by its account, its account and name, itself."""
    happens, plan, account = desk.chance.happens, desk.plan, row["payee_account"]
    if happens(plan.account_closed_ppm, "closed", account):
        return PaymentResult.ACCOUNT_CLOSED
    if happens(plan.name_disagrees_ppm, "name", account, row["payee_name"]):
        return PaymentResult.NAME_DISAGREES
    if happens(plan.rejected_ppm, "rejected", row["instruction_id"]):
        return PaymentResult.REJECTED
    return PaymentResult.PAID


def _execute(desk: Desk, row: sqlite3.Row) -> dict[str, object]:
    name, at, result = row["instruction_id"], desk.bookable(row["due_at"]), outcome(desk, row)
    paid = result is PaymentResult.PAID
    debited = paid or desk.chance.happens(desk.plan.refused_after_debit_ppm, "debited", name)
    if debited:
        _book(desk, row, "pay", at, OUT, row["purpose"] or "付款")
    if debited and not paid:
        _book(desk, row, "refuse", at, IN, "付款失败退回")
    comes_back = paid and desk.chance.happens(desk.plan.return_ppm, "return", name)
    after = desk.chance.between(desk.plan.return_after_s, "return_after", name)
    desk.db.execute(
        """
        UPDATE payment SET state = ?, result = ?, done_at = ?, return_at = ?
        WHERE instruction_id = ?
        """,
        (
            PaymentState.paid if paid else PaymentState.refused, result, at,
            at + after if comes_back else None, name,
        ),
    )  # fmt: skip
    return {
        "instruction_id": name, "result": int(result), "amount_fen": row["amount_fen"],
        "paid_on": day_of(at) if paid else None, "note": NOTES[result],
        "bank_serial": _serial(desk, f"pay {name}") if debited else "",
    }  # fmt: skip


def _book(desk: Desk, row: sqlite3.Row, what: str, at: int, side: str, summary: str) -> None:
    book(
        desk, cause=f"{what} {row['instruction_id']}", booked_at=at, side=side,
        amount_fen=row["amount_fen"], counter_account=row["payee_account"],
        counter_name=row["payee_name"], reference=row["instruction_id"], summary=summary,
    )  # fmt: skip


def _serial(desk: Desk, cause: str) -> str:
    """The serial under which a cause was booked."""
    (serial,) = desk.db.execute("SELECT serial FROM movement WHERE cause = ?", (cause,)).fetchone()
    return str(serial)
