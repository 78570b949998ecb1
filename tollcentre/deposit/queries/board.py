"""The board of deposits: per station and day, per shift, per channel and day; down to passages."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from tollcentre.access.queries import of_viewer
from tollcentre.access.terms import Viewer
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.lake.queries import connect

from ..models import ChannelBill, DepositCredit, DepositSlip, LaneDue, ShiftCash, ShiftReport
from ..rules import worst
from ..terms import NO_SUCH_SHIFT, BoardRow, Means, ShiftKey, ShiftState
from .cash import cash_facts, of_shifts
from .credits import payouts
from .matching import name_matching

DAYS_AROUND = 1
"""A shift's exits may be of the day before or after the one that it belongs to."""


def board(
    *, viewer: Viewer, day: date, now: int, station_id: str = "", state: str = ""
) -> list[BoardRow]:
    """Stations that the viewer sees on a shift day: due, declared, deposited, credited, late, over.

    Late is what was paid in after its last day, and what is missing past it at the moment `now`.
    """
    cash: dict[str, list[ShiftCash]] = defaultdict(list)
    for row in shifts(viewer=viewer, day=day, station_id=station_id):
        cash[row.station_id].append(row)
    other: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    dues = of_viewer(LaneDue.objects.filter(shift_day=day, station_id__startswith=station_id),
                     viewer)  # fmt: skip
    for due in dues.exclude(means=Means.CASH):
        sums = other[due.station_id]
        if due.means == Means.MOBILE:
            sums["due"] += due.due_fen
            sums["matched"] += due.matched_fen
            sums["waiting"] += due.waiting_fen
        else:
            sums["other"] += due.due_fen
    rows = [
        _station_row(station, day, cash[station], other[station], day_of(now))
        for station in sorted(cash.keys() | other.keys())
    ]
    return [row for row in rows if state in ("", row.state)]


def _station_row(
    station: str, day: date, cash: list[ShiftCash], other: dict[str, int], today: date
) -> BoardRow:
    return BoardRow(
        station_id=station,
        shift_day=day,
        shifts=len(cash),
        due_fen=sum(row.lane_fen for row in cash),
        declared_fen=sum(row.declared_fen or 0 for row in cash),
        deposited_fen=sum(row.deposited_fen for row in cash),
        credited_fen=sum(row.credited_fen for row in cash),
        waiting_fen=sum(row.station_fen + row.bank_fen for row in cash),
        late_fen=sum(late_by(row, today) for row in cash),
        short_fen=sum(row.short_fen for row in cash),
        over_fen=sum(max(row.over_fen, (row.declared_fen or 0) - row.lane_fen, 0) for row in cash),
        mobile_fen=other["due"],
        matched_fen=other["matched"],
        mobile_waiting_fen=other["waiting"],
        mobile_differs_fen=other["due"] - other["matched"] - other["waiting"],
        other_fen=other["other"],
        state=worst([ShiftState(row.state) for row in cash]),
    )


def late_by(row: ShiftCash, today: date) -> int:
    """What of a shift was late, or is missing past its last day, as of a day; fen."""
    missing = max(0, max(row.lane_fen, row.declared_fen or 0) - row.deposited_fen)
    return row.late_fen + (missing if today > row.deposit_by else 0)


def shift_days() -> list[date]:
    """The days that any shift belongs to, newest first."""
    days = set(ShiftCash.objects.values_list("shift_day", flat=True).distinct())
    days |= set(LaneDue.objects.values_list("shift_day", flat=True).distinct())
    return sorted(days, reverse=True)


def shifts(
    *, viewer: Viewer, day: date | None = None, station_id: str = "", state: str = ""
) -> "QuerySet[ShiftCash]":
    """Shifts and where their cash is, for a page; in order of day, station and shift."""
    found = of_viewer(ShiftCash.objects.order_by("-shift_day", "station_id", "shift"), viewer)
    if day is not None:
        found = found.filter(shift_day=day)
    if station_id:
        found = found.filter(station_id__startswith=station_id)
    return found.filter(state=state) if state else found


@dataclass
class ShiftView:
    """A shift with all that is said of it: report versions, slips with their parts, dues; fen."""

    key: ShiftKey
    cash: ShiftCash | None
    reports: list[ShiftReport] = field(default_factory=list)
    slips: list[dict[str, Any]] = field(default_factory=list)
    dues: list[LaneDue] = field(default_factory=list)


