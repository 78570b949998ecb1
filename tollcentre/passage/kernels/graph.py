"""The road graph that restoration searches: toll units, stations and borders, ramps folded away."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

UNREACHABLE = np.float32(1e9)


@dataclass(frozen=True)
class RoadGraph:
    """Places 0..n-1 in CSR form; the last two are the outside: `source` enters, `sink` leaves.

    `node_idx` leads back to the network's nodes (-1 for the outside). Lengths are metres: `edge_m`
    is what is driven from leaving the start of an edge's tail to the start of its head, `length_m`
    the place's own length. `readable` marks units whose gantry tells where a vehicle is.
    """

    node_idx: np.ndarray
    is_unit: np.ndarray
    readable: np.ndarray
    opposite: np.ndarray
    length_m: np.ndarray
    edge_ptr: np.ndarray
    edge_to: np.ndarray
    edge_m: np.ndarray
    place_of_node: np.ndarray

    @property
    def size(self) -> int:
        """How many places there are, the two outsides included."""
        return len(self.node_idx)

    @property
    def source(self) -> int:
        """The outside from which a journey enters over a border."""
        return self.size - 2

    @property
    def sink(self) -> int:
        """The outside to which a journey leaves over a border."""
        return self.size - 1

    def metres_to(self, tail: int, head: int) -> int | None:
        """Metres of the edge between two places; None where none joins them."""
        for edge in range(self.edge_ptr[tail], self.edge_ptr[tail + 1]):
            if self.edge_to[edge] == head:
                return int(self.edge_m[edge])
        return None


@dataclass(frozen=True)
class NodeColumns:
    """The columns of the network's nodes and edges that the graph is made of."""

    is_unit: np.ndarray
    readable: np.ndarray
    is_station: np.ndarray
    is_border: np.ndarray
    opposite_idx: np.ndarray
    length_m: np.ndarray
    enters: np.ndarray
    leaves: np.ndarray
    from_idx: np.ndarray
    to_idx: np.ndarray
    miles_m: np.ndarray


def fold(nodes: NodeColumns) -> RoadGraph:
    """Fold ramps and interchange points away, so that each step goes from place to place.

    A station is never driven through: it only begins or ends a journey. Between two places the
    shortest way over ramps counts.
    """
    kept = nodes.is_unit | nodes.is_station | nodes.is_border
    places = np.flatnonzero(kept)
    place_of_node = np.full(len(kept), -1, np.int32)
    place_of_node[places] = np.arange(len(places), dtype=np.int32)
    tails, heads, metres = _place_edges(nodes, kept, place_of_node)
    n = len(places)
    entering = place_of_node[np.flatnonzero(nodes.enters & kept)]
    leaving = place_of_node[np.flatnonzero(nodes.leaves & kept)]
    tails = np.concatenate([tails, np.full(len(entering), n), leaving])
    heads = np.concatenate([heads, entering, np.full(len(leaving), n + 1)])
    metres = np.concatenate([metres, np.zeros(len(entering)), nodes.length_m[places[leaving]]])
    order = np.lexsort((heads, tails))
    tails, heads, metres = tails[order], heads[order], metres[order]
    ptr = np.zeros(n + 3, np.int64)
    np.add.at(ptr, tails.astype(np.int64) + 1, 1)
    opposite = np.full(n + 2, -1, np.int32)
    known = nodes.opposite_idx[places] >= 0
    opposite[:n][known] = place_of_node[nodes.opposite_idx[places][known]]

    def padded(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values[places], np.zeros(2, values.dtype)])

    return RoadGraph(
        node_idx=np.concatenate([places, [-1, -1]]).astype(np.int32),
        is_unit=padded(nodes.is_unit),
        readable=padded(nodes.readable),
        opposite=opposite,
        length_m=padded(nodes.length_m).astype(np.int64),
        edge_ptr=np.cumsum(ptr),
        edge_to=heads.astype(np.int32),
        edge_m=metres.astype(np.int64),
        place_of_node=place_of_node,
    )


def _place_edges(
    nodes: NodeColumns, kept: np.ndarray, place_of_node: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges between kept places, the shortest way over folded nodes for each pair."""
    folded_to: dict[int, list[tuple[int, int]]] = {}
    out_of: dict[int, list[tuple[int, int]]] = {}
    rows = zip(nodes.from_idx.tolist(), nodes.to_idx.tolist(), nodes.miles_m.tolist(), strict=True)
    for tail, head, miles in rows:
        (out_of if kept[tail] else folded_to).setdefault(tail, []).append((head, miles))
    best: dict[tuple[int, int], int] = {}
    for tail, first in out_of.items():
        seen: dict[int, int] = {}
        queue = list(first)
        while queue:
            node, metres = queue.pop()
            if kept[node]:
                if node != tail:
                    pair = (int(place_of_node[tail]), int(place_of_node[node]))
                    best[pair] = min(metres, best.get(pair, metres))
            elif metres < seen.get(node, metres + 1):
                seen[node] = metres
                queue.extend((to, metres + miles) for to, miles in folded_to.get(node, ()))
    pairs = sorted(best)
    if not pairs:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    return (
        np.array([pair[0] for pair in pairs]),
        np.array([pair[1] for pair in pairs]),
        np.array([best[pair] for pair in pairs]),
    )


def least_costs(graph: RoadGraph, enter_cost: np.ndarray, per_km: float) -> np.ndarray:
    """The least cost from every place to every place, as float32 (n × n), UNREACHABLE where none.

    A step costs `per_km` for each kilometre and the head's `enter_cost`; only toll units are
    driven through, stations and the outside begin or end a journey.
    """
    tails = np.repeat(np.arange(graph.size), np.diff(graph.edge_ptr))
    weight = graph.edge_m * (per_km / 1000.0) + enter_cost[graph.edge_to] + 1e-4
    inner = graph.is_unit[tails]
    shape = (graph.size, graph.size)
    costs = dijkstra(csr_matrix((weight[inner], (tails[inner], graph.edge_to[inner])), shape=shape))
    costs[~np.isfinite(costs)] = UNREACHABLE
    for end in np.flatnonzero(~graph.is_unit):
        first, last = graph.edge_ptr[end], graph.edge_ptr[end + 1]
        if last > first:
            heads = graph.edge_to[first:last]
            reached = (weight[first:last, None] + costs[heads]).min(axis=0)
            costs[end] = np.minimum(costs[end], np.minimum(reached, UNREACHABLE))
    return costs.astype(np.float32)
