"""Every write of restoration: what a person decides on a path that the search was not sure of."""

import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from tollcentre.access.actions import hold_trail, request_approval
from tollcentre.access.queries import approvals_by_key
from tollcentre.access.terms import (
    PERMISSION_MISSING,
    ApprovalInfo,
    ApprovalState,
    Permission,
    Viewer,
)
from tollcentre.core.refusal import Refusal

from .models import PathDecision
from .queries.explanations import reviewed_passage, reviewed_reads, times_of, way_of
from .rules import decision_digest, decision_key
from .terms import DECIDE_PATH, DECISION_WAITS, REASON_MISSING


def propose_path(
    *,
    day: date,
    run_key: str,
    version: str,
    pass_key: int,
    units: Sequence[str],
    reason: str,
    maker: Viewer,
) -> ApprovalInfo:
    """Decide that a passage in review of the day's run drove these toll units; another approves.

    In effect once approved and the day is cleared again; a later approved decision supersedes it.
    Doing it twice changes nothing. Refuses who may not review, a missing reason, a passage that is
    not in review, units that are no way of the network version, and a passage whose earlier
    decision still waits.
    """
    if not maker.may(Permission.REVIEW_PASSAGES):
        raise Refusal(PERMISSION_MISSING, user=maker.name, permission=Permission.REVIEW_PASSAGES)
    if not reason.strip():
        raise Refusal(REASON_MISSING, "reason")
    passage = reviewed_passage(run_key, pass_key)
    way = way_of(day, version, units)
    reads = reviewed_reads(run_key, day, version, pass_key)
    times = times_of(day, version, way, reads, otherwise=passage["exit_time"])
    decided = [[unit, at] for unit, at in zip(units, times, strict=True)]
    return _ask(passage, day, version, decided, reason.strip(), maker)


@transaction.atomic
def _ask(
    passage: dict[str, Any], day: date, version: str, units: list[list[Any]], reason: str,
    maker: Viewer,
) -> ApprovalInfo:  # fmt: skip
    """Insert the decision with its request for approval, unless it is there already."""
    hold_trail()
    pass_key = passage["pass_key"]
    digest = decision_digest(day, version, pass_key, units)
    earlier = PathDecision.objects.filter(clear_date=day, pass_key=pass_key).order_by("id")
    approvals = approvals_by_key(row.approval_key for row in earlier)
    for row in earlier:
        if approvals[row.approval_key].state is ApprovalState.WAITING:
            if (row.content_digest, row.maker) == (digest, maker.name):
                return approvals[row.approval_key]
            name = passage["pass_id"] or pass_key
            raise Refusal(DECISION_WAITS, "PASS_ID", passage=name, maker=row.maker)
    key = decision_key(day, pass_key, len(earlier) + 1)
    PathDecision.objects.create(
        approval_key=key,
        pass_key=pass_key,
        pass_id=passage["pass_id"],
        clear_date=day,
        network_version=version,
        units=units,
        content_digest=digest,
        reason=reason,
        maker=maker.name,
        asked_at=int(time.time()),
    )
    return request_approval(
        approval_key=key,
        act=DECIDE_PATH,
        subject=passage["pass_id"] or str(pass_key),
        detail={
            "clear_date": day.isoformat(),
            "network_version": version,
            "pass_key": pass_key,
            "units": [unit for unit, _ in units],
            "digest": digest,
        },
        reason=reason,
        maker=maker,
    )
