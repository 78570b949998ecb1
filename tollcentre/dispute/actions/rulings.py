"""What was ruled of disputed trades: paid after all, or bad debt that its owners bear."""

from collections.abc import Sequence
from datetime import date

from tollcentre.core.refusal import Refusal
from tollcentre.ledger.actions import close_holds
from tollcentre.ledger.queries import lines_held
from tollcentre.ledger.terms import HoldRuling
from tollcentre.messages.terms import Parcel

from ..models import Dispute, DisputeRuling
from ..rules.money import hold_key, ruled_lines, trade_key
from ..terms import DISPUTE_UNKNOWN, RULED_BEFORE, RULING_MISFIT, Direction, Result
from .results import ACTOR
from .trades import hold_charges


def take_dispute_result(parcel: Parcel, now: int) -> None:
    """Rule the disputed trades of a file; each has its money posted or given back, once.

    Refuses a trade that is not in dispute, another amount than the disputed one, and a second
    ruling of a trade that differs from the first.
    """
    ids = [record["transaction_id"] for record in parcel.records]
    found = Dispute.objects.select_related("ruling", "booked").filter(transaction_id__in=ids)
    found = found.exclude(direction=Direction.LOCAL)
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
    close_disputes(
        fresh, ruled_on=parcel.fields["clear_date"], actor=ACTOR,
        why=f"ruling {parcel.fields['file_id']}",
    )  # fmt: skip


def close_disputes(
    ruled: Sequence[tuple[Dispute, Result]], *, ruled_on: date, actor: str, why: str
) -> None:
    """Post or undo what is held of these disputes, as each was ruled; who is paid is paid once."""
    keys = {
        dispute.pk: hold_key(dispute.direction, dispute.booked.of_message, dispute.transaction_id)
        for dispute, _ in ruled
    }
    hold_charges(
        trade_key(dispute.direction, dispute.booked.of_message, dispute.transaction_id)
        for dispute, result in ruled
        if result is Result.PAY and dispute.direction != Direction.TOLL
    )
    openings = lines_held(list(keys.values()))
    close_holds(
        [
            HoldRuling(
                keys[dispute.pk], ruled_on, actor, why,
                ruled_lines(
                    Direction(dispute.direction), result, openings[keys[dispute.pk]],
                    dispute.issuer_id, dispute.fee,
                ),
            )
            for dispute, result in ruled
        ]
    )  # fmt: skip
