"""Customers, vehicles, what each holds and what was done: for others, and for pages."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from tollcentre.access.queries import of_viewer
from tollcentre.access.terms import Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.privacy.queries import sealer
from tollcentre.privacy.terms import PersonalKind

from ..models import Business, Contract, Customer, Holding, PlateCheck, Vehicle
from ..rules.numbers import serial_of
from ..terms import NO_SUCH_CUSTOMER, NO_SUCH_VEHICLE

SEARCHED = {
    "phone": ("phone_digest", PersonalKind.PHONE),
    "id_number": ("id_digest", PersonalKind.ID_NUMBER),
    "name": ("name_digest", PersonalKind.NAME),
}
"""What a page searches customers by, exactly → the column of its digest."""


def _seen(rows: "QuerySet[Any]", viewer: Viewer, what: str, *, exact: bool) -> "QuerySet[Any]":
    """Rows registered at the viewer's units; of an exact search also those that they served."""
    if viewer.unit_codes is None or not exact:
        return of_viewer(rows, viewer, unit="unit_code")
    done = Business.objects.filter(**{what: OuterRef("pk")}, unit_code__in=viewer.unit_codes)
    return rows.filter(Q(unit_code__in=viewer.unit_codes) | Exists(done))


def customers(
    *, viewer: Viewer, phone: str = "", id_number: str = "", name: str = "", vehicle_id: str = "",
    medium_no: str = "",
) -> "QuerySet[Customer]":  # fmt: skip
    """Customers that the viewer's units registered; an exact search finds those they served too."""
    exact = any((phone, id_number, name, vehicle_id, medium_no))
    found = _seen(Customer.objects.order_by("-pk"), viewer, "customer", exact=exact)
    given = {"phone": phone, "id_number": id_number, "name": name}
    for field, text in given.items():
        if text:
            column, kind = SEARCHED[field]
            found = found.filter(**{column: sealer().digest(kind, text)})
    if vehicle_id:
        found = found.filter(vehicles__vehicle_id=vehicle_id)
    if medium_no:
        found = found.filter(vehicles__holdings__medium_id=medium_no)
    return found


def customer_of(customer_no: str, *, viewer: Viewer) -> Customer:
    """A customer that the viewer's units registered or served; refuses any other."""
    found = _seen(Customer.objects.all(), viewer, "customer", exact=True)
    one = found.filter(pk=serial_of(customer_no)).first()
    if one is None:
        raise Refusal(NO_SUCH_CUSTOMER, "customer_no", customer_no=customer_no)
    return one


def vehicles(
    *, viewer: Viewer, vehicle_id: str = "", medium_no: str = "", vehicle_type: str = "",
    customer_no: str = "",
) -> "QuerySet[Vehicle]":  # fmt: skip
    """Vehicles that the viewer's units registered; an exact search finds those they served too."""
    exact = any((vehicle_id, medium_no, customer_no))
    found = _seen(Vehicle.objects.order_by("vehicle_id"), viewer, "vehicle", exact=exact)
    wanted = {"vehicle_id": vehicle_id, "holdings__medium_id": medium_no,
              "vehicle_type": vehicle_type,
              "customer_id": serial_of(customer_no) if customer_no else ""}  # fmt: skip
    return found.filter(**{name: value for name, value in wanted.items() if value})


def vehicle_of(vehicle_id: str, *, viewer: Viewer | None = None) -> Vehicle:
    """The vehicle of that plate and colour, of the viewer's units if one looks; refuses others."""
    found = Vehicle.objects.select_related("customer").filter(pk=vehicle_id)
    one = (found if viewer is None else _seen(found, viewer, "vehicle", exact=True)).first()
    if one is None:
        raise Refusal(NO_SUCH_VEHICLE, "vehicle_id", vehicle_id=vehicle_id)
    return one


def held_by(vehicle_ids: Iterable[str]) -> dict[tuple[str, str], str]:
    """The media that these vehicles hold now: by vehicle and kind."""
    found = Holding.objects.filter(vehicle__in=list(vehicle_ids), held_to=None)
    return {
        (vehicle, kind): medium
        for vehicle, kind, medium in found.values_list("vehicle_id", "kind", "medium_id")
    }


def holdings_of(vehicle_ids: Iterable[str]) -> "QuerySet[Holding]":
    """Every medium that these vehicles hold or held, the newest first."""
    found = Holding.objects.filter(vehicle__in=list(vehicle_ids)).select_related("medium")
    return found.order_by("-held_from", "kind")


def contracts_of(medium_nos: Iterable[str]) -> "QuerySet[Contract]":
    """How the tolls of these media are paid."""
    return Contract.objects.filter(card__in=list(medium_nos))


def businesses(
    *, viewer: Viewer, kind: str = "", vehicle_id: str = "", customer_no: str = "",
    start: int | None = None, end: int | None = None,
) -> "QuerySet[Business]":  # fmt: skip
    """What was done at the units that the viewer sees, the newest first; moments in epoch s."""
    found = of_viewer(Business.objects.order_by("-at", "-pk"), viewer, unit="unit_code")
    if viewer.only_mine:
        found = found.filter(clerk=viewer.name)
    wanted: dict[str, Any] = {
        "kind": kind, "vehicle_id": vehicle_id, "at__gte": start,
        "customer_id": serial_of(customer_no) if customer_no else None,
        "at__lt": end,
    }  # fmt: skip
    return found.filter(
        **{name: value for name, value in wanted.items() if value not in ("", None)}
    )


def business_of(business_no: str, *, viewer: Viewer) -> Business | None:
    """A business of the viewer's units, if there is one."""
    return businesses(viewer=viewer).filter(pk=serial_of(business_no)).first()


def waits_for_nation(vehicle_id: str) -> bool:
    """Whether the ministry has not yet said whether this plate holds media elsewhere."""
    waiting = PlateCheck.objects.filter(business__vehicle_id=vehicle_id, settled_at=None)
    return bool(waiting.exists())


def checks_due(now: int, limit: int) -> list[tuple[int, str]]:
    """(business, vehicle) of checks that are to be asked again, the longest waiting first."""
    due = PlateCheck.objects.filter(settled_at=None, next_try_at__lte=now).order_by("next_try_at")
    return list(due.values_list("business_id", "business__vehicle_id")[:limit])


def plate_checks(*, viewer: Viewer, state: str = "") -> "QuerySet[PlateCheck]":
    """Checks of enrolments at the viewer's units, the newest first."""
    found = PlateCheck.objects.select_related("business").order_by("-pk")
    found = of_viewer(found, viewer, unit="business__unit_code")
    return found.filter(state=state) if state else found


def check_of(enrolment: Business) -> PlateCheck | None:
    """What the ministry said of an enrolment's plate; None of other business, or if never asked."""
    return PlateCheck.objects.filter(pk=enrolment.pk).first()
