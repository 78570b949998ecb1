"""Days of exchange with every fault on and processes killed: both sides agree to the fen."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .trial import Trial, run

pytestmark = pytest.mark.slow
DAYS, PASSAGES, KILLS, SEED = 2, 300, 24, 11


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    folder: Path = tmp_path_factory.mktemp("exchange")
    return run(
        folder, days=DAYS, passages=PASSAGES, kills=KILLS, seed=SEED, faults=True, pause=0.1,
        after=9,
    )  # fmt: skip


@pytest.fixture(scope="module")
def report(trial: Trial) -> dict[str, Any]:
    return trial.report()


def test_no_message_is_lost_and_none_waits_for_a_person(
    trial: Trial, report: dict[str, Any]
) -> None:
    assert trial.kills >= KILLS - DAYS
    counts = trial.counts()
    states = Counter(
        (way, state) for way, kinds in counts.items() for found in kinds.values() for state in found
    )
    assert set(states) <= {("sent", "taken"), ("received", "done")}, counts
    assert not report["waiting_for_our_booking"]
    assert not report["to_be_done"]
    assert not report["held_there_only"]
    # What the other side still has to say is a second copy of what it said.
    assert {one["fault"] for one in report["unacknowledged"]} <= {"duplicate", "other_content"}
    assert sum(report["faults"].values()) > 0


def test_every_law_holds(trial: Trial) -> None:
    assert json.loads(trial.verb("verify", "--json"))["holds"]


def test_both_sides_figures_agree_to_the_fen(trial: Trial) -> None:
    days = json.loads(trial.verb("exchange", "statistics", "--json"))
    theirs: Counter[str] = Counter()
    for day, rows in days.items():
        for row in rows:
            theirs[row["side"]] += row["their_fee"]
            # An answer of ours that comes after its day was closed counts on a later one.
            if row["side"] == "receivable":
                assert row["our_fee"] == row["their_fee"], (day, row)
    ours: Counter[str] = Counter()
    for row in json.loads(trial.verb("exchange", "fates", "--json")):
        if row["fate"] == "cleared":
            ours[{"toll": "receivable", "issuer": "payable"}[row["direction"]]] += row["fee"]
    assert ours["receivable"] > 0
    assert ours["payable"] > 0
    assert ours == theirs


def test_a_claim_is_drafted_for_every_journey_that_was_split_otherwise(
    trial: Trial, report: dict[str, Any]
) -> None:
    claims = json.loads(trial.verb("exchange", "claims", "--json"))
    found = {(one["pass_id"], one["our_fee"], one["their_fee"]) for one in claims}
    told = report["split_truth"]
    assert found == {(one["pass_id"], one["our_fee"], one["split_fee"]) for one in told}


def test_every_planted_fault_is_disputed_for_its_reason(report: dict[str, Any]) -> None:
    verdicts = Counter(row["verdict"] for row in report["booking_truth"])
    assert not verdicts["missed"], report["booking_truth"]
    assert not verdicts["other"], report["booking_truth"]
    assert verdicts["right"] > 1


def test_every_trade_has_its_fate(trial: Trial, report: dict[str, Any]) -> None:
    rows = json.loads(trial.verb("exchange", "fates", "--json"))
    toll = [row for row in rows if row["direction"] == "toll"]
    assert {row["fate"] for row in toll} <= {"cleared", "bad_debt", "here"}, toll
    assert all(row["waits_on"] and row["since"] for row in rows
               if row["fate"] not in ("cleared", "bad_debt"))  # fmt: skip
    sent = sum(row["count"] for row in toll if row["fate"] != "here")
    assert sent == sum(found["count"] for found in report["trades"]["receivable"].values())
