"""Release statements by two persons: voucher, posting, and the instruction to pay."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from tollcentre.access.actions import hold_trail
from tollcentre.access.terms import ApprovalInfo, Viewer
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.actions import post_batch
from tollcentre.ledger.terms import Side
from tollcentre.participants.terms import SettlementModel

from ..models import SettlementStatement, Voucher
from ..rules import party_account, posting_line, voucher_text
from ..rules.statements import SETTLED
from ..terms import (
    RELEASE_BATCHES,
    STATEMENT_NOT_DRAFTED,
    STATEMENT_UNKNOWN,
    RequestKind,
    StatementSide,
    StatementState,
)
from .asking import ask
from .payments import instruct


@transaction.atomic
def ask_release(
    *, statement_nos: Sequence[str], reason: str, maker: Viewer, now: int
) -> ApprovalInfo:
    """Ask another person to release drafted statements: what they come to becomes payable.

    Refuses an unknown statement, and one that is not drafted or is the other side's to pay.
    """
    hold_trail()
    rows = [_drafted(number) for number in sorted(set(statement_nos))]
    content = {
        "statements": {row.statement_no: row.total_fen for row in rows},
        "total_fen": sum(row.total_fen for row in rows),
    }
    return ask(
        kind=RequestKind.RELEASE, subjects=[row.statement_no for row in rows], content=content,
        reason=reason, maker=maker, now=now,
    )  # fmt: skip


def _drafted(number: str) -> SettlementStatement:
    row = SettlementStatement.objects.filter(statement_no=number).first()
    if row is None:
        raise Refusal(STATEMENT_UNKNOWN, "statement_no", statement_no=number)
    if row.state != StatementState.DRAFTED or row.side != StatementSide.PAY:
        raise Refusal(STATEMENT_NOT_DRAFTED, "statement_no", statement_no=number, state=row.state)
    return row


def do_release(content: dict[str, Any], info: ApprovalInfo, now: int) -> None:
    """Release each of the statements: its money is settled, its payment ready."""
    for number in sorted(content["statements"]):
        statement = _drafted(number)
        settled = f"{SETTLED[SettlementModel(statement.model)]}.{statement.party_id}"
        batch_key = f"{RELEASE_BATCHES}{number}"
        owed = party_account(statement.party_id, StatementSide.PAY)
        post_batch(
            batch_key=batch_key,
            clear_date=day_of(now),
            lines=[
                posting_line(owed, Side.DEBIT, statement.total_fen),
                posting_line(settled, Side.CREDIT, statement.total_fen),
            ],
            actor=info.checker,
            memo=number,
        )
        statement.voucher_no = give_voucher(batch_key, now)
        statement.released_on = day_of(now)
        statement.state = StatementState.RELEASED
        statement.save(update_fields=["voucher_no", "released_on", "state"])
        instruct(statement=statement, account=settled, day=statement.end_day, now=now)


def give_voucher(batch_key: str, now: int) -> str:
    """The next voucher number of the year, for this batch; the trail is locked by the caller."""
    year = day_of(now).year
    last = Voucher.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    Voucher.objects.create(year=year, number=last + 1, batch_key=batch_key)
    return voucher_text(year, last + 1)
