"""Clock offsets of gantries, learnt from vehicles that pass three of them in a row."""

import numpy as np
from scipy.sparse import csr_matrix, identity, vstack
from scipy.sparse.linalg import lsqr

from .hops import PAIR_BASE, Hops

FEWEST = 12
RIDGE = 0.05
LEAST_OFFSET_S = 15
MOST_OFFSET_S = 1800


def learn_offsets(
    pass_key: np.ndarray, node: np.ndarray, time: np.ndarray, hops: Hops, nodes: int
) -> np.ndarray:
    """Seconds that each node's clock runs ahead, 0 where it cannot be told or is small.

    Rows are reads in order of passage and time. Of three reads in a row with nothing between, the
    middle one is expected where the distances put it; the median of what it is off, over many
    vehicles, is what its clock is off against its neighbours'. All medians together are solved
    by least squares, drawn lightly towards 0.
    """
    offsets = np.zeros(nodes, np.int64)
    if len(node) < 3:
        return offsets
    before, middle, after = node[:-2], node[1:-1], node[2:]
    first = _metres(before, middle, hops)
    second = _metres(middle, after, hops)
    usable = (pass_key[:-2] == pass_key[2:]) & (first > 0) & (second > 0)
    usable &= time[2:] > time[:-2]
    before, middle, after = before[usable], middle[usable], after[usable]
    share = first[usable] / (first[usable] + second[usable])
    start, end = time[:-2][usable], time[2:][usable]
    off = time[1:-1][usable] - (start + (end - start) * share)
    triple = (before.astype(np.int64) * nodes + middle) * nodes + after
    order = np.lexsort((off, triple))
    kinds, begin, count = np.unique(triple[order], return_index=True, return_counts=True)
    enough = count >= FEWEST
    begin, count = begin[enough], count[enough]
    if not len(begin):
        return offsets
    median = off[order][begin + count // 2]
    at = order[begin]
    weight = np.sqrt(np.minimum(count, 400))
    rows = np.arange(len(begin))
    values = np.concatenate([weight, -weight * (1 - share[at]), -weight * share[at]])
    columns = np.concatenate([middle[at], before[at], after[at]])
    system = csr_matrix((values, (np.tile(rows, 3), columns)), shape=(len(begin), nodes))
    solved = lsqr(
        vstack([system, RIDGE * identity(nodes)]),
        np.concatenate([median * weight, np.zeros(nodes)]),
    )[0]
    told = (np.abs(solved) >= LEAST_OFFSET_S) & (np.abs(solved) <= MOST_OFFSET_S)
    offsets[told] = np.rint(solved[told]).astype(np.int64)
    return offsets


def _metres(tail: np.ndarray, head: np.ndarray, hops: Hops) -> np.ndarray:
    """Metres of each hop, 0 where the pair is none."""
    pair = tail.astype(np.int64) * PAIR_BASE + head
    at = np.clip(np.searchsorted(hops.pair_key, pair), 0, max(len(hops.pair_key) - 1, 0))
    return np.where(hops.pair_key[at] == pair, hops.metres[at], 0)
