"""A road network as the simulator drives it: numpy arrays over nodes, from official files.

Read here with code of its own, so that the importer has a second opinion.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tollcentre.core.codes import VEHICLE_TYPES, opposite_unit, unit_of_gantry

KIND_CONNECTOR, KIND_UNIT, KIND_STATION, KIND_INTERCHANGE, KIND_OUTSIDE = 0, 1, 3, 9, 2

IntArray = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Gantry:
    """门架 as records name it."""

    gantry_id: str
    hex_code: str
    opposite_hex: str


@dataclass(frozen=True)
class UnitRow:
    """What one row of the units file says, as far as the simulator needs it."""

    unit_id: str
    length_m: int
    gantry_ids: tuple[str, ...]
    vertical_type: int
    road_type: int
    fee_type_car: int
    fee_type_truck: int
    owner_id: str
    inout: int


@dataclass
class RoadMap:
    """Nodes 0…n-1 in the order of their ids; -1 where there is none.

    `charged_by[u]`: the unit whose gantry also charges unit u (代收); `inout[u]`: 1 leaves the
    province at its end, 2 enters it at its start; `border[u]`: the two-digit neighbour.
    """

    province: str
    version: str
    node_ids: list[str]
    kind: IntArray
    length_m: IntArray
    direction: IntArray
    readable: IntArray
    charged_by: IntArray
    opposite: IntArray
    inout: IntArray
    border: list[str]
    owner_ids: list[str]
    unit_rows: dict[int, UnitRow]
    gantries: list[Gantry]
    first_gantry: IntArray
    gantry_count: IntArray
    edge_from: IntArray
    edge_to: IntArray
    edge_miles: IntArray
    station_nodes: IntArray
    station_names: list[str]
    station_hex: list[str]

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.node_ids)


@dataclass(frozen=True)
class NetworkFiles:
    """Where the official files of one version lie."""

    units: Path
    relations: Path
    stations: Path
    rates: Path
    gantries: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "NetworkFiles":
        """The names that `tollcentre province` writes."""
        names = ("units", "relations", "stations", "rates", "gantries")
        return cls(*(folder / f"{name}.csv" for name in names))


RateTable = dict[tuple[int, int, int], str]
"""(road type, fee type, vehicle type) → yuan as text."""


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a UTF-8 CSV file with a header."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def read_rates(path: Path) -> RateTable:
    """The rate file as a table."""
    return {
        (int(row["roadtype"]), int(row["feetype"]), int(row["vehicle_type"])): row["feebykm_yuan"]
        for row in rows_of(path)
    }


def priced(row: UnitRow, rates: RateTable) -> bool:
    """Whether every vehicle type has a rate on this unit."""
    return all(
        (row.road_type, row.fee_type_car if kind <= 4 else row.fee_type_truck, kind) in rates
        for kind in VEHICLE_TYPES
    )


def read_unit_rows(path: Path) -> dict[str, UnitRow]:
    """Units by id; a unit without a length is left out."""
    found = {}
    for row in rows_of(path):
        if not row["length"].strip():
            continue
        found[row["id"]] = UnitRow(
            unit_id=row["id"],
            length_m=int(row["length"]),
            gantry_ids=tuple(g for g in row["Gantrys"].split("|") if g),
            vertical_type=int(row["VERTICALSECTIONTYPE"] or 1),
            road_type=int(row["roadtype"]),
            fee_type_car=int(row["feeKtype"]),
            fee_type_truck=int(row["feeHtype"]),
            owner_id=row["ownerid"],
            inout=int(row["inoutprovince"] or 0),
        )
    return found


@dataclass
class Relations:
    """Nodes with their national type and the edges between them."""

    kinds: dict[str, int]
    hexes: dict[str, str]
    edges: dict[tuple[str, str], int]
    version: str


def read_relations(path: Path) -> Relations:
    """The relation file; a repeated edge keeps its first miles."""
    found = Relations({}, {}, {}, "")
    for row in rows_of(path):
        found.version = row["version"]
        for end in ("en", "ex"):
            node_id = row[f"{end}roadnodeid"]
            found.kinds[node_id] = int(row[f"{end}roadnodetype"])
            if row[f"{end}hex"]:
                found.hexes[node_id] = row[f"{end}hex"]
        key = (row["enroadnodeid"], row["exroadnodeid"])
        found.edges.setdefault(key, int(row["miles"]))
    return found


def read_road_map(files: NetworkFiles) -> tuple[RoadMap, RateTable]:
    """The network and its rates. Units without a rate for every type are left out of the roads."""
    rates = read_rates(files.rates)
    units = read_unit_rows(files.units)
    relations = read_relations(files.relations)
    masters = {
        row["id"]: Gantry(row["id"], row["etcGantryHex"], row["reEtcGantryHex"])
        for row in rows_of(files.gantries)
    }
    stations = {row["id"]: row["name"] for row in rows_of(files.stations)}
    return build_road_map(units, relations, masters, stations, rates), rates


def build_road_map(
    units: dict[str, UnitRow],
    relations: Relations,
    masters: dict[str, Gantry],
    stations: dict[str, str],
    rates: RateTable,
) -> RoadMap:
    """The arrays from what was read, whatever it was read from."""
    closed = {unit_id for unit_id, row in units.items() if not priced(row, rates)}
    edges = {
        key: miles
        for key, miles in relations.edges.items()
        if key[0] not in closed and key[1] not in closed
    }
    node_ids = sorted({node_id for key in edges for node_id in key})
    index = {node_id: i for i, node_id in enumerate(node_ids)}
    unit_rows = {index[k]: row for k, row in units.items() if k in index}
    kind = np.array([node_kind(i, node_ids[i], unit_rows, relations) for i in range(len(node_ids))])
    station_nodes = np.flatnonzero(kind == KIND_STATION)
    gantries, first, count = place_gantries(len(node_ids), unit_rows, masters)
    provinces = Counter(row.unit_id[5:7] for row in unit_rows.values())
    keys = sorted(edges)
    return RoadMap(
        province=provinces.most_common(1)[0][0] if provinces else "",
        version=relations.version,
        node_ids=node_ids,
        kind=kind,
        length_m=of_units(unit_rows, len(node_ids), lambda row: row.length_m),
        direction=np.array([2 if n[14:15] == "2" else 1 for n in node_ids]),
        readable=count > 0,
        charged_by=charging_units(index, unit_rows),
        opposite=np.array([index.get(opposite_unit(n), -1) for n in node_ids]),
        inout=of_units(unit_rows, len(node_ids), lambda row: row.inout),
        border=border_provinces(node_ids, kind, keys, index, unit_rows),
        owner_ids=[unit_rows[i].owner_id if i in unit_rows else "" for i in range(len(node_ids))],
        unit_rows=unit_rows,
        gantries=gantries,
        first_gantry=first,
        gantry_count=count,
        edge_from=np.array([index[a] for a, _ in keys]),
        edge_to=np.array([index[b] for _, b in keys]),
        edge_miles=np.array([edges[key] for key in keys]),
        station_nodes=station_nodes,
        station_names=[stations.get(node_ids[i], node_ids[i]) for i in station_nodes],
        station_hex=[relations.hexes.get(node_ids[i], "") for i in station_nodes],
    )


def node_kind(i: int, node_id: str, units: dict[int, UnitRow], relations: Relations) -> int:
    """Unit, connector, station, interchange, or a node of the neighbour province."""
    if i in units:
        return KIND_UNIT
    national = relations.kinds[node_id]
    return KIND_CONNECTOR if national == 1 else national


def of_units(units: dict[int, UnitRow], size: int, value: Any) -> IntArray:
    """An array over nodes that holds a value of each unit's row, else 0."""
    result = np.zeros(size, dtype=np.int64)
    for i, row in units.items():
        result[i] = value(row)
    return result


