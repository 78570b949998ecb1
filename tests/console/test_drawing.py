"""The map's data: every unit with a place is a line, bad coordinates are left out and counted."""

from types import SimpleNamespace

import pyarrow as pa

from tollcentre.console.drawing import map_of, straight_m


def node(idx, node_id, lat, lng, *, unit=True, owner="", legal="", end=(0.0, 0.0)):
    return {
        "node_idx": idx, "node_id": node_id, "name": f"名{idx}", "length_m": 20_000 + 1000 * idx,
        "is_unit": unit, "readable": True, "opposite_idx": -1, "section_id": node_id[:3],
        "owner_id": owner, "legal_owner_id": legal, "lat": lat, "lng": lng,
        "end_lat": end[0], "end_lng": end[1],
    }  # fmt: skip


def snapshot(nodes, edges):
    place = {"lat": 36.0, "lng": 103.0}
    return SimpleNamespace(
        nodes=pa.Table.from_pylist(nodes),
        edges=pa.table({"from_idx": [a for a, _ in edges], "to_idx": [b for _, b in edges]}),
        gantries=pa.Table.from_pylist([{"gantry_id": "G1", "hex": "AB", "unit_idx": 0, **place}]),
        stations=pa.Table.from_pylist(
            [{"station_id": "S1", "name": "站", "hex": None, "node_idx": 2, "lat": 0.0, "lng": 0.0}]
        ),
    )


NODES = [
    node(0, "U10", 36.0, 103.0, owner="7", legal="L1"),
    node(1, "U20", 36.2, 103.2, owner="8"),
    node(2, "S10", 36.4, 103.4, unit=False),
    node(3, "U30", 0.0, 0.0, owner="8"),
    node(4, "U40", 36.0, 104.0, owner="8", end=(36.1, 104.1)),
    node(5, "I10", 36.5, 103.5, unit=False),
]
EDGES = [(0, 1), (1, 2), (2, 5), (3, 0), (4, 0)]


def test_units_become_lines():
    drawn = map_of(snapshot(NODES, EDGES), {"L1": "甲公司"})
    lines = {unit["id"]: unit["lines"] for unit in drawn["units"]}
    assert lines["U10"][0] == [[36.0, 103.0], [36.1, 103.1]]
    assert lines["U20"] == [[[36.1, 103.1], [36.2, 103.2]], [[36.2, 103.2], [36.4, 103.4]]]
    assert lines["U40"] == [[[36.0, 104.0], [36.1, 104.1]]]
    assert drawn["links"] == [[[36.4, 103.4], [36.5, 103.5]]]


def test_unit_without_a_place_is_counted_not_drawn():
    drawn = map_of(snapshot(NODES, EDGES), {})
    assert "U30" not in {unit["id"] for unit in drawn["units"]}
    assert drawn["unplaced"] == 1


def test_owner_with_most_road_comes_first_by_name_where_known():
    owners = map_of(snapshot(NODES, EDGES), {"L1": "甲公司"})["owners"]
    assert [(owner["id"], owner["name"]) for owner in owners] == [("8", "8"), ("L1", "甲公司")]


def test_line_far_longer_than_its_unit_is_not_drawn():
    wrong = [*NODES[:4], node(4, "U40", 36.0, 104.0, owner="8", end=(38.9, 109.5)), NODES[5]]
    drawn = map_of(snapshot(wrong, EDGES), {})
    assert "U40" not in {unit["id"] for unit in drawn["units"]}
    assert drawn["unplaced"] == 2


def test_straight_distance_is_about_right():
    assert abs(straight_m([36.0, 103.0], [36.0, 104.0]) - 90_060) < 100
    assert abs(straight_m([36.0, 103.0], [37.0, 103.0]) - 111_320) < 100


def test_station_without_coordinates_stands_at_its_node():
    drawn = map_of(snapshot(NODES, EDGES), {})
    assert drawn["stations"][0]["at"] == [36.4, 103.4]
    assert drawn["stations"][0]["node"] == "S10"
    assert drawn["gantries"][0]["unit"] == "U10"
