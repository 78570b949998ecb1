"""Toll side: what an issuer made of the trades that we sent up."""

from collections.abc import Mapping, Sequence
from typing import Any

from tollcentre.clearing.queries import shares_of_upload
from tollcentre.clearing.terms import TradeShare
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.actions import open_holds, post_batch
from tollcentre.ledger.terms import HoldOpening
from tollcentre.messages.queries import outbox_message, parcel_of
from tollcentre.messages.terms import Parcel

from ..models import BookedMessage, Dispute
from ..rules.money import confirmed_lines, held_lines, hold_key
from ..terms import BOOKED_BEFORE, BOOKING_MISFIT, Direction

ACTOR = "exchange"


def take_booking_result(parcel: Parcel, now: int) -> None:
    """Confirm the trades of an upload that are not listed, and dispute those that are.

    Refuses a result for a message that was not sent, one that does not fit the message's count,
    amount and trades, and a second one for the same message.
    """
    fields = parcel.fields
    message = outbox_message(fields["of_message_id"])
    trades = {trade["transaction_id"]: trade for trade in parcel_of(message).records}
    _require_fit(parcel, trades, message.amount_fen)
    if BookedMessage.objects.filter(
        direction=Direction.TOLL, of_message=message.message_id
    ).exists():
        raise Refusal(BOOKED_BEFORE, "of_message_id", message_id=message.message_id)
    first = next(iter(trades.values()))
    booked = BookedMessage.objects.create(
        direction=Direction.TOLL,
        of_message=message.message_id,
        result_message=parcel.envelope.message_id,
        issuer_id=first["issuer_id"],
        toll_party=parcel.envelope.receiver_id,
        clear_date=message.clear_date,
        confirmed_on=day_of(parcel.envelope.sent_at),
        count=message.count,
        fee=message.amount_fen,
        disputed_count=fields["disputed_count"],
        disputed_fee=fields["disputed_amount"],
        booked_at=now,
    )
    names = [record["transaction_id"] for record in parcel.records]
    shares = shares_of_upload(message.message_id, names) if names else {}
    disputed = [(trades[r["transaction_id"]], r["reason"]) for r in parcel.records]
    open_disputes(booked, disputed, shares)
    confirm(booked)


def _require_fit(parcel: Parcel, trades: dict[str, dict[str, Any]], amount: int) -> None:
    """Refuse a result whose figures are not those of the message it speaks of."""
    fields, records = parcel.fields, parcel.records
    said = {
        "count": (fields["count"], len(trades)),
        "amount": (fields["amount"], amount),
        "disputed_count": (fields["disputed_count"], len(records)),
        "disputed_amount": (fields["disputed_amount"], sum(r["fee"] for r in records)),
    }
    for record in records:
        known = trades.get(record["transaction_id"])
        said[f"fee {record['transaction_id']}"] = (record["fee"], known["fee"] if known else None)
    for field, (stated, own) in said.items():
        if stated != own:
            raise Refusal(BOOKING_MISFIT, field, name=field, stated=stated, own=own)


def open_disputes(
    booked: BookedMessage,
    disputed: Sequence[tuple[dict[str, Any], int]],
    shares: Mapping[str, Sequence[TradeShare]],
) -> None:
    """Put down disputed trades with their reasons; their money is held, by who earned it."""
    direction = Direction(booked.direction)
    disputes = Dispute.objects.bulk_create(
        Dispute(
            booked=booked,
            direction=booked.direction,
            transaction_id=trade["transaction_id"],
            pass_id=trade["pass_id"],
            issuer_id=booked.issuer_id,
            toll_party=booked.toll_party,
            fee=trade["fee"],
            reason=reason,
            opened_on=booked.confirmed_on,
        )
        for trade, reason in disputed
    )
    open_holds(
        [
            HoldOpening(
                hold_key(direction, booked.of_message, dispute.transaction_id),
                dispute.opened_on,
                held_lines(
                    direction,
                    dispute.issuer_id,
                    dispute.fee,
                    shares.get(dispute.transaction_id, ()),
                ),
                ACTOR,
                f"{dispute.transaction_id} reason {dispute.reason}",
            )
            for dispute in disputes
        ]
    )


def confirm(booked: BookedMessage) -> None:
    """Post what was confirmed: it is due through the ministry from now on."""
    confirmed = booked.fee - booked.disputed_fee
    if confirmed:
        post_batch(
            batch_key=f"booked:{booked.direction}:{booked.of_message}",
            clear_date=booked.confirmed_on,
            lines=confirmed_lines(Direction(booked.direction), booked.issuer_id, confirmed),
            actor=ACTOR,
        )
