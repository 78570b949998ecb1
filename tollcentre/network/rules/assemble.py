"""The graph of one version from its rows: every node once, in order of its id."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tollcentre.core.codes import STATION_WIDTH, NodeKind, opposite_unit, section_of, unit_of_gantry
from tollcentre.core.keys import intern_key

from ..terms import Flag
from .rows import GantryRow, RelationRow, StationRow, UnitRow

Columns = dict[str, list[object]]
UNREADABLE_VERTICAL = 2
BORDER_IN, BORDER_OUT = 1, 2
# 收费单元 inoutprovince: 2 leads in from the border, 1 leads out; the gantry master says the same.
BORDER_OF_IN_OUT = {2: BORDER_IN, 1: BORDER_OUT}


@dataclass(frozen=True)
class Assembled:
    """Columns of nodes, edges, gantries and stations, and what was flagged."""

    nodes: Columns
    edges: Columns
    gantries: Columns
    stations: Columns
    flags: list[Flag]


def assemble(
    units: Sequence[UnitRow],
    relations: Sequence[RelationRow],
    stations: Sequence[StationRow],
    gantries: Sequence[GantryRow],
    owner_of_section: Mapping[str, str],
    valid_from: date,
    refused_units: Collection[str] = (),
) -> Assembled:
    """Nodes are units, the relations' nodes and the stations; a type-1 node that is no unit is a
    connector, which has miles on its edges but neither fee nor owner.
    """
    unit_of = {unit.unit_id: unit for unit in units}
    outside = _unlisted_stations(relations, stations)
    stations = [*stations, *outside]
    station_of = {station.station_id: station for station in stations}
    kinds = _kinds(unit_of, relations, station_of)
    names = {s.station_id: s.name for s in stations} | _relation_names(relations)
    names |= {unit.unit_id: unit.name for unit in units}
    ids = sorted(kinds)
    index = {node_id: i for i, node_id in enumerate(ids)}
    boundary = _boundaries(units, gantries)
    unlisted = _unlisted_gantries(units, gantries)
    gantries = [*gantries, *unlisted]
    nodes: Columns = {name: [] for name in NODE_COLUMNS}
    flags = [Flag(g.gantry_id, "gantry_not_in_master", "") for g in unlisted]
    flags += [Flag(s.station_id, "station_not_in_master", s.hex) for s in outside]
    for node_id in ids:
        unit = unit_of.get(node_id)
        row = _node(
            node_id, kinds[node_id], names.get(node_id, ""), unit, index,
            station_of.get(node_id), boundary.get(node_id, 0), owner_of_section,
        )  # fmt: skip
        for column, value in row.items():
            nodes[column].append(value)
        flags += _flags(unit, row, valid_from, node_id in refused_units, bool(owner_of_section))
    stations = [s for s in stations if kinds[s.station_id] == NodeKind.STATION]
    edges = sorted((index[r.from_id], index[r.to_id], r.miles_m) for r in relations)
    return Assembled(
        nodes=nodes,
        edges={
            "from_idx": [e[0] for e in edges],
            "to_idx": [e[1] for e in edges],
            "miles_m": [e[2] for e in edges],
        },
        gantries=_gantry_columns(gantries, unit_of, index),
        stations={
            "station_key": [intern_key(s.station_id) for s in stations],
            "station_id": [s.station_id for s in stations],
            "name": [s.name for s in stations],
            "node_idx": [index[s.station_id] for s in stations],
            "hex": [s.hex for s in stations],
            "lat": [s.lat for s in stations],
            "lng": [s.lng for s in stations],
        },
        flags=flags,
    )


def _unlisted_stations(
    relations: Sequence[RelationRow], stations: Sequence[StationRow]
) -> list[StationRow]:
    """The stations that relations name and the station file lacks, with the relations' HEX."""
    listed = {station.station_id for station in stations}
    found: dict[str, StationRow] = {}
    for relation in relations:
        for node_id, kind, name, hex_ in (
            (relation.from_id, relation.from_type, relation.from_name, relation.from_hex),
            (relation.to_id, relation.to_type, relation.to_name, relation.to_hex),
        ):
            known = found.get(node_id)
            if kind == NodeKind.STATION and node_id not in listed and not (known and known.hex):
                found[node_id] = StationRow(node_id, name, hex_, 0.0, 0.0)
    return [found[node_id] for node_id in sorted(found)]


def _unlisted_gantries(units: Sequence[UnitRow], gantries: Sequence[GantryRow]) -> list[GantryRow]:
    """The gantries that units name and the master lacks: they charge, but have no HEX."""
    listed = {gantry.gantry_id for gantry in gantries}
    charged: dict[str, list[UnitRow]] = {}
    for unit in units:
        for gantry_id in filter(None, (part.strip() for part in unit.gantries.split("|"))):
            if gantry_id not in listed:
                charged.setdefault(gantry_id, []).append(unit)
    return [
        GantryRow(
            gantry_id=gantry_id,
            name=on[0].name,
            hex="",
            opposite_hex="",
            boundary=0,
            toll_intervals="|".join(unit.unit_id for unit in on),
            status=0,
            lat=on[0].start_lat,
            lng=on[0].start_lng,
        )  # fmt: skip
        for gantry_id, on in sorted(charged.items())
    ]


NODE_COLUMNS = (
    "node_idx", "node_id", "node_key", "kind", "name", "length_m", "is_unit", "readable",
    "opposite_idx", "direction", "section_id", "road_id", "owner_id", "legal_owner_id", "roadtype",
    "fee_k_type", "fee_h_type", "lat", "lng", "end_lat", "end_lng", "status", "boundary",
)  # fmt: skip


