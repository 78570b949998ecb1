"""What was ruled of disputed trades: paid after all, or bad debt that its owners bear."""

from collections.abc import Sequence

from tollcentre.clearing.queries import shares_of_upload
from tollcentre.clearing.terms import TradeShare
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.actions import PostingLine, close_holds
from tollcentre.ledger.terms import HoldRuling
from tollcentre.messages.terms import Parcel

from ..models import Dispute, DisputeRuling
from ..rules import due_lines, hold_key, released_lines, taken_back_lines
from ..terms import DISPUTE_UNKNOWN, RULED_BEFORE, RULING_MISFIT, Direction, Result
from .results import ACTOR

_Trade = tuple[str, str]
"""The message that took a trade up, and its transaction id."""


def take_dispute_result(parcel: Parcel, now: int) -> None:
    """Rule the disputed trades of a file; each has its money posted or given back, once.

    Refuses a trade that is not in dispute, another amount than the disputed one, and a second
    ruling of a trade that differs from the first.
    """
    ids = [record["transaction_id"] for record in parcel.records]
    found = Dispute.objects.select_related("ruling", "booked").filter(transaction_id__in=ids)
    disputes: dict[tuple[str, str], Dispute] = {
        (dispute.transaction_id, dispute.booked.of_message): dispute for dispute in found
    }
    fresh: list[tuple[Dispute, Result]] = []
    for record in parcel.records:
        key = record["transaction_id"], record["of_message_id"]
        if key not in disputes:
            raise Refusal(DISPUTE_UNKNOWN, "transactionId", transaction_id=key[0])
        dispute, result = disputes[key], Result(record["result"])
        if record["fee"] != dispute.fee:
            raise Refusal(RULING_MISFIT, "fee", transaction_id=key[0], stated=record["fee"],
                          own=dispute.fee)  # fmt: skip
        ruled = getattr(dispute, "ruling", None)
        if ruled is None:
            fresh.append((dispute, result))
        elif ruled.result != result:
            raise Refusal(RULED_BEFORE, "result", transaction_id=key[0], ruled=ruled.result)

    DisputeRuling.objects.bulk_create(
        DisputeRuling(
            dispute=dispute, result=result, file_id=parcel.fields["file_id"],
            message_id=parcel.envelope.message_id, ruled_on=parcel.fields["clear_date"],
        )
        for dispute, result in fresh
    )  # fmt: skip
    shares = _shares_to_take_back(fresh)
    close_holds(
        [
            HoldRuling(
                hold_key(dispute.direction, dispute.booked.of_message, dispute.transaction_id),
                parcel.fields["clear_date"],
                ACTOR,
                f"ruling {parcel.fields['file_id']}",
                _ruled_lines(dispute, result, shares),
            )
            for dispute, result in fresh
        ]
    )


def _shares_to_take_back(ruled: Sequence[tuple[Dispute, Result]]) -> dict[_Trade, list[TradeShare]]:
    """The original split of those of our trades that are bad debt, message by message."""
    names: dict[str, list[str]] = {}
    for dispute, result in ruled:
        if dispute.direction == Direction.TOLL and result is Result.BAD_DEBT:
            names.setdefault(dispute.booked.of_message, []).append(dispute.transaction_id)
    return {
        (message, name): shares
        for message, of_message in names.items()
        for name, shares in shares_of_upload(message, of_message).items()
    }


def _ruled_lines(
    dispute: Dispute, result: Result, shares: dict[_Trade, list[TradeShare]]
) -> list[PostingLine] | None:
    """What moves the money that was held; none where nobody owes and the hold is undone."""
    direction = Direction(dispute.direction)
    if direction is Direction.ISSUER and result is Result.BAD_DEBT:
        return None
    released = released_lines(direction, dispute.issuer_id, dispute.fee)
    if result is Result.PAY:
        return [*released, *due_lines(direction, dispute.issuer_id, dispute.fee)]
    return [
        *released,
        *taken_back_lines(shares[dispute.booked.of_message, dispute.transaction_id]),
    ]
