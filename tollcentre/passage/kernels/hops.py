"""Hops: pairs of places with no readable unit between them and one way alone."""

from dataclasses import dataclass

import numpy as np

from .graph import RoadGraph

PAIR_BASE = 65536
MOST_FILLS = 200


@dataclass(frozen=True)
class Hops:
    """Pairs `tail × 65536 + head` of network nodes, and the unread units that fill them.

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


def find_hops(graph: RoadGraph, node_in: int, node_out: int) -> Hops:
    """All hops of the graph, in the network's node numbers; the outsides get the two given ones."""
    node = graph.node_idx.copy()
    node[graph.source], node[graph.sink] = node_in, node_out
    ways: dict[tuple[int, int], list[tuple[int, tuple[int, ...], tuple[int, ...]]]] = {}
    for begin in range(graph.size):
        if begin == graph.sink or (graph.is_unit[begin] and not graph.readable[begin]):
            continue
        _ways_from(graph, begin, ways)
    rows, fills = [], []
    for (tail, head), found in sorted(ways.items()):
        if len(found) != 1 or len(found[0][1]) > MOST_FILLS:
            continue
        metres, places, offsets = found[0]
        half_tail, half_head = graph.length_m[tail] // 2, graph.length_m[head] // 2
        total = max(1, int(metres - half_tail + half_head))
        pair = int(node[tail]) * PAIR_BASE + int(node[head])
        rows.append((pair, total, len(places)))
        for number, (place, at) in enumerate(zip(places, offsets, strict=True)):
            middle = int(at - half_tail + graph.length_m[place] // 2)
            fills.append((pair, number, int(node[place]), min(max(middle, 0), total)))
    hop_rows = np.array(rows, np.int64).reshape(-1, 3)
    fill_rows = np.array(fills, np.int64).reshape(-1, 4)
    return Hops(*hop_rows.T, *fill_rows.T)


def _ways_from(
    graph: RoadGraph,
    begin: int,
    ways: dict[tuple[int, int], list[tuple[int, tuple[int, ...], tuple[int, ...]]]],
) -> None:
    """Every way from `begin` over unread units to the next place that is read or ends a journey."""
    stack: list[tuple[int, int, tuple[int, ...], tuple[int, ...]]] = [(begin, 0, (), ())]
    while stack:
        place, metres, places, offsets = stack.pop()
        for edge in range(graph.edge_ptr[place], graph.edge_ptr[place + 1]):
            head, driven = int(graph.edge_to[edge]), metres + int(graph.edge_m[edge])
            if head == begin or head in places:
                continue
            if graph.is_unit[head] and not graph.readable[head]:
                if len(places) < MOST_FILLS:
                    stack.append((head, driven, (*places, head), (*offsets, driven)))
            else:
                ways.setdefault((begin, head), []).append((driven, places, offsets))
