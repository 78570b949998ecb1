"""What people rule of differences: one proposes, another approves, then it is carried out."""

import hashlib

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
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal

from ..models import DepositDifference, DepositRuling
from ..queries.differences import FREE_ORDERS, difference, rulings_that_fit
from ..terms import (
    RULE_DIFFERENCE,
    RULING_DOES_NOT_FIT,
    RULING_REASON_MISSING,
    RULING_WAITS,
    DepositRulingKind,
)
from .restate import post_moves, restate_day


@transaction.atomic
def propose_ruling(
    *, difference_key: str, kind: DepositRulingKind, reason: str, maker: Viewer, order_no: str = ""
) -> ApprovalInfo:
    """Rule a difference; another person approves.

    A lane record was paid in cash, or by an order that no lane record has; or an overage is kept.
    Doing it twice changes nothing. Refuses who may not rule, a missing reason, a ruling that does
    not fit the difference, and a difference of which another ruling waits or stands.
    """
    if not maker.may(Permission.RULE_DEPOSITS):
        raise Refusal(PERMISSION_MISSING, user=maker.name, permission=Permission.RULE_DEPOSITS)
    if not reason.strip():
        raise Refusal(RULING_REASON_MISSING, "reason")
    hold_trail()
    found = difference(difference_key, viewer=maker)
    _require_fit(found, kind, order_no)
    earlier = DepositRuling.objects.filter(difference_key=difference_key).order_by("pk")
    asked = (kind.value, order_no, maker.name)
    for row in earlier:
        info = approval(row.approval_key)
        if info is None or (info.state is ApprovalState.REFUSED):
            continue
        if info.state is ApprovalState.WAITING and asked == (row.kind, row.order_no, row.maker):
            return info
        raise Refusal(RULING_WAITS, "key", key=difference_key, maker=row.maker)
    key = f"deposit:{hashlib.sha256(found.key.encode()).hexdigest()[:24]}:{len(earlier) + 1}"
    DepositRuling.objects.create(
        approval_key=key,
        difference_key=found.key,
        kind=kind,
        clear_date=found.day,
        record_key=0 if kind is DepositRulingKind.KEPT else found.record_key,
        order_no=order_no,
        maker=maker.name,
    )
    return request_approval(
        approval_key=key,
        act=RULE_DIFFERENCE,
        subject=found.key,
        detail={
            "kind": found.kind,
            "ruling": kind.value,
            "order_no": order_no,
            "lane_fen": found.lane_fen,
            "other_fen": found.other_fen,
        },
        reason=reason.strip(),
        maker=maker,
    )


def _require_fit(found: DepositDifference, kind: DepositRulingKind, order_no: str) -> None:
    """Refuse a ruling that says nothing of this difference."""
    if kind not in rulings_that_fit(found):
        _refuse(found.key, "与差异种类不符", "it does not fit this kind of difference")
    if kind is DepositRulingKind.PAID_BY_ORDER:
        free = DepositDifference.objects.filter(kind__in=FREE_ORDERS, order_no=order_no)
        if not order_no or not free.exists():
            _refuse(found.key, "该订单并非无主订单", "that order is not one without a lane record")


def _refuse(key: str, zh: str, en: str) -> None:
    raise Refusal(RULING_DOES_NOT_FIT, "key", key=key, why_zh=zh, why_en=en)


@transaction.atomic
def carry_out(approval_key: str, now: int) -> None:
    """Let an approved ruling take effect, once; nothing where it is not approved."""
    hold_trail()
    ruling = DepositRuling.objects.select_for_update().get(approval_key=approval_key)
    info = approval(approval_key)
    if ruling.in_effect or info is None or info.state is not ApprovalState.APPROVED:
        return
    ruling.in_effect = True
    ruling.save()
    if ruling.record_key:
        post_moves(
            cause=f"ruling:{ruling.pk}", clear_date=day_of(now),
            lines=restate_day(ruling.clear_date), actor=info.checker,
        )  # fmt: skip
    record_trail(
        actor=info.checker, act="deposit.carry_out", subject=ruling.difference_key,
        detail={"ruling": ruling.kind, "order_no": ruling.order_no, "approval": approval_key},
    )  # fmt: skip
