"""The network as a map draws it: per unit its lines, as plain data.

A unit with both its ends is the line between them. One with a single point is drawn towards its
neighbours: between two units the road is cut at the middle, each half in its own unit's colour;
towards a connector, station or interchange the whole stretch is the unit's. What lies between
two nodes that carry no fee is a thin grey link. A line far longer than its unit comes from a wrong
coordinate: it is left out, never drawn across the map.
"""

from collections import defaultdict
from collections.abc import Mapping
from math import cos, hypot, radians
from typing import Any, Protocol

import pyarrow as pa

from tollcentre.core.formats import distance_text

Point = list[float]
DEGREE_M = 111_320
SLACK_M = 10_000
"""A road is never shorter than its straight line; the slack is for points set at a gantry."""


class Drawable(Protocol):
    """What a map needs of a network snapshot."""

    @property
    def nodes(self) -> pa.Table: ...
    @property
    def edges(self) -> pa.Table: ...
    @property
    def gantries(self) -> pa.Table: ...
    @property
    def stations(self) -> pa.Table: ...


def map_of(snapshot: Drawable, owner_names: Mapping[str, str]) -> dict[str, Any]:
    """Units, links, gantries, stations and owners, the owner with the most road first."""
    nodes = {row["node_idx"]: row for row in snapshot.nodes.to_pylist()}
    points = {idx: point for idx, row in nodes.items() if (point := _point(row)) is not None}
    lines, links = _lines(snapshot.edges, nodes, points)
    for idx, row in nodes.items():
        if row["is_unit"]:
            lines[idx] = _credible(row, points.get(idx), lines.get(idx, []))
    units = [_unit(row, lines.get(idx, []), nodes) for idx, row in nodes.items() if row["is_unit"]]
    ids = {idx: row["node_id"] for idx, row in nodes.items()}
    return {
        "units": [unit for unit in units if unit["lines"]],
        "links": links,
        "gantries": [
            {"at": at, "id": row["gantry_id"], "hex": row["hex"],
             "unit": ids.get(row["unit_idx"], "")}
            for row in snapshot.gantries.to_pylist() if (at := _point(row)) is not None
        ],
        "stations": [
            {"at": at, "id": row["station_id"], "name": row["name"], "hex": row["hex"] or "",
             "node": ids.get(row["node_idx"], "")}
            for row in snapshot.stations.to_pylist()
            if (at := _point(row) or points.get(row["node_idx"])) is not None
        ],
        "owners": _owners(nodes.values(), owner_names),
        "unplaced": sum(1 for unit in units if not unit["lines"]),
    }  # fmt: skip


def _point(row: Mapping[str, Any]) -> Point | None:
    return _place(row["lat"], row["lng"])


def _place(lat: float | None, lng: float | None) -> Point | None:
    """A point of the map, None where the file's coordinates are absent or no place at all."""
    if lat is None or lng is None or not (3 < lat < 54 and 73 < lng < 136):
        return None
    return [round(lat, 6), round(lng, 6)]


def straight_m(start: Point, end: Point) -> int:
    """Metres between two points, on a plane as it lies there: good to a per cent in a province."""
    north = (end[0] - start[0]) * DEGREE_M
    east = (end[1] - start[1]) * DEGREE_M * cos(radians((start[0] + end[0]) / 2))
    return round(hypot(north, east))


def _credible(
    row: Mapping[str, Any], start: Point | None, others: list[list[Point]]
) -> list[list[Point]]:
    """A unit's own line where both ends are given, else those towards its neighbours."""
    most = int(row["length_m"]) * 13 // 10 + SLACK_M
    end = _place(row["end_lat"], row["end_lng"])
    if start is not None and end is not None and end != start and straight_m(start, end) <= most:
        return [[start, end]]
    return [line for line in others if straight_m(*line) <= most]


def _lines(
    edges: pa.Table, nodes: Mapping[int, Any], points: Mapping[int, Point]
) -> tuple[dict[int, list[list[Point]]], list[list[Point]]]:
    lines: dict[int, list[list[Point]]] = defaultdict(list)
    links: list[list[Point]] = []
    pairs = zip(edges["from_idx"].to_pylist(), edges["to_idx"].to_pylist(), strict=True)
    for start, end in pairs:
        if start not in points or end not in points:
            continue
        here, there = points[start], points[end]
        first, second = nodes[start]["is_unit"], nodes[end]["is_unit"]
        if first and second:
            middle = [round((here[0] + there[0]) / 2, 6), round((here[1] + there[1]) / 2, 6)]
            lines[start].append([here, middle])
            lines[end].append([middle, there])
        elif first or second:
            lines[start if first else end].append([here, there])
        elif here != there:
            links.append([here, there])
    return lines, links


def _unit(row: Mapping[str, Any], lines: list[list[Point]], nodes: Mapping[int, Any]) -> Any:
    opposite = nodes.get(row["opposite_idx"])
    return {
        "id": row["node_id"],
        "name": row["name"],
        "length": distance_text(row["length_m"]),
        "owner": _owner_of(row),
        "section": row["section_id"] or "",
        "readable": bool(row["readable"]),
        "opposite": opposite["node_id"] if opposite else "",
        "lines": lines,
    }


def _owner_of(row: Mapping[str, Any]) -> str:
    """The legal owner, or the units' own owner number where the roads file names none."""
    return row["legal_owner_id"] or row["owner_id"] or ""


def _owners(nodes: Any, names: Mapping[str, str]) -> list[dict[str, Any]]:
    lengths: dict[str, int] = defaultdict(int)
    for row in nodes:
        if row["is_unit"]:
            lengths[_owner_of(row)] += row["length_m"]
    longest = sorted(lengths, key=lambda owner: (-lengths[owner], owner))
    return [
        {
            "id": owner,
            "name": names.get(owner, owner) or "—",
            "length": distance_text(lengths[owner]),
        }
        for owner in longest
    ]
