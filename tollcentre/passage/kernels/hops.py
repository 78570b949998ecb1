"""Hops: pairs of places with so few readable units between them that one way alone is likely."""

from dataclasses import dataclass

import numpy as np

from .candidates import Candidates, find_candidates
from .graph import RoadGraph, least_costs

PAIR_BASE = 65536
MOST_FILLS = 200
"""A step's fills are numbered below 255, so that positions of a path stay in order."""


@dataclass(frozen=True)
class HopModel:
    """When a pair of places is a hop.

    At most `misses` readable units lie between, each of which sees nothing with chance `miss`, and
    no other way is likelier than e^-`slack` against it; a kilometre costs `per_km`.
    """

    misses: int
    slack: float
    miss: float
    per_km: float


@dataclass(frozen=True)
class Hops:
    """Pairs `tail × 65536 + head` of network nodes, sorted, and the units that fill them.

    `metres` is what is driven from read to read (gantries stand mid-unit); `fill_offset_m` where
    on that way a filled unit's middle lies.
    """

    pair_key: np.ndarray
    metres: np.ndarray
    fills: np.ndarray
    fill_pair: np.ndarray
    fill_no: np.ndarray
    fill_node: np.ndarray
    fill_offset_m: np.ndarray


def find_hops(graph: RoadGraph, node_in: int, node_out: int, model: HopModel) -> Hops:
    """All hops of the graph, in the network's node numbers; the outsides get the two given ones."""
    node = graph.node_idx.astype(np.int64)
    node[graph.source], node[graph.sink] = node_in, node_out
    enter_cost = np.where(graph.readable, -np.log(model.miss), 0.0)
    near = _near_pairs(graph, model.misses)
    begins = np.array([pair[0] for pair in near], np.int32)
    ends = np.array([pair[1] for pair in near], np.int32)
    ways = find_candidates(
        graph.edge_ptr, graph.edge_to,
        graph.edge_m * (model.per_km / 1000.0) + enter_cost[graph.edge_to] + 1e-4,
        graph.edge_m, graph.is_unit, least_costs(graph, enter_cost, model.per_km),
        begins, ends, model.slack,
    )  # fmt: skip
    fills_of_way = np.diff(ways.place_ptr)
    lone = np.flatnonzero((np.diff(ways.way_ptr) == 1) & ~ways.cut)
    lone = lone[fills_of_way[ways.way_ptr[lone]] <= MOST_FILLS]
    pair = node[begins[lone]] * PAIR_BASE + node[ends[lone]]
    lone = lone[np.argsort(pair)]
    rows, fills = [], []
    for gap in lone.tolist():
        row, filled = _one_hop(graph, node, int(begins[gap]), int(ends[gap]), ways, gap)
        rows.append(row)
        fills += filled
    hop_rows = np.array(rows, np.int64).reshape(-1, 3)
    fill_rows = np.array(fills, np.int64).reshape(-1, 4)
    return Hops(*hop_rows.T, *fill_rows.T)


def _near_pairs(graph: RoadGraph, misses: int) -> list[tuple[int, int]]:
    """Pairs of places that tell where a journey is, with at most `misses` such units between."""
    pairs: set[tuple[int, int]] = set()
    tells = graph.readable | ~graph.is_unit
    for begin in np.flatnonzero(tells).tolist():
        fewest = {begin: 0}
        stack = [(begin, 0)]
        while stack:
            place, between = stack.pop()
            for edge in range(graph.edge_ptr[place], graph.edge_ptr[place + 1]):
                head = int(graph.edge_to[edge])
                if head == begin:
                    continue
                if tells[head]:
                    pairs.add((begin, head))
                missed = between + int(graph.readable[head])
                if graph.is_unit[head] and missed <= min(misses, fewest.get(head, misses + 1) - 1):
                    fewest[head] = missed
                    stack.append((head, missed))
    return sorted(pairs)


def _one_hop(
    graph: RoadGraph, node: np.ndarray, tail: int, head: int, ways: Candidates, gap: int
) -> tuple[tuple[int, int, int], list[tuple[int, int, int, int]]]:
    """A hop's row and those of its fills."""
    way = ways.way_ptr[gap]
    places = ways.places[ways.place_ptr[way] : ways.place_ptr[way + 1]].tolist()
    half_tail = int(graph.length_m[tail]) // 2
    total = max(1, int(ways.metres[way]) - half_tail + int(graph.length_m[head]) // 2)
    pair = int(node[tail]) * PAIR_BASE + int(node[head])
    fills, driven, before = [], 0, tail
    for number, place in enumerate(places):
        driven += graph.metres_to(before, place) or 0
        middle = driven - half_tail + int(graph.length_m[place]) // 2
        fills.append((pair, number, int(node[place]), min(max(middle, 0), total)))
        before = place
    return (pair, total, len(places)), fills
