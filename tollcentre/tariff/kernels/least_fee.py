"""The cheapest way between two nodes, in whole fen."""

import heapq
from collections.abc import Mapping, Sequence

Cost = tuple[int, int, int]
"""(fen, metres, nodes): the cheaper way, then the shorter, then the one of fewer nodes."""


def least_fee_way(
    following: Mapping[int, Sequence[int]],
    fee: Sequence[int],
    length_m: Sequence[int],
    ends_only: Sequence[bool],
    start: int,
    end: int,
) -> list[int] | None:
    """The nodes of the cheapest way from start to end, both included; None where there is none.

    A node costs `fee` when it is driven; a negative fee closes it. A node of `ends_only` (a
    station, the neighbour's border) begins or ends a way and is never driven through. Of equal
    ways the one over the lower node index counts.
    """
    best: dict[int, Cost] = {start: (max(fee[start], 0), length_m[start], 1)}
    before: dict[int, int] = {}
    queue: list[tuple[Cost, int]] = [(best[start], start)]
    done: set[int] = set()
    while queue:
        cost, node = heapq.heappop(queue)
        if node in done:
            continue
        done.add(node)
        if node == end:
            return _way(before, start, end)
        if ends_only[node] and node != start:
            continue
        for head in following.get(node, ()):
            if fee[head] < 0 or head in done:
                continue
            further = (cost[0] + fee[head], cost[1] + length_m[head], cost[2] + 1)
            standing = best.get(head)
            if standing is None or (further, node) < (standing, before[head]):
                best[head], before[head] = further, node
                heapq.heappush(queue, (further, head))
    return None


def _way(before: Mapping[int, int], start: int, end: int) -> list[int]:
    way = [end]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]
