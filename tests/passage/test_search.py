"""The search against its slow twin, and the ways of a small road that an officer would check."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tollcentre.passage.kernels.journeys import ReadColumns, restore_columns
from tollcentre.passage.kernels.restorer import (
    SearchModel,
    explain_reads,
    restore,
    way_costs,
)
from tollcentre.passage.kernels.search import Reads

from .oracle import best_journey, shares
from .roads import SmallRoad

ROAD = SmallRoad(
    "S1 A1 A2 A3 A4 S2", "a4 a3 a2 a1 S1", "S2 a4", "A1 B1 B2 A4", "A2 B2", "S3 B1", "A3 S4",
    "S4 a2", "A2 a2", "S1 C1 A3",
    lengths={"A1": 4000, "B1": 9000, "B2": 3000, "C1": 2000},
    unread=("C1",),
)  # fmt: skip
ONE_ROUND = SearchModel(rounds=1)
DROP = np.array([0, 7.0, 4.6, 60.0, 60.0, 60.0, 60.0, 5.0, 5.0])


def reads_of(rows: list[tuple[str, int, float]], *, start: bool, end: bool) -> Reads:
    return Reads(
        ptr=np.array([0, len(rows)]),
        place=np.array([ROAD.place(name) for name, _, _ in rows], np.int32),
        time=np.array([time for _, time, _ in rows], np.int64),
        drop_cost=np.array([cost for _, _, cost in rows]),
        fixed_start=np.array([start]),
        fixed_end=np.array([end]),
    )


UNITS = [name for name in ROAD.names if name[0] not in "SR" and name != "C1"]
JOURNEYS = {
    "begin": st.sampled_from(["S1", "S2", "S3", "S4"]),
    "end": st.sampled_from(["S1", "S2", "S4"]),
    "steps": st.lists(
        st.tuples(st.sampled_from(UNITS), st.integers(20, 900), st.sampled_from([2.3, 4.6, 7.0])),
        max_size=4,
    ),
    "fixed": st.booleans(),
}


def drawn(begin: str, end: str, steps: list[tuple[str, int, float]], fixed: bool) -> Reads:
    """The reads of a drawn journey."""
    time = 1_700_000_000
    rows = [(begin, time, 60.0)]
    for name, seconds, cost in steps:
        time += seconds
        if name != rows[-1][0]:
            rows.append((name, time, cost))
    rows.append((end, time + 200, 60.0))
    return reads_of(rows, start=fixed, end=fixed)


@settings(deadline=None)
@given(**JOURNEYS)
def test_the_search_finds_what_trying_everything_finds(begin, end, steps, fixed):
    reads = drawn(begin, end, steps, fixed)
    # The distrust of facing reads is applied before the search; the twin gets the same costs.
    model = SearchModel(rounds=1, opposite_s=-1)
    found = restore(ROAD.graph, reads, model).journeys
    places, share = best_journey(ROAD.graph, reads, model, np.full(ROAD.graph.size, model.miss))
    if begin != end or steps:
        assert found.confidence[0] == pytest.approx(share, abs=2e-3)
    if share > 0.51:
        assert found.place.tolist() == places


@settings(deadline=None)
@given(**JOURNEYS)
def test_the_candidates_are_the_likeliest_paths_of_all(begin, end, steps, fixed):
    assume(begin != end or steps)
    reads = drawn(begin, end, steps, fixed)
    model = SearchModel(rounds=1, opposite_s=-1)
    miss = np.full(ROAD.graph.size, model.miss)
    found = explain_reads(ROAD.graph, reads, model, way_costs(ROAD.graph, model, miss), 3)
    known = shares(ROAD.graph, reads, model, miss)
    assert [one.share for one in found] == sorted([one.share for one in found], reverse=True)
    for one in found:
        assert one.share == pytest.approx(known[tuple(one.place.tolist())], abs=2e-3)
    for likely, one in zip(sorted(known.values(), reverse=True), found, strict=False):
        assert one.share == pytest.approx(likely, abs=2e-3)
    assert len(found) == min(3, len(known))


def restored(rows: list[tuple[str, int, int, int]]) -> tuple[list[tuple[str, int]], int]:
    """Units and signs of one passage's reads (name, stage, time, source), and its confidence."""
    columns = ReadColumns(
        pass_key=np.zeros(len(rows), np.int64),
        stage=np.array([row[1] for row in rows]),
        time=np.array([row[2] for row in rows], np.int64),
        node=np.array([ROAD.node(row[0]) for row in rows], np.int64),
        source=np.array([row[3] for row in rows]),
    )
    found = restore_columns(ROAD.graph, columns, ROAD.node_in, ROAD.node_out, DROP, ONE_ROUND)
    names = [ROAD.names[node] for node in found.node]
    return list(zip(names, found.sign.tolist(), strict=True)), int(found.passage_ppm[0])


T = 1_700_000_000


def test_all_reads_give_the_path_they_show():
    rows = [("S1", 0, T, 3), ("A1", 1, T + 90, 1), ("A2", 1, T + 270, 1), ("A3", 1, T + 450, 1),
            ("A4", 1, T + 640, 1), ("S2", 2, T + 740, 4)]  # fmt: skip
    path, ppm = restored(rows)
    assert path == [("A1", 1), ("A2", 1), ("A3", 1), ("A4", 1)]
    assert ppm > 950_000


def test_a_missed_gantry_on_the_only_way_is_filled_with_sign_3():
    rows = [("S2", 0, T, 3), ("a4", 1, T + 90, 1), ("a2", 1, T + 450, 1), ("a1", 1, T + 620, 1),
            ("S1", 2, T + 720, 4)]  # fmt: skip
    path, ppm = restored(rows)
    assert path == [("a4", 1), ("a3", 3), ("a2", 1), ("a1", 1)]
    assert ppm > 900_000


def test_a_read_of_the_other_carriageway_is_called_false():
    rows = [("S1", 0, T, 3), ("A1", 1, T + 90, 1), ("A2", 1, T + 270, 1), ("a2", 1, T + 285, 1),
            ("A3", 1, T + 450, 1), ("A4", 1, T + 640, 1), ("S2", 2, T + 740, 4)]  # fmt: skip
    path, _ = restored(rows)
    assert [name for name, _ in path] == ["A1", "A2", "A3", "A4"]


def test_an_unread_unit_is_filled_in():
    rows = [("S1", 0, T, 3), ("A3", 1, T + 200, 1), ("A4", 1, T + 400, 1), ("S2", 2, T + 500, 4)]
    path, _ = restored(rows)
    assert path[0][0] == "C1"
    assert path[0][1] in (3, 4)


def test_a_journey_without_any_read_on_the_way_carries_sign_5():
    path, _ = restored([("S2", 0, T, 3), ("S1", 2, T + 900, 4)])
    assert path == [("a4", 5), ("a3", 5), ("a2", 5), ("a1", 5)]


def test_reads_that_no_way_explains_leave_the_journey_unrestored():
    path, ppm = restored([("S4", 0, T, 3), ("S3", 2, T + 900, 4)])
    assert path == []
    assert ppm == 0
