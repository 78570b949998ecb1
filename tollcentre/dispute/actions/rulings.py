"""What was ruled of disputed trades: paid after all, or bad debt that its owners bear."""

from collections.abc import Sequence

from tollcentre.clearing.queries import shares_of_upload
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.actions import PostingLine, post_hold, void_hold
from tollcentre.messages.terms import Parcel

from ..models import Dispute, DisputeRuling
from ..rules import due_lines, hold_key, released_lines, taken_back_lines
from ..terms import DISPUTE_UNKNOWN, RULED_BEFORE, RULING_MISFIT, Direction, Result
from .results import ACTOR


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
            _rule(dispute, result, parcel)
        elif ruled.result != result:
            raise Refusal(RULED_BEFORE, "result", transaction_id=key[0], ruled=ruled.result)


def _rule(dispute: Dispute, result: Result, parcel: Parcel) -> None:
    """Put a ruling down and move the money that was held for it."""
    day = parcel.fields["clear_date"]
    DisputeRuling.objects.create(
        dispute=dispute, result=result, file_id=parcel.fields["file_id"],
        message_id=parcel.envelope.message_id, ruled_on=day,
    )  # fmt: skip
    direction = Direction(dispute.direction)
    key, reason = (
        hold_key(dispute.direction, dispute.booked.of_message, dispute.transaction_id),
        f"ruling {parcel.fields['file_id']}",
    )
    if direction is Direction.ISSUER and result is Result.BAD_DEBT:
        void_hold(hold_key=key, clear_date=day, actor=ACTOR, reason=reason)
        return
    lines: Sequence[PostingLine] = released_lines(direction, dispute.issuer_id, dispute.fee)
    if result is Result.PAY:
        lines = [*lines, *due_lines(direction, dispute.issuer_id, dispute.fee)]
    else:
        shares = shares_of_upload(dispute.booked.of_message, dispute.transaction_id)
        lines = [*lines, *taken_back_lines(shares)]
    post_hold(hold_key=key, clear_date=day, lines=lines, actor=ACTOR, reason=reason)
