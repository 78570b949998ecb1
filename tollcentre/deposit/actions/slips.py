"""Deposit slips (缴款单): what stations paid in, as their banks say it."""

from datetime import date
from typing import Any

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.messages.terms import Parcel

from ..models import DepositSlip
from ..queries.cash import key_of, parts
from ..rules import shift_name
from ..terms import SLIP_DIFFERS, ShiftKey
from .restate import post_moves, restate_cash

ACTOR = "bank"


@transaction.atomic
def take_deposit_slips(parcel: Parcel, now: int) -> None:
    """Take a bank's slips; the same slip again changes nothing.

    Refuses the whole parcel where a slip was taken before with other content.
    """
    hold_trail()
    envelope = parcel.envelope
    slips = [_slip(record, envelope.sender_id, envelope.message_id, now)
             for record in parcel.records]  # fmt: skip
    known: dict[str, DepositSlip] = {}
    for part in parts(slip.slip_no for slip in slips):
        known |= {row.slip_no: row for row in DepositSlip.objects.filter(slip_no__in=part)}
    new = []
    for slip in slips:
        earlier = known.setdefault(slip.slip_no, slip)
        if _content(earlier) != _content(slip):
            raise Refusal(SLIP_DIFFERS, "slip_no", slip_no=slip.slip_no)
        if earlier is slip:
            new.append(slip)
    if not new:
        return
    DepositSlip.objects.bulk_create(new)
    post_moves(
        cause=f"slips:{envelope.sender_id}:{envelope.message_id}", clear_date=day_of(now),
        lines=restate_cash({key_of(slip) for slip in new}), actor=ACTOR,
    )  # fmt: skip
    record_trail(
        actor=ACTOR, act="deposit.take_deposit_slips", subject=envelope.message_id,
        detail={"bank": envelope.sender_id, "new": len(new),
                "amount_fen": sum(slip.amount_fen for slip in new)},
    )  # fmt: skip


def _slip(record: dict[str, Any], bank_id: str, message_id: str, now: int) -> DepositSlip:
    key = ShiftKey(
        record["station_id"], as_day(record["shift_day"]), shift_name(str(record["shift"]))
    )
    return DepositSlip(
        slip_no=record["slip_no"], bank_id=bank_id, station_id=key.station_id,
        shift_day=key.shift_day, shift=key.shift, amount_fen=record["amount_fen"],
        deposited_at=record["deposited_at"], message_id=message_id, taken_at=now,
    )  # fmt: skip


def as_day(value: date | str) -> date:
    """A day of a parcel, whether its codec gives days or texts."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def _content(slip: DepositSlip) -> tuple[object, ...]:
    return (slip.bank_id, slip.station_id, slip.shift_day, slip.shift, slip.amount_fen,
            slip.deposited_at)  # fmt: skip
