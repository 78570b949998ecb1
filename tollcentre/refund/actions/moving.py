"""The one way from state to state: checked, posted on its day, and trailed; many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tollcentre.access.actions import hold_trail, record_acts
from tollcentre.access.terms import Act
from tollcentre.clearing.terms import TradeShare
from tollcentre.ledger.actions import post_batches
from tollcentre.ledger.terms import Batch

from ..models import TollChange, TollChangeLine, TollChangeStep
from ..rules import (
    accepted_key,
    accepted_lines,
    counted_key,
    counted_lines,
    credited_key,
    credited_lines,
    require_next,
)
from ..terms import ChangeKind, ChangeRoute, ChangeState


@dataclass(frozen=True)
class Move:
    """A change on its way into a state, as of a day."""

    change: TollChange
    state: ChangeState
    day: date
    actor: str
    reason: str = ""
    message_id: str = ""


def move(moves: Sequence[Move], now: int) -> None:
    """Bring changes into their next states within the caller's transaction, all or none.

    What comes into effect or is credited is posted on its day, each change by itself.
    """
    if not moves:
        return
    hold_trail()
    for one in moves:
        require_next(one.change.change_id, ChangeState(one.change.state), one.state)
    put_down(moves, now)
    post_batches(_batches(moves))
    record_acts(
        Act(one.actor, f"refund.{one.state}", one.change.change_id,
            {"fee": one.change.fee, "day": one.day.isoformat(), "reason": one.reason})
        for one in moves
    )  # fmt: skip
    for one in moves:
        one.change.state = one.state


def put_down(moves: Sequence[Move], now: int) -> None:
    """Insert the rows of states."""
    TollChangeStep.objects.bulk_create(
        TollChangeStep(
            change=one.change, state=one.state, day=one.day, reason=one.reason,
            actor=one.actor, message_id=one.message_id, at=now,
        )
        for one in moves
    )  # fmt: skip


def _batches(moves: Sequence[Move]) -> list[Batch]:
    """What the moves post: shares where a change comes into effect, the issuer's where credited.

    With those go the shares of other provinces, where the ministry counts them.
    """
    posting = (ChangeState.ACCEPTED, ChangeState.CREDITED)
    shares = _shares([one.change for one in moves if one.state in posting])
    batches = []
    for one in moves:
        row, kind = one.change, ChangeKind(one.change.kind)
        if one.state is ChangeState.ACCEPTED:
            key = accepted_key(row.change_id)
            lines = accepted_lines(kind, row.issuer_id, row.media_type, shares[row.pk])
        elif one.state is ChangeState.CREDITED:
            key = credited_key(row.change_id)
            lines = credited_lines(
                kind, ChangeRoute(row.route), row.issuer_id, row.media_type, row.fee
            )
            counted = counted_lines(kind, shares[row.pk])
            if counted and row.route == ChangeRoute.MINISTRY:
                batches.append(
                    Batch(counted_key(row.change_id), one.day, counted, one.actor,
                          f"{kind} {row.pass_id}")
                )  # fmt: skip
        else:
            continue
        batches.append(Batch(key, one.day, lines, one.actor, f"{kind} {row.pass_id}"))
    return batches


def _shares(rows: Sequence[TollChange]) -> dict[int, list[TradeShare]]:
    found: dict[int, list[TradeShare]] = {row.pk: [] for row in rows}
    for line in TollChangeLine.objects.filter(change__in=list(found)).order_by("party", "code"):
        found[line.change_id].append(TradeShare(line.party, line.code, line.fee))
    return found
