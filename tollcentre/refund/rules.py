"""Pure decisions of refund: what was overcharged, who gives it back, what moves in the ledger."""

from collections.abc import Iterable, Sequence

from tollcentre.clearing.terms import COUNTED_KEY, TradeShare
from tollcentre.core.fen import split_exact
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.terms import PostingLine, Side

from .terms import (
    ABOVE_PAID,
    FEE_NOT_POSITIVE,
    NOT_IN_STATE,
    NOTHING_TO_SPLIT_BY,
    TRANSITIONS,
    ChangeCause,
    ChangeKind,
    ChangeRoute,
    ChangeState,
    CreditResult,
    Overcharge,
    PaidPassage,
    RefundParameters,
)

ELECTRONIC = 1
"""Media type of what an issuer credits: charged to an OBU or its card."""
ACCOUNTS = {"owner": "payable.owner", "province": "payable.province", "held": "held.review"}
UNKNOWN_ISSUER = "unknown"


def overcharges_of(passage: PaidPassage, parameters: RefundParameters) -> list[Overcharge]:
    """What of a passage is to be given back, by which rule; nothing where we are not sure.

    What was paid above the path's price is one finding, named by what explains it: units charged
    twice, units not driven, else the price itself. A second exit record stands by itself.
    """
    found = []
    if passage.second_fee >= parameters.least_fee:
        found.append(Overcharge(passage, ChangeCause.SECOND_EXIT, passage.second_fee))
    over = passage.own_fee - passage.expected_fee
    whole = passage.media_type != ELECTRONIC
    tolerance = parameters.tolerance_whole_yuan if whole else parameters.tolerance
    sure = passage.confidence_ppm >= parameters.confidence_ppm
    if sure and over > tolerance and over >= parameters.least_fee:
        found.append(Overcharge(passage, _cause(passage, over, tolerance), over))
    return found


def _cause(passage: PaidPassage, over: int, tolerance: int) -> ChangeCause:
    """The rule that explains the overcharge, within the tolerance."""
    for fee, cause in (
        (passage.repeated_fee, ChangeCause.REPEATED_UNIT),
        (passage.not_driven_fee, ChangeCause.UNIT_NOT_DRIVEN),
    ):
        if fee and abs(over - fee) <= tolerance:
            return cause
    return ChangeCause.ABOVE_TARIFF


def route_of(
    *, media_type: int, issuer_id: str, multi_province: bool, cause: ChangeCause, own: str
) -> ChangeRoute:
    """Whom a change needs: the ministry where the trade was cleared through it, else nobody.

    Other media, our own issuer's trades within the province, and a second exit record, which
    never goes up, are changed here.
    """
    within = not multi_province and issuer_id.startswith(own)
    if media_type != ELECTRONIC or within or cause is ChangeCause.SECOND_EXIT:
        return ChangeRoute.HERE
    return ChangeRoute.MINISTRY


def split_refund(
    shares: Iterable[TradeShare], given_back: Iterable[TradeShare], fee: int
) -> list[TradeShare]:
    """Who gives back how much of a refund: in proportion to what is left of the original split.

    Whole fen, largest remainder, ties by party and code; the parts sum to the fee and none is
    above what is left of its share. Refuses a fee of nothing or above what is left in all.
    """
    left = _summed(shares)
    for share in given_back:
        left[share.party, share.code] = left.get((share.party, share.code), 0) - share.fee
    return _split({key: max(fen, 0) for key, fen in left.items()}, fee, capped=True)


def split_supplement(weights: Iterable[TradeShare], fee: int) -> list[TradeShare]:
    """Who earns how much of a supplement: in proportion to the unit fees of the restored path."""
    return _split(_summed(weights), fee, capped=False)


