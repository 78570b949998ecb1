"""One row of a network file after another: taken with its fields, or refused with its reason."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

from tollcentre.core.codes import VEHICLE_TYPES

from ..terms import DiscountRow, GivenPrice, Rate, RefusedRow

Raw = tuple[int, dict[str, str]]
Row = TypeVar("Row")
NODE_TYPES = (1, 2, 3, 9)
INTERCHANGE_WIDTHS = (6, 7)
TAIWAN_CLASSES = {
    "小型車牌價": (1,),
    "大型車牌價": (2, 3, 4, 11, 12),
    "聯結車牌價": (13, 14, 15, 16),
}


@dataclass
class Rows(Generic[Row]):
    """Rows taken and rows refused, of one file."""

    file: str
    taken: list[Row] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


class Bad(Exception):
    """A field that cannot be used: the reason's name and the text."""

    def __init__(self, reason: str, value: str) -> None:
        super().__init__(reason)
        self.reason, self.value = reason, value


@dataclass(frozen=True)
class UnitRow:
    """收费单元; lengths in metres, dates None where absent."""

    unit_id: str
    name: str
    length_m: int
    owner_id: str
    road_name: str
    roadtype: int
    fee_k_type: int
    fee_h_type: int
    status: int
    end: date | None
    gantries: str
    in_out: int
    vertical: int
    direction: int
    start_lat: float
    start_lng: float
    end_lat: float
    end_lng: float
    unit_type: int


@dataclass(frozen=True)
class RelationRow:
    """路网节点关系: from node to node, and the metres driven on the first."""

    from_id: str
    from_type: int
    from_name: str
    to_id: str
    to_type: int
    to_name: str
    miles_m: int


@dataclass(frozen=True)
class StationRow:
    """收费站."""

    station_id: str
    name: str
    hex: str
    lat: float
    lng: float


@dataclass(frozen=True)
class GantryRow:
    """门架."""

    gantry_id: str
    name: str
    hex: str
    opposite_hex: str
    boundary: int
    toll_intervals: str
    status: int
    lat: float
    lng: float


@dataclass(frozen=True)
class RoadRow:
    """收费路段 and its legal owner."""

    section_id: str
    name: str
    owner_id: str


DiscountText = DiscountRow


def _each(
    file: str, raws: Iterable[Raw], key: str, read: Callable[[dict[str, str]], Row]
) -> Iterator[tuple[Row | None, RefusedRow | None]]:
    for line, raw in raws:
        try:
            yield read(raw), None
        except Bad as bad:
            yield None, RefusedRow(file, line, raw.get(key, ""), bad.reason, bad.value)


def _collect(
    file: str,
    raws: Iterable[Raw],
    key: str,
    read: Callable[[dict[str, str]], Row],
    identity: Callable[[Row], object],
    twice: str,
) -> Rows[Row]:
    """Take each row once; a further row of the same identity is refused as `twice`."""
    rows: Rows[Row] = Rows(file)
    seen: set[object] = set()
    lines = list(raws)
    for (line, raw), (row, refused) in zip(lines, _each(file, lines, key, read), strict=True):
        if refused is not None:
            rows.refused.append(refused)
        elif row is not None and identity(row) in seen:
            rows.refused.append(RefusedRow(file, line, raw.get(key, ""), twice, ""))
        elif row is not None:
            seen.add(identity(row))
            rows.taken.append(row)
    return rows


def _whole(text: str, reason: str, *, least: int = 0) -> int:
    """A whole number of a text such as `6500` or `6500.0`."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise Bad(reason, text) from None
    if not number.is_finite() or number != number.to_integral_value() or number < least:
        raise Bad(reason, text)
    return int(number)


def _optional(text: str, reason: str, default: int) -> int:
    return default if not text.strip() else _whole(text, reason, least=-1)


def _metres(text: str, reason: str) -> int:
    """Metres of a text; a part of a metre is rounded half up."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise Bad(reason, text) from None
    if not number.is_finite() or number < 0:
        raise Bad(reason, text)
    return int(number + Decimal("0.5"))


