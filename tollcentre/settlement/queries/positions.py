"""Positions with the ministry's centre: 跨省应收, 跨省应付 and their net, by clear day."""

from datetime import date

from tollcentre.clearing.queries import statistic_days
from tollcentre.clearing.terms import MINISTRY
from tollcentre.dispute.queries import compared
from tollcentre.dispute.terms import StatisticRow
from tollcentre.refund.queries import compared_changes

from ..models import MinistryPosition
from ..terms import Position
from .expected import bank_of


def counted(day: date) -> list[StatisticRow]:
    """All that the ministry's statistics of a clear day count, against our own figures; fen."""
    return [*compared(day), *compared_changes(day)]


def positions(*, is_open: bool = False) -> list[Position]:
    """Every clear day that the ministry has told statistics of, newest first.

    `is_open` leaves those that are not booked. A day is agreed where what the ministry counted of
    every counterparty is what we booked by it; what it has not counted belongs to a later day.
    """
    known = {row.clear_date: row for row in MinistryPosition.objects.order_by("clear_date")}
    found = []
    for day in statistic_days():
        if is_open and day in known:
            continue
        rows = [row for row in counted(day) if row.their_count]
        sums = {"receivable": [0, 0], "payable": [0, 0]}
        for row in rows:
            sums[row.side][0] += row.booked_fee
            sums[row.side][1] += row.their_fee
        agreed = all(row.booked_fee == row.their_fee for row in rows)
        booked = known.get(day)
        ours = (sums["receivable"][0], sums["payable"][0])
        if booked is not None:
            ours = (booked.receivable_fen, booked.payable_fen)
        found.append(
            Position(
                day, *ours, sums["receivable"][1], sums["payable"][1],
                booked.bank_id if booked else bank_of(MINISTRY, day), agreed,
                booked.voucher_no if booked else "", booked.settled_on if booked else None,
            )
        )  # fmt: skip
    return found