def _summed(shares: Iterable[TradeShare]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for share in shares:
        found[share.party, share.code] = found.get((share.party, share.code), 0) + share.fee
    return found


def _split(weights: dict[tuple[str, str], int], fee: int, *, capped: bool) -> list[TradeShare]:
    if fee <= 0:
        raise Refusal(FEE_NOT_POSITIVE, "fee")
    keys = sorted(weights)
    total = sum(weights.values())
    if capped and fee > total:
        raise Refusal(ABOVE_PAID, "fee", fee=fee, left=total)
    if not total:
        raise Refusal(NOTHING_TO_SPLIT_BY, "passId", passage="")
    parts = split_exact(fee, [weights[key] for key in keys])
    return [TradeShare(*key, part) for key, part in zip(keys, parts, strict=True) if part]


def require_next(change_id: str, state: ChangeState, wanted: ChangeState) -> None:
    """Refuse a state that may not follow the one that a change is in."""
    if wanted not in TRANSITIONS[state]:
        raise Refusal(NOT_IN_STATE, "state", change_id=change_id, state=state, wanted=wanted)


def accepted_key(change_id: str) -> str:
    """The batch that moves the owners' shares."""
    return f"refund:{change_id}:accepted"


def credited_key(change_id: str) -> str:
    """The batch that settles with whoever owes the customer's money."""
    return f"refund:{change_id}:credited"


def counted_key(change_id: str) -> str:
    """The batch that moves other provinces' shares of a change to the ministry's accounts."""
    return f"{COUNTED_KEY}refund:{change_id}"


def issuer_key(toll_party: str, change_id: str) -> str:
    """The batch by which our issuer has credited a customer for another party's change."""
    return f"refund:{toll_party}:{change_id}:customer"


def accepted_lines(
    kind: ChangeKind, issuer_id: str, media_type: int, shares: Sequence[TradeShare]
) -> list[PostingLine]:
    """Shares of owners, provinces and what is held, against the refund due (or supplement); fen."""
    refund = kind is ChangeKind.REFUND
    lines = [
        PostingLine(
            account=f"{ACCOUNTS[share.party]}.{share.code}" if share.code
            else ACCOUNTS[share.party],
            side=(Side.DEBIT if refund else Side.CREDIT).value,
            amount_fen=share.fee,
            owner_id=share.code if share.party == "owner" else "",
            issuer_id=issuer_id,
            province=share.code if share.party == "province" else "",
            media_type=media_type,
        )
        for share in shares
    ]  # fmt: skip
    fee = sum(share.fee for share in shares)
    return [*lines, _due(kind, issuer_id, media_type, fee, closing=False)]


def credited_lines(
    kind: ChangeKind, route: ChangeRoute, issuer_id: str, media_type: int, fee: int
) -> list[PostingLine]:
    """What is due through the issuer, against what it or the lane owes us; fen.

    Through the ministry a refund is owed to it and a supplement by it, as its statistics count.
    """
    if route is ChangeRoute.MINISTRY:
        account = "payable.ministry" if kind is ChangeKind.REFUND else "receivable.ministry"
    elif media_type == ELECTRONIC:
        account = f"receivable.issuer.{issuer_id or UNKNOWN_ISSUER}"
    else:
        account = "receivable.collector"
    side = Side.CREDIT if kind is ChangeKind.REFUND else Side.DEBIT
    return [
        _due(kind, issuer_id, media_type, fee, closing=True),
        PostingLine(account=account, side=side.value, amount_fen=fee, issuer_id=issuer_id,
                    media_type=media_type),
    ]  # fmt: skip


def _due(
    kind: ChangeKind, issuer_id: str, media_type: int, fee: int, *, closing: bool
) -> PostingLine:
    """The refund that is owed to the customer, or the supplement that it owes."""
    refund = kind is ChangeKind.REFUND
    family = "payable.refund" if refund else "receivable.supplement"
    return PostingLine(
        account=f"{family}.{issuer_id or UNKNOWN_ISSUER}",
        side=(Side.DEBIT if refund is closing else Side.CREDIT).value,
        amount_fen=fee,
        issuer_id=issuer_id,
        media_type=media_type,
    )


def customer_lines(kind: ChangeKind, issuer_id: str, fee: int) -> list[PostingLine]:
    """Our issuer's customer is credited (or charged) through the ministry, in fen."""
    refund = kind is ChangeKind.REFUND
    ministry, issuer = (Side.DEBIT, Side.CREDIT) if refund else (Side.CREDIT, Side.DEBIT)
    account = "receivable.ministry" if refund else "payable.ministry"
    return [
        PostingLine(account, ministry.value, fee, issuer_id=issuer_id, media_type=ELECTRONIC),
        PostingLine(f"receivable.issuer.{issuer_id}", issuer.value, fee, issuer_id=issuer_id,
                    media_type=ELECTRONIC),
    ]  # fmt: skip


def counted_lines(kind: ChangeKind, shares: Sequence[TradeShare]) -> list[PostingLine]:
    """Other provinces' shares of a change that the ministry counts: it owes us what they give back.

    Of a supplement we owe it what they earn; fen.
    """
    refund = kind is ChangeKind.REFUND
    account, side, other = (
        ("receivable.ministry", Side.DEBIT, Side.CREDIT) if refund
        else ("payable.ministry", Side.CREDIT, Side.DEBIT)
    )  # fmt: skip
    lines = []
    for share in shares:
        if share.party == "province":
            lines += [
                PostingLine(account, side.value, share.fee),
                PostingLine(f"{ACCOUNTS['province']}.{share.code}", other.value, share.fee,
                            province=share.code),
            ]  # fmt: skip
    return lines


def credit_result(
    *, medium_known: bool, trade_fee: int | None, credited: int, kind: ChangeKind, fee: int,
    repeated: bool,
) -> CreditResult:  # fmt: skip
    """What our issuer makes of a change, the checks in this order; amounts in fen.

    `trade_fee` is what it booked for the trade, None where it booked none; `credited` what it has
    credited for that trade before. `repeated`: the same party's change came before.
    """
    if repeated:
        return CreditResult.REPEATED
    if not medium_known:
        return CreditResult.MEDIUM_UNKNOWN
    if trade_fee is None:
        return CreditResult.TRADE_UNKNOWN
    if kind is ChangeKind.REFUND and credited + fee > trade_fee:
        return CreditResult.ABOVE_ORIGINAL
    return CreditResult.CREDITED
