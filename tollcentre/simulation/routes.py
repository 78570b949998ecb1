"""Which way vehicles drive: least miles, habits that differ from it, and rare turns back."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from .road_map import KIND_INTERCHANGE, KIND_OUTSIDE, KIND_STATION, KIND_UNIT, IntArray, RoadMap

HOP_WEIGHT = 1024
"""Miles are scaled by this and one is added per edge: least miles first, then fewest nodes."""
ALTERNATIVES = 3
LEAST, TURN_BACK = 0, ALTERNATIVES + 1


@dataclass
class Trees:
    """Least-path trees from every origin: `dist_m[o, node]`, `pred[o, node]` (-9999 none)."""

    dist_m: IntArray
    pred: IntArray


@dataclass
class Routes:
    """The unit sequences driven: route r is `nodes[first[r]:first[r + 1]]`."""

    first: IntArray
    nodes: IntArray

    def lengths(self) -> IntArray:
        """Units per route."""
        return np.diff(self.first)


def crossings(road_map: RoadMap, way: int, outer: IntArray, inner: IntArray) -> IntArray:
    """Border units of one way; of two in a row only the one further out is the crossing."""
    border = (road_map.kind == KIND_UNIT) & (road_map.inout == way)
    crossing = border.copy()
    crossing[inner[border[outer] & border[inner]]] = False
    return np.flatnonzero(crossing)


class RouteBook:
    """Origins (stations and entering border units), destinations, and the ways between them."""

    def __init__(self, road_map: RoadMap, rng: np.random.Generator) -> None:
        self.road_map = road_map
        entering = crossings(road_map, 2, road_map.edge_from, road_map.edge_to)
        leaving = crossings(road_map, 1, road_map.edge_to, road_map.edge_from)
        self.entering, self.leaving = entering, leaving
        self.interchanges = np.flatnonzero(road_map.kind == KIND_INTERCHANGE)
        self.origins = np.concatenate([road_map.station_nodes, entering, self.interchanges])
        self.origin_row = np.full(road_map.size, -1)
        self.origin_row[self.origins] = np.arange(len(self.origins))
        self.trees = [self.grow(np.ones(road_map.size))]
        for _ in range(ALTERNATIVES):
            self.trees.append(self.grow(rng.choice((1.0, 1.15, 1.5), road_map.size)))

    def grow(self, factor: IntArray) -> Trees:
        """Trees over miles times a factor per unit; nobody drives through a toll station."""
        road = self.road_map
        weight = road.edge_miles * factor[road.edge_from] * HOP_WEIGHT + 1
        inner = np.isin(road.kind, (KIND_STATION, KIND_OUTSIDE))
        from_station = inner[road.edge_from]
        # A station's own edges leave it only at the start of a journey: dijkstra starts there,
        # and a huge weight keeps every other tree from passing through.
        weight = np.where(from_station, weight + 1e15, weight)
        graph = csr_matrix((weight, (road.edge_from, road.edge_to)), shape=(road.size, road.size))
        dist, pred = dijkstra(graph, indices=self.origins, return_predecessors=True)
        started = inner[self.origins]
        dist = np.where(started[:, None], dist - 1e15, dist)
        dist[(dist > 1e14) | ~np.isfinite(dist)] = -HOP_WEIGHT
        metres = np.floor(dist / HOP_WEIGHT).astype(np.int64)
        return Trees(metres, pred.astype(np.int32))

    def walk(self, variant: int, origin: IntArray, target: IntArray) -> Routes:
        """Unit sequences from `origin` to `target` nodes along the trees of one variant."""
        pred = self.trees[variant].pred
        rows = self.origin_row[origin]
        steps = []
        here = target.copy()
        while True:
            steps.append(here)
            going = (here >= 0) & (here != origin)
            if not going.any():
                break
            here = np.where(going, pred[rows, np.maximum(here, 0)], -1)
        table = np.stack(steps[::-1], axis=1)
        keep = (table >= 0) & (self.road_map.kind[np.maximum(table, 0)] == KIND_UNIT)
        first = np.concatenate([[0], np.cumsum(keep.sum(axis=1))])
        return Routes(first.astype(np.int64), table[keep].astype(np.int32))

    def turn_back(
        self, origin: IntArray, target: IntArray, rng: np.random.Generator
    ) -> tuple[Routes, IntArray]:
        """Beyond the target to an interchange, round it and back; which of the pairs could."""
        dist = self.trees[LEAST].dist_m
        rows = self.origin_row[origin]
        via = np.full(len(origin), -1)
        best = np.full(len(origin), np.iinfo(np.int64).max)
        for node in rng.permutation(self.interchanges):
            out, back = dist[rows, node], dist[self.origin_row[node], target]
            total = np.where((out >= 0) & (back >= 0), out + back, np.iinfo(np.int64).max)
            better = (total < best) & (total > dist[rows, target] + 2000)
            via, best = np.where(better, node, via), np.where(better, total, best)
        possible = via >= 0
        safe = np.where(possible, via, self.interchanges[0] if len(self.interchanges) else 0)
        out_ways = self.walk(LEAST, origin[possible], safe[possible])
        back_ways = self.walk(LEAST, safe[possible], target[possible])
        return join_routes(out_ways, back_ways), possible


def join_routes(a: Routes, b: Routes) -> Routes:
    """Route by route, the second after the first."""
    parts = []
    for r in range(len(a.first) - 1):
        parts.append(a.nodes[a.first[r] : a.first[r + 1]])
        parts.append(b.nodes[b.first[r] : b.first[r + 1]])
    lengths = a.lengths() + b.lengths()
    first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    nodes = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
    return Routes(first, nodes.astype(np.int32))


class UniqueWays:
    """Whether one way only leads from one anchor to a unit: what a gantry may fill in by itself."""

    def __init__(self, road_map: RoadMap) -> None:
        self.road_map = road_map
        self.successors = self.unit_successors()
        self.known: dict[tuple[int, int, int], bool] = {}

    def unit_successors(self) -> dict[int, list[int]]:
        """Next units of every unit and station, through ramps and interchanges, not turning."""
        road = self.road_map
        out: dict[int, list[int]] = defaultdict(list)
        for start, end in zip(road.edge_from.tolist(), road.edge_to.tolist(), strict=True):
            out[start].append(end)
        kinds = road.kind.tolist()
        result = {}
        for node, kind in enumerate(kinds):
            if kind not in (KIND_UNIT, KIND_STATION):
                continue
            found: set[int] = set()
            seen = {node}
            queue = list(out[node])
            while queue:
                here = queue.pop()
                if here in seen:
                    continue
                seen.add(here)
                if kinds[here] == KIND_UNIT:
                    found.add(here)
                elif kinds[here] not in (KIND_STATION, KIND_OUTSIDE):
                    queue.extend(out[here])
            found.discard(int(road.opposite[node]))
            result[node] = sorted(found)
        return result

    def unique(self, start: int, end: int, between: int) -> bool:
        """True when exactly one way of at most `between` + 2 units in between joins the two."""
        key = (start, end, between)
        if key not in self.known:
            self.known[key] = self.count(start, end, between + 3) == 1
        return self.known[key]

    def count(self, start: int, end: int, hops: int) -> int:
        """Simple ways from `start` to `end` within `hops` units; stops counting at two."""
        found = 0
        stack: list[tuple[int, tuple[int, ...]]] = [(start, (start,))]
        while stack and found < 2:
            here, way = stack.pop()
            for unit in self.successors.get(here, ()):
                if unit == end:
                    found += 1
                elif unit not in way and len(way) < hops:
                    stack.append((unit, (*way, unit)))
        return found
