"""The sections handed over of tests/cases/handover.yaml, split by the relations and the kernels."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.laws.test_clearing import OWN, UNITS, _tables, build
from tests.laws.test_compiled_clearing import compiled
from tests.oracle.clearing import Charge, Exit, Journey
from tollcentre.core.clock import DAY_SECONDS, day_start, epoch_of
from tollcentre.participants.rules import tenures
from tollcentre.participants.terms import Handover, OwnershipMoment

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "handover.yaml").read_text(encoding="utf-8")
)
DAY, REACH_DAYS = date(2026, 11, 22), 8
UNIT_OF = dict(zip(("X1", "X2", "Y"), UNITS, strict=False))
NEVER_HANDED = [["丙", "2020-01-01 00:00", "gantry"]]


def moment(text: str) -> int:
    """A time of the case's usual day, or one that names its day."""
    return epoch_of(text if " " in text else f"{DAY} {text}")


def journey(case: dict[str, Any]) -> Journey:
    trades = [
        [Charge(UNIT_OF[name], moment(at), fee, 0, fee, True, number)]
        for number, (name, (at, fee)) in enumerate(case["units"].items())
    ]
    card, paid = case.get("medium") == "card", case["paid"]
    exit_ = Exit("own", 2 if card else 1, "" if card else "620101", OWN, 3 if card else 1, paid, 0,
                 paid, None, moment(case["exit"]))  # fmt: skip
    return Journey(0, exit_, trades)


def owner_rows(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of unit_owner on the case's clear day."""
    start = day_start(case.get("clear_day", DAY))
    rows = []
    for name, unit in UNIT_OF.items():
        history = [
            Handover(owner, moment(since), OwnershipMoment(by or "gantry"))
            for owner, since, by in (NEVER_HANDED if name == "Y" else case["handovers"])
        ]
        rows += [
            dict(node_idx=UNITS.index(unit), owner_id="7", legal_owner_id=held.owner_id,
                 road_id=unit[:11], from_time=held.unit_from, to_time=held.unit_to,
                 exit_from=held.exit_from, exit_to=held.exit_to)
            for held in tenures(history, clear_from=start, begin=start - REACH_DAYS * DAY_SECONDS,
                                end=start + DAY_SECONDS)
        ]  # fmt: skip
    return rows


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"].partition(" / ")[2])
def test_case(case: dict[str, Any]) -> None:
    engine = build(_tables([journey(case)]) | {"unit_owner": owner_rows(case)})
    compiled(engine, 1)
    for table in ("unit_split", "made_split"):
        sums = f"SELECT legal_owner_id, sum(fee)::BIGINT FROM {table} GROUP BY legal_owner_id"
        assert dict(engine.rows(sums)) == case["owners"]
    posted = "SELECT owner_id, fee FROM party_net WHERE party = 'owner'"
    assert dict(engine.rows(posted)) == case["owners"]
