"""After-sale business at a counter: suspend, resume, lost and found, replace, cancel, transfer."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction

from tollcentre.access.actions import hold_trail
from tollcentre.access.terms import Viewer
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal

from ..models import Contract, Vehicle
from ..queries.customers import customer_of, held_by, vehicle_of, waits_for_nation
from ..queries.media import media_of
from ..queries.parameters import issuing_parameters, type_of
from ..rules import businesses as rules
from ..rules.customers import check_customer
from ..rules.vehicles import require_type
from ..terms import (
    CARD_DIGITS,
    CHECK_WAITING,
    DOCUMENT_TAKEN,
    OBU_DIGITS,
    TRANSFER_TO_SAME,
    VEHICLE_HAS_NO_MEDIUM,
    BusinessKind,
    Counter,
    CustomerGiven,
    MediumKind,
    Receipt,
    VehicleGiven,
)
from .enrolling import (
    SEALED,
    customer_values,
    find_customer,
    issue_media,
    keep_vehicle,
    known_customer,
    medium_for,
)
from .keeping import keep_business, known_receipt, move_state, require_clerk, take_into_use

DIGITS = {MediumKind.OBU: OBU_DIGITS, MediumKind.CARD: CARD_DIGITS}


@transaction.atomic
def change_state(
    *, kind: BusinessKind, vehicle_id: str, of: Sequence[MediumKind], counter: Counter,
    viewer: Viewer, now: int,
) -> Receipt:  # fmt: skip
    """Suspend, resume, report lost or found, re-activate or cancel media that a vehicle holds.

    The same form again gives the same receipt. Refuses who may not issue here, a business without
    a reason, a vehicle that holds no such medium, and a medium whose state does not allow it.
    """
    content = _begin(kind, vehicle_id, counter, viewer, {"of": sorted(of)})
    known = known_receipt(counter, content)
    if known is not None:
        return known
    vehicle = vehicle_of(vehicle_id)
    if kind is BusinessKind.RESUME and waits_for_nation(vehicle_id):
        raise Refusal(CHECK_WAITING, "vehicle_id", vehicle_id=vehicle_id)
    detail: dict[str, Any] = {"before": {}}
    for medium, number in _held(vehicle, of).items():
        detail["before"][medium] = move_state(kind, number, now)
        detail[medium] = number
    return keep_business(kind, vehicle, counter, viewer, content, now, detail)


@transaction.atomic
def replace_media(
    *, vehicle_id: str, numbers: dict[MediumKind, str], counter: Counter, viewer: Viewer, now: int
) -> Receipt:  # fmt: skip
    """换签, 换卡 or both: what the vehicle holds is cancelled, new media are issued in its place.

    A new card keeps the type and the contract of the old one. Refuses as `change_state` does, and
    a new medium as `enrol` does.
    """
    kind, day = BusinessKind.REPLACE, day_of(now)
    content = _begin(kind, vehicle_id, counter, viewer, {"new": numbers})
    known = known_receipt(counter, content)
    if known is not None:
        return known
    vehicle = vehicle_of(vehicle_id)
    held = _held(vehicle, list(numbers))
    types = {one.kind: one.card_type for one in media_of(held.values()).values()}
    new = []
    for medium, number in numbers.items():
        rules.check_medium_no(f"{medium}_no", number, DIGITS[medium], issuing_parameters(day))
        new.append(
            medium_for(number, types[medium], vehicle.pk, vehicle.vehicle_type, day)
        )  # fmt: skip
        move_state(kind, held[medium], now)
    issue_media(new)
    take_into_use(vehicle, new, now)
    for medium, number in numbers.items():
        _move_contract(held[medium], number)
    detail = {"replaced": held} | {medium.value: number for medium, number in numbers.items()}
    return keep_business(kind, vehicle, counter, viewer, content, now, detail)


@transaction.atomic
def transfer(
    *, vehicle_id: str, customer: CustomerGiven, counter: Counter, viewer: Viewer, now: int
) -> Receipt:  # fmt: skip
    """过户: the media are cancelled, the vehicle is another customer's, to be enrolled anew."""
    kind = BusinessKind.TRANSFER
    parameters = issuing_parameters(day_of(now))
    check_customer(customer, parameters)
    values = customer_values(customer)
    told = {name: values[name] for name in ("id_type", "id_digest", "name_digest", "phone_digest")}
    content = _begin(kind, vehicle_id, counter, viewer, told)
    known = known_receipt(counter, content)
    if known is not None:
        return known
    vehicle = vehicle_of(vehicle_id)
    before, detail = vehicle.customer.customer_no, {}
    to = find_customer(customer, counter, parameters.issuer_id, now)
    if to.pk == vehicle.customer_id:
        raise Refusal(TRANSFER_TO_SAME, "id_number", vehicle_id=vehicle_id, customer_no=before)
    for medium, number in _held(vehicle, (), missing=False).items():
        move_state(kind, number, now)
        detail[medium.value] = number
    vehicle.customer = to
    vehicle.unit_code = counter.unit_code
    vehicle.save(update_fields=["customer", "unit_code"])
    return keep_business(
        kind, vehicle, counter, viewer, content, now, detail | {"former_customer": before}
    )