def _degrees(text: str) -> float:
    """A coordinate for looking at; 0 where there is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _day(text: str, reason: str) -> date | None:
    text = text.strip().replace("/", "-")
    if not text:
        return None
    try:
        year, month, day = (int(part) for part in text[:10].split("-"))
        return date(year, month, day)
    except ValueError:
        raise Bad(reason, text) from None


def _width(text: str, width: int, reason: str) -> str:
    text = text.strip()
    if len(text) != width or not text.isascii() or not text.isalnum():
        raise Bad(reason, text)
    return text


def _some(text: str, reason: str) -> str:
    if not text.strip():
        raise Bad(reason, text)
    return text.strip()


def read_units(file: str, raws: Iterable[Raw]) -> Rows[UnitRow]:
    """Toll units; the official file, or a price list per gantry of another country."""
    lines = list(raws)
    if lines and "設定收費區代碼" in lines[0][1]:
        return _collect(file, lines, "設定收費區代碼", _taiwan_unit, lambda u: u.unit_id,
                        "duplicate_unit")  # fmt: skip
    return _collect(file, lines, "id", _unit, lambda u: u.unit_id, "duplicate_unit")


def _unit(raw: dict[str, str]) -> UnitRow:
    unit_id = _width(raw["id"], 16, "unit_id_width")
    return UnitRow(
        unit_id=unit_id,
        name=raw.get("name", ""),
        length_m=_metres(raw["length"], "length_not_a_number"),
        owner_id=_some(raw["ownerid"], "owner_missing"),
        road_name=raw.get("roadidname", ""),
        roadtype=_whole(raw["roadtype"], "roadtype_not_a_number"),
        fee_k_type=_whole(raw["feektype"], "fee_k_type_not_a_number"),
        fee_h_type=_whole(raw["feehtype"], "fee_h_type_not_a_number"),
        status=_optional(raw.get("status", ""), "status_not_a_number", 1),
        end=_day(raw.get("endtime", ""), "end_time_no_date"),
        gantries=raw.get("gantrys", "").strip(),
        in_out=_optional(raw.get("inoutprovince", ""), "in_out_province_not_a_number", 0),
        vertical=_optional(raw.get("verticalsectiontype", ""), "vertical_type_not_a_number", 1),
        direction=_optional(raw.get("direction", ""), "direction_not_a_number", 0),
        start_lat=_degrees(raw.get("startlat", "")),
        start_lng=_degrees(raw.get("startlng", "")),
        end_lat=_degrees(raw.get("endlat", "")),
        end_lng=_degrees(raw.get("endlng", "")),
        unit_type=_optional(raw.get("type", ""), "type_not_a_number", 2),
    )


def _taiwan_unit(raw: dict[str, str]) -> UnitRow:
    kilometres = raw["收費區設定里程"].strip()
    try:
        length = int(Decimal(kilometres) * 1000 + Decimal("0.5"))
    except InvalidOperation:
        raise Bad("length_not_a_number", kilometres) from None
    unit_id = _some(raw["設定收費區代碼"], "unit_id_missing")
    lat, lng = _degrees(raw.get("緯度", "")), _degrees(raw.get("經度", ""))
    return UnitRow(
        unit_id, f"{raw.get('起點交流道', '')}-{raw.get('迄點交流道', '')}", length,
        raw["國道別"].strip(), raw["國道別"].strip(), 0, 0, 0, 1, None, unit_id, 0, 1,
        1 if raw.get("方向", "").strip() in ("N", "E") else 2, lat, lng, lat, lng, 2,
    )  # fmt: skip


def read_relations(file: str, raws: Iterable[Raw]) -> Rows[RelationRow]:
    """Relations of nodes; the same pair twice counts once."""

    def read(raw: dict[str, str]) -> RelationRow:
        kinds = [_whole(raw[name], f"{name}_not_a_number") for name in
                 ("enroadnodetype", "exroadnodetype")]  # fmt: skip
        for kind in kinds:
            if kind not in NODE_TYPES:
                raise Bad("unknown_node_type", str(kind))
        row = RelationRow(
            from_id=_some(raw["enroadnodeid"], "from_node_missing"),
            from_type=kinds[0],
            from_name=raw.get("enroadnodename", ""),
            to_id=_some(raw["exroadnodeid"], "to_node_missing"),
            to_type=kinds[1],
            to_name=raw.get("exroadnodename", ""),
            miles_m=_metres(raw["miles"], "miles_not_a_number"),
        )
        if row.from_id == row.to_id:
            raise Bad("relation_to_itself", row.from_id)
        return row

    return _collect(
        file, raws, "enroadnodeid", read, lambda r: (r.from_id, r.to_id), "duplicate_relation"
    )


def read_stations(file: str, raws: Iterable[Raw]) -> Rows[StationRow]:
    """Toll stations; the file also names interchange points, whose numbers are short."""

    def read(raw: dict[str, str]) -> StationRow:
        station_id = raw["id"].strip()
        if not (len(station_id) in INTERCHANGE_WIDTHS and station_id.isdigit()):
            station_id = _width(station_id, 14, "station_id_width")
        return StationRow(
            station_id=station_id,
            name=raw.get("name", ""),
            hex=raw.get("stationhex", "").strip().upper(),
            lat=_degrees(raw.get("latitude", "")),
            lng=_degrees(raw.get("longitude", "")),
        )

    return _collect(file, raws, "id", read, lambda s: s.station_id, "duplicate_station")


def read_gantries(file: str, raws: Iterable[Raw]) -> Rows[GantryRow]:
    """The gantry master: the only place a HEX is resolved by."""

    def read(raw: dict[str, str]) -> GantryRow:
        return GantryRow(
            gantry_id=_width(raw["id"], 19, "gantry_id_width"),
            name=raw.get("name", ""),
            hex=raw.get("etcgantryhex", "").strip().upper(),
            opposite_hex=raw.get("reetcgantryhex", "").strip().upper(),
            boundary=_optional(raw.get("boundarytype", ""), "boundary_type_not_a_number", 0),
            toll_intervals=raw.get("tollintervals", "").strip(),
            status=_optional(raw.get("status", ""), "status_not_a_number", 0),
            lat=_degrees(raw.get("lat", "")),
            lng=_degrees(raw.get("lng", "")),
        )

    return _collect(file, raws, "id", read, lambda g: g.gantry_id, "duplicate_gantry")


def read_roads(file: str, raws: Iterable[Raw]) -> Rows[RoadRow]:
    """Road sections and their legal owners."""

    def read(raw: dict[str, str]) -> RoadRow:
        return RoadRow(
            section_id=_width(raw["收费路段编号"], 11, "section_id_width"),
            name=raw.get("收费路段名称", ""),
            owner_id=_some(raw["所属业主编号"], "owner_missing").removesuffix(".0"),
        )

    return _collect(file, raws, "收费路段编号", read, lambda r: r.section_id, "duplicate_section")


def read_rates(
    file: str, raws: Iterable[Raw]
) -> tuple[Rows[Rate], list[GivenPrice], list[RefusedRow]]:
    """Rates by road type, fee type and class; or given prices per unit and class."""
    lines = list(raws)
    header = lines[0][1] if lines else {}
    if "設定收費區代碼" in header or "fee" in header:
        prices: list[GivenPrice] = []
        refused: list[RefusedRow] = []
        for line, raw in lines:
            try:
                prices += _given_prices(raw)
            except Bad as bad:
                row_id = raw.get("設定收費區代碼") or raw.get("id", "")
                refused.append(RefusedRow(file, line, row_id, bad.reason, bad.value))
        return Rows(file), prices, refused

    def read(raw: dict[str, str]) -> Rate:
        vehicle_type = _whole(raw["vehicle_type"], "vehicle_type_not_a_number")
        if vehicle_type not in VEHICLE_TYPES:
            raise Bad("unknown_vehicle_type", raw["vehicle_type"])
        return Rate(
            _whole(raw["roadtype"], "roadtype_not_a_number"),
            _whole(raw["feetype"], "feetype_not_a_number"),
            vehicle_type,
            _amount(raw["feebykm_yuan"]),
        )

    def identity(rate: Rate) -> object:
        return (rate.roadtype, rate.feetype, rate.vehicle_type)

    rows = _collect(file, lines, "roadtype", read, identity, "duplicate_rate")
    return rows, [], []


def _amount(text: str) -> str:
    """The decimal text of an amount in yuan."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise Bad("rate_not_a_number", text) from None
    if not number.is_finite() or number < 0:
        raise Bad("rate_not_a_number", text)
    return str(number)


