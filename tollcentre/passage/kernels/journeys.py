"""From columns of reads to columns of restored units: the face of the search."""

from dataclasses import dataclass

import numpy as np

from .graph import RoadGraph
from .restorer import (
    Restored,
    SearchModel,
    WayCosts,
    chance_of_miss,
    explain_reads,
    restore,
)
from .search import Reads

SEEN, UNIQUE, LEAST, MINIMUM = 1, 3, 4, 5
POSITION_STEP = 256
PPM = 1_000_000
TWICE_TRUST = 0.9
OPEN_END_TRUST = 0.8


@dataclass(frozen=True)
class ReadColumns:
    """Reads of passages, sorted by passage, stage (0 begins, 1 on the way, 2 ends) and time.

    `node` is a network node or one of the two outsides; `time` is epoch seconds, 0 unknown.
    """

    pass_key: np.ndarray
    stage: np.ndarray
    time: np.ndarray
    node: np.ndarray
    source: np.ndarray


@dataclass(frozen=True)
class UnitColumns:
    """Restored units in order, and one row a passage: its confidence in ppm and reads dropped.

    A passage with confidence 0 has no units.
    """

    pass_key: np.ndarray
    position: np.ndarray
    node: np.ndarray
    sign: np.ndarray
    time: np.ndarray
    confidence_ppm: np.ndarray
    passage: np.ndarray
    passage_ppm: np.ndarray
    passage_dropped: np.ndarray
    place_miss: np.ndarray


def restore_columns(
    graph: RoadGraph,
    columns: ReadColumns,
    node_in: int,
    node_out: int,
    drop_cost: np.ndarray,
    model: SearchModel,
    health: tuple[np.ndarray, np.ndarray] | None = None,
) -> UnitColumns:
    """Restore every passage; `drop_cost[source]` is what calling a read false costs.

    `health` is (passed, unseen) by network node, where it is known beforehand.
    """
    reads, keys, sources = _reads(graph, columns, node_in, node_out, drop_cost)
    miss = None if health is None else misses_of(graph, health, model)
    found = restore(graph, reads, model, miss)
    return _units(graph, reads, keys, sources, found)


def misses_of(
    graph: RoadGraph, health: tuple[np.ndarray, np.ndarray], model: SearchModel
) -> np.ndarray:
    """The chance of a miss at each place, from (passed, unseen) by network node."""
    inside = np.flatnonzero(graph.node_idx >= 0)
    passed, unseen = np.zeros((2, graph.size), np.int64)
    passed[inside], unseen[inside] = (counts[graph.node_idx[inside]] for counts in health)
    return chance_of_miss(graph, passed, unseen, model)


@dataclass(frozen=True)
class ExplainedPath:
    """One path of a passage: its units as network nodes, and which of them were read.

    `left_out` counts the reads that the path calls false.
    """

    node: np.ndarray
    seen: np.ndarray
    left_out: int
    share_ppm: int


def explain_columns(
    graph: RoadGraph,
    columns: ReadColumns,
    node_in: int,
    node_out: int,
    drop_cost: np.ndarray,
    model: SearchModel,
    costs: WayCosts,
    most: int,
) -> list[ExplainedPath]:
    """The likeliest paths of the one passage whose reads these are, the likeliest first."""
    reads, keys, _ = _reads(graph, columns, node_in, node_out, drop_cost)
    if not len(keys):
        return []
    paths = []
    for found in explain_reads(graph, reads, model, costs, most):
        unit = found.place[graph.is_unit[found.place]]
        paths.append(
            ExplainedPath(
                node=graph.node_idx[unit],
                seen=np.isin(unit, reads.place),
                left_out=int((~np.isin(reads.place, found.place)).sum()),
                share_ppm=int(found.share * PPM),
            )
        )
    return paths


def _reads(
    graph: RoadGraph, columns: ReadColumns, node_in: int, node_out: int, drop_cost: np.ndarray
) -> tuple[Reads, np.ndarray, np.ndarray]:
    """Reads by place, neighbours at one place merged into one whose drop cost is their sum."""
    place = np.full(len(columns.node), -1, np.int64)
    inside = (columns.node >= 0) & (columns.node < len(graph.place_of_node))
    place[inside] = graph.place_of_node[columns.node[inside]]
    place[columns.node == node_in] = graph.source
    place[columns.node == node_out] = graph.sink
    known = place >= 0
    key, place = columns.pass_key[known], place[known]
    time, source = columns.time[known], columns.source[known]
    fresh = np.ones(len(key), bool)
    fresh[1:] = (key[1:] != key[:-1]) | (place[1:] != place[:-1])
    begin = np.flatnonzero(fresh)
    cost = np.add.reduceat(drop_cost[source], begin) if len(begin) else np.zeros(0)
    keys, first = np.unique(key[begin], return_index=True)
    ptr = np.concatenate([first, [len(begin)]]).astype(np.int64)
    head, tail = source[begin[ptr[:-1]]], source[begin[ptr[1:] - 1]]
    reads = Reads(
        ptr=ptr,
        place=place[begin].astype(np.int32),
        time=time[begin].astype(np.int64),
        drop_cost=cost,
        fixed_start=(head == 3) | (head == 5),
        fixed_end=(tail == 4) | (tail == 6),
    )
    return reads, keys, source[begin]


