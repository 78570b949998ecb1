"""What one person asks and another allows; carried out once, when it is allowed."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail, request_approval
from tollcentre.access.queries import approval
from tollcentre.access.terms import (
    PERMISSION_MISSING,
    ApprovalInfo,
    ApprovalState,
    Permission,
    Viewer,
)
from tollcentre.core.refusal import Refusal

from ..models import SettlementRequest
from ..queries.asking import waiting_requests
from ..terms import (
    ASKED_BEFORE,
    NOTHING_CHOSEN,
    REQUEST_NOT_APPROVED,
    REQUEST_UNKNOWN,
    SETTLEMENT_REASON_MISSING,
    RequestKind,
)

Doer = Callable[[dict[str, Any], ApprovalInfo, int], None]


def require_maker(viewer: Viewer) -> None:
    """Refuse who may not settle."""
    if not viewer.may(Permission.SETTLE):
        raise Refusal(PERMISSION_MISSING, user=viewer.name, permission=Permission.SETTLE)


def ask(
    *,
    kind: RequestKind,
    subjects: Sequence[str],
    content: dict[str, Any],
    reason: str,
    maker: Viewer,
    now: int,
) -> ApprovalInfo:
    """Ask for an act on these subjects; in the caller's transaction.

    The same again gives the request that waits. Refuses who may not settle, a missing reason,
    nothing chosen, and a subject that waits in another request.
    """
    require_maker(maker)
    if not subjects:
        raise Refusal(NOTHING_CHOSEN)
    if not reason.strip():
        raise Refusal(SETTLEMENT_REASON_MISSING, "reason")
    hold_trail()
    named = sorted(subjects)
    content = content | {"subjects": named}
    for earlier, info in waiting_requests(kind):
        if earlier.content == content and info.maker == maker.name:
            return info
        shared = set(named) & set(earlier.content["subjects"])
        if shared:
            raise Refusal(ASKED_BEFORE, subject=min(shared), key=earlier.approval_key)
    number = SettlementRequest.objects.filter(kind=kind).count() + 1
    key = f"{kind}:{number:06d}"
    SettlementRequest.objects.create(approval_key=key, kind=kind, content=content, asked_at=now)
    subject = named[0] if len(named) == 1 else f"{named[0]} +{len(named) - 1}"
    return request_approval(
        approval_key=key, act=kind, subject=subject, detail=content, reason=reason.strip(),
        maker=maker,
    )  # fmt: skip


@transaction.atomic
def carry_out_request(approval_key: str, doers: dict[RequestKind, Doer], now: int) -> None:
    """Do what was approved, once; refuses what was not, and what can no longer be done."""
    hold_trail()
    request = SettlementRequest.objects.filter(approval_key=approval_key).first()
    info = approval(approval_key)
    if request is None or info is None:
        raise Refusal(REQUEST_UNKNOWN, "approval_key", key=approval_key)
    if request.done_at:
        return
    if info.state is not ApprovalState.APPROVED:
        raise Refusal(REQUEST_NOT_APPROVED, "approval_key", key=approval_key)
    doers[RequestKind(request.kind)](request.content, info, now)
    request.done_at = now
    request.save(update_fields=["done_at"])
    record_trail(
        actor=info.checker,
        act="settlement.carry_out",
        subject=approval_key,
        detail={"kind": request.kind},
    )
