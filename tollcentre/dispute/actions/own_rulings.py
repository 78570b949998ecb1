"""Rulings within the province: one person proposes, another approves; or the deadline passes."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from tollcentre.access.actions import SYSTEM, approve, hold_trail, record_trail, request_approval
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

from ..models import Dispute, DisputeRuling, ProposedRuling, RulingProposal
from ..queries.deadlines import deadlines_of
from ..queries.own_rulings import disputes_by_key, waiting_proposals
from ..rules.rulings import ruling_fault, rulings_digest
from ..terms import (
    NO_SUCH_DISPUTE,
    NOT_RULED_HERE,
    RULE_DISPUTES,
    RULED_BEFORE,
    RULED_TWICE_AT_ONCE,
    RULING_NOT_APPROVED,
    RULING_WAITS,
    RULINGS_MISSING,
    Direction,
    Liable,
    OwnRuling,
    Result,
    RulingSource,
)
from .rulings import close_disputes

ROWS_AT_ONCE = 5_000
DEEMED_AT_ONCE = 20_000
DEEMED_GROUNDS = "逾期未裁定，视同应付 / not ruled by its deadline, deemed payable"


@transaction.atomic
def propose_rulings(
    *, rulings: Sequence[OwnRuling], maker: Viewer, now: int, reason: str = ""
) -> ApprovalInfo:
    """Ask another person to approve rulings of disputes within the province, all or none.

    Refuses a maker without the permission, words that cannot stand, a dispute that is not ours to
    rule, was ruled, stands twice, or waits in another request. The same request again gives the
    earlier one.
    """
    if not maker.may(Permission.RULE_DISPUTES):
        raise Refusal(PERMISSION_MISSING, user=maker.name, permission=Permission.RULE_DISPUTES)
    hold_trail()
    if not rulings:
        raise Refusal(RULINGS_MISSING, "rulings")
    disputes = disputes_by_key([ruling.dispute for ruling in rulings])
    digest = rulings_digest(rulings)
    waiting = waiting_proposals(list(disputes))
    same = [key for key in set(waiting.values()) if _is(key, digest, maker.name)]
    if same:
        return _known(same[0])
    seen: set[int] = set()
    for ruling in rulings:
        fault = why_not_propose(ruling, disputes.get(ruling.dispute), waiting, seen)
        if fault is not None:
            raise fault
        seen.add(ruling.dispute)
    number = RulingProposal.objects.count() + 1
    proposal = RulingProposal.objects.create(
        approval_key=f"dispute-rulings:{number}",
        maker=maker.name,
        content_digest=digest,
        count=len(rulings),
        fee=sum(disputes[ruling.dispute].fee for ruling in rulings),
        asked_at=now,
    )
    ProposedRuling.objects.bulk_create(
        (
            ProposedRuling(
                proposal=proposal, dispute=disputes[one.dispute], result=one.result,
                liable=one.liable, liable_code=one.liable_code, grounds=one.grounds,
            )
            for one in rulings
        ),
        batch_size=ROWS_AT_ONCE,
    )  # fmt: skip
    paid = [one for one in rulings if one.result is Result.PAY]
    return request_approval(
        approval_key=proposal.approval_key,
        act=RULE_DISPUTES,
        subject=_subject(rulings, disputes),
        detail={
            "count": proposal.count,
            "fee_fen": proposal.fee,
            "paid": len(paid),
            "paid_fen": sum(disputes[one.dispute].fee for one in paid),
            "digest": digest,
        },
        reason=reason or rulings[0].grounds,
        maker=maker,
    )


def why_not_propose(
    ruling: OwnRuling, dispute: Dispute | None, waiting: dict[int, str], seen: set[int]
) -> Refusal | None:
    """The first reason for which a ruling cannot be asked for; none where it can."""
    if dispute is None:
        return Refusal(NO_SUCH_DISPUTE, "dispute", dispute=ruling.dispute)
    named = dispute.transaction_id
    if dispute.direction != Direction.LOCAL:
        return Refusal(NOT_RULED_HERE, "dispute", dispute=named)
    if hasattr(dispute, "ruling"):
        return Refusal(RULED_BEFORE, "dispute", transaction_id=named, ruled=dispute.ruling.result)
    if ruling.dispute in waiting:
        return Refusal(RULING_WAITS, "dispute", transaction_id=named)
    if ruling.dispute in seen:
        return Refusal(RULED_TWICE_AT_ONCE, "dispute", transaction_id=named)
    return ruling_fault(ruling)


@transaction.atomic
def approve_rulings(*, approval_key: str, checker: Viewer, now: int, reason: str = "") -> int:
    """Approve rulings and carry them out at once, as `access.approve` and `rule_approved` do."""
    approve(approval_key=approval_key, checker=checker, reason=reason)
    return rule_approved(approval_key, now)


@transaction.atomic
def rule_approved(approval_key: str, now: int) -> int:
    """Carry out rulings that were approved; gives how many disputes were ruled by it.

    A dispute that was ruled meanwhile, as by its deadline, keeps that ruling. Done twice it changes
    nothing. Refuses a request that is not approved.
    """
    hold_trail()
    found = approval(approval_key)
    if found is None or found.state is not ApprovalState.APPROVED:
        raise Refusal(RULING_NOT_APPROVED, "approval_key", key=approval_key)
    rows = ProposedRuling.objects.filter(
        proposal__approval_key=approval_key, dispute__ruling=None
    ).select_related("dispute__booked")
    return _rule(
        [
            DisputeRuling(
                dispute=row.dispute, result=row.result, source=RulingSource.OWN,
                approval_key=approval_key, liable=row.liable, liable_code=row.liable_code,
                grounds=row.grounds, ruled_on=day_of(now),
            )
            for row in rows.order_by("dispute_id")
        ],
        actor=found.checker,
        subject=approval_key,
    )  # fmt: skip


@transaction.atomic
def deem_overdue(*, now: int) -> int:
    """Deem payable what was not ruled within the province by its deadline; how many that were.

    The issuer that did not uphold its dispute in time is liable. Done twice it changes nothing.
    """
    today = day_of(now)
    due = _overdue(today)
    if not due:
        return 0
    hold_trail()
    disputes = Dispute.objects.filter(direction=Direction.LOCAL, ruling=None, opened_on__in=due)
    return _rule(
        [
            DisputeRuling(
                dispute=dispute, result=Result.PAY, source=RulingSource.DEEMED,
                liable=Liable.ISSUER, grounds=DEEMED_GROUNDS, ruled_on=today,
            )
            for dispute in disputes.select_related("booked").order_by("pk")[:DEEMED_AT_ONCE]
        ],
        actor=SYSTEM,
        subject=f"{RulingSource.DEEMED}:{today}",
    )  # fmt: skip


def _overdue(today: date) -> list[date]:
    """The days of opening whose disputes should have been ruled before today."""
    found = Dispute.objects.filter(direction=Direction.LOCAL, ruling=None)
    days = found.order_by("opened_on").values_list("opened_on", flat=True).distinct()
    return [day for day in days if deadlines_of(day).ruling < today]


def _rule(rulings: Sequence[DisputeRuling], *, actor: str, subject: str) -> int:
    """Keep rulings of ours and move their money."""
    if not rulings:
        return 0
    DisputeRuling.objects.bulk_create(rulings, batch_size=ROWS_AT_ONCE)
    close_disputes(
        [(one.dispute, Result(one.result)) for one in rulings],
        ruled_on=rulings[0].ruled_on, actor=actor, why=subject,
    )  # fmt: skip
    detail = {
        "count": len(rulings),
        "fee_fen": sum(one.dispute.fee for one in rulings),
        "bad_debts": sum(one.result for one in rulings),
        "source": rulings[0].source,
    }
    record_trail(actor=actor, act="dispute.rule", subject=subject, detail=detail)
    return len(rulings)


def _is(approval_key: str, digest: str, maker: str) -> bool:
    return RulingProposal.objects.filter(
        approval_key=approval_key, content_digest=digest, maker=maker
    ).exists()


def _known(approval_key: str) -> ApprovalInfo:
    found = approval(approval_key)
    assert found is not None, "a proposal is made together with its request"
    return found


def _subject(rulings: Sequence[OwnRuling], disputes: dict[int, Dispute]) -> str:
    first = disputes[rulings[0].dispute].transaction_id
    return first if len(rulings) == 1 else f"{first} +{len(rulings) - 1}"
