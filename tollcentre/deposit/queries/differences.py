"""What does not agree, by name, and what was ruled of it."""

from datetime import date

from django.db.models import Case, Count, Exists, OuterRef, QuerySet, Subquery, Value, When

from tollcentre.access.queries import of_viewer
from tollcentre.access.terms import Viewer
from tollcentre.core.refusal import Refusal

from ..models import DepositDifference, DepositRuling
from ..terms import NO_SUCH_DIFFERENCE, DepositDifferenceKind, DepositRulingKind

FREE_ORDERS = (DepositDifferenceKind.BILL_ONLY, DepositDifferenceKind.PAID_TWICE)
"""Orders that no lane record has."""


def differences(
    *,
    viewer: Viewer,
    day: date | None = None,
    kind: str = "",
    channel: str = "",
    station_id: str = "",
    state: str = "",
) -> "QuerySet[DepositDifference]":
    """Differences for a page, newest first, each with its `state`: open or kept."""
    rulings = DepositRuling.objects.filter(difference_key=OuterRef("key"))
    found = (
        of_viewer(DepositDifference.objects.all(), viewer)
        .annotate(
            state=Case(
                When(Exists(rulings.filter(in_effect=True)), then=Value("kept")),
                default=Value("open"),
            ),
            ruled_by=Subquery(rulings.filter(in_effect=True).values("maker")[:1]),
        )
        .order_by("-day", "kind", "key")
    )
    if day:
        found = found.filter(day=day)
    wanted = {"kind": kind, "channel": channel, "state": state}
    found = found.filter(**{name: text for name, text in wanted.items() if text})
    return found.filter(station_id__startswith=station_id) if station_id else found


def difference(key: str, *, viewer: Viewer) -> DepositDifference:
    """The difference of that key; Refusal where the viewer sees none."""
    found = differences(viewer=viewer).filter(key=key).first()
    if found is None:
        raise Refusal(NO_SUCH_DIFFERENCE, "key", key=key)
    return found


def rulings_of(key: str) -> list[DepositRuling]:
    """What was proposed and ruled of a difference, newest first."""
    return list(DepositRuling.objects.filter(difference_key=key).order_by("-pk"))


def difference_counts(*, viewer: Viewer) -> dict[str, int]:
    """How many differences of each kind are open, as far as the viewer sees them."""
    found = differences(viewer=viewer, state="open").order_by("kind").values_list("kind")
    return dict(found.annotate(number=Count("pk")))


def rulings_that_fit(row: DepositDifference) -> list[DepositRulingKind]:
    """What may be ruled of a difference: who paid its lane record, or that an overage is kept."""
    if row.record_key:
        return [DepositRulingKind.PAID_IN_CASH, DepositRulingKind.PAID_BY_ORDER]
    if row.kind in (DepositDifferenceKind.OVER, *FREE_ORDERS):
        return [DepositRulingKind.KEPT]
    return []
