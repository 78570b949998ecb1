"""Issuer side: trades elsewhere on our media, checked and answered."""

import hashlib
from typing import Any

from tollcentre.core.clock import day_of
from tollcentre.messages.actions import queue_messages
from tollcentre.messages.terms import Parcel

from ..models import BookedMessage
from ..terms import Direction, TradeToBook
from .results import ACTOR, confirm, open_disputes
from .trades import book_trades

NOT_TOLD = -1


def take_trades_to_book(parcel: Parcel, now: int) -> None:
    """Book the trades of a message: each is checked, and the answer lists only the disputed.

    The money of the others is owed through the ministry from this day on.
    """
    envelope, records = parcel.envelope, parcel.records
    keys = {record["transaction_id"]: _trade_key(parcel, record) for record in records}
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
    open_disputes(booked, [(r, int(reasons[r["transaction_id"]])) for r in disputed])
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


def _trade_key(parcel: Parcel, record: dict[str, Any]) -> str:
    """What names a trade of a message: the same trade in another message is another claim."""
    message = hashlib.sha256(parcel.envelope.message_id.encode()).hexdigest()[:16]
    return f"{message}/{record['transaction_id']}"


def trade_of(record: dict[str, Any], trade_key: str, toll_party: str) -> TradeToBook:
    """A trade as the booking rules take it, of a record of the message."""
    return TradeToBook(
        trade_key=trade_key,
        pass_id=record["pass_id"] or "",
        card_no=record["card_id"] or "",
        card_type=record["card_type"] or 0,
        obu_no=record["obu_id"] or "",
        vehicle_id=record["vehicle_id"] or "",
        vehicle_type=record["vehicle_type"],
        trans_time=record["ex_time"],
        pay_fee_fen=record["pay_fee"],
        discount_fee_fen=record["discount_fee"],
        fee_fen=record["fee"],
        trans_fee_fen=record["trans_fee"] or 0,
        tac=record["tac"] or "",
        trans_type=record["trans_type"] or "",
        terminal_no=record["terminal_no"] or "",
        terminal_trans_no=record["terminal_trans_no"] or "",
        card_counter=record["card_counter"] or 0,
        pre_balance_fen=NOT_TOLD if record["pre_balance"] is None else record["pre_balance"],
        post_balance_fen=NOT_TOLD if record["post_balance"] is None else record["post_balance"],
        algorithm_identifier=record["algorithm_identifier"] or 0,
        key_version=record["key_version"] or 0,
        toll_province_id=toll_party,
    )
