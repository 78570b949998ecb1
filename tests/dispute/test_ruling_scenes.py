"""The scenes of tests/cases/dispute_rulings.yaml: rulings, deadlines and where the money stands."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dispute.local import OWNERS, book, clear, set_up, trade
from tests.dispute.test_own_rulings import balances, rule, ruling
from tollcentre.core.clock import day_start
from tollcentre.dispute.actions import deem_overdue
from tollcentre.dispute.queries import days_left, deadlines_of
from tollcentre.dispute.terms import Result

FILE = Path(__file__).parents[1] / "cases" / "dispute_rulings.yaml"
CONTENT = yaml.safe_load(FILE.read_text(encoding="utf-8"))
ACCOUNTS = {
    "receivable": "receivable.issuer.620101", "disputed": "disputed.issuer.620101",
    "first_owner": f"payable.owner.{OWNERS[0]}", "second_owner": f"payable.owner.{OWNERS[1]}",
    "held": "held.dispute",
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("scene", CONTENT["scenes"], ids=lambda scene: scene["scene"])
def test_scene(scene: dict[str, Any], tmp_path: Path, settings: Any) -> None:
    set_up(tmp_path, settings)
    clear(trade("t3", 3, tac="00000000"))
    book()
    if scene.get("by") == "own":
        rule(ruling("t3", Result(scene["result"])), now=day_start(scene["day"]))
    elif scene.get("by") == "deemed":
        deem_overdue(now=day_start(scene["day"]))
    found = balances()
    assert {name: found.get(code, 0) for name, code in ACCOUNTS.items()} == scene["stands"]


@pytest.mark.parametrize("scene", CONTENT["deadlines"], ids=lambda scene: scene["scene"])
def test_deadlines_are_counted_in_working_days(scene: dict[str, Any]) -> None:
    found = deadlines_of(scene["opened"])
    assert (found.evidence, found.ruling) == (scene["evidence"], scene["ruling"])
    assert days_left(scene["opened"], scene["ruling"]) == 15
    assert days_left(scene["evidence"], scene["evidence"]) == 0
    assert days_left(scene["ruling"], scene["opened"]) == -15