def _units(
    graph: RoadGraph, reads: Reads, keys: np.ndarray, sources: np.ndarray, found: Restored
) -> UnitColumns:
    """Units with sign, time and confidence; stations and the outside left out."""
    journeys = found.journeys
    passage = np.repeat(np.arange(len(keys)), np.diff(journeys.ptr))
    ppm = _trusted(graph, reads, sources, found, passage)
    seen_any = np.zeros(len(keys), bool)
    on_way = (journeys.read >= 0) & graph.is_unit[journeys.place]
    seen_any[passage[on_way]] = True
    sign = np.where(journeys.read >= 0, SEEN, np.where(journeys.choices == 1, UNIQUE, LEAST))
    sign = np.where(seen_any[passage], sign, MINIMUM)
    times = _times(graph, reads, journeys.place, journeys.read, passage)
    kept = graph.is_unit[journeys.place] & (ppm[passage] > 0)
    order_in_passage = np.arange(len(passage)) - journeys.ptr[:-1][passage]
    dropped = np.zeros(len(keys), np.int64)
    passage_of_read = np.repeat(np.arange(len(keys)), np.diff(reads.ptr))
    np.add.at(dropped, passage_of_read, journeys.dropped)
    return UnitColumns(
        pass_key=keys[passage[kept]],
        position=order_in_passage[kept] * POSITION_STEP,
        node=graph.node_idx[journeys.place[kept]],
        sign=sign[kept].astype(np.int16),
        time=times[kept],
        confidence_ppm=ppm[passage[kept]],
        passage=keys,
        passage_ppm=ppm,
        passage_dropped=dropped,
        place_miss=found.miss,
    )


def _trusted(
    graph: RoadGraph, reads: Reads, sources: np.ndarray, found: Restored, passage: np.ndarray
) -> np.ndarray:
    """Confidence in ppm, less where a place comes twice or an end of the journey is open."""
    journeys = found.journeys
    trust = journeys.confidence.copy()
    pairs = passage.astype(np.int64) * graph.size + journeys.place
    distinct, count = np.unique(pairs, return_counts=True)
    trust[np.unique(distinct[count > 1] // graph.size)] *= TWICE_TRUST
    if len(passage):
        has = np.diff(journeys.ptr) > 0
        first = journeys.place[journeys.ptr[:-1][has]]
        last = journeys.place[journeys.ptr[1:][has] - 1]
        open_ended = graph.is_unit[first] | graph.is_unit[last]
        trust[np.flatnonzero(has)[open_ended]] *= OPEN_END_TRUST
    return np.floor(np.clip(trust, 0, 1) * PPM).astype(np.int64)


def _times(
    graph: RoadGraph, reads: Reads, place: np.ndarray, read: np.ndarray, passage: np.ndarray
) -> np.ndarray:
    """Each place's time: its own read's, else in proportion to the metres between reads."""
    if not len(place):
        return np.zeros(0, np.int64)
    length = graph.length_m[place]
    middle = np.cumsum(length) - length // 2
    timed = (read >= 0) & (reads.time[np.maximum(read, 0)] > 0)
    at = np.flatnonzero(timed)
    if not len(at):
        return np.zeros(len(place), np.int64)
    before = np.clip(np.searchsorted(at, np.arange(len(place)), "right") - 1, 0, len(at) - 1)
    after = np.clip(np.searchsorted(at, np.arange(len(place)), "left"), 0, len(at) - 1)
    i, j = at[before], at[after]
    i = np.where(passage[i] == passage, i, j)
    j = np.where(passage[j] == passage, j, i)
    start, end = reads.time[read[i]], reads.time[read[j]]
    span = np.maximum(middle[j] - middle[i], 1)
    gone = np.clip(middle - middle[i], 0, span)
    between = start + np.maximum(end - start, 0) * gone // span
    times = np.where(i == j, start, between)
    return np.where(passage[i] == passage, times, 0).astype(np.int64)
