"""The bank's statement: every line is in the books at once, whatever it turns out to be."""

from datetime import date

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.clock import day_of, day_start
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.actions import PostingLine, post_batch
from tollcentre.ledger.terms import Side
from tollcentre.messages.terms import Parcel

from ..models import BankLine, BankStatement
from ..rules import posting_line
from ..terms import (
    BANK_BATCHES,
    BANK_STATEMENT_KNOWN,
    BANK_STATEMENT_MISFIT,
    BANK_STATEMENT_WAITS,
    OPENING,
)

ACTOR = "exchange"
IN = "C"


@transaction.atomic
def take_bank_statement(parcel: Parcel, now: int) -> None:
    """Take a bank day of our account; its lines wait on `held.bank` until they are matched.

    Taken in order of day: refuses, until the missing one has come, a statement that does not open
    where the one before closed. Refuses one whose lines do not lead to its closing balance, and a
    second one of a day.
    """
    envelope, fields = parcel.envelope, parcel.fields
    rows = [
        BankLine(
            line_key=f"{envelope.message_id}/{record['serial']}",
            serial=record["serial"],
            booked_at=record["booked_at"],
            fen=record["amount_fen"] if record["side"] == IN else -record["amount_fen"],
            counter_account=record["counter_account"] or "",
            counter_name=record["counter_name"] or "",
            reference=record["reference"] or "",
            summary=record["summary"] or "",
        )
        for record in parcel.records
        if record["amount_fen"]
    ]
    statement = BankStatement(
        file_id=envelope.message_id,
        bank_id=envelope.sender_id,
        account=fields["account"],
        day=day_of(envelope.sent_at),
        opening_fen=fields["opening_fen"],
        closing_fen=fields["closing_fen"],
        count=len(rows),
        taken_at=now,
    )
    _take(statement, rows, ACTOR)


@transaction.atomic
def declare_opening(*, bank_id: str, day: date, fen: int, actor: str, now: int) -> None:
    """Bring what stood on an account into these books, as a line of the day that opens them.

    In fen, with the sign of the balance. Refuses a bank whose statements were taken before.
    """
    known = BankStatement.objects.filter(bank_id=bank_id).exclude(file_id=f"{OPENING}_{bank_id}")
    if known.exists():
        raise Refusal(
            BANK_STATEMENT_KNOWN, "day", bank_id=bank_id, day=day, file_id=known[0].file_id
        )
    file_id = f"{OPENING}_{bank_id}"
    line = BankLine(
        line_key=f"{file_id}/{OPENING}",
        serial=OPENING,
        booked_at=day_start(day),
        fen=fen,
        summary=OPENING,
    )
    statement = BankStatement(
        file_id=file_id, bank_id=bank_id, account="", day=day, opening_fen=0, closing_fen=fen,
        count=1, taken_at=now,
    )  # fmt: skip
    _take(statement, [line], actor)


def _take(statement: BankStatement, rows: list[BankLine], actor: str) -> None:
    """Keep a statement that fits, post its lines, once."""
    hold_trail()
    if BankStatement.objects.filter(file_id=statement.file_id).exists():
        return
    _require_fit(statement, rows)
    statement.save(force_insert=True)
    for row in rows:
        row.statement = statement
    BankLine.objects.bulk_create(rows)
    if rows:
        post_batch(
            batch_key=f"{BANK_BATCHES}{statement.file_id}",
            clear_date=statement.day,
            lines=[line for row in rows for line in _posted(statement.bank_id, row)],
            actor=actor,
            memo=f"{statement.bank_id} {statement.day}",
        )
    record_trail(
        actor=actor,
        act="settlement.take_bank_statement",
        subject=statement.file_id,
        detail={
            "bank_id": statement.bank_id,
            "day": statement.day,
            "opening_fen": statement.opening_fen,
            "closing_fen": statement.closing_fen,
            "lines": len(rows),
        },
    )


def _require_fit(statement: BankStatement, rows: list[BankLine]) -> None:
    """Refuse a statement that its own lines, or those of the days around it, do not bear out."""
    made = statement.opening_fen + sum(row.fen for row in rows)
    if made != statement.closing_fen:
        raise Refusal(
            BANK_STATEMENT_MISFIT, "closing_fen", file_id=statement.file_id, found=made,
            closing=statement.closing_fen,
        )  # fmt: skip
    own = BankStatement.objects.filter(bank_id=statement.bank_id)
    of_day = own.filter(day=statement.day).first()
    if of_day is not None:
        raise Refusal(
            BANK_STATEMENT_KNOWN, "day", bank_id=statement.bank_id, day=statement.day,
            file_id=of_day.file_id,
        )  # fmt: skip
    before = own.filter(day__lt=statement.day).order_by("-day").first()
    after = own.filter(day__gt=statement.day).order_by("day").first()
    closed = before.closing_fen if before is not None else 0
    if statement.opening_fen != closed or (
        after is not None and after.opening_fen != statement.closing_fen
    ):
        raise Refusal(
            BANK_STATEMENT_WAITS, "opening_fen", bank_id=statement.bank_id, day=statement.day,
            opening=statement.opening_fen, closing=closed,
        )  # fmt: skip


def _posted(bank_id: str, row: BankLine) -> list[PostingLine]:
    """A line in the books: on the account at the bank, against what waits to be matched."""
    into, out_of = f"bank.deposit.{bank_id}", f"held.bank.{bank_id}"
    if row.fen < 0:
        into, out_of = out_of, into
    return [
        posting_line(into, Side.DEBIT, abs(row.fen)),
        posting_line(out_of, Side.CREDIT, abs(row.fen)),
    ]
