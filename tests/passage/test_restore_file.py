"""Restoring a file of reads: what may stand in it, and what is said of what may not."""

from datetime import date
from pathlib import Path

import pytest

from tollcentre.core.refusal import Refusal
from tollcentre.network.actions import import_network
from tollcentre.passage.queries import restore_file
from tollcentre.simulation.province import build_province
from tollcentre.simulation.province_files import write_province

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def province(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("province")
    write_province(build_province(62), folder)
    return folder


@pytest.fixture
def version(province, tmp_path, settings) -> str:
    settings.LAKE_ROOT = tmp_path / "lake"
    names = ("units", "relations", "stations", "rates", "gantries", "roads", "discounts")
    files = {name: province / f"{name}.csv" for name in names}
    import_network(version="V1", valid_from=date(2026, 1, 1), actor="test", **files)
    return "V1"


def restored(tmp_path: Path, version: str, *rows: str) -> tuple[list[tuple], dict]:
    file = tmp_path / "reads.csv"
    file.write_text("\n".join(["pass_id,node_id,time,source,vehicle_id", *rows]) + "\n")
    table, report = restore_file(file, version, DAY)
    columns = (table[name].to_pylist() for name in ("pass_id", "seq", "toll_interval_id", "sign"))
    return list(zip(*columns, strict=True)), report.refused


WAY = ("G003062001000310", "G003062001000410", "G003062001000510")


def test_every_way_of_writing_the_time_means_the_same(tmp_path, version):
    answers = []
    for time in (
        "2026-11-22 08:00:00", "2026-11-22T08:00:00", "2026/11/22 08:00:00", "20261122080000",
        "2026-11-22T08:00:00+08:00", "2026-11-22T00:00:00Z", "1795305600",
    ):  # fmt: skip
        rows, refused = restored(tmp_path, version, f"P,{WAY[0]}010,{time},trade,")
        assert refused == {}
        answers.append(rows)
    assert all(answer == answers[0] for answer in answers)


def test_a_plate_read_without_pass_id_joins_its_vehicle_s_journey(tmp_path, version):
    rows, _ = restored(
        tmp_path, version,
        f"P,{WAY[0]}010,2026-11-22 08:00:00,trade,甘A12345_1",
        f",{WAY[0]}010,2026-11-22 08:00:02,plate,甘A12345_1",
    )  # fmt: skip
    assert {row[0] for row in rows} == {"P"}


def test_what_cannot_be_used_is_named_and_the_rest_is_restored(tmp_path, version):
    rows, refused = restored(
        tmp_path, version,
        f"P,{WAY[0]}010,2026-11-22 08:00:00,trade,",
        "P,G999999999999999010,2026-11-22 08:10:00,trade,",
        f"P,{WAY[0]}010,yesterday,trade,",
        f"P,{WAY[0]}010,2026-11-22 08:10:00,radar,",
        "P,short,2026-11-22 08:10:00,trade,",
        f",{WAY[0]}010,2026-11-22 08:10:00,plate,",
    )  # fmt: skip
    assert [row[2] for row in rows] == [WAY[0]]
    assert refused == {
        "no_pass_id_and_no_vehicle_id": 1,
        "node_id_of_unknown_width": 1,
        "unknown_node": 1,
        "unknown_source": 1,
        "unreadable_time": 1,
    }


def test_a_journey_without_usable_reads_says_so_in_a_row_of_its_own(tmp_path, version):
    rows, _ = restored(tmp_path, version, "Q,G999999999999999010,2026-11-22 08:10:00,trade,")
    assert rows == [("Q", 0, "", "no_usable_reads")]


def test_a_file_without_the_columns_is_refused_by_name(tmp_path, version):
    file = tmp_path / "reads.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(Refusal, match=r"reads_columns_missing.*pass_id, node_id, time, source"):
        restore_file(file, version, DAY)
