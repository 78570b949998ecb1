"""Every read of access: viewers, the trail and its laws, approvals, what may be shown."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Value

from tollcentre.core.law import Law

from .models import ApprovalRequest, DemoUser, OwnerScope, TrailHead, TrailRow
from .rules import (
    FIRST_PREVIOUS_HASH,
    content_digest,
    content_of,
    mask_plate,
    trail_hash,
)
from .terms import ApprovalInfo, ApprovalState, Permission, Role, TrailEntry, Viewer

Progress = Callable[[int], None]
"""Called now and then with the number of rows done since the last call."""

PROGRESS_ROWS = 2_000
KEYS_AT_ONCE = 1_000


def viewer_of(user: Any) -> Viewer:
    """The viewer that a signed-in Django user is; a road owner sees the own rows only."""
    names = set(user.groups.values_list("name", flat=True))
    roles = frozenset(role for role in Role if role.value in names)
    if user.is_superuser:
        roles |= frozenset(Role) - {Role.ROAD_OWNER}
    if roles - {Role.ROAD_OWNER}:
        return Viewer(user.get_username(), roles, None)
    owned = OwnerScope.objects.filter(user=user).values_list("owner_id", flat=True)
    return Viewer(user.get_username(), roles, frozenset(owned))


def of_viewer(rows: "QuerySet[Any]", viewer: Viewer, unit: str = "station_id") -> "QuerySet[Any]":
    """The rows of the units that the viewer sees, by the column that names their unit."""
    if viewer.unit_codes is None:
        return rows
    return rows.filter(**{f"{unit}__in": viewer.unit_codes})


def has_demo_users() -> bool:
    """Whether an active demo user exists; then nobody may serve beyond loopback."""
    return bool(DemoUser.objects.filter(user__is_active=True).exists())


def shown_plate(vehicle_id: str, *, viewer: Viewer) -> str:
    """The plate as this viewer may see it: whole, or `甘A***45_0`."""
    return vehicle_id if viewer.may(Permission.VIEW_PLATES) else mask_plate(vehicle_id)


def trail(*, viewer: Viewer, act: str = "", subject: str = "", actor: str = "") -> QuerySet:
    """Trail rows, newest first; none for a viewer who may not read the trail."""
    found = TrailRow.objects.order_by("-seq")
    if not viewer.may(Permission.VIEW_TRAIL):
        return found.none()
    wanted = {"act": act, "subject": subject, "actor": actor}
    return found.filter(**{name: text for name, text in wanted.items() if text})


def trail_of(*acts: str) -> Iterator[TrailEntry]:
    """The rows of these acts in order, for other domains' own checks."""
    for row in TrailRow.objects.filter(act__in=acts).order_by("seq").iterator():
        yield TrailEntry(
            row.seq, row.at, row.actor, row.act, row.subject, json.loads(row.detail), row.hash
        )


def trail_content_digest() -> str:
    """One digest of what was done, leaving out times, actors and the order of acts."""
    rows = TrailRow.objects.order_by("seq").values_list("act", "subject", "detail")
    return content_digest(
        content_of(act, subject, json.loads(detail)) for act, subject, detail in rows.iterator()
    )


def verify_trail(progress: Progress | None = None) -> Law:
    """The law `trail_chain`: every row names the hash before it, none is changed or missing."""
    # One statement reads rows and head, so that acts recorded meanwhile cannot disturb it.
    head = TrailHead.objects.filter(pk=OuterRef("one"))
    rows = (
        TrailRow.objects.annotate(one=Value(1))
        .annotate(head_seq=Subquery(head.values("seq")), head_hash=Subquery(head.values("hash")))
        .order_by("seq")
    )
    expected_seq, previous = 1, FIRST_PREVIOUS_HASH
    head_seq, head_hash = 0, FIRST_PREVIOUS_HASH
    for row in rows.iterator(chunk_size=PROGRESS_ROWS):
        own = trail_hash(
            row.previous_hash, row.seq, row.at, row.actor, row.act, row.subject, row.detail
        )
        if (row.seq, row.previous_hash, row.hash) != (expected_seq, previous, own):
            return Law("trail_chain", False, f"第 {row.seq} 行 / row {row.seq}")
        expected_seq, previous = row.seq + 1, row.hash
        head_seq, head_hash = row.head_seq, row.head_hash
        if progress is not None and row.seq % PROGRESS_ROWS == 0:
            progress(PROGRESS_ROWS)
    if expected_seq == 1:
        ended = TrailHead.objects.filter(pk=1).first()
        if ended is not None and not TrailRow.objects.exists():
            head_seq, head_hash = ended.seq, ended.hash
    if (head_seq, head_hash) != (expected_seq - 1, previous):
        detail = f"链尾应为第 {head_seq} 行 / the chain should end at row {head_seq}"
        return Law("trail_chain", False, detail)
    return Law("trail_chain", True, f"{expected_seq - 1} 行 / rows")


def approval_info(row: ApprovalRequest) -> ApprovalInfo:
    """A row of `approvals` as a value."""
    decision = getattr(row, "decision", None)
    asked = (row.approval_key, row.act, row.subject, json.loads(row.detail), row.reason,
             row.maker, row.requested_at)  # fmt: skip
    if decision is None:
        return ApprovalInfo(*asked, ApprovalState.WAITING)
    return ApprovalInfo(
        *asked,
        ApprovalState(decision.state),
        decision.checker,
        decision.reason,
        decision.decided_at,
    )


def approval(approval_key: str) -> ApprovalInfo | None:
    """The request of that key with its decision, if there is one."""
    row = (
        ApprovalRequest.objects.select_related("decision").filter(approval_key=approval_key).first()
    )
    return None if row is None else approval_info(row)


def approvals_by_key(keys: Iterable[str]) -> dict[str, ApprovalInfo]:
    """The requests of these keys with their decisions, for the domain that asked."""
    wanted = sorted(keys)
    found: dict[str, ApprovalInfo] = {}
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        part = wanted[start : start + KEYS_AT_ONCE]
        rows = ApprovalRequest.objects.select_related("decision").filter(approval_key__in=part)
        found |= {row.approval_key: approval_info(row) for row in rows}
    return found


def approvals(*, viewer: Viewer, state: str = "") -> QuerySet:
    """Request rows, newest first: all for who may approve, the own ones for others."""
    found = ApprovalRequest.objects.select_related("decision").order_by("-id")
    if not viewer.may(Permission.APPROVE):
        found = found.filter(maker=viewer.name)
    if state == ApprovalState.WAITING:
        return found.filter(decision__isnull=True)
    return found.filter(decision__state=state) if state else found


def open_approvals(*, viewer: Viewer) -> list[ApprovalInfo]:
    """Requests that wait, oldest first: all for who may approve, the own ones for others."""
    waiting = approvals(viewer=viewer, state=ApprovalState.WAITING).order_by("id")
    return [approval_info(row) for row in waiting]
