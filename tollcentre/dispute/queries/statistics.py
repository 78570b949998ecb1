"""The ministry's clearing statistics against our own figures, party by party and by message."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.db.models import Count, F, Sum

from tollcentre.clearing.queries import counted_files, counted_messages, statistics_of
from tollcentre.clearing.terms import StatisticKind

from ..models import BookedMessage, Dispute
from ..terms import Direction, Result, StatisticRow

_SIDES = {
    "receivable": (Direction.TOLL, "issuer_id"),
    "payable": (Direction.ISSUER, "toll_party"),
}
"""Side of a statistic → the direction of its trades, and what names the counterparty."""


def compared(day: date) -> list[StatisticRow]:
    """Each counterparty of a clear day: what the ministry counted, and what we did; fee in fen.

    Ours is what was confirmed of the messages and ruled payable by the files that the ministry
    counted, so that an answer that came after its day was closed stands on the day that counts it.
    What was confirmed or ruled on the day and is counted nowhere is a row without their figures. Of
    provinces' parts ours is our own figure of the journeys that the ministry counted. Refunds and
    supplements are not looked at here.
    """
    figures: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for row in statistics_of(day).exclude(kind=StatisticKind.CHANGE):
        key = row.side, row.kind, row.party_id
        if row.kind == StatisticKind.SPLIT:
            ours, booked = (row.our_count or 0, row.our_fee or 0), row.booked_fee or 0
        else:
            ours = _counted(row.side, row.party_id, row.of_messages, row.of_files)
            booked = ours[1]
        told = (*ours, row.count, row.fee, booked)
        figures[key] = [a + b for a, b in zip(figures[key], told, strict=True)]
    for side, party, count, fee in _uncounted(day):
        cell = figures[side, StatisticKind.TRADE, party]
        cell[0] += count
        cell[1] += fee
    return [StatisticRow(*key, *cell) for key, cell in sorted(figures.items()) if any(cell)]


def _counted(side: str, party: str, messages: list[str], files: list[str]) -> tuple[int, int]:
    """Trades and fen of a counterparty that these messages confirmed, or these files ruled."""
    direction, name = _SIDES[side]
    booked = BookedMessage.objects.filter(
        direction=direction, of_message__in=messages, **{name: party}
    )
    ruled = Dispute.objects.filter(
        direction=direction, ruling__result=Result.PAY, ruling__file_id__in=files, **{name: party}
    )
    confirmed = booked.aggregate(
        n=Sum(F("count") - F("disputed_count")), fen=Sum(F("fee") - F("disputed_fee"))
    )
    paid = ruled.aggregate(n=Count("pk"), fen=Sum("fee"))
    return sum(s["n"] or 0 for s in (confirmed, paid)), sum(
        s["fen"] or 0 for s in (confirmed, paid)
    )


def _uncounted(day: date) -> Iterator[tuple[str, str, int, int]]:
    """(side, party, trades, fen) that were confirmed or ruled on a day and are counted nowhere."""
    messages, files = counted_messages(), counted_files()
    for side, (direction, name) in _SIDES.items():
        for row in BookedMessage.objects.filter(direction=direction, confirmed_on=day):
            if row.of_message not in messages:
                count, fee = row.count - row.disputed_count, row.fee - row.disputed_fee
                yield side, getattr(row, name), count, fee
        for one in Dispute.objects.filter(
            direction=direction, ruling__result=Result.PAY, ruling__ruled_on=day
        ).select_related("ruling"):
            if one.ruling.file_id not in files:
                yield side, getattr(one, name), 1, one.fee
