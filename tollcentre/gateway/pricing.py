"""Online bill (在线计费, exitFeeType 4): a lane asks what a journey over these units costs."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Schema

from tollcentre.core.clock import epoch_of
from tollcentre.core.codes import MediaType
from tollcentre.core.refusal import Refusal
from tollcentre.tariff.queries import price_journey

from .bodies import parsed, read_body, text_field
from .terms import FIELD_MISSING, FIELD_WRONG

MEDIA = {medium.name.lower(): medium for medium in MediaType}
BODY_BYTES_MAX = 1 << 20
UNITS_MAX = 2000


class PricedUnit(Schema):
    """One toll unit of the journey; amounts in fen, `tariff_fee` before any rounding of a sum."""

    unit: str
    length_m: int
    pay_fee: int
    discount_fee: int
    fee: int
    tariff_fee: int


class PricedOwner(Schema):
    """What an owner's units cost together, in fen."""

    owner_id: str
    road_id: str
    pay_fee: int
    discount_fee: int
    fee: int


class Price(Schema):
    """The journey's price: pay_fee = fee + discount_fee, and owners sum to the whole."""

    network_version: str
    units: list[PricedUnit]
    mileage_m: int
    pay_fee: int
    discount_fee: int
    fee: int
    owners: list[PricedOwner]
    exemption: str


PRICE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["units", "vehicle_type", "medium", "at"],
                    "properties": {
                        "units": {"type": "array", "items": {"type": "string"}},
                        "vehicle_type": {"type": "integer"},
                        "medium": {"type": "string", "enum": list(MEDIA)},
                        "at": {"type": "string", "example": "2026-11-22T08:00:00"},
                        "vehicle_class": {"type": "integer"},
                        "seats": {"type": "integer"},
                        "network_version": {"type": "string"},
                    },
                }
            }
        },
    }
}


def price(request: HttpRequest) -> dict[str, Any]:
    """Price a list of toll units at the time of exit; refused with the unit that has no price."""
    value = parsed(read_body(request, BODY_BYTES_MAX))
    medium = text_field(value, "medium")
    if medium not in MEDIA:
        raise Refusal(FIELD_WRONG, "medium", name="medium", zh="通行介质", en=" | ".join(MEDIA))
    priced = price_journey(
        units=_units(value),
        media_type=MEDIA[medium],
        vehicle_type=_whole(value, "vehicle_type"),
        vehicle_class=_whole(value, "vehicle_class", 0),
        seats=_whole(value, "seats", 0),
        at=_moment(text_field(value, "at")),
        version=text_field(value, "network_version") if "network_version" in value else None,
    )
    return {
        "network_version": priced.network_version,
        "units": [asdict(unit) for unit in priced.units],
        "mileage_m": priced.mileage_m,
        "pay_fee": priced.pay_fee,
        "discount_fee": priced.discount_fee,
        "fee": priced.fee,
        "owners": [asdict(owner) for owner in priced.owners],
        "exemption": priced.exemption.code if priced.exemption else "",
    }


def _units(value: dict[str, Any]) -> list[str]:
    if "units" not in value:
        raise Refusal(FIELD_MISSING, "units", name="units")
    units = value["units"]
    sound = isinstance(units, list) and all(isinstance(unit, str) for unit in units)
    if not sound or len(units) > UNITS_MAX:
        raise Refusal(
            FIELD_WRONG,
            "units",
            name="units",
            zh=f"至多 {UNITS_MAX} 个收费单元编号的数组",
            en=f"a list of at most {UNITS_MAX} toll unit ids",
        )
    return list(units)


def _whole(value: dict[str, Any], name: str, default: int | None = None) -> int:
    if name not in value:
        if default is None:
            raise Refusal(FIELD_MISSING, name, name=name)
        return default
    text = value[name]
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Refusal(FIELD_WRONG, name, name=name, zh="非负整数", en="a whole number from 0")
    return int(text)


def _moment(text: str) -> int:
    try:
        return epoch_of(text)
    except ValueError as error:
        raise Refusal(
            FIELD_WRONG, "at", name="at", zh="时间，如 2026-11-22T08:00:00",
            en="a time such as 2026-11-22T08:00:00",
        ) from error  # fmt: skip