@transaction.atomic
def change_vehicle(
    *, vehicle: VehicleGiven, counter: Counter, viewer: Viewer, now: int
) -> Receipt:  # fmt: skip
    """变更车辆资料: the licence says something else now; its type is computed again.

    Media that bear another type then must be written anew, which the receipt says by their type.
    """
    kind = BusinessKind.CHANGE_VEHICLE
    content = _begin(kind, vehicle.vehicle_id, counter, viewer, {"vehicle": asdict(vehicle)})
    known = known_receipt(counter, content)
    if known is not None:
        return known
    row = vehicle_of(vehicle.vehicle_id)
    computed = type_of(vehicle.size, day_of(now))
    require_type(vehicle.wanted_type, computed)
    before = {name: getattr(row, name) for name in (*asdict(vehicle.size), "vehicle_type")}
    row = keep_vehicle(row.customer, vehicle, computed, row.unit_code)
    return keep_business(kind, row, counter, viewer, content, now, {"former": before})


@transaction.atomic
def change_customer(
    *, customer_no: str, customer: CustomerGiven, vehicle_id: str, counter: Counter,
    viewer: Viewer, now: int,
) -> Receipt:  # fmt: skip
    """变更客户资料: what is known of a customer; the business keeps what it was, sealed."""
    kind = BusinessKind.CHANGE_CUSTOMER
    check_customer(customer, issuing_parameters(day_of(now)))
    values = customer_values(customer)
    told = {name: values[name] for name in ("id_digest", "name_digest", "phone_digest", "kind")}
    content = _begin(kind, vehicle_id, counter, viewer, {"customer": customer_no} | told)
    known = known_receipt(counter, content)
    if known is not None:
        return known
    row = customer_of(customer_no, viewer=viewer)
    other = known_customer(customer.id_type, values["id_digest"])
    if other is not None and other.pk != row.pk:
        raise Refusal(DOCUMENT_TAKEN, "id_number", customer_no=other.customer_no)
    former = {name: bytes(getattr(row, name)).hex() for name in SEALED}
    changed = sorted(name for name in told if getattr(row, name) != values[name])
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    names = [name.removesuffix("_digest") for name in changed]
    return keep_business(
        kind,
        vehicle_of(vehicle_id),
        counter,
        viewer,
        content,
        now,
        {"changed": names, "former": former},
    )


def _begin(
    kind: BusinessKind, vehicle_id: str, counter: Counter, viewer: Viewer, told: dict[str, Any]
) -> str:
    """Refuse who may not, or says no reason; the digest of the form's content."""
    require_clerk(viewer, counter)
    rules.require_reason(counter)
    hold_trail()
    return rules.digest_of(
        {"kind": kind, "vehicle_id": vehicle_id, "unit": counter.unit_code,
         "reason": counter.reason.strip(), **told}
    )  # fmt: skip


def _held(
    vehicle: Vehicle, of: Sequence[MediumKind], *, missing: bool = True
) -> dict[MediumKind, str]:
    """What the vehicle holds of these kinds, or of all; refuses a kind that it does not hold."""
    found = {MediumKind(kind): number for (_, kind), number in held_by([vehicle.pk]).items()}
    lacking = [kind for kind in of if kind not in found]
    if lacking or (missing and not found):
        kind = lacking[0] if lacking else MediumKind.OBU
        raise Refusal(VEHICLE_HAS_NO_MEDIUM, f"{kind}_no", vehicle_id=vehicle.pk, kind=kind)
    return {kind: number for kind, number in found.items() if kind in of or not of}


def _move_contract(old: str, new: str) -> None:
    """What paid for the old medium pays for the new one."""
    for contract in Contract.objects.filter(pk=old):
        Contract.objects.create(
            card_id=new, kind=contract.kind, bank=contract.bank, account=contract.account,
            account_digest=contract.account_digest, signed_on=contract.signed_on,
        )  # fmt: skip
