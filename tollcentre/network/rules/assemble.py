"""The graph of one version from its rows: every node once, in order of its id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tollcentre.core.codes import STATION_WIDTH, NodeKind, opposite_unit, section_of, unit_of_gantry
from tollcentre.core.keys import intern_key

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
    flagged: dict[str, int]


def assemble(
    units: Sequence[UnitRow],
    relations: Sequence[RelationRow],
    stations: Sequence[StationRow],
    gantries: Sequence[GantryRow],
    owner_of_section: Mapping[str, str],
    valid_from: date,
) -> Assembled:
    """Nodes are units, the relations' nodes and the stations; a type-1 node that is no unit is a
    connector, which has miles on its edges but neither fee nor owner.
    """
    unit_of = {unit.unit_id: unit for unit in units}
    station_of = {station.station_id: station for station in stations}
    kinds = _kinds(unit_of, relations, station_of)
    names = {s.station_id: s.name for s in stations} | _relation_names(relations)
    names |= {unit.unit_id: unit.name for unit in units}
    ids = sorted(kinds)
    index = {node_id: i for i, node_id in enumerate(ids)}
    boundary = _boundaries(units, gantries)
    flagged = {"connectors": 0, "status_0": 0, "past_end_time": 0, "unreadable_units": 0,
               "sections_without_owner": 0, "gantries_of_no_unit": 0}  # fmt: skip
    nodes: Columns = {name: [] for name in NODE_COLUMNS}
    for node_id in ids:
        unit = unit_of.get(node_id)
        row = _node(
            node_id, kinds[node_id], names.get(node_id, ""), unit, index,
            station_of.get(node_id), boundary.get(node_id, 0), owner_of_section,
        )  # fmt: skip
        for column, value in row.items():
            nodes[column].append(value)
        _flag(flagged, unit, row, valid_from)
    located = [index[unit_of_gantry(g.gantry_id)] if unit_of_gantry(g.gantry_id) in unit_of else -1
               for g in gantries]  # fmt: skip
    flagged["gantries_of_no_unit"] = located.count(-1)
    stations = [s for s in stations if kinds[s.station_id] == NodeKind.STATION]
    edges = sorted((index[r.from_id], index[r.to_id], r.miles_m) for r in relations)
    return Assembled(
        nodes=nodes,
        edges={
            "from_idx": [e[0] for e in edges],
            "to_idx": [e[1] for e in edges],
            "miles_m": [e[2] for e in edges],
        },
        gantries=_gantry_columns(gantries, located),
        stations={
            "station_key": [intern_key(s.station_id) for s in stations],
            "station_id": [s.station_id for s in stations],
            "name": [s.name for s in stations],
            "node_idx": [index[s.station_id] for s in stations],
            "hex": [s.hex for s in stations],
            "lat": [s.lat for s in stations],
            "lng": [s.lng for s in stations],
        },
        flagged=flagged,
    )


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
    section = section_of(node_id) if unit or station or len(node_id) >= 14 else ""
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


def _flag(
    flagged: dict[str, int], unit: UnitRow | None, row: dict[str, object], valid_from: date
) -> None:
    """Count what is loaded but worth a look."""
    if unit is None:
        flagged["connectors"] += row["kind"] == NodeKind.CONNECTOR
        return
    flagged["status_0"] += unit.status == 0
    flagged["past_end_time"] += unit.end is not None and unit.end < valid_from
    flagged["unreadable_units"] += not row["readable"]
    flagged["sections_without_owner"] += row["legal_owner_id"] == ""


def _gantry_columns(gantries: Sequence[GantryRow], located: list[int]) -> Columns:
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
