"""The search over reads of either kind, a day's or a file's, and what is learnt before it."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from ..kernels.clocks import learn_offsets
from ..kernels.journeys import ReadColumns, UnitColumns, restore_columns
from ..kernels.restorer import SearchModel
from ..kernels.search import SpeedModel
from ..terms import RestorationModel
from .roads import Roads


def clock_offsets(roads_: Roads, reads: pa.Table) -> np.ndarray:
    """Seconds that each node's clock runs ahead, learnt from reads in order of passage and time."""
    return learn_offsets(
        reads["pass_key"].to_numpy(),
        reads["node_idx"].to_numpy().astype(np.int64),
        reads["read_time"].to_numpy(),
        roads_.hops,
        len(roads_.graph.place_of_node),
    )


def search_reads(
    roads_: Roads,
    reads: pa.Table,
    model_: RestorationModel,
    health: tuple[np.ndarray, np.ndarray] | None = None,
) -> UnitColumns:
    """The most likely journeys of reads (pass_key, stage, read_time, node_idx, source), sorted.

    `health` is how often each network node was passed and unseen in journeys already known; without
    it the search learns it from a first round of its own. Money never enters here; probabilities
    leave as integer parts per million.
    """
    ends = (roads_.node_in, roads_.node_out)
    return restore_columns(
        roads_.graph, read_columns(reads), *ends, drop_costs(model_), search_model(model_), health
    )


def drop_costs(model_: RestorationModel) -> np.ndarray:
    """What calling a read false costs, by its source."""
    cost = np.zeros(max(model_.drop_cost) + 1)
    for source, drop in model_.drop_cost.items():
        cost[source] = drop
    return cost


def search_model(model_: RestorationModel) -> SearchModel:
    """The dated parameters as the search takes them."""
    return replace(SearchModel(), speed=SpeedModel(**model_.speed), **model_.search)


def read_columns(reads: pa.Table) -> ReadColumns:
    """Reads (pass_key, stage, read_time, node_idx, source), sorted, as the search takes them."""
    return ReadColumns(
        pass_key=reads["pass_key"].to_numpy(),
        stage=reads["stage"].to_numpy(),
        time=reads["read_time"].to_numpy(),
        node=reads["node_idx"].to_numpy().astype(np.int64),
        source=reads["source"].to_numpy().astype(np.int64),
    )


def health_counts(roads_: Roads, health: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """How often each network node was passed and unseen, of the rows of `unit_health`."""
    passed, unseen = np.zeros((2, len(roads_.graph.place_of_node)), np.int64)
    node = health["node_idx"].to_numpy().astype(np.int64)
    passed[node], unseen[node] = health["passed"].to_numpy(), health["unseen"].to_numpy()
    return passed, unseen
