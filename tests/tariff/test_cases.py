"""The journeys of tests/cases/tariff.yaml."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.network.files import load
from tests.tariff.roads import PLACES, roads
from tollcentre.core.clock import epoch_of
from tollcentre.core.codes import MediaType
from tollcentre.core.refusal import Refusal
from tollcentre.tariff.queries import price_journey
from tollcentre.tariff.terms import JourneyPrice

pytestmark = pytest.mark.django_db
CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "tariff.yaml").read_text(encoding="utf-8")
)


def price(case: dict[str, Any]) -> JourneyPrice:
    asked = dict(case["price"])
    at = case["at"]
    text = at.isoformat() if isinstance(at, datetime) else at
    return price_journey(
        units=[PLACES.get(name, name) for name in asked.pop("units")],
        media_type=MediaType[asked.pop("medium").upper()], at=epoch_of(text), **asked,
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_case(case: dict[str, Any], tmp_path: Path) -> None:
    load(roads(), tmp_path)
    if "refused" in case:
        with pytest.raises(Refusal) as refused:
            price(case)
        assert refused.value.code == case["refused"]
        return
    priced = price(case)
    total = {name: getattr(priced, name) for name in case["total"]}
    assert total == case["total"]
    if "units" in case:
        assert [[u.pay_fee, u.discount_fee, u.fee, u.tariff_fee] for u in priced.units] == (
            case["units"]
        )
    if "owners" in case:
        assert {owner.owner_id: owner.fee for owner in priced.owners} == case["owners"]
    exemption = priced.exemption.code if priced.exemption else None
    assert exemption == case.get("exemption")
    for part in (priced, *priced.units, *priced.owners):
        assert part.pay_fee == part.fee + part.discount_fee
