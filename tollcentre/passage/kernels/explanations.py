"""The likeliest paths of one passage: what the search weighed, for a person to decide between.

Plain Python over the search's own costs: one passage at a time is looked at, never a day.
"""

from dataclasses import astuple, dataclass

import numpy as np

from .candidates import Candidates
from .search import (
    SAME_PLACE,
    SAME_PLACE_S,
    WINDOW,
    Reads,
    SpeedModel,
    _path_weight,
    _place_reads,
    _solve_one,
    _way_cost,
)

KEPT_PATHS = 24
TRIED_PATHS = 96


@dataclass(frozen=True)
class Explanation:
    """One path that explains a passage's reads: its places in order, and the share of all.

    `share` is exact: the probability of every explanation with this path over that of all.
    """

    place: np.ndarray
    share: float


def explain(
    reads: Reads,
    length_m: np.ndarray,
    gap_of: np.ndarray,
    ways: Candidates,
    speed: SpeedModel,
    most: int,
) -> list[Explanation]:
    """The likeliest paths of the one passage whose reads these are, the likeliest first."""
    count = len(reads.place)
    terms = astuple(speed)
    model = (
        0, count, reads.place, reads.time, reads.drop_cost, length_m, bool(reads.fixed_start[0]),
        bool(reads.fixed_end[0]), gap_of, ways.way_ptr, ways.cost, ways.metres,
    )  # fmt: skip
    weight, back = np.empty(count), np.empty((2, count), np.int64)
    end, _, total = _solve_one(*model, ways.cut, terms, np.empty(count), back[0], back[1], weight)
    found = []
    for cost, places, kept in _cheapest(reads, length_m, gap_of, ways, terms) if end >= 0 else ():
        path, position = np.array(places, np.int32), np.empty(count, np.int64)
        _place_reads(0, count, reads.place, path, np.array(kept), position)
        same = _path_weight(*model, ways.place_ptr, ways.places, terms, path, position, weight)
        found.append(Explanation(path, min(1.0, np.exp(max(same, -cost) - total))))
    return sorted(found, key=lambda one: -one.share)[:most]


Partial = tuple[float, tuple[int, ...], tuple[int, ...]]
"""A path up to a read: its cost, its places, and the read kept at each place or -1."""


def _cheapest(
    reads: Reads, length_m: np.ndarray, gap_of: np.ndarray, ways: Candidates, terms: tuple
) -> list[Partial]:
    """The cheapest explanation of each of the cheapest paths of one passage, in order of cost."""
    upto: list[list[Partial]] = []
    drop = [0.0, *np.cumsum(reads.drop_cost).tolist()]
    for j, place in enumerate(reads.place.tolist()):
        found: list[tuple[float, Partial, tuple[int, ...] | None]] = []
        for i in range(max(0, j - WINDOW), j):
            for more, inner in _moves(i, j, reads, length_m, gap_of, ways, terms):
                between = drop[j] - drop[i + 1] + more
                found += [(one[0] + between, one, inner) for one in upto[i]]
        found.sort(key=lambda step: step[0])
        begun = [] if j and reads.fixed_start[0] else [(drop[j], (place,), (j,))]
        upto.append(_distinct(begun + [_grown(*step, place, j) for step in found[:TRIED_PATHS]]))
    ends = upto[-1:] if reads.fixed_end[0] else upto
    whole = [
        (one[0] + drop[-1] - upto_here, *one[1:])
        for upto_here, paths in zip(drop[len(drop) - len(ends) :], ends, strict=True)
        for one in paths
    ]
    return _distinct(whole)


def _moves(
    i: int, j: int, reads: Reads, length_m: np.ndarray, gap_of: np.ndarray, ways: Candidates,
    terms: tuple,
) -> list[tuple[float, tuple[int, ...] | None]]:  # fmt: skip
    """What each way from read i to read j costs, and its inner places; None stays at the place."""
    gap, seconds = int(gap_of[i * WINDOW + j - i - 1]), int(reads.time[j] - reads.time[i])
    if gap == SAME_PLACE:
        return [(0.0, None)] if seconds <= SAME_PLACE_S else []
    if gap < 0:
        return []
    timed = bool(reads.time[i] > 0 and reads.time[j] > 0)
    first_m, last_m = length_m[reads.place[i]], length_m[reads.place[j]]
    of_gap = range(ways.way_ptr[gap], ways.way_ptr[gap + 1])
    least_m = min((ways.metres[way] for way in of_gap), default=0)
    return [
        (
            _way_cost(way, ways.cost[way], ways.metres[way], least_m, first_m, last_m, seconds,
                      timed, terms),
            tuple(ways.places[ways.place_ptr[way] : ways.place_ptr[way + 1]].tolist()),
        )
        for way in of_gap
    ]  # fmt: skip


def _grown(
    cost: float, one: Partial, inner: tuple[int, ...] | None, place: int, read: int
) -> Partial:
    """The partial path led on over the inner places to the read's place."""
    if inner is None:
        return (cost, *one[1:])
    return cost, (*one[1], *inner, place), (*one[2], *(-1 for _ in inner), read)


def _distinct(found: list[Partial]) -> list[Partial]:
    """The cheapest of each path, in order of cost, as many as are kept."""
    paths: dict[tuple[int, ...], Partial] = {}
    for one in sorted(found):
        paths.setdefault(one[1], one)
    return list(paths.values())[:KEPT_PATHS]
