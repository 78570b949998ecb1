"""The bench of the ledger posts what it says, by the product's own way, and every law holds."""

import json

import pytest
from click.testing import CliRunner

from tollcentre.bench.ledger import SHAPES, TABLES, bench_ledger
from tollcentre.cli.bench import bench
from tollcentre.ledger.models import PostingEntry

COPIED = {"copy_seconds", "copy_kept_seconds", "ratio_to_copy", "ratio_to_copy_kept"}


@pytest.mark.django_db
@pytest.mark.slow
def test_it_posts_every_entry_in_both_shapes() -> None:
    report = bench_ledger(600)
    assert report["holds"] is True
    assert PostingEntry.objects.count() == 2_000 + 600 * len(SHAPES)
    assert [report[shape]["batches"] for shape in SHAPES] == [300, 6]
    on_postgres = report["database"] == "postgresql"
    assert all(COPIED.issubset(report[shape]) is on_postgres for shape in SHAPES)


@pytest.mark.django_db
def test_it_names_the_tables_that_are_written() -> None:
    assert PostingEntry._meta.db_table == TABLES[0]


@pytest.mark.slow
@pytest.mark.postgres
def test_the_verb_brings_its_own_server(capfd: pytest.CaptureFixture[str]) -> None:
    done = CliRunner().invoke(bench, ["ledger", "--entries", "400", "--json"])
    assert done.exit_code == 0, done.output
    report = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert (report["database"], report["holds"]) == ("postgresql", True)
    assert set(report["single"]) > COPIED
