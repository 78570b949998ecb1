"""What is due without a person: one call that the nightly turn makes; releasing is people's."""

from tollcentre.access.queries import approvals_by_key
from tollcentre.access.terms import ApprovalState
from tollcentre.core.refusal import Refusal

from ..models import SettlementRequest
from ..terms import Advanced, RequestKind
from .asking import Doer, carry_out_request
from .contests import do_uphold
from .matching import do_explain, do_match, match_bank_lines
from .payments import do_pay, do_reinstruct
from .positions import settle_positions
from .release import do_release
from .windows import close_windows

ACTOR = "settlement"
DOERS: dict[RequestKind, Doer] = {
    RequestKind.RELEASE: do_release,
    RequestKind.PAY: do_pay,
    RequestKind.REINSTRUCT: do_reinstruct,
    RequestKind.MATCH: do_match,
    RequestKind.EXPLAIN: do_explain,
    RequestKind.UPHOLD: do_uphold,
}


def carry_out(approval_key: str, now: int) -> None:
    """Do what a request of settlement asked for, once, now that it is approved."""
    carry_out_request(approval_key, DOERS, now)


def advance(now: int) -> Advanced:
    """Carry out what was approved, close due windows, settle agreed days, match the bank's lines.

    Done twice it changes nothing.
    """
    return Advanced(
        carried_out=_carry_out_approved(now),
        closed=close_windows(now=now, actor=ACTOR),
        positions=settle_positions(now=now, actor=ACTOR),
        matched=match_bank_lines(now=now, actor=ACTOR),
    )


def _carry_out_approved(now: int) -> int:
    """Requests that were approved and not carried out: a killed process left them so."""
    keys = list(SettlementRequest.objects.filter(done_at=0).values_list("approval_key", flat=True))
    done = 0
    for key, info in sorted(approvals_by_key(keys).items()):
        if info.state is ApprovalState.APPROVED:
            try:
                carry_out(key, now)
                done += 1
            except Refusal:
                # It can no longer be done; its page says so to who tries.
                continue
    return done
