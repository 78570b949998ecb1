"""The relations of a clear day's restoration, in the order in which they are built."""

import numpy as np
import pyarrow as pa

from tollcentre.lake.queries import relations_of
from tollcentre.lake.terms import Relation

from ..terms import RestorationModel
from .roads import FOLDER, Roads
from .searching import health_counts, search_reads

EXIT_ORDER = ("exit_version", "exit_correction", "exit_counted", "overdue_pass", "passage_key")
HEAD_ORDER = ("entry_counted", "passage_head")
TRADE_ORDER = (
    "trade_twice",
    "trade_by_id",
    "passage_seat",
    "passage_base",
    "decided_pass",
    "orphan_named",
    "orphan_trade",
    "trade_again",
    "trade",
)
PLAIN_ORDER = (
    "passage_end",
    "passage_read",
    "read_step",
    "facing_step",
    "kept_step",
    "plain_step",
    "plain_pass",
    "plain_unit",
    "unit_health",
)
HARD_ORDER = ("plate_of_passage", "hard_read")
PATH_ORDER = ("open_unit", "decided_unit", "path_unit", "passage_sure")


def relations() -> dict[str, Relation]:
    """The columnar relations of this domain, by name."""
    return relations_of(FOLDER / "relations")


def hop_tables(roads_: Roads, model_: RestorationModel) -> dict[str, pa.Table]:
    """The tables `hop`, `hop_fill`, `facing` and `plain_model` that tell which steps are plain."""
    hops, graph = roads_.hops, roads_.graph
    at = np.searchsorted(hops.pair_key, hops.fill_pair)
    place = np.flatnonzero(graph.opposite >= 0)
    node, across = graph.node_idx[place], graph.node_idx[graph.opposite[place]]
    plain = model_.plain
    rule = ("opposite_s", "spare_s", "fastest_mps", "confidence_ppm")
    return {
        "hop": pa.table({"pair_key": hops.pair_key, "metres": hops.metres, "fills": hops.fills}),
        "hop_fill": pa.table(
            {
                "pair_key": hops.fill_pair,
                "fill_no": hops.fill_no,
                "node_idx": pa.array(hops.fill_node, pa.int32()),
                "offset_m": hops.fill_offset_m,
                "metres": hops.metres[at] if len(at) else at,
            }
        ),
        "facing": pa.table({"pair_key": node.astype(np.int64) * 65536 + across}),
        "plain_model": pa.table({name: pa.array([plain[name]], pa.int64()) for name in rule}),
    }


def search_hard(
    roads_: Roads, reads: pa.Table, model_: RestorationModel, health: pa.Table
) -> dict[str, pa.Table]:
    """The tables `hard_unit` and `hard_sure` of the passages that are not plain.

    `health` holds (node_idx, passed, unseen) of the plain ones. A passage below the set confidence
    keeps its confidence and leaves its units out: it is queued for review, not guessed.
    """
    found = search_reads(roads_, reads, model_, health_counts(roads_, health))
    queued = found.passage_ppm < model_.queue_below_ppm
    of_unit = np.searchsorted(found.passage, found.pass_key)
    sure = ~queued[of_unit] if len(found.passage) else np.zeros(0, bool)
    return {
        "hard_unit": pa.table(
            {
                "pass_key": found.pass_key[sure],
                "position": found.position[sure],
                "node_idx": pa.array(found.node[sure], pa.int32()),
                "sign": pa.array(found.sign[sure], pa.int32()),
                "unit_time": found.time[sure],
            }
        ),
        "hard_sure": pa.table(
            {
                "pass_key": found.passage,
                "confidence_ppm": found.passage_ppm,
                "queued": pa.array(queued.astype(np.int32)),
                "dropped": found.passage_dropped,
            }
        ),
    }
