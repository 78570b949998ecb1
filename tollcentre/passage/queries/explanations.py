"""One passage in review: its reads again, the paths that could explain them, a path that is given.

A run keeps what the road reported of each passage; the reads are made of it by the same relation
as on the clear day, and the candidates by the same search.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow as pa

from tollcentre.core.refusal import Refusal
from tollcentre.lake.queries import duck_engine, paths, read_sql
from tollcentre.network.queries import snapshot

from ..kernels.graph import RoadGraph
from ..kernels.journeys import explain_columns, misses_of
from ..kernels.restorer import WayCosts, way_costs
from ..rules import times_along
from ..terms import (
    NOT_IN_REVIEW,
    PATH_EMPTY,
    UNIT_UNKNOWN,
    UNITS_NOT_JOINED,
    Candidate,
    RestoredBy,
)
from .day import relations
from .roads import Roads, model, roads
from .searching import drop_costs, health_counts, read_columns, search_model

MOST_CANDIDATES = 5
LEAST_SHARE_PPM = 1_000
BEGINS, ENDS = 0, 2
_PASSAGE = """
SELECT pass_key, pass_id, queued, restored_by, entry_node, entry_time, enters_known, exit_node,
  exit_time, exit_kind, exit_fee_type
FROM ({passages}) AS p WHERE pass_key = {key}
"""
_PLAIN_UNITS = """
SELECT f.node_idx, f.sign
FROM ({units}) AS f JOIN ({passages}) AS p ON p.pass_key = f.pass_key AND p.restored_by = {plain}
"""


@dataclass(frozen=True)
class Way:
    """Toll units in driving order, each joined to the next; metres count from the first's start."""

    nodes: tuple[int, ...]
    starts_m: tuple[int, ...]
    lengths_m: tuple[int, ...]


def reviewed_passage(run_key: str, pass_key: int) -> dict[str, Any]:
    """A passage of the run that a person may decide on; Refusal where it is not in review.

    One that a person decided on before may be decided on again.
    """
    files = paths("passage", run_key=run_key)
    if files:
        engine = duck_engine()
        try:
            sql = _PASSAGE.format(passages=read_sql(files), key=int(pass_key))
            found = engine.table(sql).to_pylist()
        finally:
            engine.con.close()
        if found and (found[0]["queued"] or found[0]["restored_by"] == RestoredBy.PERSON):
            return dict(found[0])
    raise Refusal(NOT_IN_REVIEW, "PASS_ID", passage=pass_key)


def reviewed_reads(run_key: str, day: date, version: str, pass_key: int) -> pa.Table:
    """The reads of one passage of the run, as restoration saw them: clocks set right, in order."""
    found = roads(version, day)
    engine = duck_engine()
    try:
        of = {
            relation: f"SELECT * FROM ({read_sql(paths(relation, run_key=run_key))}) AS r"
            f" WHERE pass_key = {int(pass_key)}"
            for relation in ("passage", "passage_trade", "passage_plate")
        }
        engine.from_table("readable", pa.table({"node_idx": _readable(found)}))
        engine.from_files("passage_base", of["passage"])
        engine.from_files(
            "trade",
            f"SELECT t.pass_key, t.read_time, t.node_idx, t.record_key, 1 AS locates"
            f" FROM ({of['passage_trade']}) AS t JOIN readable AS n ON n.node_idx = t.node_idx",
        )
        engine.from_files("plate_of_passage", of["passage_plate"])
        outside = {"node_in": [found.node_in], "node_out": [found.node_out]}
        engine.from_table("outside", pa.table(outside))
        for nobody in ("plain_pass", "decided_pass"):
            engine.from_table(nobody, pa.table({"pass_key": pa.array([], pa.int64())}))
        for name in ("passage_end", "passage_read", "hard_read"):
            engine.build(relations()[name])
        return engine.table(
            "SELECT pass_key, stage, read_time, node_idx, source FROM hard_read"
            " ORDER BY pass_key, stage, read_time, node_idx, source, record_key"
        )
    finally:
        engine.con.close()


