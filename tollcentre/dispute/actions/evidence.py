"""Evidence and positions: put together, frozen, and sent to who rules."""

from collections.abc import Sequence

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.access.terms import PERMISSION_MISSING, Permission, Viewer
from tollcentre.clearing.terms import MINISTRY
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.messages.actions import queue_messages

from ..models import Dispute, DisputeEvidence
from ..queries.evidence import evidence_facts
from ..queries.own_rulings import disputes_by_key
from ..rules.rulings import GROUNDS_WIDTH, digest_of
from ..terms import (
    GROUNDS_MISSING,
    GROUNDS_TOO_LONG,
    NO_SUCH_DISPUTE,
    RULED_BEFORE,
    Direction,
    Result,
)

KINDS = {Direction.TOLL: "dispute_evidence", Direction.ISSUER: "dispute_position"}
"""Direction → the message that carries it; within the province nobody else is to be told."""
AT_ONCE = 5_000


@transaction.atomic
def submit_evidence(
    *, disputes: Sequence[int], position: Result, grounds: str, maker: Viewer, now: int
) -> int:
    """Freeze what we know of disputes with our position, and send it up; how many that were.

    Said again with the same facts it changes nothing. Refuses a maker without the permission, a
    position without grounds, a dispute that is unknown or ruled.
    """
    if not maker.may(Permission.RULE_DISPUTES):
        raise Refusal(PERMISSION_MISSING, user=maker.name, permission=Permission.RULE_DISPUTES)
    if not grounds.strip():
        raise Refusal(GROUNDS_MISSING, "grounds")
    if len(grounds) > GROUNDS_WIDTH:
        raise Refusal(GROUNDS_TOO_LONG, "grounds", width=GROUNDS_WIDTH)
    hold_trail()
    found = disputes_by_key(list(disputes))
    for key in disputes:
        if key not in found:
            raise Refusal(NO_SUCH_DISPUTE, "dispute", dispute=key)
        if hasattr(found[key], "ruling"):
            raise Refusal(RULED_BEFORE, "dispute", transaction_id=found[key].transaction_id,
                          ruled=found[key].ruling.result)  # fmt: skip
    fresh = _fresh(list(found.values()), position, grounds, maker.name, now)
    DisputeEvidence.objects.bulk_create(fresh, batch_size=AT_ONCE)
    for direction, kind in KINDS.items():
        _send(kind, [one for one in fresh if one.dispute.direction == direction], now)
    if fresh:
        record_trail(
            actor=maker.name,
            act="dispute.submit_evidence",
            subject=fresh[0].dispute.transaction_id,
            detail={"disputes": len(fresh), "position": int(position), "grounds": grounds,
                    "digest": digest_of([one.digest for one in fresh])},
        )  # fmt: skip
    return len(fresh)


def _fresh(
    disputes: Sequence[Dispute], position: Result, grounds: str, maker: str, now: int
) -> list[DisputeEvidence]:
    """The evidence that was not put together before."""
    facts = evidence_facts(disputes, now)
    made = [
        DisputeEvidence(
            dispute=dispute, position=position, grounds=grounds, facts=facts[dispute.pk],
            digest=digest_of([int(position), grounds, facts[dispute.pk]]), maker=maker, made_at=now,
            sent=dispute.direction in KINDS,
        )
        for dispute in disputes
    ]  # fmt: skip
    said = DisputeEvidence.objects.filter(digest__in=[one.digest for one in made])
    before = set(said.values_list("dispute_id", "digest"))
    return [one for one in made if (one.dispute_id, one.digest) not in before]


def _send(kind: str, evidence: Sequence[DisputeEvidence], now: int) -> None:
    """Queue what is new for the ministry's clearing operator."""
    if not evidence:
        return
    queue_messages(
        cause=f"evidence:{digest_of([one.digest for one in evidence])[:32]}",
        kind=kind,
        receiver=MINISTRY,
        fields={"clear_date": day_of(now)},
        records=[
            {
                "transaction_id": one.dispute.transaction_id,
                "of_message_id": one.dispute.booked.of_message,
                "fee": one.dispute.fee,
                "position": int(one.position),
                "reason": one.grounds,
                "evidence_digest": one.digest,
                "facts": tuple(one.facts),
            }
            for one in evidence
        ],
        clear_date=day_of(now),
        now=now,
    )
