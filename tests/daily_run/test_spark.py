"""The same relations on the cluster engine: a few files' text, the same figures."""

import pytest

from .home import DAY, make_home

pytestmark = [pytest.mark.slow, pytest.mark.spark]


def test_spark_gives_what_duckdb_gives(tmp_path):
    home = make_home(tmp_path, 150)
    embedded = home.json("clear-day", DAY)
    cluster = home.copy(tmp_path / "cluster").json("clear-day", DAY, "--engine", "spark")
    assert cluster["control_totals"] == embedded["control_totals"]
    spark_home = type(home)(tmp_path / "cluster")
    assert spark_home.digests(cluster["run_key"]) == home.digests(embedded["run_key"])
