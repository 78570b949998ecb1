import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import path

from tests.network.files import load
from tests.tariff.roads import PLACES, roads
from tollcentre.core.clock import epoch_of
from tollcentre.gateway.api import api
from tollcentre.messages import actions
from tollcentre.tariff.queries import price_journey

urlpatterns = [path("api/", api.urls)]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]
AT = "2026-11-20T08:00:00"
JOURNEY = {"units": [PLACES["A"], PLACES["B"]], "vehicle_type": 1, "medium": "obu", "at": AT}


@pytest.fixture
def ask(tmp_path: Path, settings: Any, db: None) -> Any:
    settings.HOME = tmp_path / "home"
    settings.LAKE_ROOT = settings.HOME / "lake"
    settings.HOME.mkdir()
    (tmp_path / "files").mkdir()
    load(roads(), tmp_path / "files")
    token = actions.create_sender(name="lane-1", actor="test")

    def post(body: dict[str, Any]) -> Any:
        return Client().post(
            "/api/price", json.dumps(body), content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip

    return post


def test_a_lane_gets_the_price_that_the_tariff_gives(ask: Any) -> None:
    answer = ask(JOURNEY)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    expected = price_journey(
        units=[PLACES["A"], PLACES["B"]], media_type=1, vehicle_type=1, at=epoch_of(AT)
    )
    assert (found["pay_fee"], found["fee"]) == (expected.pay_fee, expected.fee)
    assert found["pay_fee"] == found["fee"] + found["discount_fee"]
    assert sum(owner["fee"] for owner in found["owners"]) == found["fee"]
    assert [unit["unit"] for unit in found["units"]] == JOURNEY["units"]


REFUSED = [
    ({"units": ["G00306200109999"]}, "tollIntervalId"),
    ({"units": "A"}, "units"),
    ({"vehicle_type": "x"}, "vehicle_type"),
    ({"at": "soon"}, "at"),
    ({"medium": "horse"}, "medium"),
]


@pytest.mark.parametrize(("change", "field"), REFUSED)
def test_what_cannot_be_priced_is_refused(ask: Any, change: dict[str, Any], field: str) -> None:
    answer = ask({**JOURNEY, **change})
    fault = answer.json()
    assert answer.status_code == 400
    assert field in fault["field"]
    assert fault["zh"]