def shift(key: ShiftKey, *, viewer: Viewer) -> ShiftView:
    """One shift; Refusal where nothing is known of it, or where the viewer sees none of it."""
    if not viewer.sees_unit(key.station_id):
        raise Refusal(NO_SUCH_SHIFT, "shift", shift=key.text)
    cash = next(of_shifts(ShiftCash.objects.all(), [key]), None)
    dues = list(of_shifts(LaneDue.objects.order_by("clear_date", "means", "channel"), [key]))
    if cash is None and not dues:
        raise Refusal(NO_SUCH_SHIFT, "shift", shift=key.text)
    reports = list(of_shifts(ShiftReport.objects.order_by("-closed_at", "-pk"), [key]))
    facts = cash_facts([key])
    numbers = {share.slip_no: share.fen for share in facts.shares() if share.key == key}
    found = DepositSlip.objects.filter(slip_no__in=list(numbers)).order_by("deposited_at")
    slips = [
        {"slip": slip, "share_fen": numbers[slip.slip_no],
         "credited": facts.slips[slip.slip_no].credited}
        for slip in found
    ]  # fmt: skip
    return ShiftView(key, cash, reports, slips, dues)


def channel_days(*, channel: str = "", day: date | None = None) -> list[dict[str, Any]]:
    """Channels' bills against the lanes, newest first: orders, fees, matched, over, payout; fen."""
    bills = ChannelBill.objects.order_by("-bill_day", "channel")
    bills = bills.filter(channel=channel) if channel else bills
    bills = bills.filter(bill_day=day) if day else bills
    paid_out = {(one.channel, one.day): one for one in payouts()}
    credited = {row.key: row for row in DepositCredit.objects.filter(key__startswith="payout:")}
    rows = []
    for bill in bills:
        out = paid_out[bill.channel, bill.bill_day]
        credit = credited.get(out.key)
        rows.append({
            "channel": bill.channel, "bill_day": bill.bill_day, "message_id": bill.message_id,
            "count": bill.count, "paid_fen": bill.paid_fen, "fee_fen": bill.fee_fen,
            "matched_count": bill.matched_count, "matched_fen": bill.matched_fen,
            "over_fen": bill.over_fen, "refunded_fen": bill.paid_fen - bill.matched_fen
            - bill.over_fen, "payout_fen": out.amount_fen,
            "credited_on": credit.clear_date if credit else None,
            "cause": credit.cause if credit else "",
        })  # fmt: skip
    return rows


_PAYMENTS = """
SELECT clear_date, pass_key, pass_id, record_key, station_id, shift_day, shift, means, channel,
  order_no, fee, matched, kind
FROM fate
WHERE shift_day = $day AND ($station = '' OR station_id = $station)
  AND ($seen IS NULL OR list_contains($seen, station_id))
  AND ($shift = '' OR shift = $shift) AND ($means = '' OR means = $means)
ORDER BY station_id, shift, clear_date, record_key
"""
_ORDERS = """
SELECT p.bill_day, p.channel, p.order_no, p.station_id, p.paid_at, p.amount_fen, p.net, p.matched,
  p.is_refunded, f.clear_date, f.pass_key, f.pass_id, f.shift_day, f.shift, f.fee
FROM pair AS p
LEFT JOIN fate AS f ON f.record_key = p.record_key
WHERE p.bill_day = $day AND ($channel = '' OR p.channel = $channel)
ORDER BY p.channel, p.paid_at, p.order_no
"""


def payments(
    *, viewer: Viewer, day: date, station_id: str, shift: str, means: str, size: int, skip: int
) -> tuple[list[dict[str, Any]], int]:
    """Passages that a station's shift was paid for, a page of them, and how many; fen."""
    seen = None if viewer.unit_codes is None else sorted(viewer.unit_codes)
    asked = {"day": day, "station": station_id, "shift": shift, "means": means, "seen": seen}
    return _page(_PAYMENTS, asked, size, skip)


def orders(*, day: date, channel: str, size: int, skip: int) -> tuple[list[dict[str, Any]], int]:
    """The orders of a bill, each with the lane record that it paid, a page of them; fen."""
    return _page(_ORDERS, {"day": day, "channel": channel}, size, skip)


def _page(
    sql: str, asked: dict[str, Any], size: int, skip: int
) -> tuple[list[dict[str, Any]], int]:
    around = timedelta(DAYS_AROUND)
    con = connect()
    try:
        name_matching(con, asked["day"] - around, asked["day"] + around, asked.get("station", ""))
        total = con.execute(f"SELECT count(*) FROM ({sql}) AS found", asked).fetchone()
        con.execute(f"{sql} LIMIT $size OFFSET $skip", asked | {"size": size, "skip": skip})
        names = [column[0] for column in con.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in con.fetchall()]
    finally:
        con.close()
    return rows, int(total[0]) if total else 0


def totals(rows: Iterable[BoardRow]) -> dict[str, int]:
    """The sums of a board's figures, in fen."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        for name, value in vars(row).items():
            if name.endswith("_fen") or name == "shifts":
                found[name] += value
    return dict(found)
