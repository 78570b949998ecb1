"""What waits for a second person."""

from tollcentre.access.queries import approvals_by_key
from tollcentre.access.terms import ApprovalInfo, ApprovalState

from ..models import SettlementRequest


def waiting_requests(kind: str) -> list[tuple[SettlementRequest, ApprovalInfo]]:
    """Requests of a kind that are neither carried out nor refused, oldest first."""
    rows = list(SettlementRequest.objects.filter(kind=kind, done_at=0).order_by("pk"))
    infos = approvals_by_key(row.approval_key for row in rows)
    return [
        (row, infos[row.approval_key])
        for row in rows
        if infos[row.approval_key].state is not ApprovalState.REFUSED
    ]


def asked_for(kind: str) -> dict[str, str]:
    """What is asked for and not done yet: subject → key of the request that it waits in."""
    return {
        subject: row.approval_key
        for row, _info in waiting_requests(kind)
        for subject in row.content["subjects"]
    }
