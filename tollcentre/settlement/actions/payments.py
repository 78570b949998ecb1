"""Payments: instructions, the files that carry them to a bank, and what the bank tells of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from tollcentre.access.actions import hold_trail
from tollcentre.access.terms import ApprovalInfo, Viewer
from tollcentre.clearing.terms import MINISTRY
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.messages.actions import queue_messages
from tollcentre.messages.terms import Parcel
from tollcentre.participants.queries import agreement_of

from ..models import (
    MinistryPosition,
    PaymentFile,
    PaymentInstruction,
    PaymentReport,
    SettlementStatement,
)
from ..queries.payments import facts_of, instruction_row, not_over
from ..rules import payment_state
from ..terms import (
    INSTRUCTION_NOT_READY,
    OVER,
    PARTY_WITHOUT_AGREEMENT,
    PAYEE_MISFORMED,
    PAYMENT_REPORT_MISFIT,
    PAYMENT_REPORTED_OTHERWISE,
    PaymentState,
    ReportKind,
    RequestKind,
)
from .asking import ask

PURPOSE = "通行费结算"


def instruct(
    *,
    account: str,
    day: date,
    now: int,
    statement: SettlementStatement | None = None,
    position: MinistryPosition | None = None,
    payee: Sequence[str] = (),
) -> PaymentInstruction:
    """Make the next instruction to pay a statement or a position, in the caller's transaction.

    To the payee of the agreement of the day, or to the corrected one (account, name, bank).
    Refuses a party without an agreement, and one that an instruction which is not over pays.
    """
    if statement is not None:
        party, subject, amount = statement.party_id, statement.statement_no, statement.total_fen
        voucher, earlier = statement.voucher_no, statement.instructions.order_by("attempt")
    else:
        assert position is not None, "an instruction pays a statement or a position"
        party, amount = MINISTRY, position.payable_fen - position.receivable_fen
        subject = f"{party}-{position.clear_date:%Y%m%d}"
        voucher, earlier = position.voucher_no, position.instructions.order_by("attempt")
    agreement = agreement_of(party, day)
    if agreement is None:
        raise Refusal(PARTY_WITHOUT_AGREEMENT, "party_id", party=party, day=day)
    last = earlier.last()
    if last is not None and last.state not in OVER:
        raise not_over(last)
    attempt = 1 if last is None else last.attempt + 1
    to = payee or (agreement.payee_account, agreement.payee_name, agreement.payee_bank)
    made: PaymentInstruction = PaymentInstruction.objects.create(
        instruction_id=f"{subject}-{attempt}", statement=statement, position=position,
        attempt=attempt, party_id=party, account=account, bank_id=agreement.payer_bank,
        payee_account=to[0], payee_name=to[1], payee_bank=to[2], amount_fen=amount,
        voucher_no=voucher, made_at=now, state=PaymentState.READY, state_since=now,
    )  # fmt: skip
    return made


@transaction.atomic
def ask_payment(
    *, instruction_ids: Sequence[str], reason: str, maker: Viewer, now: int
) -> list[ApprovalInfo]:
    """Ask another person to hand instructions to their banks, one request a bank.

    Refuses an instruction that is unknown or not ready.
    """
    hold_trail()
    by_bank: dict[str, list[PaymentInstruction]] = {}
    for name in sorted(set(instruction_ids)):
        row = _ready(name)
        by_bank.setdefault(row.bank_id, []).append(row)
    return [
        ask(
            kind=RequestKind.PAY,
            subjects=[row.instruction_id for row in rows],
            content={
                "bank_id": bank_id,
                "instructions": {row.instruction_id: row.amount_fen for row in rows},
                "total_fen": sum(row.amount_fen for row in rows),
            },
            reason=reason,
            maker=maker,
            now=now,
        )
        for bank_id, rows in by_bank.items()
    ]


def _ready(instruction_id: str) -> PaymentInstruction:
    row = instruction_row(instruction_id)
    if row.state != PaymentState.READY:
        raise Refusal(
            INSTRUCTION_NOT_READY, "instruction_id", instruction_id=instruction_id, state=row.state
        )
    return row


def do_pay(content: dict[str, Any], info: ApprovalInfo, now: int) -> None:
    """Put the instructions into a file for their bank, on its way with this transaction."""
    rows = [_ready(name) for name in sorted(content["instructions"])]
    bank_id = content["bank_id"]
    files = PaymentFile.objects.filter(bank_id=bank_id)
    number = (files.aggregate(last=Max("number"))["last"] or 0) + 1
    file_no = f"payment:{bank_id}:{number:06d}"
    sent = queue_messages(
        cause=file_no,
        kind="payment",
        receiver=bank_id,
        fields={},
        records=[
            {
                "instruction_id": row.instruction_id,
                "payee_account": row.payee_account,
                "payee_name": row.payee_name,
                "payee_bank": row.payee_bank,
                "amount_fen": row.amount_fen,
                "voucher_no": row.voucher_no,
                "purpose": PURPOSE,
            }
            for row in rows
        ],
        clear_date=day_of(now),
        now=now,
    )
    made = PaymentFile.objects.create(
        file_no=file_no,
        bank_id=bank_id,
        number=number,
        count=len(rows),
        amount_fen=sum(row.amount_fen for row in rows),
        message_id=sent[0].message_id,
        made_at=now,
    )
    for row in rows:
        row.file = made
        row.save(update_fields=["file"])
        restate(row, now)


def restate(row: PaymentInstruction, now: int) -> None:
    """Put down where an instruction stands by all that is known of it."""
    state = payment_state(facts_of(row))
    if state != row.state:
        row.state, row.state_since = state, now
        row.save(update_fields=["state", "state_since"])


@transaction.atomic
def take_payment_result(parcel: Parcel, now: int) -> None:
    """Keep how a bank says that payments ended: 0 paid, any other code why not.

    Refuses an unknown instruction, another amount, and another answer than an earlier one.
    """
    hold_trail()
    for record in parcel.records:
        _report(parcel, record, ReportKind.RESULT, record["result"], record["paid_on"], now)


@transaction.atomic
def take_payment_return(parcel: Parcel, now: int) -> None:
    """Keep that payments came back (退汇); refuses as `take_payment_result` does."""
    hold_trail()
    for record in parcel.records:
        _report(parcel, record, ReportKind.RETURN, 0, record["returned_on"], now)


def _report(
    parcel: Parcel, record: dict[str, Any], kind: ReportKind, result: int, on: date | None,
    now: int,
) -> None:  # fmt: skip
    name = record["instruction_id"]
    row = instruction_row(name)
    if record["amount_fen"] != row.amount_fen:
        raise Refusal(
            PAYMENT_REPORT_MISFIT, "amount_fen", instruction_id=name, own=row.amount_fen,
            stated=record["amount_fen"],
        )  # fmt: skip
    earlier = PaymentReport.objects.filter(instruction=row, kind=kind).first()
    if earlier is not None:
        if earlier.result != result:
            raise Refusal(PAYMENT_REPORTED_OTHERWISE, "result", instruction_id=name)
        return
    PaymentReport.objects.create(
        instruction=row, kind=kind, result=result, told_on=on,
        bank_serial=record["bank_serial"] or "", note=record["note"] or "",
        file_id=parcel.envelope.message_id, taken_at=now,
    )  # fmt: skip
    restate(row, now)


@transaction.atomic
def ask_reinstruct(
    *, instruction_id: str, payee_account: str, payee_name: str, payee_bank: str, reason: str,
    maker: Viewer, now: int,
) -> ApprovalInfo:  # fmt: skip
    """Ask to pay again, by a new instruction, what was refused or came back.

    Refuses an instruction that is not over, and payee details that no file could carry.
    """
    hold_trail()
    row = instruction_row(instruction_id)
    if row.state not in OVER:
        raise not_over(row)
    payee = [payee_account.strip(), payee_name.strip(), payee_bank.strip()]
    for value in payee:
        if not value or "|" in value or "\n" in value:
            raise Refusal(PAYEE_MISFORMED, "payee", value=value)
    return ask(
        kind=RequestKind.REINSTRUCT, subjects=[instruction_id],
        content={"instruction_id": instruction_id, "payee": payee}, reason=reason, maker=maker,
        now=now,
    )  # fmt: skip


def do_reinstruct(content: dict[str, Any], info: ApprovalInfo, now: int) -> None:
    """Make the next instruction of the same statement or position."""
    row = instruction_row(content["instruction_id"])
    day = row.statement.end_day if row.statement is not None else row.position.clear_date
    instruct(
        statement=row.statement, position=row.position, account=row.account, day=day, now=now,
        payee=content["payee"],
    )  # fmt: skip
