"""The laws of dispute: what was booked, disputed and ruled against the messages and the ledger."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Q, Sum

from tollcentre.core.law import Law
from tollcentre.ledger.queries import account_nets, holds_by_key
from tollcentre.ledger.terms import HoldState
from tollcentre.messages.queries import message_totals

from ..models import BookedMessage, Dispute
from ..rules import hold_key
from ..terms import Direction, Result

LAWS = (
    "booked_messages_are_their_messages",
    "disputes_are_what_was_not_confirmed",
    "disputed_money_is_held_until_ruled",
    "ministry_accounts_are_confirmed_trades",
)
"""The laws in the order in which they are told."""
CHUNK = 5_000


def verify_disputes() -> Iterator[Law]:
    """Each law of LAWS, re-computed from tables, messages and ledger."""
    yield _law(LAWS[0], _booked_as_sent())
    yield _law(LAWS[1], _disputed_as_booked())
    yield _law(LAWS[2], _held_as_disputed())
    yield _law(LAWS[3], _ministry_as_confirmed())


def _law(name: str, fault: str) -> Law:
    booked = BookedMessage.objects.count()
    return Law(name, not fault, fault or f"{booked} 个报文 / messages")


def _booked_as_sent() -> str:
    """The first booked message whose count or amount is not its message's; empty where none is."""
    for booked in BookedMessage.objects.order_by("pk"):
        sent = booked.direction == Direction.TOLL
        totals = message_totals(booked.of_message, sent=sent)
        if totals != (booked.count, booked.fee):
            return f"{booked.of_message}: {(booked.count, booked.fee)} ≠ {totals}"
    return ""


def _disputed_as_booked() -> str:
    found = BookedMessage.objects.annotate(n=Count("disputes"), fen=Sum("disputes__fee"))
    for booked in found.order_by("pk"):
        if (booked.n, booked.fen or 0) != (booked.disputed_count, booked.disputed_fee):
            return f"{booked.of_message}: {(booked.n, booked.fen)}"
    return ""


def _held_as_disputed() -> str:
    """Every dispute's hold is open until it is ruled, then posted, or voided where nobody owes."""
    rows = list(Dispute.objects.select_related("booked", "ruling").order_by("pk"))
    for start in range(0, len(rows), CHUNK):
        part = {hold_key(d.booked.direction, d.booked.of_message, d.transaction_id): d
                for d in rows[start : start + CHUNK]}  # fmt: skip
        holds = holds_by_key(list(part))
        for key, dispute in part.items():
            wanted = _state_of(dispute)
            if key not in holds or holds[key].state is not wanted:
                return f"{dispute.transaction_id}: {key} ≠ {wanted}"
    return ""


def _state_of(dispute: Dispute) -> HoldState:
    ruling = getattr(dispute, "ruling", None)
    if ruling is None:
        return HoldState.OPEN
    if dispute.direction == Direction.ISSUER and ruling.result == Result.BAD_DEBT:
        return HoldState.VOIDED
    return HoldState.POSTED


def _ministry_as_confirmed() -> str:
    """What the ministry is to pay and to be paid is what was confirmed or ruled payable."""
    owed: Counter[str] = Counter()
    accounts = {Direction.TOLL: "receivable.ministry", Direction.ISSUER: "payable.ministry"}
    for direction, account in accounts.items():
        sums = BookedMessage.objects.filter(direction=direction).aggregate(
            fee=Sum("fee"), disputed=Sum("disputed_fee")
        )
        paid = Dispute.objects.filter(Q(ruling__result=Result.PAY), direction=direction).aggregate(
            fee=Sum("fee")
        )
        owed[account] = (sums["fee"] or 0) - (sums["disputed"] or 0) + (paid["fee"] or 0)
    nets = account_nets(list(accounts.values()))
    for account, fen in owed.items():
        posted = nets.get(account, 0)
        if abs(posted) != fen:
            return f"{account}: {posted} ≠ {fen}"
    return ""