def candidates(run_key: str, day: date, version: str, pass_key: int) -> list[Candidate]:
    """The likeliest paths of a passage in review, the likeliest first; empty where none is."""
    found, model_ = roads(version, day), model(day)
    nodes = snapshot(version).nodes
    ids, lengths = nodes["node_id"].to_pylist(), nodes["length_m"].to_numpy()
    explained = explain_columns(
        found.graph,
        read_columns(reviewed_reads(run_key, day, version, pass_key)),
        found.node_in,
        found.node_out,
        drop_costs(model_),
        search_model(model_),
        _costs(run_key, day, version),
        MOST_CANDIDATES,
    )
    return [
        Candidate(
            units=tuple(ids[node] for node in one.node.tolist()),
            length_m=int(lengths[one.node].sum()),
            seen=int(one.seen.sum()),
            left_out=one.left_out,
            share_ppm=one.share_ppm,
        )
        for one in explained
        if len(one.node) and (one is explained[0] or one.share_ppm >= LEAST_SHARE_PPM)
    ]


@lru_cache(maxsize=2)
def _costs(run_key: str, day: date, version: str) -> WayCosts:
    """What ways cost on the day, the gantries' misses counted on the run's plain journeys."""
    found, search = roads(version, day), search_model(model(day))
    files = {name: read_sql(paths(name, run_key=run_key)) for name in ("unit_fee", "passage")}
    plain = int(RestoredBy.ONE_WAY)
    engine = duck_engine()
    try:
        units = _PLAIN_UNITS.format(units=files["unit_fee"], passages=files["passage"], plain=plain)
        engine.from_files("plain_unit", units)
        engine.build(relations()["unit_health"])
        health = health_counts(
            found, engine.table("SELECT node_idx, passed, unseen FROM unit_health")
        )
    finally:
        engine.con.close()
    return way_costs(found.graph, search, misses_of(found.graph, health, search))


def way_of(day: date, version: str, units: Sequence[str]) -> Way:
    """The toll units as a way of the network version.

    Refuses an empty list, an id that is no toll unit of the version, and a unit that cannot be
    driven into from the one before.
    """
    if not units:
        raise Refusal(PATH_EMPTY, "units")
    graph, index = roads(version, day).graph, _unit_index(version)
    nodes, starts = [], [0]
    for before, unit in zip((None, *units), units, strict=False):
        if unit not in index:
            raise Refusal(UNIT_UNKNOWN, "units", version=version, unit=unit)
        nodes.append(index[unit])
        if before is not None:
            metres = _metres(graph, nodes[-2], nodes[-1])
            if metres is None:
                raise Refusal(UNITS_NOT_JOINED, "units", unit=unit, before=before)
            starts.append(starts[-1] + metres)
    lengths = graph.length_m[graph.place_of_node[nodes]].tolist()
    return Way(tuple(nodes), tuple(starts), tuple(lengths))


def times_of(day: date, version: str, way: Way, reads: pa.Table, otherwise: int) -> list[int]:
    """When the passage was at the middle of each unit of the way.

    What is known are its entry, its exit and its reads at these units between the two; the rest
    goes by distance. With nothing known it is `otherwise`.
    """
    graph = roads(version, day).graph
    timed = [row for row in reads.to_pylist() if row["read_time"] > 0]
    known = []
    earliest, latest = 0, max((row["read_time"] for row in timed), default=0)
    for row in timed:
        node, time = row["node_idx"], row["read_time"]
        if row["stage"] == BEGINS:
            earliest = time
            known.append((-(_metres(graph, node, way.nodes[0]) or 0), time))
        elif row["stage"] == ENDS:
            latest = time
            last_m = _metres(graph, way.nodes[-1], node) or way.lengths_m[-1]
            known.append((way.starts_m[-1] + last_m, time))
    middles = [
        start + length // 2 for start, length in zip(way.starts_m, way.lengths_m, strict=True)
    ]
    for row in timed:
        if row["stage"] not in (BEGINS, ENDS) and earliest <= row["read_time"] <= latest:
            known += [
                (middle, row["read_time"])
                for node, middle in zip(way.nodes, middles, strict=True)
                if node == row["node_idx"]
            ]
    return times_along(middles, known, otherwise)


def _metres(graph: RoadGraph, tail: int, head: int) -> int | None:
    """Metres from the start of one network node to the start of the next; None if not joined."""
    return graph.metres_to(int(graph.place_of_node[tail]), int(graph.place_of_node[head]))


@lru_cache(maxsize=4)
def _unit_index(version: str) -> dict[str, int]:
    """The node of each toll unit of the version by its id."""
    nodes = snapshot(version).nodes
    columns = (nodes[name].to_pylist() for name in ("node_id", "node_idx", "is_unit"))
    return {unit: node for unit, node, is_unit in zip(*columns, strict=True) if is_unit}


def _readable(found: Roads) -> pa.Array:
    """The nodes whose gantries tell where a vehicle is."""
    graph = found.graph
    return pa.array(graph.node_idx[graph.readable], pa.int32())
