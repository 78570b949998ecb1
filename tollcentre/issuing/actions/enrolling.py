"""开户发行: a customer, a vehicle whose type is computed, an OBU and a card, in one act."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from tollcentre.access.actions import hold_trail
from tollcentre.access.terms import Viewer
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.privacy.queries import sealer
from tollcentre.privacy.terms import PersonalKind

from ..models import Contract, Customer, Vehicle
from ..queries.media import media_of
from ..queries.parameters import issuing_parameters, type_of
from ..rules import businesses as rules
from ..rules.customers import check_contract, check_customer
from ..rules.numbers import serial_of
from ..rules.register import check_vehicle_id
from ..rules.vehicles import require_type
from ..terms import (
    CARD_DIGITS,
    CUSTOMER_DIFFERS,
    MEDIUM_ISSUED,
    OBU_DIGITS,
    VEHICLE_OF_OTHER,
    BusinessKind,
    ContractGiven,
    Counter,
    CustomerGiven,
    MediumInfo,
    MediumKind,
    NationalAnswer,
    Receipt,
    VehicleGiven,
)
from .keeping import keep_business, known_receipt, require_clerk, take_into_use
from .nationwide import keep_check, require_free
from .register import keep_new_media

SEALED = {
    "name": PersonalKind.NAME, "phone": PersonalKind.PHONE, "address": PersonalKind.ADDRESS,
    "id_number": PersonalKind.ID_NUMBER,
}  # fmt: skip
DAYS_A_YEAR = 365.25


@transaction.atomic
def enrol(
    *, customer: CustomerGiven, vehicle: VehicleGiven, obu_no: str, card_no: str, card_type: int,
    contract: ContractGiven, counter: Counter, viewer: Viewer, now: int,
    nation: NationalAnswer | None = None,
) -> Receipt:  # fmt: skip
    """Enrol a vehicle: its customer, itself, its OBU and (of a two-piece one) its card.

    `card_no` is blank of a single-piece OBU; `nation` is what the ministry says of the plate, where
    it was asked: without a word of it the media stand suspended until there is one. The same form
    again gives the same receipt. Refuses
    who may not issue here, data that is malformed, a type other than the computed one, a customer
    known with other data, another customer's vehicle, a vehicle that holds such a medium already,
    a medium that was issued before or is another issuer's, and a plate that holds media elsewhere.
    Nothing is half done.
    """
    require_clerk(viewer, counter)
    day = day_of(now)
    parameters = issuing_parameters(day)
    check_customer(customer, parameters)
    check_contract(contract)
    check_vehicle_id(vehicle.vehicle_id)
    vehicle_type = type_of(vehicle.size, day)
    require_type(vehicle.wanted_type, vehicle_type)
    rules.check_medium_no("obu_no", obu_no, OBU_DIGITS, parameters)
    if card_no:
        rules.check_medium_no("card_no", card_no, CARD_DIGITS, parameters)
        rules.check_card_type(card_type, contract.kind)
    content = rules.digest_of(
        {"kind": BusinessKind.ENROL, "customer": _digests(customer), "vehicle": asdict(vehicle),
         "obu": obu_no, "card": card_no, "card_type": card_type, "unit": counter.unit_code,
         "contract": [contract.kind, contract.bank,
                      sealer().digest(PersonalKind.BANK_ACCOUNT, contract.account)]}
    )  # fmt: skip
    hold_trail()
    known = known_receipt(counter, content)
    if known is not None:
        return known
    require_free(nation, vehicle.vehicle_id)
    owner = find_customer(customer, counter, parameters.issuer_id, now)
    row = keep_vehicle(owner, vehicle, vehicle_type, counter.unit_code)
    numbers = {obu_no: 0} | ({card_no: card_type} if card_no else {})
    media = [medium_for(number, of_type, row.pk, vehicle_type, day)
             for number, of_type in numbers.items()]  # fmt: skip
    issue_media(media)
    take_into_use(row, media, now)
    payer = card_no or obu_no
    Contract.objects.create(
        card_id=payer, kind=contract.kind, bank=contract.bank.strip(), signed_on=day,
        account=sealer().seal(PersonalKind.BANK_ACCOUNT, contract.account),
        account_digest=sealer().digest(PersonalKind.BANK_ACCOUNT, contract.account),
    )  # fmt: skip
    receipt = keep_business(
        BusinessKind.ENROL, row, counter, viewer, content, now,
        {"obu": obu_no, "card": card_no, "card_type": card_type, "vehicle_type": vehicle_type,
         "contract": contract.kind, "bank": contract.bank.strip()},
    )  # fmt: skip
    keep_check(serial_of(receipt.business_no), list(numbers), nation, now)
    return receipt


def _digests(given: CustomerGiven) -> dict[str, str]:
    told = {name: sealer().digest(kind, getattr(given, name)) for name, kind in SEALED.items()}
    return told | {"kind": given.kind, "id_type": given.id_type}


def customer_values(given: CustomerGiven) -> dict[str, Any]:
    """The columns of a customer, personal data sealed."""
    seal = sealer()
    values: dict[str, Any] = {
        name: seal.seal(kind, getattr(given, name)) for name, kind in SEALED.items()
    }
    return values | {
        "kind": given.kind, "id_type": given.id_type,
        "id_digest": seal.digest(PersonalKind.ID_NUMBER, given.id_number),
        "name_digest": seal.digest(PersonalKind.NAME, given.name),
        "phone_digest": seal.digest(PersonalKind.PHONE, given.phone),
    }  # fmt: skip


def known_customer(id_type: str, id_digest: str) -> Customer | None:
    """The customer of a document, by the document's digest."""
    return Customer.objects.filter(id_type=id_type, id_digest=id_digest).first()


