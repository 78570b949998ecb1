"""Explain any fen: from a payment to its batches, and from a clear day to its payment."""

from dataclasses import dataclass
from datetime import date

from tollcentre.access.terms import Viewer
from tollcentre.core.refusal import Refusal

from ..models import BankLine, MatchedItem, PaymentInstruction, PaymentReport, SettlementStatement
from ..rules import cause_of
from ..terms import (
    INSTRUCTION_UNKNOWN,
    Cause,
    LineOfStatement,
    Movement,
    PaidIn,
    StatementSide,
    StatementState,
)
from .payments import MOVES, instructions, item_key
from .statements import movements_in, statements
from .windows import open_movements


@dataclass(frozen=True)
class PaymentExplained:
    """A payment with all that it is made of and all that became of it."""

    instruction: PaymentInstruction
    statements: tuple[SettlementStatement, ...]
    lines: tuple[tuple[str, LineOfStatement, tuple[Movement, ...]], ...]
    reports: tuple[PaymentReport, ...]
    bank_lines: tuple[BankLine, ...]


def explain_payment(instruction_id: str, *, viewer: Viewer) -> PaymentExplained:
    """What a payment pays: its statement and those carried into it, their lines and batches.

    Refusal where the viewer sees no such instruction.
    """
    row = instructions(viewer=viewer).filter(instruction_id=instruction_id).first()
    if row is None:
        raise Refusal(INSTRUCTION_UNKNOWN, "instruction_id", instruction_id=instruction_id)
    paid = () if row.statement is None else carried_chain(row.statement)
    lines = [
        (one.statement_no, line, movements)
        for one in paid
        for line, movements in lines_with_movements(one)
    ]
    keys = [item_key(kind, instruction_id) for kind in MOVES]
    matches = MatchedItem.objects.filter(item_key__in=keys).values("match")
    shown = BankLine.objects.filter(match__in=matches).select_related("statement")
    return PaymentExplained(
        row, paid, tuple(lines), tuple(row.reports.order_by("pk")),
        tuple(shown.order_by("statement__day", "booked_at", "line_key")),
    )  # fmt: skip


def carried_chain(row: SettlementStatement) -> tuple[SettlementStatement, ...]:
    """A statement and, before it, those whose totals were carried into it."""
    chain = [row]
    while chain[0].carried_in_fen:
        own = SettlementStatement.objects.filter(party_id=row.party_id)
        before = own.filter(end_day__lt=chain[0].start_day).order_by("-end_day").first()
        if before is None:
            break
        chain.insert(0, before)
    return tuple(chain)


def lines_with_movements(
    row: SettlementStatement,
) -> list[tuple[LineOfStatement, tuple[Movement, ...]]]:
    """Each line of a statement with the ledger's batches behind it."""
    movements = movements_in(row)
    found = []
    for line in row.lines.order_by("clear_date", "cause"):
        own = tuple(
            one
            for one in movements
            if one.clear_date == line.clear_date
            and cause_of(one.batch_key, one.clear_date, row.start_day) == line.cause
        )
        shown = LineOfStatement(line.clear_date, Cause(line.cause), line.fen, line.entries)
        found.append((shown, own))
    return found


def paid_in(owner_id: str, clear_date: date, *, viewer: Viewer) -> list[PaidIn]:
    """Where a clear day's money of an owner ended: each statement with a line of the day.

    A row without a statement is what no closed window counts yet. None for an owner that the
    viewer does not see.
    """
    rows = statements(viewer=viewer).filter(
        party_id=owner_id, side=StatementSide.PAY, lines__clear_date=clear_date
    )
    found = []
    for row in rows.distinct().order_by("end_day"):
        settles = _settled_by(row)
        last = None if settles is None else settles.instructions.order_by("attempt").last()
        found += [
            PaidIn(
                row.statement_no, Cause(line.cause), line.fen,
                settles.voucher_no if settles else "", last.instruction_id if last else "",
                last.state if last else "", settles.paid_on if settles else None,
            )
            for line in row.lines.filter(clear_date=clear_date).order_by("cause")
        ]  # fmt: skip
    if viewer.sees_owner(owner_id):
        waiting = [
            one for one in open_movements(owner_id, StatementSide.PAY)
            if one.clear_date == clear_date
        ]  # fmt: skip
        if waiting:
            fen = sum(one.fen for one in waiting)
            found.append(PaidIn("", Cause.CLEAR_DAY, fen, "", "", "", None))
    return found


def _settled_by(row: SettlementStatement) -> SettlementStatement | None:
    """The statement that settles what a statement comes to: itself, or the one it is carried to."""
    later = SettlementStatement.objects.filter(party_id=row.party_id, end_day__gte=row.end_day)
    for one in later.order_by("end_day"):
        if one.state != StatementState.CARRIED:
            found: SettlementStatement = one
            return found
    return None
