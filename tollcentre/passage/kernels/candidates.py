"""For a gap between two places: every way through it that could be the true one."""

from dataclasses import dataclass

import numpy as np
from numba import njit

MAX_CANDIDATES = 24
MAX_STEPS = 6000
MAX_DEPTH = 400


@dataclass(frozen=True)
class Candidates:
    """Ways of each gap, in CSR form: gap → ways → inner places (both ends left out).

    `cost` is what the way costs by distance and by the readable units on it that saw nothing;
    `metres` the whole way from leaving the first place's start to reaching the last one's start;
    `cut` says that more ways exist than were looked at.
    """

    way_ptr: np.ndarray
    cost: np.ndarray
    metres: np.ndarray
    place_ptr: np.ndarray
    places: np.ndarray
    cut: np.ndarray


@njit(cache=True)
def _enumerate(
    edge_ptr, edge_to, edge_cost, edge_m, through, least, begin, end, slack, stack_place,
    stack_edge, stack_cost, stack_m, on_way, out_cost, out_m, out_len, out_places,
):  # fmt: skip
    """Depth first over ways whose cost can stay within `slack` of the least; returns their count.

    `least` is exact, so no branch is entered that cannot finish within the bound.
    """
    bound = least[begin, end] + slack
    count = 0
    steps = 0
    used = 0
    cut = False
    depth = 0
    stack_place[0] = begin
    stack_edge[0] = edge_ptr[begin]
    stack_cost[0] = 0.0
    stack_m[0] = 0
    on_way[begin] = True
    while depth >= 0:
        place = stack_place[depth]
        edge = stack_edge[depth]
        if edge == edge_ptr[place + 1]:
            on_way[place] = False
            depth -= 1
            continue
        stack_edge[depth] = edge + 1
        steps += 1
        if steps > MAX_STEPS:
            cut = True
            break
        head = edge_to[edge]
        cost = stack_cost[depth] + edge_cost[edge]
        if head == end:
            if cost <= bound + 1e-3:
                if count == MAX_CANDIDATES or used + depth > len(out_places):
                    cut = True
                    break
                out_cost[count] = cost
                out_m[count] = stack_m[depth] + edge_m[edge]
                out_len[count] = depth
                for i in range(depth):
                    out_places[used + i] = stack_place[i + 1]
                used += depth
                count += 1
            continue
        if on_way[head] or not through[head]:
            continue
        if cost + least[head, end] > bound + 1e-3 or depth + 1 >= MAX_DEPTH:
            continue
        depth += 1
        stack_place[depth] = head
        stack_edge[depth] = edge_ptr[head]
        stack_cost[depth] = cost
        stack_m[depth] = stack_m[depth - 1] + edge_m[edge]
        on_way[head] = True
    while depth >= 0:
        on_way[stack_place[depth]] = False
        depth -= 1
    return count, used, cut


@njit(cache=True)
def _all_gaps(edge_ptr, edge_to, edge_cost, edge_m, through, least, begins, ends, slack):
    """The ways of every gap, in flat arrays that grow by doubling."""
    gaps = len(begins)
    way_ptr = np.zeros(gaps + 1, np.int64)
    cut = np.zeros(gaps, np.bool_)
    cost = np.empty(gaps * 2 + 16, np.float32)
    metres = np.empty(gaps * 2 + 16, np.int64)
    place_ptr = np.zeros(gaps * 2 + 17, np.int64)
    places = np.empty(gaps * 8 + 1024, np.int32)
    stack_place = np.empty(MAX_DEPTH, np.int32)
    stack_edge = np.empty(MAX_DEPTH, np.int64)
    stack_cost = np.empty(MAX_DEPTH, np.float64)
    stack_m = np.empty(MAX_DEPTH, np.int64)
    on_way = np.zeros(len(edge_ptr) - 1, np.bool_)
    out_cost = np.empty(MAX_CANDIDATES, np.float64)
    out_m = np.empty(MAX_CANDIDATES, np.int64)
    out_len = np.empty(MAX_CANDIDATES, np.int64)
    out_places = np.empty(MAX_CANDIDATES * MAX_DEPTH, np.int32)
    ways = 0
    filled = 0
    for gap in range(gaps):
        count = used = 0
        is_cut = begins[gap] == ends[gap] or least[begins[gap], ends[gap]] >= 1e8
        # The full slack first; where it shows too many ways, only the nearest of them count.
        for share in (1.0, 0.4, 0.15, 0.02):
            if begins[gap] == ends[gap] or least[begins[gap], ends[gap]] >= 1e8:
                break
            count, used, was_cut = _enumerate(
                edge_ptr, edge_to, edge_cost, edge_m, through, least, begins[gap], ends[gap],
                slack * share, stack_place, stack_edge, stack_cost, stack_m, on_way, out_cost,
                out_m, out_len, out_places,
            )  # fmt: skip
            if not was_cut:
                break
            is_cut = True
        cut[gap] = is_cut
        while ways + count > len(cost):
            cost = np.concatenate((cost, np.empty_like(cost)))
            metres = np.concatenate((metres, np.empty_like(metres)))
            place_ptr = np.concatenate((place_ptr, np.zeros_like(place_ptr)))
        while filled + used > len(places):
            places = np.concatenate((places, np.empty_like(places)))
        at = 0
        for way in range(count):
            cost[ways] = out_cost[way]
            metres[ways] = out_m[way]
            for i in range(out_len[way]):
                places[filled + i] = out_places[at + i]
            at += out_len[way]
            filled += out_len[way]
            ways += 1
            place_ptr[ways] = filled
        way_ptr[gap + 1] = ways
    return way_ptr, cost[:ways], metres[:ways], place_ptr[: ways + 1], places[:filled], cut


def find_candidates(
    edge_ptr: np.ndarray,
    edge_to: np.ndarray,
    edge_cost: np.ndarray,
    edge_m: np.ndarray,
    through: np.ndarray,
    least: np.ndarray,
    begins: np.ndarray,
    ends: np.ndarray,
    slack: float,
) -> Candidates:
    """The ways of each gap `begins[i]` → `ends[i]` whose cost lies within `slack` of the least.

    A gap whose ends are the same place or out of reach has none.
    """
    return Candidates(
        *_all_gaps(edge_ptr, edge_to, edge_cost, edge_m, through, least, begins, ends, slack)
    )
