"""A real province's network, every dated version of it, and another country's price list."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tollcentre.network import queries
from tollcentre.network.actions import import_network
from tollcentre.network.terms import ImportReport

pytestmark = [pytest.mark.django_db, pytest.mark.shared_data]

VERSIONS = {
    # units, relations, stations → units loaded
    "202401": ("202312", "202312", 1242),
    "202409": ("202409", "202409", 1248),
    "202412": ("202411", "202409", 1250),
    "202507": ("202507", "202507", 1266),
}


def load_real(shared_data: Path, version: str) -> ImportReport:
    folder = shared_data / "shaanxi-network"
    relations, stations, _ = VERSIONS[version]
    return import_network(
        version=version, valid_from=date(int(version[:4]), int(version[4:]), 1), actor="test",
        units=folder / f"units/units_{version}.csv",
        relations=folder / f"topology/tom_noderelation{relations}.csv",
        stations=folder / f"stations/tollstation{stations}.csv",
        rates=folder / "rates/road_vehicle_fee_map.csv",
        gantries=folder / "gantries/tollgantry.csv", roads=folder / "roads/roads.csv",
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_loads(version: str, shared_data: Path) -> None:
    report = load_real(shared_data, version)
    assert report.counts["units"] == VERSIONS[version][2]
    assert {row.reason for row in report.refused} <= {"duplicate_relation"}
    assert report.counts["roads"] == 110
    assert load_real(shared_data, version).unchanged


def test_the_known_dirt_is_flagged_and_nothing_of_it_is_lost(shared_data: Path) -> None:
    report = load_real(shared_data, "202507")
    assert report.flagged == {
        "connector": 868, "gantry_not_in_master": 98, "past_end_time": 95, "status_0": 29,
        "station_not_in_master": 28, "unreadable_unit": 168,
    }  # fmt: skip
    assert len(report.refused) == 1


def test_units_lengths_and_owners_are_those_of_the_files(shared_data: Path) -> None:
    load_real(shared_data, "202507")
    nodes = {row["node_id"]: row for row in queries.snapshot("202507").nodes.to_pylist()}
    folder = shared_data / "shaanxi-network"
    with (folder / "roads/roads.csv").open(encoding="utf-8-sig", newline="") as stream:
        next(stream)
        owner = {row["收费路段编号"]: row["所属业主编号"] for row in csv.DictReader(stream)}
    with (folder / "units/units_202507.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            node = nodes[row["id"]]
            own = any(g.startswith(row["id"]) for g in row["Gantrys"].split("|"))
            readable = own and row["VERTICALSECTIONTYPE"] != "2"
            assert (
                node["length_m"], node["owner_id"], node["legal_owner_id"], node["is_unit"],
                node["readable"],
            ) == (
                int(row["length"]), row["ownerid"], owner[row["id"][:11]], True, readable,
            ), row["id"]  # fmt: skip


def test_a_least_way_is_as_long_as_its_edges(shared_data: Path) -> None:
    load_real(shared_data, "202507")
    snap, table = queries.snapshot("202507"), queries.path_table("202507")
    miles = {
        (start, end): metres
        for start, end, metres in zip(
            *(snap.edges[name].to_pylist() for name in ("from_idx", "to_idx", "miles_m")),
            strict=True,
        )
    }
    rng = np.random.default_rng(20250711)
    reached = np.argwhere(table.dist_m > 0)
    for start, end in reached[rng.integers(0, len(reached), 300)].tolist():
        metres, at = 0, end
        while at != start:
            before = int(table.pred[start, at])
            metres += miles[before, at]
            at = before
        assert metres == table.dist_m[start, end]


def test_another_countrys_price_list_loads(shared_data: Path) -> None:
    path = shared_data / "taiwan-freeway/gantry_price_20240327.csv"
    report = import_network(
        version="TW", valid_from=date(2024, 3, 27), units=path, rates=path, relations=None,
        stations=None, actor="test",
    )  # fmt: skip
    assert (report.counts["units"], report.refused) == (339, ())
    prices = {(p.unit_id, p.vehicle_type): p.fee_fen for p in queries.given_prices("TW")}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            tenths = [row[name] for name in ("小型車牌價", "大型車牌價", "聯結車牌價")]
            found = [prices[row["設定收費區代碼"], kind] for kind in (1, 2, 14)]
            assert [f"{fen / 100:g}" for fen in found] == tenths