def _given_prices(raw: dict[str, str]) -> list[GivenPrice]:
    if "設定收費區代碼" in raw:
        unit_id = _some(raw["設定收費區代碼"], "unit_id_missing")
        return [
            GivenPrice(
                unit_id, vehicle_type, int(Decimal(_amount(raw[column])) * 100 + Decimal("0.5"))
            )  # fmt: skip
            for column, classes in TAIWAN_CLASSES.items()
            for vehicle_type in classes
        ]
    vehicle_type = _whole(raw["vehicle_type"], "vehicle_type_not_a_number")
    if vehicle_type not in VEHICLE_TYPES:
        raise Bad("unknown_vehicle_type", raw["vehicle_type"])
    fee = _whole(raw["fee"], "fee_not_a_number")
    return [GivenPrice(_some(raw["id"], "unit_id_missing"), vehicle_type, fee)]


def read_discounts(file: str, raws: Iterable[Raw]) -> Rows[DiscountRow]:
    """A network's own discounts; an empty field means any."""

    def read(raw: dict[str, str]) -> DiscountRow:
        factor = _amount(raw["factor"])
        if Decimal(factor) > 1:
            raise Bad("factor_above_one", factor)
        start = _day(raw.get("starttime", ""), "start_time_no_date")
        return DiscountRow(
            media_type=_optional(raw.get("mediatype", ""), "media_type_not_a_number", 0),
            vehicle_type=_optional(raw.get("vehicletype", ""), "vehicle_type_not_a_number", 0),
            vehicle_class=_optional(raw.get("vehicleclass", ""), "vehicle_class_not_a_number", -1),
            road_id=raw.get("roadid", "").strip(),
            seats_most=_optional(raw.get("seatsmost", ""), "seats_most_not_a_number", 0),
            hour_from=_optional(raw.get("hourfrom", ""), "hour_from_not_a_number", 0),
            hour_to=_optional(raw.get("hourto", ""), "hour_to_not_a_number", 24),
            factor=factor,
            valid_from=start or date(2020, 1, 1),
            valid_to=_day(raw.get("endtime", ""), "end_time_no_date"),
        )

    rows: Rows[DiscountRow] = Rows(file)
    for row, refused in _each(file, raws, "factor", read):
        if row is not None:
            rows.taken.append(row)
        if refused is not None:
            rows.refused.append(refused)
    return rows
