"""The ministry's clearing statistics against our own figures, party by party and by message."""

from collections import defaultdict
from datetime import date

from django.db.models import Count, F, Sum

from tollcentre.clearing.queries import statistics_of

from ..models import BookedMessage, DisputeRuling
from ..terms import Direction, Result, StatisticRow

_SIDES = (
    ("receivable", Direction.TOLL, "issuer_id"),
    ("payable", Direction.ISSUER, "toll_party"),
)


def compared(day: date) -> list[StatisticRow]:
    """Each counterparty of a clear day: what the ministry counted, and what we did; fee in fen.

    Ours is what was confirmed on the day, plus what was ruled payable on it.
    """
    figures: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for side, direction, party in _SIDES:
        booked = BookedMessage.objects.filter(direction=direction, confirmed_on=day).values(party)
        confirmed = booked.annotate(
            n=Sum(F("count") - F("disputed_count")), fen=Sum(F("fee") - F("disputed_fee"))
        )
        paid = DisputeRuling.objects.filter(
            dispute__direction=direction, result=Result.PAY, ruled_on=day
        )
        ruled = paid.values(party=F(f"dispute__{party}")).annotate(
            n=Count("pk"), fen=Sum("dispute__fee")
        )
        for row in (*confirmed, *ruled):
            cell = figures[side, row.get(party) or row["party"]]
            cell[0] += row["n"]
            cell[1] += row["fen"]
    for side, party, count, fee in statistics_of(day):
        figures[side, party][2] += count
        figures[side, party][3] += fee
    return [
        StatisticRow(side, party, *cell) for (side, party), cell in sorted(figures.items())
        if any(cell)
    ]  # fmt: skip
