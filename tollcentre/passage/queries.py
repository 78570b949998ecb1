"""Restoration for others: of a file of reads, and the pieces that a clear day builds on."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml

from tollcentre.lake.queries import relations_of
from tollcentre.lake.terms import Relation
from tollcentre.network.queries import snapshot

from .kernels.graph import NodeColumns, RoadGraph, fold
from .kernels.hops import Hops, find_hops
from .kernels.journeys import ReadColumns, UnitColumns, restore_columns
from .kernels.restorer import SearchModel
from .kernels.search import SpeedModel
from .rules import model_at
from .terms import RestorationModel

FOLDER = Path(__file__).parent
STATION, BORDER = 3, 2


@dataclass(frozen=True)
class Roads:
    """One network version ready for restoration; the outsides are nodes `node_in`, `node_out`."""

    version: str
    graph: RoadGraph
    hops: Hops
    node_in: int
    node_out: int


@lru_cache(maxsize=4)
def roads(version: str) -> Roads:
    """The folded graph and the hops of a network version; built in about a second."""
    snap = snapshot(version)
    nodes, edges = snap.nodes, snap.edges
    kind = nodes["kind"].to_numpy()
    is_unit = nodes["is_unit"].to_numpy().astype(bool)
    boundary = nodes["boundary"].to_numpy()
    graph = fold(
        NodeColumns(
            is_unit=is_unit,
            readable=nodes["readable"].to_numpy().astype(bool) & is_unit,
            is_station=kind == STATION,
            is_border=(kind == BORDER) & ~is_unit,
            opposite_idx=nodes["opposite_idx"].to_numpy(),
            length_m=nodes["length_m"].to_numpy(),
            enters=(boundary == 1) & is_unit,
            leaves=(boundary == 2) & is_unit,
            from_idx=edges["from_idx"].to_numpy(),
            to_idx=edges["to_idx"].to_numpy(),
            miles_m=edges["miles_m"].to_numpy(),
        )
    )
    count = len(kind)
    return Roads(version, graph, find_hops(graph, count, count + 1), count, count + 1)


@lru_cache(maxsize=32)
def model(day: date) -> RestorationModel:
    """The restoration parameters in force on the day."""
    text = (FOLDER / "parameters" / "restoration.yaml").read_text(encoding="utf-8")
    return model_at(yaml.safe_load(text), day)


def relations() -> dict[str, Relation]:
    """The columnar relations of this domain, by name."""
    return relations_of(FOLDER / "relations")


def hop_table(found: Hops) -> tuple[pa.Table, pa.Table]:
    """`hop` (pair_key, metres, fills) and `hop_fill` (pair_key, fill_no, node_idx, offset_m, metres)."""
    hop = pa.table({"pair_key": found.pair_key, "metres": found.metres, "fills": found.fills})
    metres = dict(zip(found.pair_key.tolist(), found.metres.tolist(), strict=True))
    fill = pa.table(
        {
            "pair_key": found.fill_pair,
            "fill_no": found.fill_no,
            "node_idx": pa.array(found.fill_node, pa.int32()),
            "offset_m": found.fill_offset_m,
            "metres": np.array([metres[p] for p in found.fill_pair.tolist()], np.int64),
        }
    )
    return hop, fill


def search_reads(roads_: Roads, reads: pa.Table, model_: RestorationModel) -> UnitColumns:
    """The most likely journeys of reads (pass_key, stage, read_time, node_idx, source), sorted.

    Money never enters here; probabilities leave as integer parts per million.
    """
    cost = np.zeros(max(model_.drop_cost) + 1)
    for source, drop in model_.drop_cost.items():
        cost[source] = drop
    columns = ReadColumns(
        pass_key=reads["pass_key"].to_numpy(),
        stage=reads["stage"].to_numpy(),
        time=reads["read_time"].to_numpy(),
        node=reads["node_idx"].to_numpy().astype(np.int64),
        source=reads["source"].to_numpy().astype(np.int64),
    )
    search = SearchModel(
        speed=SpeedModel(**model_.speed),
        **{name: int(v) if name in _WHOLE else v for name, v in model_.search.items()},
    )
    return restore_columns(roads_.graph, columns, roads_.node_in, roads_.node_out, cost, search)


_WHOLE = ("rounds", "opposite_s")
