"""Issuer side: trades elsewhere on our media, checked and answered."""

from tollcentre.core.clock import day_of
from tollcentre.messages.actions import queue_messages
from tollcentre.messages.terms import Parcel

from ..models import BookedMessage
from ..rules.evidence import trade_of
from ..rules.money import trade_key
from ..terms import Direction
from .results import ACTOR, confirm, open_disputes
from .trades import book_trades


def take_trades_to_book(parcel: Parcel, now: int) -> None:
    """Book the trades of a message: each is checked, and the answer lists only the disputed.

    The money of the others is owed through the ministry from this day on.
    """
    envelope, records = parcel.envelope, parcel.records
    keys = {
        record["transaction_id"]: trade_key(
            Direction.ISSUER, envelope.message_id, record["transaction_id"]
        )
        for record in records
    }
    disputes = dict(
        book_trades(
            trades=[
                trade_of(record, keys[record["transaction_id"]], parcel.fields["toll_province_id"])
                for record in records
            ],
            received_at=now,
            source=envelope.message_id,
            actor=ACTOR,
        )
    )
    reasons = {name: disputes[key] for name, key in keys.items() if key in disputes}
    disputed = [record for record in records if record["transaction_id"] in reasons]
    booked = BookedMessage.objects.create(
        direction=Direction.ISSUER,
        of_message=envelope.message_id,
        result_message="",
        issuer_id=records[0]["issuer_id"],
        toll_party=parcel.fields["toll_province_id"],
        clear_date=parcel.fields["clear_date"],
        confirmed_on=day_of(now),
        count=envelope.count,
        fee=envelope.amount_fen,
        disputed_count=len(disputed),
        disputed_fee=sum(record["fee"] for record in disputed),
        booked_at=now,
    )
    open_disputes(booked, [(r, int(reasons[r["transaction_id"]])) for r in disputed], {})
    confirm(booked)
    queue_messages(
        cause=f"booked:{envelope.message_id}",
        kind="booking_result",
        receiver=envelope.sender_id,
        fields={
            "of_message_id": envelope.message_id,
            "count": booked.count,
            "amount": booked.fee,
            "disputed_count": booked.disputed_count,
            "disputed_amount": booked.disputed_fee,
        },
        records=[
            {
                "transaction_id": record["transaction_id"],
                "fee": record["fee"],
                "reason": int(reasons[record["transaction_id"]]),
            }
            for record in disputed
        ],
        clear_date=booked.confirmed_on,
        now=now,
    )
