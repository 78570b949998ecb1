"""A register of what was enrolled elsewhere taken over: customers, vehicles, media, contracts.

Made for millions of lines: read and sealed in blocks, inserted in bulk, gone on with after a kill.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max

from tollcentre.access.actions import hold_trail, insert_rows, record_trail
from tollcentre.core.clock import day_from, day_of, day_start
from tollcentre.core.refusal import FileReport, Refusal, RefusedLine
from tollcentre.messages.codecs.csv_rows import parsed_blocks
from tollcentre.privacy.queries import Sealer, sealer
from tollcentre.privacy.terms import PersonalKind

from ..models import Contract, Customer, Holding, Medium, Vehicle
from ..queries.parameters import issuing_parameters, type_of
from ..rules import businesses as rules
from ..rules.customers import IssuingParameters, check_contract, check_customer
from ..rules.forms import FIELDS, EnrolmentGiven, enrolment_from
from ..rules.register import check_vehicle_id
from ..rules.vehicles import require_type
from ..terms import (
    CARD_DIGITS,
    FIELD_UNREADABLE,
    MEDIUM_ISSUED,
    OBU_DIGITS,
    VEHICLE_OF_OTHER,
    CustomerGiven,
    MediumKind,
)

Part = list[tuple[list[tuple[int, "Enrolled"]], list[RefusedLine]]]
COLUMNS = (*FIELDS, "unit_code", "issued_on")
DAYS_A_YEAR = 365.25
BLOCKS_AT_ONCE, CACHE_KB = 10, 512 << 10
AT_ONCE = 5_000
CUSTOMER = ("id", "issuer_id", "kind", "id_type", "id_digest", "id_number", "name", "name_digest",
            "phone", "phone_digest", "address", "unit_code", "registered_at")  # fmt: skip
VEHICLE = ("vehicle_id", "customer", "kind", "vehicle_type", "seats", "length_mm", "width_mm",
           "height_mm", "total_mass", "axles", "car_train", "use_character", "vin", "licensed_on",
           "unit_code")  # fmt: skip
MEDIUM = ("medium_no", "issuer_id", "card_type", "vehicle_id", "vehicle_type", "enabled_from",
          "enabled_to")  # fmt: skip
HOLDING = ("vehicle", "medium", "kind", "held_from")
CONTRACT = ("card", "kind", "bank", "account", "account_digest", "signed_on")


@dataclass(frozen=True)
class Enrolled:
    """A line of the register: an enrolment, its vehicle's type, where and when it was."""

    given: EnrolmentGiven
    vehicle_type: int
    unit_code: str
    issued_on: date
    parameters: IssuingParameters


def load_register(
    *, path: Path, actor: str, now: int, progress: Callable[[int], None] | None = None
) -> FileReport:
    """Take a register over; lines that cannot be used are refused singly, known ones left alone.

    Types of vehicles and rules are those of today, whenever a medium was issued. A hundred thousand
    lines at a time are whole or not at all, with a trail row of their own; meanwhile nobody else
    writes. Refuses a file that cannot be read or lacks a column.
    """
    report, day = FileReport(), day_of(now)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    blocks = parsed_blocks(path, COLUMNS, partial(_enrolled, day))
    while part := list(islice(blocks, BLOCKS_AT_ONCE)):
        report.new += _keep_part(part, report, path.name, actor)
        if progress is not None:
            progress(sum(len(taken) + len(malformed) for taken, malformed in part))
    return report


def _enrolled(day: date, row: Any) -> Enrolled | Refusal:
    parameters = issuing_parameters(day)
    try:
        given = enrolment_from(row)
        issued = _day(row["issued_on"])
        check_customer(given.customer, parameters)
        check_contract(given.contract)
        check_vehicle_id(given.vehicle.vehicle_id)
        found = type_of(given.vehicle.size, day)
        require_type(given.vehicle.wanted_type, found)
        rules.check_medium_no("obu_no", given.obu_no, OBU_DIGITS, parameters)
        if given.card_no:
            rules.check_medium_no("card_no", given.card_no, CARD_DIGITS, parameters)
            rules.check_card_type(given.card_type, given.contract.kind)
        if not row["unit_code"]:
            raise Refusal(FIELD_UNREADABLE, "unit_code", name="unit_code", value="—")
    except Refusal as refusal:
        return refusal
    return Enrolled(given, found, row["unit_code"], issued, parameters)


def _day(text: str) -> date:
    try:
        return day_from(text)
    except ValueError as error:
        raise Refusal(FIELD_UNREADABLE, "issued_on", name="issued_on", value=text[:20]) from error


@transaction.atomic
def _keep_part(part: Part, report: FileReport, source: str, actor: str) -> int:
    """Keep some blocks in one transaction, with one trail row; how many lines were new."""
    hold_trail()
    new, customers = 0, 0
    for taken, malformed in part:
        report.rows += len(taken) + len(malformed)
        report.refused += malformed
        kept = _keep_block(taken, report)
        new, customers = new + kept[0], customers + kept[1]
    if new:
        if customers:
            with connection.cursor() as cursor:
                for sql in connection.ops.sequence_reset_sql(no_style(), [Customer]):
                    cursor.execute(sql)
        detail = {"new": new, "customers": customers}
        record_trail(actor=actor, act="issuing.load_register", subject=source, detail=detail)
    return new


