"""The drive itself: which units in which order, and when."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .charging import Driven
from .population import (
    INBOUND,
    OPEN_ROAD,
    OUT_OPEN,
    THROUGH_OPEN,
    THROUGH_RECORDED,
    Journeys,
    recorded_elsewhere,
    sums,
)
from .road_map import IntArray, RoadMap
from .routes import LEAST, TURN_BACK, RouteBook, Routes, UniqueWays

BLOCK = 20_000
"""Pairs walked at once: bounds the memory of the walk."""
DAY = 86_400


@dataclass
class Ways:
    """Every passage's way and the least way between its ends, as rows of one route library."""

    routes: Routes
    driven: IntArray
    least: IntArray

    def of(self, which: IntArray) -> Routes:
        """The routes named, one after another."""
        lengths = self.routes.lengths()[which]
        first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        within = np.arange(first[-1]) - np.repeat(first[:-1], lengths)
        nodes = self.routes.nodes[np.repeat(self.routes.first[which], lengths) + within]
        return Routes(first, nodes)


def lay_ways(
    book: RouteBook, ways: UniqueWays, journeys: Journeys, rng: np.random.Generator
) -> Ways:
    """Walks every distinct way once."""
    library = Library(book, journeys)
    least = library.add(np.arange(len(journeys)), LEAST)
    driven = least.copy()
    for variant in range(1, TURN_BACK):
        rows = np.flatnonzero(journeys.variant == variant)
        driven[rows] = library.add(rows, variant)
    rows = np.flatnonzero(journeys.variant == TURN_BACK)
    if len(rows):
        turned, possible = book.turn_back(journeys.origin[rows], journeys.target[rows], rng)
        driven[rows[possible]] = library.append(turned)
        journeys.variant[rows[~possible]] = LEAST
    rows = np.flatnonzero(journeys.journey == OPEN_ROAD)
    if len(rows):
        driven[rows] = library.append(first_units(ways, journeys.origin[rows]))
        least[rows] = driven[rows]
    return Ways(library.all(), driven, least)


def first_units(ways: UniqueWays, stations: IntArray) -> Routes:
    """The one unit behind each plaza that an open road charges for."""
    units = [ways.successors[int(s)][0] for s in stations]
    return Routes(np.arange(len(units) + 1), np.array(units, dtype=np.int32))


class Library:
    """Routes as they are walked, each distinct pair of ends once per variant."""

    def __init__(self, book: RouteBook, journeys: Journeys) -> None:
        self.book, self.journeys = book, journeys
        self.lengths: list[IntArray] = []
        self.nodes: list[IntArray] = []
        self.count = 0

    def append(self, routes: Routes) -> IntArray:
        """Keeps the routes and gives their numbers."""
        self.lengths.append(routes.lengths())
        self.nodes.append(routes.nodes)
        added = len(routes.first) - 1
        self.count += added
        return np.arange(self.count - added, self.count)

    def add(self, rows: IntArray, variant: int) -> IntArray:
        """Route numbers of the journeys `rows` along one variant's trees."""
        size = self.book.road_map.size
        keys = self.journeys.origin[rows] * size + self.journeys.target[rows]
        pairs, inverse = np.unique(keys, return_inverse=True)
        numbers = [
            self.append(self.book.walk(variant, part // size, part % size))
            for part in np.split(pairs, range(BLOCK, len(pairs), BLOCK))
        ]
        return np.concatenate(numbers)[inverse] if len(rows) else np.zeros(0, dtype=np.int64)

    def all(self) -> Routes:
        """The whole library."""
        first = np.concatenate([[0], np.cumsum(np.concatenate(self.lengths))]).astype(np.int64)
        return Routes(first, np.concatenate(self.nodes))


@dataclass
class Drive:
    """A chunk's drive: units with times, entry and exit times."""

    driven: Driven
    entry_time: IntArray
    exit_time: IntArray


def drive(
    road_map: RoadMap, journeys: Journeys, routes: Routes, traffic: dict[str, Any],
    rng: np.random.Generator,
) -> Drive:  # fmt: skip
    """Times backwards from the journey's end: every unit at its gantry, then the entry."""
    count = len(journeys)
    lengths = routes.lengths()
    passage = np.repeat(np.arange(count), lengths)
    node = routes.nodes.astype(np.int64)
    seconds = road_map.length_m[node] * 3.6 / journeys.speed[passage]
    seconds *= rng.uniform(0.94, 1.06, len(node))
    seconds += rests(road_map, journeys, routes, passage, traffic["rest"], rng)
    done = np.concatenate([[0.0], np.cumsum(seconds)])
    whole = done[routes.first[1:]] - done[routes.first[:-1]]
    before = done[:-1] - done[routes.first[:-1]][passage]
    place = 0.35 + 0.3 * ((node * 37) % 101) / 101
    ramp_in = rng.integers(40, 130, count)
    ramp_out = rng.integers(40, 130, count)
    away_before = rng.integers(1200, 14_400, count)
    away_after = rng.integers(1200, 10_800, count)
    open_end = np.isin(journeys.journey, (OUT_OPEN, THROUGH_OPEN))
    elsewhere = recorded_elsewhere(journeys)
    end_gap = np.where(open_end, 0, np.where(elsewhere, away_after, ramp_out))
    start = journeys.end_time - end_gap - np.ceil(whole).astype(np.int64)
    shift = np.where(open_end, into_one_day(start, journeys.end_time, rng), 0)
    start = start + shift
    time = start[passage] + np.floor(before + place * seconds).astype(np.int64)
    from_afar = np.isin(journeys.journey, (INBOUND, THROUGH_OPEN, THROUGH_RECORDED))
    entry = start - np.where(from_afar, away_before, ramp_in)
    exit_time = journeys.end_time + shift
    open_road = journeys.journey == OPEN_ROAD
    entry = np.where(open_road, exit_time, entry)
    time = np.where(open_road[passage], exit_time[passage], time)
    seq = np.arange(len(node)) - routes.first[:-1][passage]
    return Drive(Driven(passage, seq, node, time, routes.first), entry, exit_time)


def into_one_day(start: IntArray, end: IntArray, rng: np.random.Generator) -> IntArray:
    """Seconds to move a journey without an exit, so that all its reads fall on one day.

    Its exit day hangs on its last read: one lost near midnight would move it to another day.
    """
    midnight = (end + 8 * 3600) // DAY * DAY - 8 * 3600
    late_start = midnight + rng.integers(600, 3600, len(start))
    early_end = midnight + DAY - 900
    moved = np.where(start < late_start, late_start - start, 0)
    return np.where(end + moved > early_end, early_end - end, moved)


def rests(
    road_map: RoadMap, journeys: Journeys, routes: Routes, passage: IntArray,
    rest: dict[str, Any], rng: np.random.Generator,
) -> IntArray:  # fmt: skip
    """Seconds stood still at one unit of some of the longer journeys."""
    count = len(journeys)
    metres = sums(road_map.length_m[routes.nodes], routes.first)
    resting = (metres > rest["after_km"] * 1000) & (rng.random(count) < rest["share"])
    lengths = routes.lengths()
    at = routes.first[:-1] + rng.integers(0, np.maximum(lengths, 1))
    low, high = rest["minutes"]
    pause = rng.integers(low * 60, high * 60, count)
    result = np.zeros(len(passage))
    result[at[resting]] = pause[resting]
    return result
