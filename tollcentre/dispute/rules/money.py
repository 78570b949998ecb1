"""What moves when trades are confirmed, disputed and ruled; every amount in fen."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tollcentre.clearing.terms import TradeShare
from tollcentre.ledger.terms import PostingLine, Side

from ..terms import Direction, Result

ELECTRONIC = 1
"""Media type of the trades that issuers book: what was charged to an OBU or its card."""
RECEIVABLE, DISPUTED, HELD = "receivable.issuer", "disputed.issuer", "held.dispute"
EARNED = {"owner": "payable.owner", "province": "payable.province", "held": "held.review"}
"""Party of a share → the account on which it stood before the trade was disputed."""
OTHER_SIDE = {Side.DEBIT.value: Side.CREDIT.value, Side.CREDIT.value: Side.DEBIT.value}


def hold_key(direction: str, of_message: str, transaction_id: str) -> str:
    """The key under which a disputed trade's money is held; a trade is named by its message too."""
    named = f"{of_message}\x1f{transaction_id}".encode()
    return f"{direction}:{hashlib.sha256(named).hexdigest()[:32]}"


def trade_key(direction: str, of_message: str, transaction_id: str) -> str:
    """What names a trade to book: the same trade in another message is another claim."""
    if direction == Direction.LOCAL:
        return f"here/{transaction_id}"
    return f"{hashlib.sha256(of_message.encode()).hexdigest()[:16]}/{transaction_id}"


def held_lines(
    direction: Direction, issuer_id: str, fee: int, shares: Sequence[TradeShare] = ()
) -> list[PostingLine]:
    """What holds a disputed trade's money on both sides: who pays, and each who earned it.

    A trade elsewhere on our media was never due: who earned it is not ours to say.
    """
    held = _line(DISPUTED, Side.DEBIT, fee, issuer_id)
    if direction is Direction.ISSUER:
        return [held, _line(HELD, Side.CREDIT, fee)]
    lines = [held, _line(RECEIVABLE, Side.CREDIT, fee, issuer_id)]
    for share in shares:
        named = PostingLine(
            account=HELD,
            side=(Side.CREDIT if share.fee > 0 else Side.DEBIT).value,
            amount_fen=abs(share.fee),
            owner_id=share.code if share.party == "owner" else "",
            province=share.code if share.party == "province" else "",
            media_type=ELECTRONIC,
        )
        family = EARNED[share.party]
        account = f"{family}.{share.code}" if share.code else family
        lines += [named, replace(named, account=account, side=OTHER_SIDE[named.side])]
    return lines


def ruled_lines(
    direction: Direction, result: Result, opening: Sequence[PostingLine], issuer_id: str, fee: int
) -> list[PostingLine] | None:
    """What ends a hold that these lines opened; none where nobody owes and it is undone.

    Paid: each has back what was held, and it is due through the ministry or, within the province,
    from the issuer as before. Bad debt: who earned it bears it, and nobody owes it any more.
    """
    if result is Result.BAD_DEBT:
        if direction is Direction.ISSUER:
            return None
        return _undone(line for line in opening if line.account.startswith((DISPUTED, HELD)))
    if direction is Direction.LOCAL:
        return _undone(opening)
    released = _undone(line for line in opening if not line.account.startswith(RECEIVABLE))
    return [*released, *due_lines(direction, issuer_id, fee)]


def due_lines(direction: Direction, issuer_id: str, fee: int) -> list[PostingLine]:
    """What becomes due through the ministry once a trade is payable."""
    if direction is Direction.TOLL:
        return [_line("receivable.ministry", Side.DEBIT, fee)]
    return [
        _line(RECEIVABLE, Side.DEBIT, fee, issuer_id),
        _line("payable.ministry", Side.CREDIT, fee),
    ]


def confirmed_lines(direction: Direction, issuer_id: str, fee: int) -> list[PostingLine]:
    """What moves when an issuer books trades through the ministry."""
    due = due_lines(direction, issuer_id, fee)
    if direction is Direction.TOLL:
        due.append(_line(RECEIVABLE, Side.CREDIT, fee, issuer_id))
    return due


def _undone(lines: Iterable[PostingLine]) -> list[PostingLine]:
    """The lines on their other sides, on the day on which that is posted."""
    return [replace(line, side=OTHER_SIDE[line.side], clear_date=None) for line in lines]


def counted_lines(side: str, province: str, fee: int) -> list[PostingLine]:
    """What moves when the ministry has counted a province's parts, in fen.

    Receivable: the ministry owes us what that province did; payable: we owe it what we owed there.
    """
    debit, credit = f"payable.province.{province}", "payable.ministry"
    if side == "receivable":
        debit, credit = "receivable.ministry", f"receivable.province.{province}"
    if fee < 0:
        debit, credit = credit, debit
    return [
        PostingLine(account, way.value, abs(fee), province=province if "." + province in account
                    else "")
        for account, way in ((debit, Side.DEBIT), (credit, Side.CREDIT))
    ]  # fmt: skip


def _line(family: str, side: Side, fee: int, issuer_id: str = "") -> PostingLine:
    """One line of the exchange: electronic media only."""
    return PostingLine(
        account=f"{family}.{issuer_id}" if issuer_id else family,
        side=side.value,
        amount_fen=fee,
        issuer_id=issuer_id,
        media_type=ELECTRONIC,
    )
