"""Pure rules of parking: when packs are due, and what moves by a booking or a ruling."""

from collections.abc import Sequence

from tollcentre.ledger.terms import PostingLine, Side

from .terms import PackParameters

ISSUER_DIGITS = 16


def packs_due(taken_at: Sequence[int], now: int, by: PackParameters) -> list[int]:
    """How many trades go into each pack that is due, from trades in the order of being taken.

    Full packs go at once; what is left goes when its oldest has waited long enough.
    """
    full, left = divmod(len(taken_at), by.records_max)
    sizes = [by.records_max] * full
    if left and now - taken_at[-left] >= by.waits_s:
        sizes.append(left)
    return sizes


def issuer_of(network: str) -> str:
    """The issuer's code of a card network: its number, filled up with zeros to 16 digits.

    The public description says no more than that it is 16 hex digits.
    """
    return network.rjust(ISSUER_DIGITS, "0")


def hold_key(message_id: str, trans_id: int) -> str:
    """The key of the hold of a disputed trade."""
    return f"extension:{message_id}:{trans_id}"


def confirmed_lines(provider: str, fee: int) -> list[PostingLine]:
    """What is due once trades are payable, in fen: from the extension centre, to the provider."""
    return [
        PostingLine("receivable.extension", Side.DEBIT, fee),
        PostingLine(f"payable.provider.{provider}", Side.CREDIT, fee, party_id=provider),
    ]


def held_lines(provider: str, fee: int) -> list[PostingLine]:
    """What holds a disputed trade's money, in fen: neither due nor lost until it is ruled."""
    return [
        PostingLine("disputed.extension", Side.DEBIT, fee),
        PostingLine(f"held.extension.{provider}", Side.CREDIT, fee, party_id=provider),
    ]


def paid_lines(provider: str, fee: int) -> list[PostingLine]:
    """What moves when a disputed trade is ruled payable, in fen."""
    return [
        PostingLine("disputed.extension", Side.CREDIT, fee),
        PostingLine(f"held.extension.{provider}", Side.DEBIT, fee, party_id=provider),
        *confirmed_lines(provider, fee),
    ]
