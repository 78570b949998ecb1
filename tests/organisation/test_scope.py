"""Every page as a station officer: the own stations' rows, and not one of another's."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver

from tests.deposit.stories import STATION, STORIES, Scene
from tests.organisation.scenes import REGISTER, units_of
from tollcentre.access.terms import SHELL_VIEWER, Role
from tollcentre.monitoring.models import BatchRequest
from tollcentre.organisation import actions
from tollcentre.organisation.terms import Scope

pytestmark = pytest.mark.django_db
OTHER = "G0030620010020"
ALLOWED = {"/", "/deposits", "/deposits/shifts", "/deposits/payments", "/deposits/differences",
           "/completeness", "/completeness/sources", "/completeness/requests",
           "/organisation/units", "/organisation/posts"}  # fmt: skip
"""The pages of a station officer, besides those of everybody."""
EVERYBODY = {"/login", "/logout", "/i18n/setlang/", "/favicon.ico"}


@pytest.fixture
def scene(settings: Any, tmp_path: Any) -> Scene:
    settings.LAKE_ROOT = tmp_path / "lake"
    made = Scene(next(story for story in STORIES if story["name"] == "短款五十元"))
    made.tell(made.facts)
    known = [*REGISTER, *units_of([f"{STATION} station O02 2020-01-01"])]
    actions.register_units(
        units=[unit for unit in known if unit.code != STATION or unit.parent == "O02"],
        source="t", actor="t",
    )  # fmt: skip
    for lane in (f"{STATION}2010010", f"{OTHER}2010010"):
        BatchRequest.objects.create(
            device_id=lane, hour="2026111808", record_kind="exit_record",
            event_day=date(2026, 11, 18), declared_count=3, missing_count=1, state="open",
            first_missed_at=1, asked_at=1, next_ask_at=1,
        )  # fmt: skip
    return made


def officer(station: str) -> Client:
    user = User.objects.create_user(f"officer-{station}")
    actions.appoint(user=user, unit=station, title="站长", role=Role.STATION_OFFICER,
                    scope=Scope.OWN, from_day=date(2020, 1, 1), maker=SHELL_VIEWER)  # fmt: skip
    client = Client()
    client.force_login(user)
    return client


def addresses() -> list[str]:
    """Every address of the console that needs no argument."""
    found = set()
    for pattern in get_resolver().url_patterns:
        route = str(getattr(pattern, "pattern", ""))
        if "<" not in route and not hasattr(pattern, "url_patterns"):
            found.add(f"/{route}")
    return sorted(found)


def test_no_page_shows_a_station_officer_another_stations_row(scene: Scene) -> None:
    own, other = officer(STATION), officer(OTHER)
    seen = set()
    for path in addresses():
        query = f"?day={scene.day}" if path.startswith("/deposits") else ""
        answer = other.get(path + query)
        if answer.status_code == 200 and path not in EVERYBODY:
            seen.add(path)
            text = answer.content.decode()
            assert STATION not in text, path
    assert seen <= ALLOWED, seen - ALLOWED
    for path in ("/deposits", "/deposits/shifts", "/completeness/requests", "/organisation/units"):
        query = f"?day={scene.day}" if path.startswith("/deposits") else ""
        assert STATION in own.get(path + query).content.decode(), path


def test_an_address_of_another_station_is_not_found(scene: Scene) -> None:
    own, other = officer(STATION), officer(OTHER)
    path = f"/deposits/shifts/{STATION}/{scene.day}/1"
    assert own.get(path).status_code == 200
    assert other.get(path).status_code == 404
    assert "¥" not in other.get(path).content.decode()
    paid = f"/deposits/payments?day={scene.day}&station_id={STATION}&means=cash"
    assert f"{scene.day}-1" in own.get(paid).content.decode()
    assert f"{scene.day}-1" not in other.get(paid).content.decode()


def test_an_export_is_cut_as_its_page_is(scene: Scene) -> None:
    path = f"/deposits/shifts?day={scene.day}&export=csv"
    assert STATION in str(b"".join(officer(STATION).get(path)))
    assert STATION not in str(b"".join(officer(OTHER).get(path)))
