"""Statements: lines out of a window's movements, the accounts that they move, their numbers."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from tollcentre.ledger.terms import PostingLine, Side
from tollcentre.participants.terms import SettlementModel

from ..terms import CONTEST_BATCHES, Cause, LineOfStatement, Movement, StatementSide

CAUSES = (
    ("hold:", Cause.DISPUTE),
    ("posted:", Cause.RULING),
    ("voided:", Cause.RULING),
    ("refund:", Cause.REFUND),
    (CONTEST_BATCHES, Cause.ADJUSTMENT),
)
"""How a batch's key begins → why it moves an owner's money."""
SETTLED = {
    SettlementModel.ALLOT: "settled.owner",
    SettlementModel.REMIT: "settled.treasury",
}
"""Model of an agreement → family that a released statement moves the money to."""


def party_account(party_id: str, side: StatementSide) -> str:
    """The account that a party's windows count."""
    family = "payable.owner" if side is StatementSide.PAY else "receivable.issuer"
    return f"{family}.{party_id}"


def towards_party(side: StatementSide, debit_fen: int, credit_fen: int) -> int:
    """What is moved towards settlement: owed to an owner by credits, by an issuer by debits."""
    return credit_fen - debit_fen if side is StatementSide.PAY else debit_fen - credit_fen


def cause_of(batch_key: str, clear_date: date, start: date) -> Cause:
    """Why a batch moves money in a window that begins on `start`.

    What clears a day of an earlier window comes late: it adjusts that day.
    """
    for prefix, cause in CAUSES:
        if batch_key.startswith(prefix):
            return cause
    return Cause.ADJUSTMENT if clear_date < start else Cause.CLEAR_DAY


def lines_of(movements: Iterable[Movement], start: date) -> list[LineOfStatement]:
    """A window's lines by clear day and cause; a restated day that moved nothing stays a line."""
    sums: dict[tuple[date, Cause], list[int]] = defaultdict(lambda: [0, 0])
    for movement in movements:
        cell = sums[movement.clear_date, cause_of(movement.batch_key, movement.clear_date, start)]
        cell[0] += movement.fen
        cell[1] += movement.entries
    return [LineOfStatement(day, cause, *sums[day, cause]) for day, cause in sorted(sums)]


def statement_no(party_id: str, end: date) -> str:
    """The number of a party's statement: whose, and the last day that it settles."""
    return f"{party_id}-{end:%Y%m%d}"


def voucher_text(year: int, number: int) -> str:
    """`记-2026-000123`."""
    return f"记-{year}-{number:06d}"


def posting_line(account: str, side: Side, fen: int) -> PostingLine:
    """One side of a posting to an account of settlement, its dimension out of its name."""
    family, _, parameter = account.rpartition(".")
    if family in ("payable.owner", "settled.owner", "settled.treasury"):
        return PostingLine(account, side, fen, owner_id=parameter)
    if family == "receivable.issuer":
        return PostingLine(account, side, fen, issuer_id=parameter)
    if family in ("bank.deposit", "held.bank"):
        return PostingLine(account, side, fen, party_id=parameter)
    return PostingLine(account, side, fen)