def place_gantries(
    size: int, units: dict[int, UnitRow], masters: dict[str, Gantry]
) -> tuple[list[Gantry], IntArray, IntArray]:
    """The gantries that locate (their number starts with the unit's id), unit by unit."""
    gantries: list[Gantry] = []
    first = np.full(size, -1)
    count = np.zeros(size, dtype=np.int64)
    for i in sorted(units):
        row = units[i]
        own = [g for g in row.gantry_ids if unit_of_gantry(g) == row.unit_id]
        if row.vertical_type == 2 or not own:
            continue
        first[i] = len(gantries)
        count[i] = len(own)
        # A gantry that the master does not know still writes a HEX of its own on media.
        strange = f"F{i:05X}"
        gantries.extend(masters.get(g, Gantry(g, strange, strange)) for g in own)
    return gantries, first, count


def charging_units(index: dict[str, int], units: dict[int, UnitRow]) -> IntArray:
    """For each unit the other unit whose gantry also charges it, else -1."""
    result = np.full(len(index), -1)
    for i, row in units.items():
        borrowed = [unit_of_gantry(g) for g in row.gantry_ids]
        others = [index[u] for u in borrowed if u != row.unit_id and u in index]
        if others:
            result[i] = others[0]
    return result


def border_provinces(
    node_ids: list[str],
    kind: IntArray,
    edges: list[tuple[str, str]],
    index: dict[str, int],
    units: dict[int, UnitRow],
) -> list[str]:
    """The neighbour province of every border unit, from the relation that leaves towards it."""
    result = [""] * len(node_ids)
    for start, end in edges:
        if kind[index[end]] == KIND_OUTSIDE and index[start] in units:
            result[index[start]] = end[5:7]
    for i, row in units.items():
        if row.inout and not result[i]:
            other = index.get(opposite_unit(row.unit_id), -1)
            result[i] = (result[other] if other >= 0 else "") or "61"
    return result
