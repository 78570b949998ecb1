"""What the banks' statements should show, from every source; and lines that nothing matched yet."""

from collections.abc import Callable, Collection, Iterable
from datetime import date

from tollcentre.clearing.terms import MINISTRY
from tollcentre.core.clock import day_of
from tollcentre.deposit.queries import expected_credits
from tollcentre.participants.queries import agreement_of

from ..models import (
    BankLine,
    MatchedItem,
    MinistryPosition,
    PaymentInstruction,
    SettlementStatement,
)
from ..rules import matched
from ..terms import (
    ExpectedItem,
    ItemKind,
    LineToMatch,
    MatchGroup,
    PaymentState,
    StatementSide,
    StatementState,
    Unmatched,
)
from .payments import facts_of, item_key
from .windows import parameter


def payments_expected(bank_id: str, references: Collection[str] = ()) -> list[ExpectedItem]:
    """Payments that were handed to the bank and are not on its statement.

    Of those that `references` name, also what would undo them: the return of one that was paid,
    and both movements of one that the bank refused.
    """
    open_states = [PaymentState.SENT, PaymentState.ANSWERED, PaymentState.RETURNING]
    rows = PaymentInstruction.objects.select_related("file").filter(
        bank_id=bank_id, file__isnull=False
    )
    found = {row.pk: row for row in rows.filter(state__in=open_states)}
    found |= {row.pk: row for row in rows.filter(instruction_id__in=list(references))}
    items = []
    for row in sorted(found.values(), key=lambda row: row.instruction_id):
        facts, kind = facts_of(row), ItemKind.PAYMENT
        if facts.is_credited:
            continue
        if facts.is_debited:
            kind = ItemKind.RETURN
        elif facts.result:
            kind = ItemKind.UNDONE
        fen = {ItemKind.PAYMENT: -row.amount_fen, ItemKind.RETURN: row.amount_fen}.get(kind, 0)
        name = row.instruction_id
        since = day_of(row.file.made_at)
        items.append(ExpectedItem(item_key(kind, name), kind, bank_id, name, fen, since))
    return items


def statements_expected(bank_id: str, references: Collection[str] = ()) -> list[ExpectedItem]:
    """Statements that a party is to pay us by this bank."""
    rows = SettlementStatement.objects.filter(
        side=StatementSide.COLLECT, state=StatementState.DRAFTED
    ).order_by("statement_no")
    return [
        ExpectedItem(
            item_key(ItemKind.STATEMENT, row.statement_no), ItemKind.STATEMENT, bank_id,
            f"{row.party_id}:{row.end_day}", row.total_fen, row.end_day,
        )
        for row in rows
        if bank_of(row.party_id, row.end_day) == bank_id
    ]  # fmt: skip


def positions_expected(bank_id: str, references: Collection[str] = ()) -> list[ExpectedItem]:
    """Nets that the ministry's centre is to pay us by this bank."""
    rows = MinistryPosition.objects.filter(bank_id=bank_id, settled_on__isnull=True)
    return [
        ExpectedItem(
            item_key(ItemKind.POSITION, str(row.clear_date)), ItemKind.POSITION, bank_id,
            f"{MINISTRY}:{row.clear_date}", row.receivable_fen - row.payable_fen,
            row.clear_date,
        )
        for row in rows.order_by("clear_date")
        if row.receivable_fen > row.payable_fen
    ]  # fmt: skip


def deposits_expected(bank_id: str, references: Collection[str] = ()) -> list[ExpectedItem]:
    """Cash slips and channels' payouts that the bank is to show."""
    return [
        ExpectedItem(
            one.key, ItemKind.DEPOSIT, bank_id, one.reference, one.amount_fen, one.since
        )
        for one in expected_credits(bank_id)
    ]  # fmt: skip


SOURCES: tuple[Callable[[str, Collection[str]], list[ExpectedItem]], ...] = (
    payments_expected,
    statements_expected,
    positions_expected,
    deposits_expected,
)
"""Who expects movements at a bank; each is asked for a bank, and the references on open lines."""


def expected_items(bank_id: str, references: Collection[str] = ()) -> list[ExpectedItem]:
    """All that the bank's statements should still show."""
    return [item for source in SOURCES for item in source(bank_id, references)]


def bank_of(party_id: str, day: date) -> str:
    """The bank by which we settle with a party on a day; empty where nothing is agreed."""
    agreement = agreement_of(party_id, day)
    return "" if agreement is None else agreement.payer_bank


def open_lines(bank_id: str = "") -> list[BankLine]:
    """The lines that are matched with nothing yet, in the order in which the banks booked them."""
    rows = BankLine.objects.select_related("statement").filter(match__isnull=True)
    if bank_id:
        rows = rows.filter(statement__bank_id=bank_id)
    return list(rows.order_by("statement__day", "booked_at", "line_key"))


def to_match(row: BankLine) -> LineToMatch:
    """A row as the rule takes it."""
    parts = tuple(sorted({part.strip() for part in row.reference.split(";")} - {""}))
    return LineToMatch(row.line_key, row.statement.day, row.booked_at, row.fen, parts)


def unmatched(today: date) -> list[tuple[BankLine, Unmatched]]:
    """Every line that no rule matches, and why; for the page of exceptions."""
    found = []
    rows = open_lines()
    for bank_id in sorted({row.statement.bank_id for row in rows}):
        own = [row for row in rows if row.statement.bank_id == bank_id]
        _groups, why = match_of(bank_id, own, today)
        found += [(row, why[row.line_key]) for row in own if row.line_key in why]
    return found


def match_of(
    bank_id: str, rows: Iterable[BankLine], today: date
) -> tuple[list[MatchGroup], dict[str, Unmatched]]:
    """What the rule makes of these open lines of a bank."""
    lines = [to_match(row) for row in rows]
    named = {reference for line in lines for reference in line.references}
    closed = set(
        MatchedItem.objects.filter(reference__in=list(named)).values_list("reference", flat=True)
    )
    items = expected_items(bank_id, named)
    return matched(lines, items, closed, today, parameter("amount_only_after_days", today))
