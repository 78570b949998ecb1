"""A simulated day: overcharges are found as planted, drafted once, and settled to the fen."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.daily_run.home import DAY, Home, make_home

pytestmark = pytest.mark.slow
PLANTED = ("counted_twice_share=0.5", "overcharge_rate=0.02", "second_exit_rate=0.01")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder: Path = tmp_path_factory.mktemp("refund")
    made = make_home(
        folder, 800, noise=tuple(part for value in PLANTED for part in ("--set", value))
    )
    made.json("clear-day", DAY)
    return made


def changes(home: Home) -> list[dict[str, Any]]:
    return [json.loads(line) for line in home.run("refunds", "list", "--json").splitlines()]


def test_what_was_planted_is_found_and_little_else(home: Home) -> None:
    truth = next(home.folder.parent.rglob("truth_passages.csv")).parent
    judged = home.json("bench", "refunds", truth, "--day", DAY)
    assert judged["planted"] > 20
    assert judged["recall"] >= 0.95
    assert judged["precision"] >= 0.95
    assert judged["found_wrong_fen"] <= 500


def test_changes_are_drafted_once_settled_and_every_law_holds(home: Home) -> None:
    first = home.json("refunds", "find", DAY)
    assert first["drafted"] == first["found"] > 0
    assert home.json("refunds", "find", DAY)["drafted"] == 0
    home.run("refunds", "propose", "--reason", "核实")
    home.run("refunds", "approve", "--as", "manager")
    states = {(row["route"], row["state"]) for row in changes(home)}
    # Nothing goes up without an exchange; cash waits until it is paid out.
    assert states <= {("here", "closed"), ("here", "accepted"), ("ministry", "approved")}
    assert ("here", "closed") in states
    assert home.json("verify")["holds"]


def test_a_complaint_is_refunded_up_to_what_was_paid_and_no_more(home: Home) -> None:
    row = next(row for row in changes(home) if row["cause"] == "above_tariff")
    left = row["original_fee"] - row["fee"]
    words = ("refunds", "raise", DAY, row["pass_id"], "--reason", "投诉", "--fee")
    refused = home.run(*words, left + 1, status=2)
    assert "refund_above_paid" in refused
    made = home.run(*words, left).strip()
    assert home.run(*words, left).strip() == made
    supplement = home.run(*words, 1234, "--kind", "supplement", "--cause", "below_tariff").strip()
    home.run("refunds", "approve", made, supplement, "--as", "manager")
    found = {one["change_id"]: one for one in changes(home)}
    assert found[made]["state"] in ("closed", "accepted", "approved")
    assert found[supplement]["kind"] == "supplement"
    assert home.json("verify")["holds"]
