"""A plan is done as it was shown, or not at all."""

from datetime import date

import pytest

from tollcentre.core.refusal import Refusal
from tollcentre.daily_run.actions import clear
from tollcentre.daily_run.models import Run
from tollcentre.daily_run.terms import Plan

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


def plan(run_key: str) -> Plan:
    return Plan(
        clear_date=DAY, run_key=run_key, network_version="6220260101001", engine="duckdb",
        inputs={}, inputs_digest="", supersedes="", steps=(), already_done=False,
    )  # fmt: skip


def test_a_plan_whose_records_have_changed_since_is_refused_and_nothing_begins(monkeypatch):
    monkeypatch.setattr(clear, "plan_day", lambda **_: plan("20261122-now"))
    with pytest.raises(Refusal) as refused:
        clear.clear_day(plan=plan("20261122-then"), actor="clerk")
    assert refused.value.reason.code == "plan_outdated"
    assert not Run.objects.exists()
