"""`tollcentre settle` as two persons at the machine use it."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from django.contrib.auth.models import Group, User

from tests.settlement.house import ALLOTTED, House, at, house
from tollcentre.access.terms import Role
from tollcentre.cli.settle import settle
from tollcentre.core.refusal import Refusal

__all__ = ["house"]
pytestmark = pytest.mark.django_db
FIRST = "62030010-20261102"


def run(*arguments: str) -> str:
    return CliRunner().invoke(settle, list(arguments), catch_exceptions=False).stdout


@pytest.fixture(autouse=True)
def users(house: House, tmp_path: Any, settings: Any) -> None:
    clock = tmp_path / "clock"
    clock.write_text(str(at(1)))
    settings.CLOCK_FILE = str(clock)
    for name, role in (("wang", Role.CLEARING_CLERK), ("li", Role.MANAGER)):
        user = User.objects.create_user(name)
        user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    house.clear(0, {ALLOTTED: 1000})


def test_a_day_is_settled_by_two_persons(house: House) -> None:
    due = {row["party_id"]: row["due_on"] for row in json.loads(run("plan", "--json"))}
    assert due[ALLOTTED] == "2026-11-04"
    assert "closed: 2" in run("close")
    two = ("--maker", "wang", "--checker", "li", "--reason", "到期")
    with pytest.raises(Refusal) as refusal:
        run("release", "--maker", "wang", "--checker", "wang", "--reason", "到期")
    assert refusal.value.code == "permission_missing"
    run("release", *two)
    run("pay", *two)
    assert house.sent["payment:bankA:000001"][0]["instruction_id"] == f"{FIRST}-1"
    house.bank(2, (-1000, f"{FIRST}-1"), (5, "?"))
    assert json.loads(run("payments", "--json"))[0]["state"] == "paid"
    assert json.loads(run("statements", "--state", "paid", "--json"))[0]["total_fen"] == 1000
    assert len(json.loads(run("explain", f"{FIRST}-1", "--json"))[0]["batches"]) == 1
    assert [row["why"] for row in json.loads(run("exceptions", "--json"))] == ["reference_unknown"]
    assert "¥10.00" in run("statements")
    assert "clear_day" in run("statement", FIRST)
    assert json.loads(run("status", "--by", "2026-11-04", "--json"))["rate_ppm"] == 1_000_000
    assert json.loads(run("advance", "--json"))["closed"] == 0
    assert run("positions") == ""
