"""`media import` and `statuslist import` as a person starts them."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tollcentre.cli.media import media
from tollcentre.cli.status_list import status_list
from tollcentre.core.refusal import Refusal

pytestmark = pytest.mark.django_db
MEDIA = """\
medium_no,issuer_id,card_type,vehicle_id,vehicle_type,enabled_from,enabled_to
62011901230214248571,620101,23,甘A12345_0,1,2024-01-01,2033-12-31
6201022222656653,620101,23,甘A12345_0,1,2024-01-01,2033-12-31
"""
LISTS = """\
medium_no,list_type,status,version,creation_time
62011901230214248571,1,1,202611221005,2026-11-22 10:01:00
62011901230214248571,9,1,202611221005,2026-11-22 10:01:00
"""
VERBS = [(media, MEDIA, "card_type_unknown"), (status_list, LISTS, "list_type_unknown")]


@pytest.mark.parametrize(("verb", "text", "code"), VERBS, ids=["media", "statuslist"])
def test_a_file_is_reported_line_by_line(
    tmp_path: Path, verb: click.Group, text: str, code: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    runner = CliRunner()
    first = runner.invoke(verb, ["import", str(path), "--json"], catch_exceptions=False)
    answer = json.loads(first.stdout)
    assert (first.exit_code, answer["rows"], answer["new"]) == (0, 2, 1)
    assert answer["reasons"] == {code: 1}
    assert [(line["line"], line["code"]) for line in answer["refused"]] == [(3, code)]
    again = runner.invoke(verb, ["import", str(path)], catch_exceptions=False)
    assert "新增 / new 0，已有 / known 1，拒绝 / refused 1" in again.stdout
    assert f"第 3 行 / line 3: {code}" in again.stdout


@pytest.mark.parametrize("verb", [media, status_list])
def test_a_file_that_is_not_there_is_refused(tmp_path: Path, verb: click.Group) -> None:
    refused = CliRunner().invoke(verb, ["import", str(tmp_path / "absent.csv")])
    assert isinstance(refused.exception, Refusal)
    assert refused.exception.code == "csv_unreadable"