def _kinds(
    unit_of: Mapping[str, UnitRow],
    relations: Sequence[RelationRow],
    station_of: Mapping[str, StationRow],
) -> dict[str, NodeKind]:
    """Each node's kind: what the relations call it, connectors apart."""
    kinds: dict[str, NodeKind] = {}
    for relation in relations:
        for node_id, kind in (
            (relation.from_id, relation.from_type),
            (relation.to_id, relation.to_type),
        ):
            if kind == NodeKind.UNIT and node_id not in unit_of:
                kind = NodeKind.CONNECTOR
            kinds.setdefault(node_id, NodeKind(kind))
    for unit_id in unit_of:
        kinds.setdefault(unit_id, NodeKind.UNIT)
    for station_id in station_of:
        is_station = len(station_id) == STATION_WIDTH
        kinds.setdefault(station_id, NodeKind.STATION if is_station else NodeKind.INTERCHANGE)
    return kinds


def _relation_names(relations: Sequence[RelationRow]) -> dict[str, str]:
    names: dict[str, str] = {}
    for relation in relations:
        names.setdefault(relation.from_id, relation.from_name)
        names.setdefault(relation.to_id, relation.to_name)
    return names


def _boundaries(units: Sequence[UnitRow], gantries: Sequence[GantryRow]) -> dict[str, int]:
    """Unit → 1 enters the province, 2 leaves it: by its gantry, else by the unit itself."""
    boundary = {
        unit.unit_id: BORDER_OF_IN_OUT[unit.in_out]
        for unit in units
        if unit.in_out in BORDER_OF_IN_OUT
    }
    for gantry in gantries:
        if gantry.boundary in (BORDER_IN, BORDER_OUT):
            boundary[unit_of_gantry(gantry.gantry_id)] = gantry.boundary
    return boundary


def is_readable(unit: UnitRow) -> bool:
    """A unit tells where a vehicle is if one of its own gantries stands on it, and it is no
    surcharge unit; a borrowed gantry charges but does not locate.
    """
    own = any(g.strip().startswith(unit.unit_id) for g in unit.gantries.split("|") if g.strip())
    return own and unit.vertical != UNREADABLE_VERTICAL


def _node(
    node_id: str,
    kind: NodeKind,
    name: str,
    unit: UnitRow | None,
    index: Mapping[str, int],
    station: StationRow | None,
    boundary: int,
    owner_of_section: Mapping[str, str],
) -> dict[str, object]:
    """One row of the node columns."""
    section = section_of(node_id) if len(node_id) >= STATION_WIDTH else ""
    if unit and not section:
        section = unit.road_name
    opposite = index.get(opposite_unit(node_id), -1) if unit and len(node_id) == 16 else -1
    return {
        "node_idx": index[node_id],
        "node_id": node_id,
        "node_key": intern_key(node_id),
        "kind": int(kind),
        "name": name,
        "length_m": unit.length_m if unit else 0,
        "is_unit": unit is not None,
        "readable": is_readable(unit) if unit else False,
        "opposite_idx": -1 if opposite == index[node_id] else opposite,
        "direction": unit.direction if unit else 0,
        "section_id": section,
        "road_id": section,
        "owner_id": unit.owner_id if unit else "",
        "legal_owner_id": owner_of_section.get(section, "") if unit else "",
        "roadtype": unit.roadtype if unit else 0,
        "fee_k_type": unit.fee_k_type if unit else 0,
        "fee_h_type": unit.fee_h_type if unit else 0,
        "lat": unit.start_lat if unit else station.lat if station else 0.0,
        "lng": unit.start_lng if unit else station.lng if station else 0.0,
        "end_lat": unit.end_lat if unit else 0.0,
        "end_lng": unit.end_lng if unit else 0.0,
        "status": unit.status if unit else 1,
        "boundary": boundary if unit else 0,
    }


def _flags(
    unit: UnitRow | None,
    row: dict[str, object],
    valid_from: date,
    was_refused: bool,
    owners_known: bool,
) -> list[Flag]:
    """What is loaded but worth a look."""
    node_id = str(row["node_id"])
    if unit is None:
        if row["kind"] != NodeKind.CONNECTOR:
            return []
        return [Flag(node_id, "refused_unit_as_connector" if was_refused else "connector", "")]
    found = []
    if unit.status == 0:
        found.append(Flag(node_id, "status_0", "0"))
    if unit.end is not None and unit.end < valid_from:
        found.append(Flag(node_id, "past_end_time", unit.end.isoformat()))
    if not row["readable"]:
        found.append(Flag(node_id, "unreadable_unit", unit.gantries))
    if owners_known and row["legal_owner_id"] == "":
        found.append(Flag(node_id, "section_without_owner", str(row["section_id"])))
    return found


def _gantry_columns(
    gantries: Sequence[GantryRow], unit_of: Mapping[str, UnitRow], index: Mapping[str, int]
) -> Columns:
    """The gantries, each located at the unit whose number its own starts with, else at none."""
    located = [index[u] if (u := unit_of_gantry(g.gantry_id)) in unit_of else -1 for g in gantries]
    return {
        "gantry_key": [intern_key(g.gantry_id) for g in gantries],
        "gantry_id": [g.gantry_id for g in gantries],
        "name": [g.name for g in gantries],
        "hex": [g.hex for g in gantries],
        "opposite_hex": [g.opposite_hex for g in gantries],
        "unit_idx": list(located),
        "lat": [g.lat for g in gantries],
        "lng": [g.lng for g in gantries],
        "boundary_type": [g.boundary for g in gantries],
        "toll_intervals": [g.toll_intervals for g in gantries],
        "status": [g.status for g in gantries],
    }
