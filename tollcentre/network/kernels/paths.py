"""Least ways between all nodes of a network."""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

SCALE = 4096
"""A metre weighs so much that no number of steps outweighs one metre."""


def least_paths(
    ends_only: np.ndarray,
    from_idx: np.ndarray,
    to_idx: np.ndarray,
    miles_m: np.ndarray,
    bound_m: int,
) -> tuple[np.ndarray, np.ndarray]:
    """(metres int32, node before int16/int32), n × n; −1 where out of reach or beyond the bound.

    Each step weighs its metres and one more part, so that equal metres go by fewer steps and no
    edge has weight zero. A node of `ends_only` (a station, a neighbour's border) begins or ends a
    way and is never driven through.
    """
    n = len(ends_only)
    weight = miles_m.astype(np.float64) * SCALE + 1.0
    inner = ~ends_only[from_idx]
    matrix = csr_matrix((weight[inner], (from_idx[inner], to_idx[inner])), shape=(n, n))
    cost, pred = dijkstra(matrix, return_predecessors=True)
    starts: dict[int, list[int]] = {}
    for edge in np.flatnonzero(~inner).tolist():
        starts.setdefault(int(from_idx[edge]), []).append(edge)
    for station, edges in sorted(starts.items()):
        by_edge = np.stack([weight[e] + cost[to_idx[e]] for e in edges])
        best = by_edge.argmin(axis=0)
        heads = to_idx[np.array(edges)[best]]
        cost[station] = by_edge.min(axis=0)
        pred[station] = np.where(heads == np.arange(n), station, pred[heads, np.arange(n)])
        cost[station, station] = 0.0
        pred[station, station] = -1
    reach = np.isfinite(cost) & (cost <= bound_m * float(SCALE) + SCALE)
    dist = np.where(reach, np.where(reach, cost, 0.0) // SCALE, -1).astype(np.int32)
    small = np.int16 if n < 32_000 else np.int32
    return dist, np.where(reach, pred, -1).astype(small)
