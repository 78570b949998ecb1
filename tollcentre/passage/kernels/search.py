"""The most likely journey through reads: which of them are true, which ways lie between.

A hidden-path search over the unit graph. A read costs nothing when the path goes through it and
its `drop_cost` when it is called false; between two kept reads each way costs what it does in
`Candidates`, plus what its speed costs. The sum over all explanations beside the best one gives
the share of probability that the best one holds: the confidence.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from .candidates import Candidates

WINDOW = 6
INFINITE = 1e30
NO_GAP = -1
SAME_PLACE = -2
SAME_PLACE_S = 300


@dataclass(frozen=True)
class Reads:
    """Reads of many passages in time order, CSR by passage.

    `time` is epoch seconds, 0 where unknown (the outside). `fixed_start`/`fixed_end` say that a
    passage's first or last read is its entry or exit and is never dropped.
    """

    ptr: np.ndarray
    place: np.ndarray
    time: np.ndarray
    drop_cost: np.ndarray
    fixed_start: np.ndarray
    fixed_end: np.ndarray


@dataclass(frozen=True)
class SpeedModel:
    """What driving is like: metres a second and seconds; costs are natural logarithms."""

    fastest_mps: float = 36.0
    usual_mps: float = 25.0
    tolerance_s: float = 20.0
    scale_s: float = 15.0
    most: float = 40.0
    slow_cost: float = 0.4
    detour_cost: float = 3.5


@dataclass(frozen=True)
class Journeys:
    """Best journeys, CSR by passage: places in order, the read seen at each or -1, ways known.

    `choices` is how many ways the gap that a filled place lies in had. `confidence` is the share
    of probability of all explanations with this path, 0 where no journey explains the reads.
    """

    ptr: np.ndarray
    place: np.ndarray
    read: np.ndarray
    choices: np.ndarray
    confidence: np.ndarray
    dropped: np.ndarray


@njit(cache=True)
def _way_cost(way, base, metres, gap_least_m, first_m, last_m, seconds, timed, speed):
    """A way's cost with its speed: too fast is unlikely, slow a little, a detour by habit rare."""
    fastest, usual, tolerance, scale, most, slow, detour = speed
    cost = base
    if metres > gap_least_m + 50:
        cost += detour
    if not timed:
        return cost
    driven = metres - first_m * 0.5 + last_m * 0.5
    short = driven / fastest - seconds - tolerance
    if short > 0:
        cost += min(short / scale, most)
    expected = (driven / usual + 60.0) * 1.6
    if seconds > expected:
        cost += slow * np.log(seconds / expected)
    return cost


@njit(cache=True)
def _gap_costs(way_first, way_last, way_cost, way_m, first_m, last_m, seconds, timed, speed):
    """Least cost, its way, and the log of the summed probability of all ways of one gap."""
    least_m = way_m[way_first]
    for way in range(way_first, way_last):
        least_m = min(least_m, way_m[way])
    best = INFINITE
    best_way = -1
    for way in range(way_first, way_last):
        cost = _way_cost(way, way_cost[way], way_m[way], least_m, first_m, last_m, seconds, timed,
                         speed)  # fmt: skip
        if cost < best:
            best = cost
            best_way = way
    total = 0.0
    for way in range(way_first, way_last):
        cost = _way_cost(way, way_cost[way], way_m[way], least_m, first_m, last_m, seconds, timed,
                         speed)  # fmt: skip
        total += np.exp(best - cost)
    return best, best_way, -best + np.log(total)


@njit(cache=True)
def _log_add(a, b):
    """log(exp(a) + exp(b)) without overflow."""
    if a < b:
        a, b = b, a
    if b <= -INFINITE:
        return a
    return a + np.log1p(np.exp(b - a))


@njit(cache=True)
def _solve_one(
    first, last, place, time, drop, length_m, fixed_start, fixed_end, gap_of, way_ptr, way_cost,
    way_m, cut, speed, best, back, back_way, weight,
):  # fmt: skip
    """Fill best/back for one passage's reads; returns its end read, least cost and total weight."""
    lead = 0.0
    for j in range(first, last):
        if j == first or not fixed_start:
            best[j] = lead
            weight[j] = -lead
        else:
            best[j] = INFINITE
            weight[j] = -INFINITE
        back[j] = -1
        back_way[j] = -1
        lead += drop[j]
        between = 0.0
        for i in range(j - 1, max(first, j - WINDOW) - 1, -1):
            gap = gap_of[i * WINDOW + (j - i - 1)]
            if gap == SAME_PLACE and best[i] < INFINITE and time[j] - time[i] <= SAME_PLACE_S:
                if best[i] + between < best[j]:
                    best[j] = best[i] + between
                    back[j] = i
                    back_way[j] = -1
                weight[j] = _log_add(weight[j], weight[i] - between)
            elif gap >= 0 and best[i] < INFINITE and way_ptr[gap + 1] > way_ptr[gap]:
                timed = time[i] > 0 and time[j] > 0
                cost, way, total = _gap_costs(
                    way_ptr[gap], way_ptr[gap + 1], way_cost, way_m, length_m[place[i]],
                    length_m[place[j]], time[j] - time[i], timed, speed,
                )  # fmt: skip
                if cut[gap]:
                    total += 1.5
                if best[i] + between + cost < best[j]:
                    best[j] = best[i] + between + cost
                    back[j] = i
                    back_way[j] = way
                weight[j] = _log_add(weight[j], weight[i] - between + total)
            between += drop[i]
    end = -1
    least = INFINITE
    total_weight = -INFINITE
    trail = 0.0
    for j in range(last - 1, first - 1, -1):
        if best[j] < INFINITE:
            if best[j] + trail < least:
                least = best[j] + trail
                end = j
            total_weight = _log_add(total_weight, weight[j] - trail)
        if fixed_end:
            break
        trail += drop[j]
    return end, least, total_weight


