"""What people decided on paths: who asked, where it stands, what of it a clear day takes over."""

import hashlib
import json
from datetime import date

import pyarrow as pa

from tollcentre.access.queries import approvals_by_key, trail_of
from tollcentre.access.terms import ApprovalState, Permission, Viewer
from tollcentre.core.law import Law

from ..models import PathDecision
from ..rules import decision_digest
from ..terms import DECIDE_PATH, PathDecisionInfo
from .explanations import way_of

POSITION_STEP = 256
NEWEST = 1000


def decisions(
    viewer: Viewer, *, day: date | None = None, pass_key: int | None = None
) -> list[PathDecisionInfo]:
    """Decisions on paths, newest first: of one clear day, of one passage of it, or the newest.

    None for a viewer who may not see passages.
    """
    if not viewer.may(Permission.VIEW_PASSAGES):
        return []
    if day is None:
        return _infos(list(PathDecision.objects.order_by("-id")[:NEWEST])[::-1])[::-1]
    of_day = PathDecision.objects.filter(clear_date=day)
    if pass_key is not None:
        of_day = of_day.filter(pass_key=pass_key)
    return _infos(list(of_day.order_by("id")))[::-1]


def decided_units(day: date, version: str) -> tuple[pa.Table, str]:
    """The units that approved decisions give passages of the day, and the decisions' digest.

    Columns pass_key, position, node_idx, unit_time, in order. The digest belongs to what a run is
    made of; without a decision it is empty. A decision made under another network version waits
    until that version clears the day again.
    """
    made = PathDecision.objects.filter(clear_date=day, network_version=version)
    standing = sorted(
        (found for found in _infos(list(made.order_by("id"))) if found.stands),
        key=lambda found: found.pass_key,
    )
    rows: list[tuple[int, int, int, int]] = []
    for found in standing:
        way = way_of(day, version, [unit for unit, _ in found.units])
        rows += [
            (found.pass_key, number * POSITION_STEP, node, time)
            for number, (node, (_, time)) in enumerate(zip(way.nodes, found.units, strict=True))
        ]
    names = ("pass_key", "position", "node_idx", "unit_time")
    types = (pa.int64(), pa.int64(), pa.int32(), pa.int64())
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    table = pa.table(
        {
            name: pa.array(column, type_)
            for name, column, type_ in zip(names, columns, types, strict=True)
        }
    )
    said = [(found.pass_key, found.approval_key, found.units) for found in standing]
    return table, hashlib.sha256(json.dumps(said).encode()).hexdigest() if said else ""


def _infos(rows: list[PathDecision]) -> list[PathDecisionInfo]:
    """The rows, in order of asking, with their approvals; the last approved of a passage stands."""
    approvals = approvals_by_key(row.approval_key for row in rows)
    last = {
        (row.clear_date, row.network_version, row.pass_key): row.approval_key
        for row in rows
        if approvals[row.approval_key].state is ApprovalState.APPROVED
    }
    standing = set(last.values())
    infos = []
    for row in rows:
        approval = approvals[row.approval_key]
        infos.append(
            PathDecisionInfo(
                approval_key=row.approval_key,
                pass_key=row.pass_key,
                pass_id=row.pass_id,
                clear_date=row.clear_date,
                network_version=row.network_version,
                units=tuple((unit, time) for unit, time in row.units),
                reason=row.reason,
                maker=row.maker,
                asked_at=row.asked_at,
                state=approval.state,
                checker=approval.checker,
                decision_reason=approval.decision_reason,
                decided_at=approval.decided_at,
                stands=row.approval_key in standing,
            )
        )
    return infos


def verify_decisions() -> Law:
    """The law `decided_paths_are_as_asked`: decisions and approvals are what the trail tells."""
    asked = {
        entry.subject: entry.detail["detail"]
        for entry in trail_of("access.request_approval")
        if entry.detail["act"] == DECIDE_PATH
    }
    answered = {
        entry.subject: entry.detail["decision"] for entry in trail_of("access.decide_approval")
    }
    said = {row.approval_key: row for row in PathDecision.objects.order_by("id").iterator()}
    approvals = approvals_by_key(said)
    for key in sorted({*asked, *said}):
        row, detail = said.get(key), asked.get(key)
        holds = (
            row is not None
            and isinstance(detail, dict)
            and detail["digest"]
            == decision_digest(row.clear_date, row.network_version, row.pass_key, row.units)
            and key in approvals
            and approvals[key].state == answered.get(key, ApprovalState.WAITING)
        )
        if not holds:
            return Law("decided_paths_are_as_asked", False, key)
    return Law("decided_paths_are_as_asked", True, f"{len(said)} 项 / decisions")
