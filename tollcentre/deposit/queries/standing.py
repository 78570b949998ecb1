"""Where what the lanes collected stands: credited, or waiting on a station, bank or channel."""

from collections.abc import Iterator
from datetime import date

from ..models import DepositCredit, LaneDue, ShiftCash
from ..terms import LaneStanding, Means, ShiftState
from .credits import PAYOUT

CREDITED = (ShiftState.SETTLED, ShiftState.OVER)
BANK = "bank"


def lane_standing() -> Iterator[LaneStanding]:
    """What lanes collected, by clear day and whom it waits on; counts of lane records, fen.

    Cash waits on its station until it is deposited, then on the bank; what is paid by code waits on
    its channel for the bill and then for the payout, on the station where it differs by name.
    """
    shifts = {
        (row.station_id, row.shift_day, row.shift): ShiftState(row.state)
        for row in ShiftCash.objects.all()
    }
    paid_out = set(
        DepositCredit.objects.filter(key__startswith=PAYOUT).values_list("key", flat=True)
    )
    for row in LaneDue.objects.order_by("clear_date", "station_id", "shift_day", "shift", "means"):
        if row.means == Means.MOBILE:
            yield from _mobile(row, f"{PAYOUT}{row.channel}:{row.clear_date}" in paid_out)
            continue
        state = shifts.get((row.station_id, row.shift_day, row.shift))
        if row.means == Means.CASH and state in CREDITED:
            yield LaneStanding(row.clear_date, "", None, row.due_count, row.due_fen)
        else:
            waits_on = BANK if state is ShiftState.TO_CREDIT else row.station_id
            yield LaneStanding(row.clear_date, waits_on, row.shift_day, row.due_count, row.due_fen)


def _mobile(row: LaneDue, is_paid_out: bool) -> Iterator[LaneStanding]:
    """The parts of what a shift was paid by code: matched, waiting for a bill, differing."""
    day: date = row.clear_date
    party, since = ("", None) if is_paid_out else (row.channel, day)
    rest = row.due_count - row.matched_count - row.waiting_count
    rest_fen = row.due_fen - row.matched_fen - row.waiting_fen
    for waits_on, from_day, count, fen in (
        (party, since, row.matched_count, row.matched_fen),
        (row.channel or row.station_id, day, row.waiting_count, row.waiting_fen),
        (row.station_id, day, rest, rest_fen),
    ):
        if count or fen:
            yield LaneStanding(day, waits_on, from_day, count, fen)
