"""Owners confirm a statement or contest lines of it; the clerk answers; no figure is edited."""

from datetime import date
from typing import Any

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.access.terms import PERMISSION_MISSING, ApprovalInfo, Permission, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.actions import post_batch
from tollcentre.ledger.terms import Side

from ..models import ContestAnswer, SettlementStatement, StatementConfirmation, StatementContest
from ..queries.statements import statement_row
from ..rules import party_account, posting_line
from ..terms import (
    CONFIRMED_BEFORE,
    CONTEST_ANSWERED,
    CONTEST_BATCHES,
    CONTEST_UNKNOWN,
    CONTESTED_BEFORE,
    DAY_NOT_ON_STATEMENT,
    SETTLEMENT_REASON_MISSING,
    RequestKind,
    StatementSide,
)
from .asking import ask, require_maker

HELD = "held.review"


def _own(statement_no: str, viewer: Viewer) -> SettlementStatement:
    """The statement, for its own party alone to answer."""
    if not viewer.may(Permission.ANSWER_STATEMENTS):
        raise Refusal(PERMISSION_MISSING, user=viewer.name, permission=Permission.ANSWER_STATEMENTS)
    return statement_row(statement_no, viewer=viewer)


@transaction.atomic
def confirm_statement(*, statement_no: str, viewer: Viewer, now: int) -> None:
    """An owner says that a statement is right; doing it twice changes nothing."""
    hold_trail()
    row = _own(statement_no, viewer)
    _made, is_new = StatementConfirmation.objects.get_or_create(
        statement=row, defaults={"confirmed_by": viewer.name, "confirmed_at": now}
    )
    if is_new:
        record_trail(actor=viewer.name, act="settlement.confirm", subject=statement_no, detail={})


@transaction.atomic
def contest_statement(
    *, statement_no: str, clear_date: date, pass_id: str, reason: str, viewer: Viewer, now: int
) -> int:
    """An owner objects to a clear day of a statement, or to one passage of it; the number.

    Refuses a missing reason, a confirmed statement, a day that has no line, and the same twice.
    """
    hold_trail()
    row, reason = _own(statement_no, viewer), reason.strip()
    if not reason:
        raise Refusal(SETTLEMENT_REASON_MISSING, "reason")
    if StatementConfirmation.objects.filter(statement=row).exists():
        raise Refusal(CONFIRMED_BEFORE, "statement_no", statement_no=statement_no)
    if not row.lines.filter(clear_date=clear_date).exists():
        raise Refusal(
            DAY_NOT_ON_STATEMENT, "clear_date", statement_no=statement_no, clear_date=clear_date
        )
    named = {"statement": row, "clear_date": clear_date, "pass_id": pass_id.strip()}
    if StatementContest.objects.filter(**named).exists():
        raise Refusal(CONTESTED_BEFORE, "pass_id", clear_date=clear_date, pass_id=named["pass_id"])
    made = StatementContest.objects.create(
        **named, reason=reason, raised_by=viewer.name, raised_at=now
    )
    record_trail(
        actor=viewer.name,
        act="settlement.contest",
        subject=statement_no,
        detail={"contest": made.pk, "clear_date": clear_date, "pass_id": named["pass_id"]},
    )
    return int(made.pk)


def _open_contest(number: int) -> StatementContest:
    row = StatementContest.objects.select_related("statement").filter(pk=number).first()
    if row is None:
        raise Refusal(CONTEST_UNKNOWN, "contest", number=number)
    if ContestAnswer.objects.filter(contest=row).exists():
        raise Refusal(CONTEST_ANSWERED, "contest", number=number)
    found: StatementContest = row
    return found


@transaction.atomic
def reject_contest(*, number: int, reason: str, viewer: Viewer, now: int) -> None:
    """The clerk answers that the statement is right, and why."""
    require_maker(viewer)
    hold_trail()
    row = _open_contest(number)
    if not reason.strip():
        raise Refusal(SETTLEMENT_REASON_MISSING, "reason")
    _answer(row, False, 0, reason.strip(), viewer.name, now)


@transaction.atomic
def ask_uphold(*, number: int, fen: int, reason: str, maker: Viewer, now: int) -> ApprovalInfo:
    """Ask another person to uphold a contest: so much more (or less) is the owner's, in fen.

    Where the day is cleared again instead, the amount is 0: the restatement moves the money.
    """
    hold_trail()
    row = _open_contest(number)
    return ask(
        kind=RequestKind.UPHOLD, subjects=[f"{row.statement.statement_no}#{number}"],
        content={"contest": number, "fen": fen, "clear_date": str(row.clear_date)},
        reason=reason, maker=maker, now=now,
    )  # fmt: skip


def do_uphold(content: dict[str, Any], info: ApprovalInfo, now: int) -> None:
    """Answer that the owner is right; the next window counts the amount as an adjustment."""
    row, fen = _open_contest(content["contest"]), content["fen"]
    if fen:
        owed = party_account(row.statement.party_id, StatementSide.PAY)
        gives, gets = (HELD, owed) if fen > 0 else (owed, HELD)
        post_batch(
            batch_key=f"{CONTEST_BATCHES}{row.pk}",
            clear_date=row.clear_date,
            lines=[
                posting_line(gives, Side.DEBIT, abs(fen)),
                posting_line(gets, Side.CREDIT, abs(fen)),
            ],
            actor=info.checker,
            memo=f"{row.statement.statement_no} {row.pass_id}".strip(),
        )
    _answer(row, True, fen, info.reason, info.checker, now)


def _answer(
    row: StatementContest, is_upheld: bool, fen: int, reason: str, actor: str, now: int
) -> None:
    ContestAnswer.objects.create(
        contest=row, is_upheld=is_upheld, fen=fen, reason=reason, answered_by=actor,
        answered_at=now,
    )  # fmt: skip
    record_trail(
        actor=actor,
        act="settlement.answer_contest",
        subject=row.statement.statement_no,
        detail={"contest": row.pk, "is_upheld": is_upheld, "fen": fen},
    )
