"""The bench of the clear day: its report counts what has landed; times are for the bench alone."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.days import DAY, run
from tollcentre.bench.clear_day import bench_clear_day
from tollcentre.lake.queries import files
from tollcentre.messages.actions import take_in_paths
from tollcentre.network.actions import import_network
from tollcentre.simulation.actions import read_network_folder
from tollcentre.simulation.province import build_province
from tollcentre.simulation.province_files import write_province

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PASSAGES = 300
FIGURES = (
    "passages", "trades", "seconds", "trades_per_second", "ratio_to_scan_sort", "peak_memory_mb",
)  # fmt: skip


@pytest.fixture
def version(settings: Any, tmp_path: Path) -> str:
    """The network of a home in which a quiet day has landed: nothing is lost, repeated or late."""
    settings.HOME, settings.LAKE_ROOT = tmp_path, tmp_path / "lake"
    province, records = tmp_path / "province", tmp_path / "records"
    write_province(build_province(62), province)
    names = ("units", "relations", "stations", "rates", "gantries", "roads", "discounts")
    paths = {name: province / f"{name}.csv" for name in names}
    import_network(version="V1", valid_from=date(2026, 1, 1), actor="test", **paths)
    run(read_network_folder(province), records, passages=PASSAGES, quiet=True)
    take_in_paths(paths=[records])
    return "V1"


def test_the_report_counts_every_passage_and_every_landed_trade(version: str) -> None:
    report = bench_clear_day(DAY, version)
    assert set(FIGURES) <= report.keys()
    assert report["passages"] == PASSAGES
    assert report["trades"] == sum(stored.rows for stored in files("gantry_trade"))
    assert {name: report[name] for name in FIGURES if not report[name] > 0} == {}
