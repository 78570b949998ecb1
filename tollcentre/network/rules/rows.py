"""One row of a network file after another: taken with its fields, or refused with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tollcentre.core.codes import GANTRY_WIDTH, SECTION_WIDTH, STATION_WIDTH, UNIT_WIDTH

from .fields import (
    Bad,
    Raw,
    Rows,
    collect,
    day,
    degrees,
    metres,
    moment,
    of_width,
    optional,
    some,
    whole,
)

NODE_TYPES = (1, 2, 3, 9)
INTERCHANGE_WIDTHS = (6, 7)


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
    from_hex: str = ""
    to_hex: str = ""


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
    """收费路段 and its legal owner; from when (epoch s), None for the version's first day."""

    section_id: str
    name: str
    owner_id: str
    owned_from: int | None = None


def read_units(file: str, raws: Iterable[Raw]) -> Rows[UnitRow]:
    """Toll units of the official file."""
    return collect(file, raws, "id", _unit, lambda u: u.unit_id, "duplicate_unit")


def _unit(raw: dict[str, str]) -> UnitRow:
    unit_id = of_width(raw["id"], UNIT_WIDTH, "unit_id_width")
    return UnitRow(
        unit_id=unit_id,
        name=raw.get("name", ""),
        length_m=metres(raw["length"], "length_not_a_number"),
        owner_id=some(raw["ownerid"], "owner_missing").removesuffix(".0"),
        road_name=raw.get("roadidname", ""),
        roadtype=whole(raw["roadtype"], "roadtype_not_a_number"),
        fee_k_type=whole(raw["feektype"], "fee_k_type_not_a_number"),
        fee_h_type=whole(raw["feehtype"], "fee_h_type_not_a_number"),
        status=optional(raw.get("status", ""), "status_not_a_number", 1),
        end=day(raw.get("endtime", ""), "end_time_no_date"),
        gantries=raw.get("gantrys", "").strip(),
        in_out=optional(raw.get("inoutprovince", ""), "in_out_province_not_a_number", 0),
        vertical=optional(raw.get("verticalsectiontype", ""), "vertical_type_not_a_number", 1),
        direction=optional(raw.get("direction", ""), "direction_not_a_number", 0),
        start_lat=degrees(raw.get("startlat", "")),
        start_lng=degrees(raw.get("startlng", "")),
        end_lat=degrees(raw.get("endlat", "")),
        end_lng=degrees(raw.get("endlng", "")),
        unit_type=optional(raw.get("type", ""), "type_not_a_number", 2),
    )


def read_relations(file: str, raws: Iterable[Raw]) -> Rows[RelationRow]:
    """Relations of nodes; the same pair twice counts once."""

    def read(raw: dict[str, str]) -> RelationRow:
        kinds = [whole(raw[name], f"{name}_not_a_number") for name in
                 ("enroadnodetype", "exroadnodetype")]  # fmt: skip
        for kind in kinds:
            if kind not in NODE_TYPES:
                raise Bad("unknown_node_type", str(kind))
        row = RelationRow(
            from_id=some(raw["enroadnodeid"], "from_node_missing"),
            from_type=kinds[0],
            from_name=raw.get("enroadnodename", ""),
            to_id=some(raw["exroadnodeid"], "to_node_missing"),
            to_type=kinds[1],
            to_name=raw.get("exroadnodename", ""),
            miles_m=metres(raw["miles"], "miles_not_a_number"),
            from_hex=raw.get("enhex", "").strip().upper(),
            to_hex=raw.get("exhex", "").strip().upper(),
        )
        if row.from_id == row.to_id:
            raise Bad("relation_to_itself", row.from_id)
        return row

    return collect(
        file, raws, "enroadnodeid", read, lambda r: (r.from_id, r.to_id), "duplicate_relation"
    )


def read_stations(file: str, raws: Iterable[Raw]) -> Rows[StationRow]:
    """Toll stations; the file also names interchange points, whose numbers are short."""

    def read(raw: dict[str, str]) -> StationRow:
        station_id = raw["id"].strip()
        if not (len(station_id) in INTERCHANGE_WIDTHS and station_id.isdigit()):
            station_id = of_width(station_id, STATION_WIDTH, "station_id_width")
        return StationRow(
            station_id=station_id,
            name=raw.get("name", ""),
            hex=raw.get("stationhex", "").strip().upper(),
            lat=degrees(raw.get("latitude", "")),
            lng=degrees(raw.get("longitude", "")),
        )

    return collect(file, raws, "id", read, lambda s: s.station_id, "duplicate_station")


def read_gantries(file: str, raws: Iterable[Raw]) -> Rows[GantryRow]:
    """The gantry master: the only place a HEX is resolved by."""

    def read(raw: dict[str, str]) -> GantryRow:
        return GantryRow(
            gantry_id=of_width(raw["id"], GANTRY_WIDTH, "gantry_id_width"),
            name=raw.get("name", ""),
            hex=raw.get("etcgantryhex", "").strip().upper(),
            opposite_hex=raw.get("reetcgantryhex", "").strip().upper(),
            boundary=optional(raw.get("boundarytype", ""), "boundary_type_not_a_number", 0),
            toll_intervals=raw.get("tollintervals", "").strip(),
            status=optional(raw.get("status", ""), "status_not_a_number", 0),
            lat=degrees(raw.get("lat", "")),
            lng=degrees(raw.get("lng", "")),
        )

    return collect(file, raws, "id", read, lambda g: g.gantry_id, "duplicate_gantry")


def read_roads(file: str, raws: Iterable[Raw]) -> Rows[RoadRow]:
    """Road sections and their legal owners."""

    def read(raw: dict[str, str]) -> RoadRow:
        return RoadRow(
            section_id=of_width(raw["收费路段编号"], SECTION_WIDTH, "section_id_width"),
            name=raw.get("收费路段名称", ""),
            owner_id=some(raw["所属业主编号"], "owner_missing").removesuffix(".0"),
            owned_from=moment(raw.get("业主起始时间", ""), "owner_from_no_time"),
        )

    return collect(file, raws, "收费路段编号", read, lambda r: r.section_id, "duplicate_section")
