"""The fictitious province as a road network: units, ramps, interchanges, borders and gantries.

Everything here follows from `parameters/province_roads.yaml` and a seed; nothing is measured.
"""

import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PARAMETERS = Path(__file__).parent / "parameters"
EARTH_RADIUS_M = 6_371_000
SECTION_STRETCHES = 4
"""Stretches of road in one section (收费路段), each section with one owner id."""
SPLIT_LENGTH_M = 1500


@dataclass(frozen=True)
class Place:
    """A point of a road: `kind` is `station`, `interchange` or `border` (then `province`)."""

    name: str
    lat: float
    lng: float
    kind: str
    province: str = ""


@dataclass
class Section:
    """收费路段 with its owner id, legal owner and the text that the files show."""

    section_id: str
    name: str
    operator: str
    owner_id: int
    legal_owner_id: str
    fee_type: int
    started: str
    ends: str
    length_m: int = 0
    first: Place | None = None
    last: Place | None = None
    sequence: int = 0
    stations: int = 0

    def next_sequence(self) -> int:
        """The next unit number of the section."""
        self.sequence += 1
        return self.sequence


@dataclass
class Unit:
    """收费单元 of one direction; `gantries` empty and `charged_by` empty: nothing reads it."""

    unit_id: str
    name: str
    section: Section
    length_m: int
    direction: int
    start: tuple[float, float]
    end: tuple[float, float]
    road_type: int = 1
    vertical_type: int = 1
    border: str = ""
    gantries: list[str] = field(default_factory=list)
    charged_by: list[str] = field(default_factory=list)
    also_charges: list[str] = field(default_factory=list)
    hex_code: str = ""
    entry_node: str = "0"
    exit_node: str = "0"


@dataclass(frozen=True)
class Node:
    """One end of a relation: id, national node type, name, station HEX where it has one."""

    node_id: str
    node_type: int
    name: str
    hex_code: str = ""
    length_m: int = 0


@dataclass
class Station:
    """收费站 with its place and its section."""

    station_id: str
    name: str
    hex_code: str
    section: Section
    place: Place


@dataclass
class Province:
    """The whole network, in the order in which the files are written."""

    code: str
    version: str
    sections: list[Section] = field(default_factory=list)
    units: dict[str, Unit] = field(default_factory=dict)
    stations: list[Station] = field(default_factory=list)
    interchanges: list[tuple[str, Place]] = field(default_factory=list)
    edges: list[tuple[Node, Node]] = field(default_factory=list)


@dataclass
class Ends:
    """What arrives at a place and what leaves it, as (road entry index, stretch index, unit)."""

    arriving: list[tuple[int, int, Unit]] = field(default_factory=list)
    leaving: list[tuple[int, int, Unit]] = field(default_factory=list)


@cache
def load_roads() -> dict[str, Any]:
    """The dated parameter file of the province."""
    with (PARAMETERS / "province_roads.yaml").open(encoding="utf-8") as stream:
        roads: dict[str, Any] = yaml.safe_load(stream)
    return roads


