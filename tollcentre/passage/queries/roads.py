"""A network version made ready for restoration, and what restoration believes on a day."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml

from tollcentre.network.queries import snapshot

from ..kernels.graph import NodeColumns, RoadGraph, fold
from ..kernels.hops import HopModel, Hops, find_hops
from ..rules import model_at
from ..terms import RestorationModel

FOLDER = Path(__file__).parent.parent
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
def roads(version: str, day: date) -> Roads:
    """The folded graph of a network version and its hops by the model of the day."""
    snap = snapshot(version)
    nodes, edges = snap.nodes, snap.edges
    kind = nodes["kind"].to_numpy()
    is_unit = nodes["is_unit"].to_numpy().astype(bool)
    boundary = np.where(is_unit, nodes["boundary"].to_numpy(), 0)
    tail, head = edges["from_idx"].to_numpy(), edges["to_idx"].to_numpy()
    graph = fold(
        NodeColumns(
            is_unit=is_unit,
            readable=nodes["readable"].to_numpy().astype(bool) & is_unit,
            is_station=kind == STATION,
            is_border=(kind == BORDER) & ~is_unit,
            opposite_idx=nodes["opposite_idx"].to_numpy(),
            length_m=nodes["length_m"].to_numpy(),
            enters=_outermost(boundary == 1, tail, head),
            leaves=_outermost(boundary == 2, head, tail),
            from_idx=tail,
            to_idx=head,
            miles_m=edges["miles_m"].to_numpy(),
        )
    )
    count = len(kind)
    plain, search = model(day).plain, model(day).search
    rule = HopModel(plain["misses"], plain["slack"], search["miss"], search["per_km"])
    return Roads(version, graph, find_hops(graph, count, count + 1, rule), count, count + 1)


def _outermost(at_border: np.ndarray, outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Border units that have no other border unit of the same way further out."""
    outermost = at_border.copy()
    outermost[inner[at_border[outer] & at_border[inner]]] = False
    return outermost


@lru_cache(maxsize=32)
def model(day: date) -> RestorationModel:
    """The restoration parameters in force on the day."""
    text = (FOLDER / "parameters" / "restoration.yaml").read_text(encoding="utf-8")
    return model_at(yaml.safe_load(text), day)
