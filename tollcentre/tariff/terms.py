"""The words of the tariff: what is priced, for whom, and why a price is refused."""

from dataclasses import dataclass
from enum import StrEnum

from tollcentre.core.refusal import Reason

UNKNOWN_UNIT = Reason(
    "unknown_unit",
    "路网版本 {version} 中没有收费单元 {unit}",
    "network version {version} has no toll unit {unit}",
)
UNIT_IS_CONNECTOR = Reason(
    "unit_is_connector",
    "{unit} 是连接匝道，不计费",
    "{unit} is a connecting ramp and carries no fee",
)
NO_RATE_FOR_ROAD_TYPE = Reason(
    "no_rate_for_road_type",
    "收费单元 {unit} 的道路类型 {roadtype} 没有费率规则",
    "toll unit {unit} is of road type {roadtype}, which has no rate",
)
NO_RATE = Reason(
    "no_rate",
    "收费单元 {unit}（道路类型 {roadtype}，费率类型 {feetype}）没有车型 {vehicle_type} 的费率",
    "toll unit {unit} (road type {roadtype}, fee type {feetype})"
    " has no rate for vehicle type {vehicle_type}",
)
NO_GIVEN_PRICE = Reason(
    "no_given_price",
    "价目表没有收费单元 {unit} 车型 {vehicle_type} 的价格",
    "the price table has no price of toll unit {unit} for vehicle type {vehicle_type}",
)
NO_UNITS = Reason("no_units", "没有收费单元", "no toll unit was given")
UNKNOWN_VEHICLE_TYPE = Reason(
    "unknown_vehicle_type", "没有车型 {vehicle_type}", "there is no vehicle type {vehicle_type}"
)
UNKNOWN_VEHICLE_CLASS = Reason(
    "unknown_vehicle_class", "没有车种 {vehicle_class}", "there is no vehicle class {vehicle_class}"
)
UNKNOWN_MEDIUM = Reason(
    "unknown_medium", "没有通行介质 {medium}", "there is no passage medium {medium}"
)
AMOUNT_TOO_FINE = Reason(
    "amount_too_fine",
    "{value} 比百万分之一还细，不能使用",
    "{value} is finer than one millionth and cannot be used",
)
NO_PARAMETER_YET = Reason(
    "no_tariff_parameter",
    "{day} 尚无费率参数 {name}",
    "the tariff parameter {name} has no value yet on {day}",
)


class UnitOfRate(StrEnum):
    """What a rate of a road type is paid for."""

    KILOMETRE = "kilometre"
    PASSAGE = "passage"


@dataclass(frozen=True)
class RoadTypeRule:
    """How a road type is priced; `unit_of_rate` None refuses its units."""

    roadtype: int
    unit_of_rate: UnitOfRate | None


@dataclass(frozen=True)
class Discount:
    """What is left of a unit's fee, in parts per million; 0, -1 and '' mean any.

    Holds for unit times in [start, end) and, where it is narrower than the day, for local hours in
    [hour_from, hour_to), over midnight where hour_from is the greater.
    """

    factor_ppm: int
    start: int
    end: int
    media_type: int = 0
    vehicle_types: tuple[int, ...] = ()
    vehicle_class: int = -1
    road_id: str = ""
    seats_most: int = 0
    hour_from: int = 0
    hour_to: int = 24
    source: str = ""


@dataclass(frozen=True)
class FreePeriod:
    """Exit times in [start, end) that cost nothing, for these vehicles (重大节假日、免费期).

    No vehicle types: all; `seats_most` 0: any seats; `seats_unknown`: the vehicle types that are
    free although their seats are not known.
    """

    code: str
    start: int
    end: int
    vehicle_types: tuple[int, ...]
    seats_most: int
    seats_unknown: tuple[int, ...]
    zh: str
    en: str
    source: str


@dataclass(frozen=True)
class ExemptClass:
    """A kind of vehicle (车种) that costs nothing for exit times in [start, end)."""

    code: str
    vehicle_class: int
    start: int
    end: int
    zh: str
    en: str
    source: str


@dataclass(frozen=True)
class Profile:
    """What a unit's price depends on besides the unit and the time; seats 0 where unknown."""

    media_type: int
    vehicle_type: int
    vehicle_class: int = 0
    seats_band: int = 0


@dataclass(frozen=True)
class Slot:
    """A span [start, end) of unit times in which no dated value changes."""

    slot_idx: int
    start: int
    end: int


@dataclass(frozen=True)
class UnitPrice:
    """One unit of a priced journey; amounts in fen, `tariff_fee` before discount and spread."""

    unit: str
    length_m: int
    pay_fee: int
    discount_fee: int
    fee: int
    tariff_fee: int


@dataclass(frozen=True)
class OwnerPrice:
    """An owner's part of a priced journey, per section; amounts in fen."""

    owner_id: str
    road_id: str
    pay_fee: int
    discount_fee: int
    fee: int


@dataclass(frozen=True)
class JourneyPrice:
    """A journey's price to the fen; `exemption` names why it is free, else None."""

    network_version: str
    units: tuple[UnitPrice, ...]
    mileage_m: int
    pay_fee: int
    discount_fee: int
    fee: int
    owners: tuple[OwnerPrice, ...]
    exemption: FreePeriod | ExemptClass | None


@dataclass(frozen=True)
class MinimumFare:
    """最小费额 of an entry and an exit for one vehicle type; amounts in fen."""

    entry_id: str
    exit_id: str
    vehicle_type: int
    network_version: str
    mileage_m: int
    fee: int
    obu_fee: int
    units: tuple[str, ...]
