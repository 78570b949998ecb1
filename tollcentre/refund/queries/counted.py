"""What the ministry's statistics count of refunds and supplements, against our own figures."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date

from django.db.models import Count, QuerySet, Sum

from tollcentre.clearing.queries import counted_messages, statistics_of
from tollcentre.clearing.terms import StatisticKind
from tollcentre.dispute.terms import StatisticRow

from ..models import CustomerCredit, TollChange, TollChangeLine, TollChangeStep
from ..terms import CENTRE, ChangeKind, ChangeRoute, ChangeState, CreditResult

GIVEN = {ChangeKind.REFUND: "payable", ChangeKind.SUPPLEMENT: "receivable"}
TAKEN = {ChangeKind.REFUND: "receivable", ChangeKind.SUPPLEMENT: "payable"}
"""Kind of a change → its side where we give to the other, and where the other gives to us."""
_Figures = Iterator[tuple[str, str, int, int]]
"""Side, party, changes and fen."""


def compared_changes(day: date) -> list[StatisticRow]:
    """Changes of a clear day by side and party: what the ministry counted, what we credited; fen.

    A refund of ours is payable to its issuer, and receivable from the provinces that bear a part;
    one of our issuer's customer is receivable from the centre whose toll it was; supplements the
    other way. What was credited on the day and is counted nowhere is a row without their figures.
    """
    figures: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * 5)
    told: set[str] = set()
    for row in statistics_of(day).filter(kind=StatisticKind.CHANGE):
        cell = figures[row.side, row.party_id]
        cell[2] += row.count
        cell[3] += row.fee
        told |= set(row.of_messages)
    late = _credited_on(day) - counted_messages(StatisticKind.CHANGE)
    for messages in (told, late):
        for side, party, count, fee in _ours(messages):
            cell = figures[side, party]
            cell[0] += count
            cell[1] += fee
            cell[4] += fee if messages is told else 0
    return [
        StatisticRow(side, StatisticKind.CHANGE, party, *cell)
        for (side, party), cell in sorted(figures.items())
    ]


def _credited_on(day: date) -> set[str]:
    """The messages by which changes through the ministry were credited on a day."""
    steps = TollChangeStep.objects.filter(
        state=ChangeState.CREDITED, day=day, change__route=ChangeRoute.MINISTRY
    )
    done = CustomerCredit.objects.filter(result=CreditResult.CREDITED, credited_on=day)
    return {
        *steps.values_list("message_id", flat=True), *done.values_list("message_id", flat=True)
    } - {""}  # fmt: skip


def _ours(messages: Collection[str]) -> _Figures:
    """Our figures of the changes that these messages credited."""
    steps = TollChangeStep.objects.filter(state=ChangeState.CREDITED, message_id__in=messages)
    changes = TollChange.objects.filter(pk__in=steps.values("change_id"))
    for kind, issuer, count, fee in _sums(changes, "kind", "issuer_id"):
        yield GIVEN[kind], issuer, count, fee
    shares = TollChangeLine.objects.filter(change__in=changes, party="province").exclude(code="")
    for kind, code, count, fee in _sums(shares, "change__kind", "code"):
        yield TAKEN[kind], f"{code}{CENTRE}", count, fee
    credited = CustomerCredit.objects.filter(result=CreditResult.CREDITED, message_id__in=messages)
    for kind, party, count, fee in _sums(credited, "kind", "toll_party"):
        yield TAKEN[kind], party, count, fee


def _sums(rows: QuerySet, kind: str, party: str) -> Iterator[tuple[ChangeKind, str, int, int]]:
    """Kind, party, number and fen of rows."""
    sums = rows.values_list(kind, party).annotate(n=Count("pk"), fen=Sum("fee"))
    yield from ((ChangeKind(row[0]), *row[1:]) for row in sums)
