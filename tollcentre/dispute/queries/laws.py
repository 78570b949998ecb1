"""The laws of dispute: what was booked, disputed and ruled against the messages and the ledger."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Q, Sum

from tollcentre.access.queries import approvals_by_key
from tollcentre.access.terms import ApprovalState
from tollcentre.clearing.queries import counted_parts
from tollcentre.core.law import Law
from tollcentre.ledger.queries import account_nets, holds_by_key
from tollcentre.ledger.terms import HoldState
from tollcentre.messages.queries import message_totals

from ..models import BookedMessage, BookedTrade, Dispute, DisputeRuling, RulingProposal
from ..rules.money import hold_key, trade_key
from ..rules.rulings import rulings_digest
from ..terms import Direction, Liable, OwnRuling, Result, RulingSource
from .counting import figures_of

LAWS = (
    "booked_messages_are_their_messages",
    "disputes_are_what_was_not_confirmed",
    "disputed_money_is_held_until_ruled",
    "ministry_accounts_are_confirmed_trades",
    "provinces_parts_are_what_was_counted",
    "own_rulings_are_what_was_approved",
)
"""The laws in the order in which they are told."""
CHUNK = 5_000
POSTED_ABOVE = ("refund:", "settlement:")
"""Batches of rooms above this one, which have laws of their own."""
_PROPOSED = ("dispute_id", "result", "liable", "liable_code", "grounds")


def verify_disputes() -> Iterator[Law]:
    """Each law of LAWS, re-computed from tables, messages and ledger."""
    yield _law(LAWS[0], _booked_as_sent())
    yield _law(LAWS[1], _disputed_as_booked())
    yield _law(LAWS[2], _held_as_disputed())
    yield _law(LAWS[3], _ministry_as_confirmed())
    yield _law(LAWS[4], _parts_as_counted())
    yield _law(LAWS[5], _ruled_as_approved())


def _law(name: str, fault: str) -> Law:
    booked = BookedMessage.objects.count()
    return Law(name, not fault, fault or f"{booked} 个报文 / messages")


def _booked_as_sent() -> str:
    """The first booked message whose count or amount is not its message's; empty where none is."""
    for direction in (Direction.TOLL, Direction.ISSUER):
        found = BookedMessage.objects.filter(direction=direction).order_by("pk")
        booked = found.values_list("of_message", "count", "fee")
        totals = message_totals([row[0] for row in booked], sent=direction is Direction.TOLL)
        for name, *figures in booked:
            if totals.get(name) != tuple(figures):
                return f"{name}: {tuple(figures)} ≠ {totals.get(name)}"
    here = BookedMessage.objects.filter(direction=Direction.LOCAL)
    told = here.aggregate(n=Sum("count"), fen=Sum("fee"))
    kept = BookedTrade.objects.filter(trade_key__startswith=trade_key(Direction.LOCAL, "", ""))
    found = kept.aggregate(n=Count("pk"), fen=Sum("fee_fen"))
    if (told["n"] or 0, told["fen"]) != (found["n"], found["fen"]):
        return f"{Direction.LOCAL}: {told} ≠ {found}"
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
    """What the ministry is to pay and to be paid is what was confirmed or ruled payable, and the
    provinces' parts that its statistics counted.
    """
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
    for part in counted_parts(booked=True):
        owed[f"{part.side}.ministry"] += part.booked_fee
    nets = account_nets(list(accounts.values()), leaving_out=POSTED_ABOVE)
    for account, fen in owed.items():
        posted = nets.get(account, 0)
        if abs(posted) != fen:
            return f"{account}: {posted} ≠ {fen}"
    return ""


def _parts_as_counted() -> str:
    """The first line of provinces' parts that was booked otherwise than its messages say now."""
    for part in counted_parts(booked=True):
        figures = figures_of(part)
        if figures is None or figures.booked_fee != part.booked_fee:
            return f"{part.message_id} {part.side} {part.party_id}: {part.booked_fee} ≠ {figures}"
    return ""


def _ruled_as_approved() -> str:
    """The first ruling of ours that no approved request asked for; empty where none is."""
    proposals = {one.approval_key: one for one in RulingProposal.objects.all()}
    approvals = approvals_by_key(proposals)
    asked: dict[tuple[str, int], OwnRuling] = {}
    for key, proposal in proposals.items():
        rows = proposal.rulings.order_by("pk").values_list(*_PROPOSED)
        rulings = [OwnRuling(row[0], Result(row[1]), Liable(row[2]), *row[3:]) for row in rows]
        digest = rulings_digest(rulings)
        if not digest == proposal.content_digest == approvals[key].detail["digest"]:
            return f"{key}: {digest}"
        asked |= {(key, one.dispute): one for one in rulings}
    for ruling in DisputeRuling.objects.filter(source=RulingSource.OWN).order_by("pk"):
        key = ruling.approval_key
        wanted = asked.get((key, ruling.dispute_id))
        found = OwnRuling(
            ruling.dispute_id, Result(ruling.result), Liable(ruling.liable), ruling.liable_code,
            ruling.grounds,
        )  # fmt: skip
        if wanted != found or approvals[key].state is not ApprovalState.APPROVED:
            return f"{key}: {found}"
    return ""
