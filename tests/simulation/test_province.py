"""The fictitious province: shape, files, and that it joins up."""

from collections import Counter

import numpy as np

from tests.simulation.days import rows_of
from tollcentre.simulation.province import build_province
from tollcentre.simulation.province_files import write_province
from tollcentre.simulation.routes import LEAST, RouteBook


def test_same_seed_writes_the_same_bytes(province_folder, tmp_path):
    write_province(build_province(62), tmp_path)
    for path in province_folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_the_province_has_the_promised_shape(province_folder):
    units = rows_of(province_folder, "units.csv")
    stations = rows_of(province_folder, "stations.csv")
    assert len(units) == 730
    assert Counter(row["stationtype"] for row in stations) == {"3": 261, "9": 41}
    assert len({row["ownerid"] for row in units}) >= 80
    assert {row["inoutprovince"] for row in units} == {"0", "1", "2"}
    names = {row["roadidname"] for row in units}
    for operator in ("渭武", "肃航", "柳敦", "六东", "北仙"):
        assert f"{operator}高速（模拟）" in names
    assert all(len(row["id"]) == 16 for row in units)


def test_neighbours_are_the_six_provinces_around(network):
    road_map, _ = network
    assert set(road_map.border) - {""} == {"61", "63", "64", "65", "51", "15"}


def test_surcharge_units_are_one_metre_and_charged_by_a_neighbour(network):
    road_map, _ = network
    surcharges = [i for i, row in road_map.unit_rows.items() if row.road_type == 2]
    assert len(surcharges) == 24
    for i in surcharges:
        assert road_map.length_m[i] == 1
        assert not road_map.readable[i]
        assert road_map.readable[road_map.charged_by[i]]


def test_some_units_are_read_by_nobody(network):
    road_map, _ = network
    units = np.array(sorted(road_map.unit_rows))
    blind = ~road_map.readable[units] & (road_map.charged_by[units] < 0)
    assert blind.sum() == 8


def test_every_station_reaches_every_other(network):
    road_map, _ = network
    book = RouteBook(road_map, np.random.default_rng(1))
    stations = road_map.station_nodes
    dist = book.trees[LEAST].dist_m[book.origin_row[stations]][:, stations]
    assert (dist[~np.eye(len(stations), dtype=bool)] > 0).all()


def test_a_way_is_as_long_as_its_units(network):
    road_map, _ = network
    book = RouteBook(road_map, np.random.default_rng(1))
    stations = road_map.station_nodes
    ways = book.walk(LEAST, stations[:40], stations[-40:])
    lengths = np.add.reduceat(road_map.length_m[ways.nodes], ways.first[:-1])
    dist = book.trees[LEAST].dist_m[book.origin_row[stations[:40]], stations[-40:]]
    assert lengths.tolist() == dist.tolist()


def test_miles_of_a_relation_are_the_length_of_its_first_node(province_folder):
    lengths = {row["id"]: row["length"] for row in rows_of(province_folder, "units.csv")}
    for row in rows_of(province_folder, "relations.csv"):
        assert row["miles"] == lengths.get(row["enroadnodeid"], "0")