@njit(cache=True)
def _same_way(way, place_ptr, places, path, after, before):
    """Whether a way's inner places are the path's between two positions."""
    if place_ptr[way + 1] - place_ptr[way] != before - after - 1:
        return False
    for at in range(place_ptr[way], place_ptr[way + 1]):
        if places[at] != path[after + 1 + at - place_ptr[way]]:
            return False
    return True


@njit(cache=True)
def _path_weight(
    first, last, place, time, drop, length_m, fixed_start, fixed_end, gap_of, way_ptr, way_cost,
    way_m, place_ptr, places, speed, path, position, weight,
):  # fmt: skip
    """The log weight of every explanation that has this very path, whichever reads it keeps."""
    lead = 0.0
    total = -INFINITE
    for j in range(first, last):
        weight[j] = -INFINITE
        if position[j] == 0 and (j == first or not fixed_start):
            weight[j] = -lead
        lead += drop[j]
        between = 0.0
        for i in range(j - 1, max(first, j - WINDOW) - 1, -1):
            gap = gap_of[i * WINDOW + (j - i - 1)]
            if position[j] >= 0 and position[i] >= 0 and weight[i] > -INFINITE:
                seconds = time[j] - time[i]
                if gap == SAME_PLACE and position[i] == position[j] and seconds <= SAME_PLACE_S:
                    weight[j] = _log_add(weight[j], weight[i] - between)
                elif gap >= 0 and position[j] > position[i]:
                    least_m = way_m[way_ptr[gap]]
                    for way in range(way_ptr[gap], way_ptr[gap + 1]):
                        least_m = min(least_m, way_m[way])
                    for way in range(way_ptr[gap], way_ptr[gap + 1]):
                        if _same_way(way, place_ptr, places, path, position[i], position[j]):
                            cost = _way_cost(
                                way, way_cost[way], way_m[way], least_m, length_m[place[i]],
                                length_m[place[j]], seconds, time[i] > 0 and time[j] > 0, speed,
                            )  # fmt: skip
                            weight[j] = _log_add(weight[j], weight[i] - between - cost)
            between += drop[i]
    trail = 0.0
    for j in range(last - 1, first - 1, -1):
        if position[j] == len(path) - 1:
            total = _log_add(total, weight[j] - trail)
        if fixed_end:
            break
        trail += drop[j]
    return total


@njit(cache=True)
def _walk_back(end, back, back_way, place_ptr, chain):
    """The kept reads from the last to the first into `chain`; their count and the path's length."""
    length = 0
    need = 0
    j = end
    while j >= 0:
        chain[length] = j
        length += 1
        way = back_way[j]
        need += 1 + (place_ptr[way + 1] - place_ptr[way] if way >= 0 else 0)
        j = back[j]
    return length, need


@njit(cache=True)
def _write_path(
    chain, length, place, back, back_way, gap_of, way_ptr, place_ptr, places, out_place, out_read,
    out_choices, dropped, filled,
):  # fmt: skip
    """Write the path of the kept reads from `filled` on; returns where it ends."""
    for c in range(length - 1, -1, -1):
        j = chain[c]
        way = back_way[j]
        dropped[j] = False
        if way < 0 and back[j] >= 0:
            continue
        if way >= 0:
            i = back[j]
            gap = gap_of[i * WINDOW + (j - i - 1)]
            for at in range(place_ptr[way], place_ptr[way + 1]):
                out_place[filled] = places[at]
                out_read[filled] = -1
                out_choices[filled] = way_ptr[gap + 1] - way_ptr[gap]
                filled += 1
        out_place[filled] = place[j]
        out_read[filled] = j
        out_choices[filled] = 0
        filled += 1
    return filled


@njit(cache=True)
def _place_reads(first, last, place, path, path_read, position):
    """Each read's position on the path: its own where it was kept, else where its place lies."""
    for i in range(first, last):
        position[i] = -1
        for at in range(len(path)):
            if path[at] == place[i]:
                position[i] = at
    for at in range(len(path)):
        if path_read[at] >= 0:
            position[path_read[at]] = at


