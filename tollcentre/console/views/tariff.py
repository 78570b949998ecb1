"""The tariff page: prices a journey between two stations, clicked on the map or chosen by name."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tollcentre.access.terms import Permission
from tollcentre.core.clock import SHANGHAI, day_of, epoch_of
from tollcentre.core.codes import VEHICLE_CLASSES as CLASS_CODES
from tollcentre.core.refusal import Refusal
from tollcentre.network import queries as network
from tollcentre.participants.queries import owner_of_section, party_names
from tollcentre.tariff import queries
from tollcentre.tariff.terms import JourneyPrice

from ..pages import page, reads_english, refusal_text
from ..words import MEDIA_TYPES, VEHICLE_CLASSES, VEHICLE_TYPES
from .network import map_source

USUAL_SEATS = 5


@lru_cache(maxsize=4)
def _stations(version: str, fingerprint: str) -> dict[str, dict[str, str]]:
    """Station id → its name and the id of its node; a version never changes."""
    snapshot = network.snapshot(version)
    nodes = snapshot.nodes["node_id"].to_pylist()
    return {
        row["station_id"]: {"name": row["name"], "node": nodes[row["node_idx"]]}
        for row in snapshot.stations.to_pylist()
        if row["node_idx"] >= 0
    }


def stations(version: str) -> dict[str, dict[str, str]]:
    """The stations of a version that stand on the network."""
    return _stations(version, network.fingerprint(version))


def station_of(text: str, known: dict[str, dict[str, str]]) -> str:
    """The station that `名称 编号`, a number or a whole name stands for; empty where none does."""
    text = text.strip()
    last = text.rpartition(" ")[2]
    if last in known:
        return last
    named = [station for station, told in known.items() if told["name"] == text]
    return named[0] if len(named) == 1 else ""


@page(Permission.VIEW_TARIFF)
def price(request: HttpRequest) -> HttpResponse:
    """The form and the map; the answer comes below them."""
    now = datetime.now(SHANGHAI).replace(tzinfo=None, microsecond=0)
    context: dict[str, Any] = {"title": _("费率试算"), "at": now.isoformat()}
    try:
        version = network.version_at(now.date())
    except Refusal as refusal:
        context["reason"] = refusal_text(refusal)
        return render(request, "console/tariff/price.html", context)
    context |= {
        "version": version,
        "source": map_source(version),
        "stations": [
            {"station_id": station, "name": told["name"]}
            for station, told in stations(version).items()
        ],
        "vehicle_types": VEHICLE_TYPES.items(),
        "media_types": [(code, MEDIA_TYPES[code]) for code in (1, 2, 3)],
        "vehicle_classes": [(code, VEHICLE_CLASSES[code]) for code in CLASS_CODES],
        "seats": USUAL_SEATS,
    }
    return render(request, "console/tariff/price.html", context)


@page(Permission.VIEW_TARIFF)
def answer(request: HttpRequest) -> HttpResponse:
    """Only the price, for the form's htmx."""
    try:
        context = _answer(request)
    except Refusal as refusal:
        context = {"reason": refusal_text(refusal)}
    return render(request, "console/tariff/_answer.html", context)


def _whole(request: HttpRequest, name: str, otherwise: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 6 else otherwise


def _moment(request: HttpRequest) -> int:
    """The exit time that was asked for, now where it is none."""
    try:
        return epoch_of(request.GET.get("at", ""))
    except ValueError:
        return int(datetime.now(SHANGHAI).timestamp())


def _answer(request: HttpRequest) -> dict[str, Any]:
    entry_text, exit_text = request.GET.get("entry", ""), request.GET.get("exit", "")
    if not entry_text.strip() and not exit_text.strip():
        return {}
    at = _moment(request)
    version = network.version_at(day_of(at))
    known = stations(version)
    entry, exit_ = station_of(entry_text, known), station_of(exit_text, known)
    for text, found in ((entry_text, entry), (exit_text, exit_)):
        if text.strip() and not found:
            return {"reason": _("没有叫“%(text)s”的收费站") % {"text": text.strip()}}
    if not (entry and exit_):
        return {"half": True}
    start, end = known[entry]["node"], known[exit_]["node"]
    units = network.least_path(version, start, end)
    if not units:
        return {"reason": _("这两个站之间没有可行驶的路径")}
    vehicle_type = _whole(request, "vehicle_type", 1)
    priced = queries.price_journey(
        units=units,
        media_type=_whole(request, "media_type", 1),
        vehicle_type=vehicle_type,
        vehicle_class=_whole(request, "vehicle_class", 0),
        seats=_whole(request, "seats", USUAL_SEATS),
        at=at,
        version=version,
    )
    least = queries.minimum_fare(
        entry_id=start, exit_id=end, vehicle_type=vehicle_type, at=at, version=version
    )
    return {"answer": _told(priced, version, at), "least": least}


def _told(found: JourneyPrice, version: str, at: int) -> dict[str, Any]:
    """The price with the names of units and owners, and why it is free where it is."""
    names = dict(network.unit_names(version).values())
    parties = party_names()
    owners: dict[str, dict[str, Any]] = {}
    for part in found.owners:
        legal = owner_of_section(part.road_id, at) or part.owner_id
        owner = owners.setdefault(
            legal, {"name": parties.get(legal, legal), "discount_fee": 0, "fee": 0}
        )
        owner["discount_fee"] += part.discount_fee
        owner["fee"] += part.fee
    free = found.exemption
    return {
        "unit_ids": [unit.unit for unit in found.units],
        "units": [{"name": names.get(unit.unit, ""), "price": unit} for unit in found.units],
        "mileage_m": found.mileage_m,
        "pay_fee": found.pay_fee,
        "discount_fee": found.discount_fee,
        "fee": found.fee,
        "owners": list(owners.values()),
        "free": (free.en if reads_english() else free.zh) if free else "",
        "free_source": free.source if free else "",
    }
