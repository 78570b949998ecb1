"""The laws of refund: lines and fees, postings and states, refunds and what was paid."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Sum

from tollcentre.core.law import Law
from tollcentre.ledger.queries import nets_of_batches

from ..models import CustomerCredit, TollChange
from ..rules import accepted_key, counted_key, credited_key, issuer_key
from ..terms import (
    IN_EFFECT,
    NOT_COUNTED,
    PAID,
    ChangeKind,
    ChangeRoute,
    ChangeState,
    CreditResult,
)
from .changes import with_state

LAWS = (
    "toll_change_lines_are_its_fee",
    "refunds_are_within_what_was_paid",
    "toll_changes_are_posted_as_they_stand",
    "customers_are_credited_as_posted",
)
"""The laws in the order in which they are told."""
ACCOUNTS = {"owner": "payable.owner.", "province": "payable.province.", "held": "held.review"}


def verify_refunds() -> Iterator[Law]:
    """Each law of LAWS, re-computed from tables and ledger."""
    yield _law(LAWS[0], _lines_as_fee())
    yield _law(LAWS[1], _within_paid())
    yield _law(LAWS[2], _posted_as_standing())
    yield _law(LAWS[3], _credited_as_posted())


def _law(name: str, fault: str) -> Law:
    return Law(name, not fault, fault or f"{TollChange.objects.count()} 笔 / changes")


def _lines_as_fee() -> str:
    for row in TollChange.objects.annotate(fen=Sum("lines__fee")).order_by("pk").iterator():
        if row.fen != row.fee:
            return f"{row.change_id}: {row.fen} ≠ {row.fee}"
    return ""


def _within_paid() -> str:
    """What is given back of a trade is no more than was paid for it."""
    sums: Counter[tuple[int, str]] = Counter()
    refunds = with_state().filter(kind=ChangeKind.REFUND).exclude(state__in=NOT_COUNTED)
    for row in refunds.order_by("pk").iterator():
        key = row.pass_key, row.transaction_id
        sums[key] += row.fee
        if sums[key] > row.original_fee:
            return f"{row.change_id}: {sums[key]} > {row.original_fee}"
    return ""


def _posted_as_standing() -> str:
    """The ledger holds the batches of a change's state with its lines, and no others."""
    rows = list(with_state().prefetch_related("lines").order_by("pk"))
    kinds = (accepted_key, credited_key, counted_key)
    keys = [key(row.change_id) for row in rows for key in kinds]
    nets = nets_of_batches(keys)
    for row in rows:
        state = ChangeState(row.state)
        # Debit minus credit: a refund takes from those who earned, a supplement gives to them.
        way = 1 if row.kind == ChangeKind.REFUND else -1
        wanted: Counter[str] = Counter()
        for line in row.lines.all():
            wanted[ACCOUNTS[line.party] + line.code] += way * line.fee
        posted = nets.get(accepted_key(row.change_id), {})
        shares = {account: fen for account, fen in posted.items()
                  if account.startswith(tuple(ACCOUNTS.values()))}  # fmt: skip
        if shares != (dict(wanted) if state in IN_EFFECT else {}):
            return f"{accepted_key(row.change_id)}: {shares}"
        settled = sum(abs(fen) for fen in nets.get(credited_key(row.change_id), {}).values())
        if settled != (2 * row.fee if state in PAID else 0):
            return f"{credited_key(row.change_id)}: {settled}"
        counted = nets.get(counted_key(row.change_id), {})
        told = state in PAID and row.route == ChangeRoute.MINISTRY
        moved = {account: -fen for account, fen in wanted.items()
                 if told and account.startswith(ACCOUNTS["province"])}  # fmt: skip
        found = {account: fen for account, fen in counted.items()
                 if account.startswith(ACCOUNTS["province"])}  # fmt: skip
        if found != moved:
            return f"{counted_key(row.change_id)}: {found}"
    return ""


def _credited_as_posted() -> str:
    """Our issuer's credits for other parties are posted once each; its own are its changes'."""
    done = list(CustomerCredit.objects.filter(result=CreditResult.CREDITED).order_by("pk"))
    nets = nets_of_batches([issuer_key(one.toll_party, one.change_id) for one in done])
    for one in done:
        found = nets.get(issuer_key(one.toll_party, one.change_id))
        fen = one.fee if one.kind == ChangeKind.REFUND else -one.fee
        ministry = "receivable" if one.kind == ChangeKind.REFUND else "payable"
        wanted = {f"{ministry}.ministry": fen, f"receivable.issuer.{one.issuer_id}": -fen}
        if one.message_id and found != wanted:
            return f"{one.toll_party} {one.change_id}: {found}"
    return ""
