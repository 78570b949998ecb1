"""Disputes within the province: those that wait for a ruling of ours, and who was liable."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, QuerySet, Sum

from tollcentre.access.queries import approvals_by_key
from tollcentre.access.terms import ApprovalState

from ..models import Dispute, DisputeRuling, ProposedRuling
from ..terms import Direction, LiabilityRow

ROWS_AT_ONCE = 5_000


def open_own_disputes(*, viewer: object | None = None, reason: str = "") -> "QuerySet[Dispute]":
    """Disputes within the province that are not ruled, those longest open first."""
    found = Dispute.objects.filter(direction=Direction.LOCAL, ruling=None)
    found = found.select_related("booked").order_by("opened_on", "pk")
    return found.filter(reason=reason) if reason else found


def disputes_by_key(keys: Sequence[int]) -> dict[int, Dispute]:
    """These disputes by their row ids, each with its ruling and its booked message."""
    found: dict[int, Dispute] = {}
    for start in range(0, len(keys), ROWS_AT_ONCE):
        rows = Dispute.objects.select_related("ruling", "booked")
        found |= {row.pk: row for row in rows.filter(pk__in=keys[start : start + ROWS_AT_ONCE])}
    return found


def waiting_proposals(disputes: Sequence[int]) -> dict[int, str]:
    """Of these disputes those that wait for a second person, with the request's key."""
    rows: list[tuple[int, str]] = []
    for start in range(0, len(disputes), ROWS_AT_ONCE):
        part = disputes[start : start + ROWS_AT_ONCE]
        found = ProposedRuling.objects.filter(dispute_id__in=part, dispute__ruling=None)
        rows += found.values_list("dispute_id", "proposal__approval_key")
    states = approvals_by_key({key for _, key in rows})
    return {pk: key for pk, key in rows if states[key].state is ApprovalState.WAITING}


def proposed_rulings(approval_key: str) -> "QuerySet[ProposedRuling]":
    """What a request asks to rule, dispute by dispute."""
    found = ProposedRuling.objects.filter(proposal__approval_key=approval_key)
    return found.select_related("dispute").order_by("dispute_id")


def liability(
    *, viewer: object | None = None, start: date | None = None, end: date | None = None
) -> list[LiabilityRow]:
    """Disputes within the province by who is liable and why, over days of ruling; fee in fen."""
    found = DisputeRuling.objects.filter(dispute__direction=Direction.LOCAL)
    if start:
        found = found.filter(ruled_on__gte=start)
    if end:
        found = found.filter(ruled_on__lte=end)
    names = ("liable", "liable_code", "dispute__reason", "result", "source")
    sums = found.values_list(*names).annotate(n=Count("pk"), fen=Sum("dispute__fee"))
    return [LiabilityRow(*row) for row in sums.order_by(*names)]