@njit(cache=True)
def _solve(
    ptr, place, time, drop, fixed_start, fixed_end, length_m, gap_of, way_ptr, way_cost, way_m,
    place_ptr, places, cut, speed,
):  # fmt: skip
    """All passages one after another; output arrays grow by doubling."""
    count = len(ptr) - 1
    reads = len(place)
    out_ptr = np.zeros(count + 1, np.int64)
    out_place = np.empty(reads * 2 + 64, np.int32)
    out_read = np.empty(reads * 2 + 64, np.int64)
    out_choices = np.empty(reads * 2 + 64, np.int32)
    confidence = np.zeros(count, np.float64)
    dropped = np.zeros(reads, np.bool_)
    best = np.empty(reads, np.float64)
    weight = np.empty(reads, np.float64)
    back = np.empty(reads, np.int64)
    back_way = np.empty(reads, np.int64)
    chain = np.empty(reads + 1, np.int64)
    position = np.empty(reads, np.int64)
    filled = 0
    for p in range(count):
        first, last = ptr[p], ptr[p + 1]
        end, least, total = -1, INFINITE, 0.0
        if last > first:
            end, least, total = _solve_one(
                first, last, place, time, drop, length_m, fixed_start[p], fixed_end[p], gap_of,
                way_ptr, way_cost, way_m, cut, speed, best, back, back_way, weight,
            )  # fmt: skip
        if end >= 0:
            length, need = _walk_back(end, back, back_way, place_ptr, chain)
            while filled + need > len(out_place):
                out_place = np.concatenate((out_place, np.empty_like(out_place)))
                out_read = np.concatenate((out_read, np.empty_like(out_read)))
                out_choices = np.concatenate((out_choices, np.empty_like(out_choices)))
            dropped[first:last] = True
            filled = _write_path(
                chain, length, place, back, back_way, gap_of, way_ptr, place_ptr, places,
                out_place, out_read, out_choices, dropped, filled,
            )  # fmt: skip
            path = out_place[out_ptr[p] : filled]
            _place_reads(first, last, place, path, out_read[out_ptr[p] : filled], position)
            same = _path_weight(
                first, last, place, time, drop, length_m, fixed_start[p], fixed_end[p], gap_of,
                way_ptr, way_cost, way_m, place_ptr, places, speed, path, position, weight,
            )  # fmt: skip
            confidence[p] = min(1.0, np.exp(max(same, -least) - total))
        out_ptr[p + 1] = filled
    return (
        out_ptr, out_place[:filled], out_read[:filled], out_choices[:filled], confidence, dropped
    )  # fmt: skip


def gaps_of(reads: Reads, least: np.ndarray, most_cost: float) -> tuple[np.ndarray, ...]:
    """The distinct gaps that the search may need: (begins, ends, gap of each read and step).

    A gap is wanted between each read and the next WINDOW − 1 of its passage, where the second
    place can be reached at a cost of at most `most_cost`.
    """
    count = len(reads.place)
    passage = np.repeat(np.arange(len(reads.ptr) - 1), np.diff(reads.ptr))
    gap_of = np.full(count * WINDOW, NO_GAP, np.int64)
    first, second, where = [], [], []
    for step in range(1, WINDOW + 1):
        i = np.flatnonzero(passage[: max(count - step, 0)] == passage[step:])
        same = reads.place[i] == reads.place[i + step]
        gap_of[i[same] * WINDOW + step - 1] = SAME_PLACE
        reachable = least[reads.place[i], reads.place[i + step]] <= most_cost
        i = i[reachable & ~same]
        first.append(reads.place[i])
        second.append(reads.place[i + step])
        where.append(i * WINDOW + step - 1)
    size = least.shape[0]
    pair = np.concatenate(first).astype(np.int64) * size + np.concatenate(second)
    distinct, index = np.unique(pair, return_inverse=True)
    gap_of[np.concatenate(where)] = index
    begins, ends = (distinct // size).astype(np.int32), (distinct % size).astype(np.int32)
    return begins, ends, gap_of


def solve(
    reads: Reads,
    length_m: np.ndarray,
    gap_of: np.ndarray,
    ways: Candidates,
    speed: SpeedModel,
) -> Journeys:
    """The most likely journey of every passage."""
    terms = (
        speed.fastest_mps, speed.usual_mps, speed.tolerance_s, speed.scale_s, speed.most,
        speed.slow_cost, speed.detour_cost,
    )  # fmt: skip
    return Journeys(
        *_solve(
            reads.ptr,
            reads.place,
            reads.time,
            reads.drop_cost,
            reads.fixed_start,
            reads.fixed_end,
            length_m,
            gap_of,
            ways.way_ptr,
            ways.cost,
            ways.metres,
            ways.place_ptr,
            ways.places,
            ways.cut,
            terms,
        )  # fmt: skip
    )
