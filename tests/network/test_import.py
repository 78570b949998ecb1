"""Importing a network version: whole or absent, twice as once, every odd row by name."""

import contextlib
import csv
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.network.files import B_BACK, NORTH, RAMP, SOUTH, A, B, C, D, edge, load, small
from tollcentre.access.models import TrailRow
from tollcentre.core.clock import local_text
from tollcentre.core.codes import NodeKind
from tollcentre.core.refusal import Refusal
from tollcentre.lake.models import LakeFile
from tollcentre.network import queries
from tollcentre.network.actions import import_network, write_report
from tollcentre.network.models import NetworkVersion
from tollcentre.network.terms import ImportReport
from tollcentre.participants.models import SectionOwnership
from tollcentre.participants.queries import ownership

pytestmark = pytest.mark.django_db
CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "network.yaml").read_text(encoding="utf-8")
)


def import_paths(paths: dict[str, Path | None]) -> ImportReport:
    given: dict[str, Any] = dict(paths)
    return import_network(version="V1", valid_from=date(2020, 1, 1), actor="test", **given)


def nodes(version: str = "V1") -> dict[str, dict[str, object]]:
    return {row["node_id"]: row for row in queries.snapshot(version).nodes.to_pylist()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_case(case: dict[str, object], tmp_path: Path) -> None:
    files = small()
    row = {key: str(value) for key, value in case["row"].items()}  # type: ignore[attr-defined]
    name = str(case["file"])
    setattr(files, name, [*getattr(files, name), row])
    usual = len(getattr(small(), name))
    report = load(files, tmp_path)
    refused = [(found.file, found.reason) for found in report.refused]
    if "refused" in case:
        assert refused == [(name, case["refused"])]
        assert report.refused[0].line == usual + (3 if name == "roads" else 2)
    else:
        assert refused == []
        ordinary = load(small(), tmp_path, "V0").flagged
        more = {k: n - ordinary.get(k, 0) for k, n in report.flagged.items()}
        assert more.get(str(case["flagged"])) == 1, more


def test_what_the_small_network_becomes(tmp_path: Path) -> None:
    report = load(small(), tmp_path)
    found = nodes()
    assert list(found) == sorted([A, B, B_BACK, C, D, RAMP, NORTH, SOUTH, "9900001"])
    assert [row["node_idx"] for row in found.values()] == list(range(9))
    assert {k: row["kind"] for k, row in found.items() if not row["is_unit"]} == {
        "9900001": NodeKind.INTERCHANGE, NORTH: NodeKind.STATION, SOUTH: NodeKind.STATION,
        RAMP: NodeKind.CONNECTOR,
    }  # fmt: skip
    assert [k for k, row in found.items() if row["readable"]] == [A, B, D]
    assert found[B]["length_m"] == 4130
    assert found[B]["opposite_idx"] == found[B_BACK]["node_idx"]
    assert found[A]["opposite_idx"] == -1
    assert (found[A]["road_id"], found[A]["owner_id"], found[A]["legal_owner_id"]) == (
        "G0030620010", "7", "6203001",
    )  # fmt: skip
    assert (found[RAMP]["owner_id"], found[RAMP]["length_m"]) == ("", 0)
    assert report.counts["units"] == 5
    assert report.refused == ()


@pytest.mark.parametrize(
    ("since", "found"),
    [("", "2020-01-01 00:00:00"), ("2026-05-20", "2026-05-20 00:00:00"),
     ("2026/05/20 12:00:00", "2026-05-20 12:00:00")],
)  # fmt: skip
def test_a_section_is_owned_from_the_moment_that_its_row_names(
    since: str, found: str, tmp_path: Path
) -> None:
    load(replace(small(), roads=[{"收费路段编号": A[:11], "业主起始时间": since}]), tmp_path)
    assert [local_text(owned.from_time) for owned in ownership()] == [found]


def test_a_section_owned_from_no_time_is_refused_by_name(tmp_path: Path) -> None:
    roads = [{"收费路段编号": A[:11], "业主起始时间": "noon"}]
    report = load(replace(small(), roads=roads), tmp_path)
    assert [(row.reason, row.value) for row in report.refused] == [("owner_from_no_time", "noon")]
    assert ownership() == []


def test_hex_comes_from_the_gantry_master_alone(tmp_path: Path) -> None:
    files = small()
    twin = {"id": f"{C}020", "etcGantryHex": "6E7531"}
    files.gantries = [*files.gantries, twin]
    load(files, tmp_path)
    index = {node_id: row["node_idx"] for node_id, row in nodes().items()}
    lookup = queries.gantry_lookup("V1")
    assert lookup.by_hex == {"6E7532": index[B], "6E7533": index[C]}
    assert lookup.ambiguous_hex == {"6E7531"}
    assert lookup.by_id[f"{D}010"] == index[D]
    assert "270001" not in lookup.by_hex


def test_borders_are_known_by_unit_and_by_gantry(tmp_path: Path) -> None:
    files = small()
    files.units = [*files.units[:3], {**files.units[3], "inoutprovince": "1"}]
    files.gantries = [{**files.gantries[0], "boundaryType": "1"}, *files.gantries[1:]]
    load(files, tmp_path)
    found = {unit.unit_id: (unit.boundary, unit.hexes) for unit in queries.border_units("V1")}
    assert found == {A: (1, ("6E7531",)), D: (2, ())}


def test_the_same_content_again_changes_nothing(tmp_path: Path) -> None:
    first = load(small(), tmp_path)
    before = [NetworkVersion.objects.count(), LakeFile.objects.count(), TrailRow.objects.count(),
              SectionOwnership.objects.count()]  # fmt: skip
    again = load(small(), tmp_path)
    assert (first.unchanged, again.unchanged) == (False, True)
    assert again.counts == first.counts
    assert before == [NetworkVersion.objects.count(), LakeFile.objects.count(),
                      TrailRow.objects.count(), SectionOwnership.objects.count()]  # fmt: skip


def test_another_encoding_and_title_row_are_the_same_content(tmp_path: Path) -> None:
    load(small(), tmp_path)
    assert load(small(), tmp_path / "gbk", encoding="gb18030").unchanged
    assert load(small(), tmp_path / "bom", encoding="utf-8-sig").unchanged


def test_a_version_with_other_content_is_refused_by_name(tmp_path: Path) -> None:
    load(small(), tmp_path)
    files = small()
    files.units = [{**files.units[0], "length": "1691"}, *files.units[1:]]
    with pytest.raises(Refusal) as refused:
        load(files, tmp_path)
    assert refused.value.code == "network_version_with_other_content"
    assert refused.value.details == {"version": "V1"}
    with pytest.raises(Refusal):
        load(small(), tmp_path, "V1", date(2021, 1, 1))
    assert nodes()[A]["length_m"] == 1690


@pytest.mark.parametrize("version", ["", "../x", "V 1", "版本", "9" * 33])
def test_a_version_must_be_a_plain_name(version: str, tmp_path: Path) -> None:
    given: dict[str, Any] = dict(small().write(tmp_path))
    with pytest.raises(Refusal, match="network_version_malformed"):
        import_network(version=version, valid_from=date(2020, 1, 1), actor="test", **given)


def test_the_version_valid_on_a_day(tmp_path: Path) -> None:
    load(small(), tmp_path, "V1", date(2024, 1, 1))
    load(small(), tmp_path, "V2", date(2025, 7, 11))
    load(small(), tmp_path, "V3", date(2025, 7, 11))
    found = [queries.version_at(day) for day in (
        date(2024, 1, 1), date(2025, 7, 10), date(2025, 7, 11), date(2030, 1, 1),
    )]  # fmt: skip
    assert found == ["V1", "V1", "V3", "V3"]
    with pytest.raises(Refusal, match="no_network_version"):
        queries.version_at(date(2023, 12, 31))
    with pytest.raises(Refusal, match="no_such_network_version"):
        queries.snapshot("V9")


def test_a_row_cut_short_is_refused_and_its_unit_becomes_a_flagged_connector(
    tmp_path: Path,
) -> None:
    paths = small().write(tmp_path)
    units = paths["units"]
    assert units is not None
    text = units.read_text(encoding="utf-8").rstrip("\n")
    cut = text.replace("试验高速,2\n" + B, "试验高速\n" + B, 1)
    units.write_text(cut, encoding="utf-8")
    report = import_paths(paths)
    assert [(r.reason, r.row_id, r.value) for r in report.refused] == [
        ("row_cut_short", A, "19/20")
    ]
    assert report.flagged["refused_unit_as_connector"] == 1
    with (write_report(report)).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0] == {"outcome": "refused", "reason": "row_cut_short", "file": "units",
                       "line": "2", "id": A, "value": "19/20"}  # fmt: skip
    assert {"flagged"} == {row["outcome"] for row in rows[1:]}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "network_columns_missing"),
        (b"id,name\nx,y\n", "network_columns_missing"),
        (b"id,length,ownerid,roadtype,feeKtype,feeHtype\n", "network_nothing_usable"),
        (b"id,length,ownerid,roadtype,feeKtype,feeHtype\nX,1,1,1,1,1\n", "network_nothing_usable"),
        (b"\xff\xfe\xff\xff", "network_file_unreadable"),
        (b'id,length,ownerid,roadtype,feeKtype,feeHtype\n"' + b"x" * 200_000,
         "network_file_unreadable"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_whole(
    content: bytes, code: str, tmp_path: Path
) -> None:
    paths = small().write(tmp_path)
    units = paths["units"]
    assert units is not None
    units.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        import_paths(paths)
    assert refused.value.code == code
    assert NetworkVersion.objects.count() == 0


@pytest.mark.parametrize("seed", range(5))
def test_files_damaged_at_random_are_read_or_refused_by_name(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    pieces = (b"", b",", b'"', b"\n", b"-", b"\xff", b"\x00", b"9" * 30, b"1e400", "收".encode())
    read = 0
    for step in range(30):
        paths = small().write(tmp_path)
        name = chance.choice(("units", "relations", "stations", "rates", "gantries", "roads"))
        path = paths[name]
        assert path is not None
        data = path.read_bytes()
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            data = data[:at] + chance.choice(pieces) + data[at + chance.randint(0, 3) :]
        path.write_bytes(data)
        given: dict[str, Any] = {**paths, "version": f"V{step}", "actor": "test"}
        with contextlib.suppress(Refusal):
            report = import_network(valid_from=date(2020, 1, 1) + timedelta(step), **given)
            read += 1
            assert all(row.reason for row in report.refused)
    assert read > 0


def test_least_ways_go_by_miles_and_never_through_a_station(tmp_path: Path) -> None:
    files = small()
    files.relations = [*files.relations, edge(SOUTH, C), edge(RAMP, SOUTH)]
    load(files, tmp_path)
    index = {node_id: row["node_idx"] for node_id, row in nodes().items()}
    table = queries.path_table("V1")
    assert table.dist_m[index[NORTH], index[SOUTH]] == 0
    assert table.dist_m[index[NORTH], index[C]] == 1690 + 3000
    assert table.dist_m[index[C], index[A]] == -1
    assert table.dist_m[index[A], index[A]] == 0
    assert queries.least_path("V1", NORTH, C) == [A, D, C]
    assert queries.least_path("V1", SOUTH, C) == [C]
    assert queries.least_path("V1", C, NORTH) == []


def test_a_price_list_of_another_country_is_a_network_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "國道別,方向,編號,設定收費區代碼,起點交流道,迄點交流道,收費區設定里程,小型車牌價,大型車牌價,"
        "聯結車牌價,緯度,經度\n"
        "一號,N,1N,01F0017N,甲,乙,1.2,1.4,1.8,2.1,25.1,121.7\n"
        "一號,N,2N,01F0005N,乙,丙,1.1,1.3,1.6,1.9,25.1,121.7\n"
        "一號,S,3S,01F0005S,丙,乙,1.1,x,1.6,1.9,25.1,121.7\n",
        encoding="utf-8-sig",
    )
    report = import_network(
        version="F", valid_from=date(2024, 1, 1), units=path, rates=path, relations=None,
        stations=None, actor="test",
    )  # fmt: skip
    assert [(r.reason, r.row_id) for r in report.refused] == [("fee_not_a_number", "01F0005S")]
    found = nodes("F")
    assert [(k, row["length_m"], row["road_id"]) for k, row in found.items()] == [
        ("01F0005N", 1100, "一號"), ("01F0005S", 1100, "一號"), ("01F0017N", 1200, "一號"),
    ]  # fmt: skip
    assert queries.snapshot("F").edges.to_pylist() == [
        {"from_idx": 2, "to_idx": 0, "miles_m": 1200}
    ]
    assert queries.least_path("F", "01F0017N", "01F0005N") == ["01F0017N", "01F0005N"]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="network_file_unreadable"):
        import_network(
            version="V", valid_from=date(2020, 1, 1), units=tmp_path / "none.csv",
            rates=tmp_path / "none.csv", relations=None, stations=None, actor="test",
        )  # fmt: skip
