"""A slow, obvious twin of the search: try every set of true reads and every way between them."""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from tollcentre.passage.kernels.graph import RoadGraph
from tollcentre.passage.kernels.restorer import SearchModel
from tollcentre.passage.kernels.search import Reads


def ways(graph: RoadGraph, begin: int, end: int) -> Iterator[tuple[list[int], int]]:
    """Every way without a place twice, and its metres."""

    def walk(place: int, inner: list[int], metres: int) -> Iterator[tuple[list[int], int]]:
        for edge in range(graph.edge_ptr[place], graph.edge_ptr[place + 1]):
            head, driven = int(graph.edge_to[edge]), metres + int(graph.edge_m[edge])
            if head == end:
                yield inner, driven
            elif graph.is_unit[head] and head not in inner and head != begin:
                yield from walk(head, [*inner, head], driven)

    yield from walk(begin, [], 0)


def gap_costs(
    graph: RoadGraph, begin: int, end: int, seconds: int, timed: bool, model: SearchModel,
    miss: np.ndarray,
) -> list[tuple[float, list[int]]]:  # fmt: skip
    """The cost of every way of a gap within the model's slack of the least."""
    found = []
    for inner, metres in ways(graph, begin, end):
        base = metres * model.per_km / 1000 + 1e-4 * (len(inner) + 1)
        base += sum(-math.log(miss[p]) for p in inner if graph.readable[p])
        found.append((base, metres, inner))
    if not found:
        return []
    least = min(base for base, _, _ in found)
    found = [way for way in found if way[0] <= least + model.slack]
    least_m = min(metres for _, metres, _ in found)
    speed = model.speed
    costs = []
    for base, metres, inner in found:
        cost = base + (speed.detour_cost if metres > least_m + 50 else 0)
        if timed:
            driven = metres - graph.length_m[begin] / 2 + graph.length_m[end] / 2
            short = driven / speed.fastest_mps - seconds - speed.tolerance_s
            cost += min(max(short, 0) / speed.scale_s, speed.most)
            expected = (driven / speed.usual_mps + 60) * 1.6
            if seconds > expected:
                cost += speed.slow_cost * math.log(seconds / expected)
        costs.append((cost, inner))
    return costs


def explanations(
    graph: RoadGraph, reads: Reads, model: SearchModel, miss: np.ndarray
) -> list[tuple[float, list[int]]]:
    """The cost and the places of every explanation of one passage's reads."""
    first, last = int(reads.ptr[0]), int(reads.ptr[1])
    found: list[tuple[float, list[int]]] = []
    for keep in itertools.product((False, True), repeat=last - first):
        kept = [i for i, k in zip(range(first, last), keep, strict=True) if k]
        if not kept or (reads.fixed_start[0] and kept[0] != first):
            continue
        if reads.fixed_end[0] and kept[-1] != last - 1:
            continue
        dropped = sum(reads.drop_cost[i] for i in range(first, last) if i not in kept)
        partial = [(dropped, [int(reads.place[kept[0]])])]
        for i, j in itertools.pairwise(kept):
            a, b = int(reads.place[i]), int(reads.place[j])
            timed = reads.time[i] > 0 and reads.time[j] > 0
            seconds = int(reads.time[j] - reads.time[i])
            if a == b:
                partial = partial if seconds <= 300 else []
                continue
            gap = gap_costs(graph, a, b, seconds, timed, model, miss)
            partial = [
                (cost + more, [*path, *inner, b]) for cost, path in partial for more, inner in gap
            ]
        found += partial
    return found


def shares(
    graph: RoadGraph, reads: Reads, model: SearchModel, miss: np.ndarray
) -> dict[tuple[int, ...], float]:
    """Each path's share of the probability of all explanations, the cheapest path first."""
    found = sorted(explanations(graph, reads, model, miss), key=lambda e: e[0])
    total = sum(math.exp(found[0][0] - cost) for cost, _ in found)
    paths: dict[tuple[int, ...], float] = {}
    for cost, path in found:
        weight = math.exp(found[0][0] - cost) / total
        paths[tuple(path)] = paths.get(tuple(path), 0.0) + weight
    return paths


def best_journey(
    graph: RoadGraph, reads: Reads, model: SearchModel, miss: np.ndarray
) -> tuple[list[int], float]:
    """The cheapest explanation's places, and its share of the probability of all."""
    for path, share in shares(graph, reads, model, miss).items():
        return list(path), share
    return [], 0.0
