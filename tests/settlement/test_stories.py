"""The scenes of tests/cases/settlement.yaml, told on a house, its laws holding all along."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.settlement.house import House, credit, day, house, laws_hold
from tollcentre.settlement.models import SettlementStatement

__all__ = ["house"]
FILE = Path(__file__).parents[1] / "cases" / "settlement.yaml"
SCENES = yaml.safe_load(FILE.read_text(encoding="utf-8"))["scenes"]
FAR = 20


@pytest.mark.django_db
@pytest.mark.parametrize("scene", SCENES, ids=[scene["scene"] for scene in SCENES])
def test_scene(scene: dict[str, Any], house: House) -> None:
    for verb, *arguments in scene["steps"]:
        if verb == "bank":
            number, lines = arguments
            house.bank(number, *[tuple(line) for line in lines])
        else:
            getattr(house, verb)(*arguments)
        laws_hold()
    for name, wanted in scene.get("statements", {}).items():
        row = SettlementStatement.objects.get(statement_no=name)
        lines = row.lines.order_by("clear_date", "cause").values_list("clear_date", "cause", "fen")
        assert row.state == wanted["state"]
        assert row.total_fen == wanted["total"]
        assert [list(one) for one in lines] == [
            [day(number), cause, fen] for number, cause, fen in wanted["lines"]
        ]
    for name, state in scene.get("payments", {}).items():
        assert house.state(name) == state
    for account, fen in scene.get("credit", {}).items():
        assert credit(account) == fen, account
    if "waits" in scene:
        assert house.why(FAR) == scene["waits"]