def find_customer(given: CustomerGiven, counter: Counter, issuer_id: str, now: int) -> Customer:
    """The customer of a document, registered now where it is new."""
    values = customer_values(given)
    known = known_customer(given.id_type, values["id_digest"])
    if known is None:
        return Customer.objects.create(
            issuer_id=issuer_id, unit_code=counter.unit_code, registered_at=now, **values
        )
    differing = [
        name for name in ("kind", "name_digest", "phone_digest")
        if getattr(known, name) != values[name]
    ]  # fmt: skip
    if differing:
        fields = ", ".join(name.removesuffix("_digest") for name in differing)
        raise Refusal(CUSTOMER_DIFFERS, "id_number", customer_no=known.customer_no, fields=fields)
    return known


def keep_vehicle(
    owner: Customer, given: VehicleGiven, vehicle_type: int, unit_code: str
) -> Vehicle:  # fmt: skip
    """The vehicle as its licence says now; refuses another customer's."""
    known = Vehicle.objects.filter(pk=given.vehicle_id).first()
    if known is not None and known.customer_id != owner.pk:
        raise Refusal(VEHICLE_OF_OTHER, "vehicle_id", vehicle_id=given.vehicle_id)
    size = asdict(given.size)
    values = size | {
        "vehicle_type": vehicle_type, "use_character": given.use_character, "vin": given.vin,
        "licensed_on": given.licensed_on, "unit_code": unit_code,
    }  # fmt: skip
    if known is None:
        return Vehicle.objects.create(vehicle_id=given.vehicle_id, customer=owner, **values)
    for name, value in values.items():
        setattr(known, name, value)
    known.save()
    return known


def medium_for(
    medium_no: str, card_type: int, vehicle_id: str, vehicle_type: int, day: date
) -> MediumInfo:
    """A medium as it is issued on a day."""
    parameters = issuing_parameters(day)
    until = day + timedelta(days=round(parameters.enabled_years * DAYS_A_YEAR))
    return MediumInfo(medium_no, parameters.issuer_id, card_type, vehicle_id, vehicle_type, day,
                      until)  # fmt: skip


def issue_media(media: list[MediumInfo]) -> None:
    """Register new media; refuses one that was issued before."""
    for one in media_of(medium.medium_no for medium in media).values():
        name = "obu_no" if one.kind is MediumKind.OBU else "card_no"
        raise Refusal(MEDIUM_ISSUED, name, medium_no=one.medium_no)
    keep_new_media(media)
