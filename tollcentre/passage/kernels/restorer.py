"""Restoring many passages at once: learn what gantries miss, search, and say how sure it is."""

from dataclasses import dataclass, field, replace

import numpy as np

from .candidates import Candidates, find_candidates
from .explanations import Explanation, explain
from .graph import RoadGraph, least_costs
from .search import Journeys, Reads, SpeedModel, gaps_of, solve


@dataclass(frozen=True)
class SearchModel:
    """What the search believes before it looks; costs are natural logarithms.

    `miss` is the prior chance that a readable unit leaves no read at all, worth `miss_weight`
    passages; `per_km` what a kilometre costs; `slack` how much dearer than the least a way may be
    to be looked at; `most_cost` how dear a gap may be at all.
    """

    miss: float = 0.02
    miss_weight: float = 20.0
    miss_least: float = 0.0005
    miss_most: float = 0.6
    per_km: float = 0.3
    slack: float = 9.0
    most_cost: float = 90.0
    rounds: int = 2
    opposite_s: int = 120
    opposite_trust: float = 0.2
    speed: SpeedModel = field(default_factory=SpeedModel)


@dataclass(frozen=True)
class Restored:
    """The journeys, and what was learnt: the chance of a miss at each place."""

    journeys: Journeys
    miss: np.ndarray


@dataclass(frozen=True)
class WayCosts:
    """What ways cost: of entering each place unseen, and the least from place to place."""

    enter: np.ndarray
    least: np.ndarray


def restore(
    graph: RoadGraph, reads: Reads, model: SearchModel, miss: np.ndarray | None = None
) -> Restored:
    """The most likely journey of each passage, given the chance of a miss at each place.

    Where that is not given it is learnt from the same reads: the first round believes the prior;
    each further round counts, on the journeys found, how often each gantry saw nothing of what
    passed it.
    """
    reads = _doubted(graph, reads, model)
    if miss is not None:
        return Restored(_search(graph, reads, model, miss), miss)
    miss = np.full(graph.size, model.miss)
    journeys = _search(graph, reads, model, miss)
    for _ in range(model.rounds - 1):
        miss = _learn(graph, journeys, model)
        journeys = _search(graph, reads, model, miss)
    return Restored(journeys, miss)


def explain_reads(
    graph: RoadGraph, reads: Reads, model: SearchModel, costs: WayCosts, most: int
) -> list[Explanation]:
    """The likeliest paths of one passage, the likeliest first, where ways cost what is given."""
    reads = _doubted(graph, reads, model)
    gap_of, ways = _ways(graph, reads, model, costs)
    return explain(reads, graph.length_m, gap_of, ways, model.speed, most)


def way_costs(graph: RoadGraph, model: SearchModel, miss: np.ndarray) -> WayCosts:
    """What ways cost where each gantry misses as often as `miss` says."""
    enter = np.where(graph.readable, -np.log(miss), 0.0)
    return WayCosts(enter, least_costs(graph, enter, model.per_km))


def _doubted(graph: RoadGraph, reads: Reads, model: SearchModel) -> Reads:
    """The reads, cheaper to drop where both carriageways of a place read a vehicle within seconds.

    One of the two is the antenna reaching over (对向误读); the search finds out which.
    """
    count = len(reads.place)
    passage = np.repeat(np.arange(len(reads.ptr) - 1), np.diff(reads.ptr))
    doubtful = np.zeros(count, bool)
    for step in range(1, min(4, count)):
        near = reads.time[step:] - reads.time[:-step] <= model.opposite_s
        facing = graph.opposite[reads.place[:-step]] == reads.place[step:]
        both = (passage[:-step] == passage[step:]) & near & facing
        doubtful[:-step] |= both
        doubtful[step:] |= both
    lowered = np.where(doubtful, reads.drop_cost * model.opposite_trust, reads.drop_cost)
    return replace(reads, drop_cost=lowered)


def _search(graph: RoadGraph, reads: Reads, model: SearchModel, miss: np.ndarray) -> Journeys:
    gap_of, ways = _ways(graph, reads, model, way_costs(graph, model, miss))
    return solve(reads, graph.length_m, gap_of, ways, model.speed)


def _ways(
    graph: RoadGraph, reads: Reads, model: SearchModel, costs: WayCosts
) -> tuple[np.ndarray, Candidates]:
    """The gap of each read and step, and every way of each gap."""
    edge_cost = graph.edge_m * (model.per_km / 1000.0) + costs.enter[graph.edge_to] + 1e-4
    begins, ends, gap_of = gaps_of(reads, costs.least, model.most_cost)
    ways = find_candidates(
        graph.edge_ptr, graph.edge_to, edge_cost, graph.edge_m, graph.is_unit, costs.least,
        begins, ends, model.slack,
    )  # fmt: skip
    # A gap's last place was read: what it would cost to miss it is no cost of the way.
    ways_of_gap = np.diff(ways.way_ptr)
    return gap_of, replace(ways, cost=ways.cost - np.repeat(costs.enter[ends], ways_of_gap))


def _learn(graph: RoadGraph, journeys: Journeys, model: SearchModel) -> np.ndarray:
    """The chance of a miss at each place, from the sure ones of the journeys."""
    passage = np.repeat(np.arange(len(journeys.confidence)), np.diff(journeys.ptr))
    sure = journeys.confidence[passage] > 0.9
    counted = sure & graph.readable[journeys.place]
    passed = np.bincount(journeys.place[counted], minlength=graph.size)
    unseen = np.bincount(journeys.place[counted & (journeys.read < 0)], minlength=graph.size)
    return chance_of_miss(graph, passed, unseen, model)


def chance_of_miss(
    graph: RoadGraph, passed: np.ndarray, unseen: np.ndarray, model: SearchModel
) -> np.ndarray:
    """The chance of a miss at each place from counts, pulled towards their common mean."""
    passed, unseen = np.where(graph.readable, passed, 0), np.where(graph.readable, unseen, 0)
    mean = (unseen.sum() + model.miss * model.miss_weight) / (passed.sum() + model.miss_weight)
    learnt = (unseen + mean * model.miss_weight) / (passed + model.miss_weight)
    return np.clip(learnt, model.miss_least, model.miss_most)
