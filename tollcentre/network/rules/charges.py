"""What a network file says about money: rates, given prices and discounts of its own."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from tollcentre.core.codes import VEHICLE_CLASSES, VEHICLE_TYPES, MediaType

from ..terms import DiscountRow, GivenPrice, Rate
from .fields import MOST, Bad, Raw, Rows, amount, collect, day, optional, some, whole
from .freeway import FREEWAY_ID, FREEWAY_TYPES

ALWAYS = date(2000, 1, 1)


def read_rates(file: str, raws: Iterable[Raw]) -> Rows[Rate]:
    """Rates by road type, fee type and vehicle type, in yuan."""

    def read(raw: dict[str, str]) -> Rate:
        return Rate(
            whole(raw["roadtype"], "roadtype_not_a_number"),
            whole(raw["feetype"], "feetype_not_a_number"),
            _vehicle_type(raw["vehicle_type"]),
            amount(raw["feebykm_yuan"], "rate_not_a_number"),
        )

    def identity(rate: Rate) -> object:
        return (rate.roadtype, rate.feetype, rate.vehicle_type)

    return collect(file, raws, "roadtype", read, identity, "duplicate_rate")


def _vehicle_type(text: str) -> int:
    vehicle_type = whole(text, "vehicle_type_not_a_number")
    if vehicle_type not in VEHICLE_TYPES:
        raise Bad("unknown_vehicle_type", text)
    return vehicle_type


def read_prices(file: str, raws: Iterable[Raw]) -> Rows[GivenPrice]:
    """A price table: one row a unit and vehicle type, the fee in fen."""

    def read(raw: dict[str, str]) -> GivenPrice:
        return GivenPrice(
            some(raw["id"], "unit_id_missing"),
            _vehicle_type(raw["vehicle_type"]),
            whole(raw["fee"], "fee_not_a_number", most=MOST),
        )

    return collect(file, raws, "id", read, lambda p: (p.unit_id, p.vehicle_type), "duplicate_price")


def read_freeway_prices(file: str, raws: Iterable[Raw]) -> Rows[GivenPrice]:
    """The Taiwan list: one row a gantry, three prices in dollars, kept in hundredths."""

    def read(raw: dict[str, str]) -> list[GivenPrice]:
        unit_id = some(raw[FREEWAY_ID], "unit_id_missing")
        found = []
        for column, vehicle_types in FREEWAY_TYPES.items():
            hundredths = Decimal(amount(raw[column], "fee_not_a_number")) * 100
            if hundredths != int(hundredths):
                raise Bad("fee_not_a_number", raw[column])
            found += [GivenPrice(unit_id, kind, int(hundredths)) for kind in vehicle_types]
        return found

    rows = collect(file, raws, FREEWAY_ID, read, lambda p: p[0].unit_id, "duplicate_price")
    return Rows(file, [price for row in rows.taken for price in row], rows.refused)


def read_discounts(file: str, raws: Iterable[Raw]) -> Rows[DiscountRow]:
    """A network's own discounts; an empty field means any. Column names may have underscores."""
    folded = [
        (line, {name.replace("_", ""): value for name, value in raw.items()}) for line, raw in raws
    ]

    def read(raw: dict[str, str]) -> DiscountRow:
        factor = amount(raw["factor"], "factor_not_a_number")
        if Decimal(factor) > 1:
            raise Bad("factor_above_one", factor)
        hours = (_hour(raw, "hourfrom", 0), _hour(raw, "hourto", 24))
        if hours[0] == hours[1]:
            raise Bad("hours_empty", str(hours[0]))
        start = day(raw.get("starttime", raw.get("validfrom", "")), "start_time_no_date")
        row = DiscountRow(
            media_type=_one_of(raw, "mediatype", tuple(MediaType), 0),
            vehicle_type=_one_of(raw, "vehicletype", VEHICLE_TYPES, 0),
            vehicle_class=_one_of(raw, "vehicleclass", VEHICLE_CLASSES, -1),
            road_id=raw.get("roadid", "").strip(),
            seats_most=optional(raw.get("seatsmost", ""), "seats_most_not_a_number", 0),
            hour_from=hours[0],
            hour_to=hours[1],
            factor=factor,
            valid_from=start or ALWAYS,
            valid_to=day(raw.get("endtime", raw.get("validto", "")), "end_time_no_date"),
        )
        if row.valid_to is not None and row.valid_to < row.valid_from:
            raise Bad("ends_before_it_starts", str(row.valid_to))
        return row

    # Discounts may repeat: each row is an identity of its own, of equal ones the later counts.
    return collect(file, folded, "factor", read, id, "duplicate_discount")


def _one_of(raw: dict[str, str], name: str, known: tuple[int, ...], default: int) -> int:
    number = optional(raw.get(name, ""), f"{name}_not_a_number", default)
    if number != default and number not in known:
        raise Bad(f"{name}_unknown", raw[name])
    return number


def _hour(raw: dict[str, str], name: str, default: int) -> int:
    hour = optional(raw.get(name, ""), f"{name}_not_a_number", default)
    if not 0 <= hour <= 24:
        raise Bad(f"{name}_no_hour", raw[name])
    return hour
