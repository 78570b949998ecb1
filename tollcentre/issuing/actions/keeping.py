"""What every business at a counter does alike: who may, once only, media held, the row kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from tollcentre.access.actions import record_trail
from tollcentre.access.terms import PERMISSION_MISSING, Permission, Viewer
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal

from ..models import Business, EtcAccountHistory, Holding, Vehicle
from ..queries.customers import held_by
from ..queries.media import account_histories
from ..queries.parameters import issuing_parameters
from ..rules.businesses import state_after
from ..rules.register import state_at
from ..terms import (
    BUSINESS_DIFFERS,
    UNIT_NOT_YOURS,
    VEHICLE_HAS_MEDIUM,
    BusinessKind,
    Counter,
    EtcAccountState,
    MediumInfo,
    MediumKind,
    Receipt,
)

NUMBERS = {MediumKind.OBU: "obu_no", MediumKind.CARD: "card_no"}


def require_clerk(viewer: Viewer, counter: Counter) -> None:
    """Refuse who may not issue, or not at this unit."""
    if not viewer.may(Permission.ISSUE):
        raise Refusal(PERMISSION_MISSING, user=viewer.name, permission=Permission.ISSUE)
    if not viewer.sees_unit(counter.unit_code):
        raise Refusal(UNIT_NOT_YOURS, "unit_code", unit=counter.unit_code)


def known_receipt(counter: Counter, content: str) -> Receipt | None:
    """The receipt of a form that was done before; refuses the same key with other content."""
    done = Business.objects.filter(business_key=counter.business_key).first()
    if done is None:
        return None
    if done.content_digest != content:
        raise Refusal(BUSINESS_DIFFERS, "business_key", key=counter.business_key,
                      business_no=done.business_no)  # fmt: skip
    return receipt_of(done)


def receipt_of(done: Business) -> Receipt:
    """What a business gave to take home."""
    detail = done.detail
    return Receipt(
        done.business_no, BusinessKind(done.kind), done.at, done.customer.customer_no,
        done.vehicle_id,
        detail["vehicle_type"], detail.get("obu", ""), detail.get("card", ""),
    )  # fmt: skip


def take_into_use(vehicle: Vehicle, media: Sequence[MediumInfo], now: int) -> None:
    """Let a vehicle hold media from now on; refuses a second one of a kind."""
    held = held_by([vehicle.pk])
    for medium in media:
        standing = held.get((vehicle.pk, medium.kind))
        if standing is not None:
            raise Refusal(VEHICLE_HAS_MEDIUM, NUMBERS[medium.kind], vehicle_id=vehicle.pk,
                          kind=medium.kind, medium_no=standing)  # fmt: skip
        Holding.objects.create(
            vehicle=vehicle, medium_id=medium.medium_no, kind=medium.kind, held_from=now
        )


def move_state(kind: BusinessKind, medium_no: str, now: int) -> EtcAccountState:
    """Put a medium into the state that a business leaves it in; refuses one it does not allow.

    The state it was in before. A state holds from a second on, so a later one is a second later.
    """
    history = account_histories([medium_no]).get(medium_no, [])
    moment = max(now, history[-1][0] + 1) if history else now
    before = state_at(history, moment)
    after = state_after(kind, medium_no, before)
    if after is not before:
        EtcAccountHistory.objects.create(medium_id=medium_no, state_from=moment, state=after)
    if after is EtcAccountState.CANCELLED:
        Holding.objects.filter(medium_id=medium_no, held_to=None).update(held_to=moment)
    return before


def keep_business(
    kind: BusinessKind, vehicle: Vehicle, counter: Counter, viewer: Viewer, content: str,
    now: int, detail: Mapping[str, Any],
) -> Receipt:  # fmt: skip
    """Put a business down, and in the trail."""
    issuer_id = issuing_parameters(day_of(now)).issuer_id
    done = Business.objects.create(
        issuer_id=issuer_id, kind=kind, at=now,
        business_key=counter.business_key, unit_code=counter.unit_code, clerk=viewer.name,
        vehicle=vehicle, customer_id=vehicle.customer_id, reason=counter.reason.strip(),
        content_digest=content, detail={"vehicle_type": vehicle.vehicle_type} | dict(detail),
    )  # fmt: skip
    record_trail(
        actor=viewer.name, act=f"issuing.{kind}", subject=done.business_no,
        detail={"vehicle_id": vehicle.pk, "customer_no": done.customer.customer_no,
                "unit": counter.unit_code, "reason": done.reason, **detail},
    )  # fmt: skip
    return receipt_of(done)