def distance_m(a: Place, b: Place) -> float:
    """Great-circle metres between two places."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = (lat_b - lat_a) / 2
    half_lng = math.radians(b.lng - a.lng) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lng) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(h))


class ProvinceBuilder:
    """Builds the province road by road, then joins the roads at their places."""

    def __init__(self, seed: int) -> None:
        self.roads = load_roads()
        self.random = random.Random(seed)
        self.province = Province(self.roads["province"], self.roads["version"])
        self.ends: dict[str, Ends] = defaultdict(Ends)
        self.places: dict[str, Place] = {}
        self.section_counts: dict[str, int] = defaultdict(int)
        self.section_of_place: dict[str, Section] = {}
        self.pair_count = 0
        self.ramp_count = 0
        self.surcharges = {frozenset(row[:2]): row[2] for row in self.roads["surcharges"]}
        self.special = {
            key: {frozenset(row) for row in self.roads[key]}
            for key in ("split_stretches", "without_gantry", "two_gantries")
        }
        operators = list(dict.fromkeys(road["operator"] for road in self.roads["roads"]))
        count = int(self.roads["legal_owners"])
        self.legal_owner = {
            name: f"{self.roads['province']}03{1 + i % count:03d}"
            for i, name in enumerate(operators)
        }

    def build(self) -> Province:
        """The finished province."""
        for index, road in enumerate(self.roads["roads"]):
            self.lay_road(index, road)
        for name in self.ends:
            self.join(self.places[name])
        return self.province

    def place(self, row: list[Any]) -> Place:
        """A point row of the parameter file as a place, the same object for the same name."""
        name, lat, lng = row[0], float(row[1]), float(row[2])
        mark = row[3] if len(row) > 3 else ""
        kind = {"": "station", "x": "interchange"}.get(mark, "border")
        place = Place(name, lat, lng, kind, mark if kind == "border" else "")
        known = self.places.setdefault(name, place)
        if known != place:
            raise ValueError(f"place drawn twice in different ways: {name}")
        return known

    def lay_road(self, index: int, road: dict[str, Any]) -> None:
        """Units of both directions along one entry of the road list."""
        places = [self.place(row) for row in road["points"]]
        section: Section | None = None
        for i, (start, end) in enumerate(zip(places, places[1:], strict=False)):
            if section is None or i % SECTION_STRETCHES == 0:
                section = self.new_section(road, start)
            section.last = end
            for place in (start, end):
                self.section_of_place.setdefault(place.name, section)
            self.lay_stretch(index, i, section, start, end)

    def new_section(self, road: dict[str, Any], start: Place) -> Section:
        """The next section of the road's number, with an owner id of its own."""
        self.section_counts[road["road"]] += 1
        number = self.section_counts[road["road"]]
        started = f"{self.random.randint(2004, 2023)}-{self.random.randint(1, 12):02d}-18"
        section = Section(
            section_id=f"{road['road']}{self.province.code}{number:03d}0",
            name=f"{road['name']}{road['operator']}{number}段",
            operator=road["operator"],
            owner_id=len(self.province.sections) + 1,
            legal_owner_id=self.legal_owner[road["operator"]],
            fee_type=self.random.choice((1, 2, 2, 3, 3, 4)),
            started=started,
            ends=f"{int(started[:4]) + 30}-{started[5:]}",
            first=start,
        )
        self.province.sections.append(section)
        return section

    def lay_stretch(self, index: int, i: int, section: Section, start: Place, end: Place) -> None:
        """The units between two neighbouring places, both directions."""
        key = frozenset((start.name, end.name))
        length = max(800, round(distance_m(start, end) * float(self.roads["winding"])))
        section.length_m += length
        names = [f"{start.name}-{end.name}"]
        lengths = [length]
        if key in self.surcharges:
            names.append(self.surcharges[key])
            lengths.append(1)
        elif key in self.special["split_stretches"]:
            names = [f"{start.name}-{end.name}拆分点", f"{end.name}拆分点-{end.name}"]
            lengths = [length - SPLIT_LENGTH_M, SPLIT_LENGTH_M]
        pairs = [
            self.new_pair(section, start, end, name, metres, part, key)
            for part, (name, metres) in enumerate(zip(names, lengths, strict=True))
        ]
        for direction in (0, 1):
            units = [pair[direction] for pair in pairs]
            if len(units) == 2:
                self.let_first_charge_second(units[0], units[1])
                ahead, behind = (units[0], units[1])[:: 1 if direction == 0 else -1]
                self.link(unit_node(ahead), unit_node(behind))
            first, last = (units[0], units[-1])[:: 1 if direction == 0 else -1]
            origin, target = (start, end)[:: 1 if direction == 0 else -1]
            first.border = "2" if origin.kind == "border" else first.border
            last.border = "1" if target.kind == "border" else last.border
            self.ends[origin.name].leaving.append((index, i, first))
            self.ends[target.name].arriving.append((index, i, last))

    def new_pair(
        self,
        section: Section,
        start: Place,
        end: Place,
        name: str,
        length: int,
        part: int,
        key: frozenset[str],
    ) -> tuple[Unit, Unit]:
        """The same stretch's unit upward (1) and downward (2), with their gantries."""
        sequence = section.next_sequence()
        self.pair_count += 1
        made = []
        for direction in (1, 2):
            unit = Unit(
                unit_id=f"{section.section_id}{sequence:03d}{direction}0",
                name=name if direction == 1 else "-".join(reversed(name.split("-"))),
                section=section,
                length_m=length,
                direction=direction,
                start=beside(start, direction),
                end=beside(end, direction),
                hex_code=f"{'5E' if direction == 1 else '5F'}{self.pair_count:04X}",
            )
            if direction == 2:
                unit.start, unit.end = unit.end, unit.start
            if part == 1:
                unit.vertical_type = 2
                unit.road_type = 2 if length == 1 else 1
            elif key not in self.special["without_gantry"]:
                count = 2 if key in self.special["two_gantries"] else 1
                unit.gantries = [f"{unit.unit_id}{n:02d}0" for n in range(1, count + 1)]
            self.province.units[unit.unit_id] = unit
            made.append(unit)
        return made[0], made[1]

    def let_first_charge_second(self, reader: Unit, charged: Unit) -> None:
        """The gantry of `reader` also charges `charged` (代收): there is no way off between."""
        charged.charged_by = list(reader.gantries)
        reader.also_charges.append(charged.unit_id)

    def join(self, place: Place) -> None:
        """The relations at one place, by its kind."""
        ends = self.ends[place.name]
        if place.kind == "station":
            self.join_station(place, ends)
        elif place.kind == "border":
            self.join_border(place, ends)
        elif place.name in self.roads["ramp_interchanges"]:
            self.join_ramps(ends)
        else:
            self.join_interchange(place, ends)

    def join_station(self, place: Place, ends: Ends) -> None:
        """Through traffic directly; a ramp in and a ramp out between road and station."""
        section = self.section_of_place[place.name]
        section.stations += 1
        number = len(self.province.stations) + 1
        station = Station(
            station_id=f"{section.section_id}{section.stations:02d}0",
            name=place.name,
            hex_code=f"{self.province.code}01{number:04X}",
            section=section,
            place=place,
        )
        self.province.stations.append(station)
        at = Node(station.station_id, 3, f"甘肃{place.name}收费站", station.hex_code)
        sequence = section.next_sequence()
        way_in = Node(f"{section.section_id}{sequence:03d}10", 1, f"{place.name}站-{place.name}")
        way_out = Node(f"{section.section_id}{sequence:03d}20", 1, f"{place.name}-{place.name}站")
        self.link_through(ends)
        for _, _, unit in ends.arriving:
            self.link(unit_node(unit), way_out)
            unit.exit_node = station.station_id
        for _, _, unit in ends.leaving:
            self.link(way_in, unit_node(unit))
            unit.entry_node = station.station_id
        self.link(at, way_in)
        self.link(way_out, at)

    def link_through(self, ends: Ends) -> None:
        """Arriving units to the same road's next stretch in the same direction."""
        for index, i, unit in ends.arriving:
            for other_index, other_i, other in ends.leaving:
                if index == other_index and i != other_i:
                    self.link(unit_node(unit), unit_node(other))

    def join_border(self, place: Place, ends: Ends) -> None:
        """The leaving unit to the neighbour province's first unit, which is not ours."""
        for _, _, unit in ends.arriving:
            theirs = f"{unit.section.section_id[:5]}{place.province}0010001{unit.direction}0"
            self.link(unit_node(unit), Node(theirs, 2, f"{place.name}外"))

    def join_ramps(self, ends: Ends) -> None:
        """Through traffic directly, every other turn by a ramp of its own, no way to turn round."""
        self.link_through(ends)
        for index, i, unit in ends.arriving:
            for other_index, other_i, other in ends.leaving:
                if index == other_index or (index, i) == (other_index, other_i):
                    continue
                section = unit.section
                ramp_id = f"{section.section_id}{section.next_sequence():03d}10"
                ramp = Node(ramp_id, 1, f"{unit.name.split('-')[-1]}匝道")
                self.link(unit_node(unit), ramp)
                self.link(ramp, unit_node(other))

    def join_interchange(self, place: Place, ends: Ends) -> None:
        """Every arriving unit to the interchange node and from it to every leaving unit."""
        node_id = f"{9620000 + len(self.province.interchanges) + 1}"
        self.province.interchanges.append((node_id, place))
        node = Node(node_id, 9, place.name)
        for _, _, unit in ends.arriving:
            self.link(unit_node(unit), node)
            unit.exit_node = node_id
        for _, _, unit in ends.leaving:
            self.link(node, unit_node(unit))
            unit.entry_node = node_id

    def link(self, start: Node, end: Node) -> None:
        """One relation; its miles are the length of the node it starts from."""
        self.province.edges.append((start, end))


def beside(place: Place, direction: int) -> tuple[float, float]:
    """The place moved a little to the side of its carriageway, for the map."""
    shift = 0.0004 if direction == 1 else -0.0004
    return round(place.lat + shift, 6), round(place.lng + shift, 6)


def unit_node(unit: Unit) -> Node:
    """A unit as the end of a relation: border units have national type 2."""
    return Node(unit.unit_id, 2 if unit.border else 1, unit.name, length_m=unit.length_m)


def build_province(seed: int) -> Province:
    """The province of the parameter file; the seed decides fee types and dates."""
    return ProvinceBuilder(seed).build()
