"""The laws of settlement, re-computed from tables and ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db.models import Sum

from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.core.law import Law
from tollcentre.ledger.queries import account_nets, batch_nets
from tollcentre.participants.terms import SettlementModel

from ..models import (
    BankLine,
    BankStatement,
    MatchedItem,
    MinistryPosition,
    PaymentInstruction,
    SettlementStatement,
    Voucher,
)
from ..rules import lines_of, party_account, payment_state, window_of
from ..rules.statements import SETTLED
from ..rules.windows import ONE_DAY
from ..terms import OVER, RELEASE_BATCHES, ItemKind, Movement, StatementSide, StatementState, Window
from .indicators import adding, figures_of, paid_by, released_totals
from .payments import facts_of
from .statements import all_movements

LAWS = (
    "statements_are_their_windows_entries",
    "windows_follow_each_other",
    "settled_is_released_less_paid",
    "payments_are_paid_once",
    "vouchers_have_no_gap",
    "bank_balance_is_its_statement",
    "held_at_bank_is_unmatched",
    "collected_less_allotted_adds_up",
)
"""The laws in the order in which they are told."""


def verify_settlement() -> Iterator[Law]:
    """Each law of LAWS."""
    statements = SettlementStatement.objects.count()
    lines = BankLine.objects.count()
    told = f"{statements} 张 / statements"
    shown = f"{lines} 行 / lines"
    checks = (
        (_windows_entries, told), (_windows_chain, told), (_settled, told), (_paid_once, told),
        (_vouchers, told), (_bank_balances, shown), (_held_at_bank, shown), (_adds_up, told),
    )  # fmt: skip
    for name, (check, detail) in zip(LAWS, checks, strict=True):
        fault = check()
        yield Law(name, not fault, fault or detail)


def _by_party() -> dict[tuple[str, StatementSide], list[SettlementStatement]]:
    found: dict[tuple[str, StatementSide], list[SettlementStatement]] = defaultdict(list)
    for row in SettlementStatement.objects.order_by("party_id", "end_day"):
        found[row.party_id, StatementSide(row.side)].append(row)
    return found


def _windows_entries() -> str:
    """Each entry is in the first window that could count it, and the lines are those sums."""
    for (party, side), rows in _by_party().items():
        windows = [Window(row.start_day, row.end_day, row.cut_seq) for row in rows]
        counted: dict[int | None, list[Movement]] = defaultdict(list)
        for movement in all_movements(party, side):
            counted[window_of(movement.clear_date, movement.seq, windows)].append(movement)
        for place, row in enumerate(rows):
            wanted = [
                (line.clear_date, line.cause, line.fen, line.entries)
                for line in lines_of(counted[place], row.start_day)
            ]
            kept = list(
                row.lines.order_by("clear_date", "cause").values_list(
                    "clear_date", "cause", "fen", "entries"
                )
            )
            if sorted(wanted) != kept or sum(line[2] for line in kept) != row.entries_fen:
                return f"{row.statement_no}: {len(kept)} ≠ {len(wanted)}"
    return ""


def _windows_chain() -> str:
    """Windows of a party follow without gap or overlap, their cuts grow, carried is carried."""
    for rows in _by_party().values():
        for before, row in zip(rows, rows[1:], strict=False):
            carried = before.total_fen if before.state == StatementState.CARRIED else 0
            follows = row.start_day == before.end_day + ONE_DAY and row.cut_seq >= before.cut_seq
            if not follows or row.carried_in_fen != carried:
                return f"{before.statement_no} → {row.statement_no}"
    return ""


def _settled() -> str:
    """What stands on the accounts of what was released and is not paid yet."""
    owed: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for reference, fen in (
        MatchedItem.objects.filter(kind__in=[ItemKind.PAYMENT, ItemKind.RETURN])
        .values_list("reference")
        .annotate(fen=Sum("fen"))
    ):
        paid[reference] -= fen
    for row in PaymentInstruction.objects.order_by("pk"):
        owed[row.account] -= paid[row.instruction_id]
    for row in SettlementStatement.objects.filter(released_on__isnull=False):
        owed[f"{SETTLED[SettlementModel(row.model)]}.{row.party_id}"] += row.total_fen
        posted = batch_nets(f"{RELEASE_BATCHES}{row.statement_no}")
        if posted.get(party_account(row.party_id, StatementSide.PAY)) != row.total_fen:
            return f"{row.statement_no}: {posted} ≠ {row.total_fen}"
    for row in MinistryPosition.objects.all():
        owed["settled.ministry"] += row.payable_fen - row.receivable_fen
    received = MatchedItem.objects.filter(kind=ItemKind.POSITION).aggregate(fen=Sum("fen"))["fen"]
    owed["settled.ministry"] += received or 0
    nets = account_nets(list(owed))
    for account, fen in sorted(owed.items()):
        if -nets.get(account, 0) != fen:
            return f"{account}: {-nets.get(account, 0)} ≠ {fen}"
    return ""


def _paid_once() -> str:
    """Nothing is paid beyond its amount, by two instructions at once, or unlike what is known."""
    live: Counter[object] = Counter()
    for row in PaymentInstruction.objects.select_related("file").order_by("pk"):
        if row.state != payment_state(facts_of(row)):
            return f"{row.instruction_id}: {row.state}"
        live[row.statement_id or f"position {row.position_id}"] += row.state not in OVER
    twice = [key for key, count in live.items() if count > 1]
    if twice:
        return f"{twice[0]}"
    totals = dict(SettlementStatement.objects.values_list("statement_no", "total_fen"))
    latest = BankStatement.objects.order_by("-day").first()
    for name, fen in paid_by(latest.day).items() if latest is not None else ():
        if name in totals and fen not in (0, totals[name]):
            return f"{name}: {fen} ≠ {totals[name]}"
    return ""


def _vouchers() -> str:
    """The numbers of a year run from 1 without gap."""
    expected: Counter[int] = Counter()
    for row in Voucher.objects.order_by("year", "number"):
        expected[row.year] += 1
        if row.number != expected[row.year]:
            return f"{row.year}-{row.number}"
    return ""


def _bank_balances() -> str:
    """Each statement opens where the one before closed; the books stand where the last closed."""
    closing: dict[str, int] = {}
    for row in BankStatement.objects.order_by("bank_id", "day"):
        if row.opening_fen != closing.get(row.bank_id, 0):
            return f"{row.file_id}: {row.opening_fen} ≠ {closing.get(row.bank_id, 0)}"
        closing[row.bank_id] = row.closing_fen
    nets = account_nets([f"bank.deposit.{bank}" for bank in closing])
    for bank, fen in sorted(closing.items()):
        if nets.get(f"bank.deposit.{bank}", 0) != fen:
            return f"bank.deposit.{bank}: {nets.get(f'bank.deposit.{bank}', 0)} ≠ {fen}"
    return ""


def _held_at_bank() -> str:
    """What waits on a bank's lines is the sum of the lines that nothing was matched with."""
    banks = BankStatement.objects.values_list("bank_id", flat=True).distinct()
    open_fen = dict(
        BankLine.objects.filter(match__isnull=True)
        .values_list("statement__bank_id")
        .annotate(fen=Sum("fen"))
    )
    nets = account_nets([f"held.bank.{bank}" for bank in banks])
    for bank in sorted(set(banks)):
        held, fen = -nets.get(f"held.bank.{bank}", 0), open_fen.get(bank, 0)
        if held != fen:
            return f"held.bank.{bank}: {held} ≠ {fen}"
    return ""


def _adds_up() -> str:
    """Over the whole ledger: collected − allotted = remitted + held + in dispute."""
    figures = figures_of(adding(viewer=SHELL_VIEWER))
    right = figures["remitted"] + figures["held"] + figures["in_dispute"]
    if figures["collected"] - figures["allotted"] != right:
        return f"{figures['collected']} − {figures['allotted']} ≠ {right}"
    released = released_totals()
    for figure, model in (("allotted", "allot"), ("remitted", "remit")):
        if figures[figure] != released.get(model, 0):
            return f"{figure}: {figures[figure]} ≠ {released.get(model, 0)}"
    return ""
