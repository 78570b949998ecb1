"""Channels' bills: the orders of a day, kept in the lake and matched to the lanes' records."""

from datetime import date, timedelta

import pyarrow as pa
from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.lake.actions import write_table
from tollcentre.ledger.actions import PostingLine
from tollcentre.messages.terms import Parcel

from ..models import ChannelBill, RefundedOrder
from ..queries.cash import parts
from ..queries.matching import days_of_orders
from ..terms import BILL_KNOWN_OTHERWISE, CHANNEL_ORDERS
from .restate import post_moves, restate_day

ACTOR = "channel"
REFUND_DAYS = 92
"""How many days back a refunded order is looked for on earlier bills."""
_COLUMNS = {
    "order_no": pa.string(), "station_id": pa.string(), "paid_at": pa.int64(),
    "amount_fen": pa.int64(), "fee_fen": pa.int64(), "state": pa.string(),
}  # fmt: skip


@transaction.atomic
def take_bill(parcel: Parcel, now: int) -> None:
    """Take a channel's bill of a day, once; what it says rules.

    Its envelope names the day. Refuses a second bill of the day with other content.
    """
    hold_trail()
    envelope = parcel.envelope
    channel, day = envelope.sender_id, day_of(envelope.sent_at)
    earlier = ChannelBill.objects.filter(channel=channel, bill_day=day).first()
    if earlier is not None:
        if earlier.digest != envelope.digest:
            raise Refusal(BILL_KNOWN_OTHERWISE, "day", channel=channel, day=day)
        return
    columns = {
        name: pa.array([record[name] for record in parcel.records], type_)
        for name, type_ in _COLUMNS.items()
    }
    names = pa.array([channel] * len(parcel.records), pa.string())
    write_table(
        relation=CHANNEL_ORDERS, partition=f"bill_day={day}", run_key=envelope.message_id,
        table=pa.table({"channel": names, **columns}),
    )  # fmt: skip
    paid = [record for record in parcel.records if record["state"] == "paid"]
    ChannelBill.objects.create(
        channel=channel, bill_day=day, message_id=envelope.message_id, digest=envelope.digest,
        count=envelope.count, paid_fen=sum(record["amount_fen"] for record in paid),
        fee_fen=sum(record["fee_fen"] for record in paid), taken_at=now,
    )  # fmt: skip
    refunds = [record for record in parcel.records if record["state"] == "refunded"]
    elsewhere = days_of_orders(
        channel, [record["order_no"] for record in refunds], day - timedelta(REFUND_DAYS), day
    )
    RefundedOrder.objects.bulk_create(
        (RefundedOrder(
            channel=channel, order_no=record["order_no"], bill_day=day,
            paid_day=elsewhere.get(record["order_no"]), amount_fen=record["amount_fen"],
            fee_fen=record["fee_fen"],
        )
        for record in refunds),
        ignore_conflicts=True,
    )  # fmt: skip
    _find_refunded(channel, day, [record["order_no"] for record in paid])
    _post(f"bill:{channel}:{day}", {day, *elsewhere.values()}, now)
    record_trail(
        actor=ACTOR, act="deposit.take_bill", subject=envelope.message_id,
        detail={"channel": channel, "day": day.isoformat(), "count": envelope.count,
                "amount_fen": envelope.amount_fen},
    )  # fmt: skip


def _find_refunded(channel: str, day: date, orders: list[str]) -> None:
    """Say of refunds that came before it that this bill has their orders as paid."""
    waiting = RefundedOrder.objects.filter(channel=channel, paid_day=None)
    early = set(waiting.values_list("order_no", flat=True)) & set(orders)
    for part in parts(early):
        waiting.filter(order_no__in=part).update(paid_day=day)


def _post(cause: str, days: set[date], now: int) -> None:
    lines: list[PostingLine] = []
    for day in sorted(days):
        lines += restate_day(day)
    post_moves(cause=cause, clear_date=day_of(now), lines=lines, actor=ACTOR)