def _keep_block(taken: list[tuple[int, Enrolled]], report: FileReport) -> tuple[int, int]:
    """Insert what is new of a block; how many enrolments and how many customers."""
    seal = sealer()
    digests = [seal.digest(PersonalKind.ID_NUMBER, one.given.customer.id_number)
               for _, one in taken]  # fmt: skip
    fresh = list(_fresh(zip(taken, digests, strict=True), report))
    owners = _known_customers(digests)
    customers = _customers(seal, fresh, owners)
    insert_rows(Customer, CUSTOMER, customers)
    insert_rows(Vehicle, VEHICLE, (_vehicle(one, owners[key]) for one, key in fresh))
    insert_rows(Medium, MEDIUM, (row for one, _ in fresh for row in _media(one)))
    insert_rows(Holding, HOLDING, (row for one, _ in fresh for row in _holdings(one)))
    insert_rows(Contract, CONTRACT, (_contract(seal, one) for one, _ in fresh))
    return len(fresh), len(customers)


Key = tuple[str, str]
"""Document type and the document's digest."""


def _fresh(
    lines: Iterable[tuple[tuple[int, Enrolled], str]], report: FileReport
) -> Iterable[tuple[Enrolled, Key]]:
    """The enrolments that are not here yet; one that contradicts what is here is refused."""
    lines = list(lines)
    plates = _in_parts(Vehicle, [one.given.vehicle.vehicle_id for (_, one), _ in lines])
    numbers = _in_parts(
        Medium, [no for (_, one), _ in lines for no in (one.given.obu_no, one.given.card_no) if no]
    )
    for (line, one), digest in lines:
        given = one.given
        own = {no for no in (given.obu_no, given.card_no) if no}
        if given.vehicle.vehicle_id in plates:
            if not own <= numbers:
                plate = given.vehicle.vehicle_id
                refusal = Refusal(VEHICLE_OF_OTHER, "vehicle_id", vehicle_id=plate)
                report.refused.append(RefusedLine(line, refusal))
            continue
        if own & numbers:
            refusal = Refusal(MEDIUM_ISSUED, "obu_no", medium_no=min(own & numbers))
            report.refused.append(RefusedLine(line, refusal))
            continue
        plates.add(given.vehicle.vehicle_id)
        numbers |= own
        yield one, (given.customer.id_type, digest)


def _in_parts(model: Any, keys: list[str]) -> set[str]:
    """Those of the keys that are in the table."""
    found: set[str] = set()
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        found |= set(model.objects.filter(pk__in=part).values_list("pk", flat=True))
    return found


def _known_customers(digests: list[str]) -> dict[Key, int]:
    found: dict[Key, int] = {}
    for start in range(0, len(digests), AT_ONCE):
        rows = Customer.objects.filter(id_digest__in=digests[start : start + AT_ONCE])
        for pk, of_type, digest in rows.values_list("pk", "id_type", "id_digest"):
            found[of_type, digest] = pk
    return found


def _customers(
    seal: Sealer, fresh: list[tuple[Enrolled, Key]], owners: dict[Key, int]
) -> list[tuple[Any, ...]]:
    """The rows of customers that are new, whose numbers are put among `owners`."""
    serial = Customer.objects.aggregate(last=Max("pk"))["last"] or 0
    rows = []
    for one, key in fresh:
        if key in owners:
            continue
        serial += 1
        owners[key] = serial
        rows.append(_customer(seal, serial, one, one.given.customer, key))
    return rows


def _customer(
    seal: Sealer, serial: int, one: Enrolled, given: CustomerGiven, key: Key
) -> tuple[Any, ...]:
    name, phone = PersonalKind.NAME, PersonalKind.PHONE
    return (
        serial, one.parameters.issuer_id, given.kind.value, *key,
        seal.seal(PersonalKind.ID_NUMBER, given.id_number), seal.seal(name, given.name),
        seal.digest(name, given.name), seal.seal(phone, given.phone),
        seal.digest(phone, given.phone), seal.seal(PersonalKind.ADDRESS, given.address),
        one.unit_code, day_start(one.issued_on),
    )  # fmt: skip


def _vehicle(one: Enrolled, owner: int) -> tuple[Any, ...]:
    given, size = one.given.vehicle, one.given.vehicle.size
    return (
        given.vehicle_id, owner, size.kind.value, one.vehicle_type, size.seats, size.length_mm,
        size.width_mm, size.height_mm, size.total_mass, size.axles, size.car_train,
        given.use_character, given.vin,
        given.licensed_on.isoformat() if given.licensed_on else None, one.unit_code,
    )  # fmt: skip


def _media(one: Enrolled) -> Iterable[tuple[Any, ...]]:
    parameters = one.parameters
    until = one.issued_on + timedelta(days=round(parameters.enabled_years * DAYS_A_YEAR))
    days = one.issued_on.isoformat(), until.isoformat()
    told = one.given.vehicle.vehicle_id, one.vehicle_type, *days
    yield one.given.obu_no, parameters.issuer_id, 0, *told
    if one.given.card_no:
        yield one.given.card_no, parameters.issuer_id, one.given.card_type, *told


def _holdings(one: Enrolled) -> Iterable[tuple[Any, ...]]:
    since = day_start(one.issued_on)
    yield one.given.vehicle.vehicle_id, one.given.obu_no, MediumKind.OBU.value, since
    if one.given.card_no:
        yield one.given.vehicle.vehicle_id, one.given.card_no, MediumKind.CARD.value, since


def _contract(seal: Sealer, one: Enrolled) -> tuple[Any, ...]:
    contract, account = one.given.contract, PersonalKind.BANK_ACCOUNT
    return (
        one.given.card_no or one.given.obu_no, contract.kind.value, contract.bank,
        seal.seal(account, contract.account), seal.digest(account, contract.account),
        one.issued_on.isoformat(),
    )  # fmt: skip
