"""Days of exchange with every fault on and processes killed: both sides agree to the fen."""

import csv
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .trial import BANKS, FIGURES, Trial, run

pytestmark = pytest.mark.slow
PLANTED = {"unregistered_medium": {8, 17}, "listed_medium": {3}, "broken_tac": {1},
           "repeated_charge": {1, 2, 3, 8, 17}}  # fmt: skip
"""Fault of the simulated road → the reasons that our issuer disputes it for."""
SHORT = {"days": 2, "passages": 300, "kills": 24, "seed": 11, "pause": 0.1}
ASKED: dict[str, Any] = json.loads(os.environ.get(FIGURES, json.dumps(SHORT)))


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    folder: Path = tmp_path_factory.mktemp("exchange")
    return run(folder, **ASKED)


@pytest.fixture(scope="module")
def report(trial: Trial) -> dict[str, Any]:
    return trial.report()


def test_no_message_is_lost_and_none_waits_for_a_person(
    trial: Trial, report: dict[str, Any]
) -> None:
    assert trial.kills == ASKED["kills"]
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
    theirs: Counter[tuple[str, str]] = Counter()
    for day, rows in days.items():
        for row in rows:
            if row["kind"] == "split":
                continue
            theirs[row["kind"], row["side"]] += row["their_fee"]
            # What the ministry has not counted yet is told without a figure of theirs.
            if row["their_count"]:
                assert row["booked_fee"] == row["their_fee"], (day, row)
    sides = {"toll": "receivable", "issuer": "payable"}
    for row in json.loads(trial.verb("exchange", "fates", "--json")):
        if row["fate"] == "cleared" and row["direction"] != "local":
            theirs["trade", sides[row["direction"]]] -= row["fee"]
    assert not theirs["trade", "receivable"]
    assert not theirs["trade", "payable"]
    # Refunds of both sides are in the net of their days.
    assert theirs["change", "payable"] > 0
    assert theirs["change", "receivable"] > 0


def test_provinces_parts_are_counted_alike_and_move_to_the_ministry(
    trial: Trial, report: dict[str, Any]
) -> None:
    days = json.loads(trial.verb("exchange", "statistics", "--json"))
    parts = [row for rows in days.values() for row in rows if row["kind"] == "split"]
    theirs: Counter[str] = Counter()
    claimed = 0
    for row in parts:
        assert row["our_count"] == row["their_count"], row
        theirs[row["side"]] += row["their_fee"]
        if row["side"] == "payable":
            assert row["our_fee"] == row["their_fee"], row
        else:
            claimed += row["our_fee"] - row["their_fee"]
    assert theirs["receivable"] > 0
    assert theirs["payable"] > 0
    claims = json.loads(trial.verb("exchange", "claims", "--json"))
    assert claimed == sum(one["our_fee"] - one["their_fee"] for one in claims)
    rows = json.loads(trial.verb("exchange", "provinces", "--json"))
    assert sum(row["receivable_counted"] for row in rows) == theirs["receivable"]
    assert sum(row["payable_counted"] for row in rows) == theirs["payable"]
    # What no province is known of stays; of the rest only what was split otherwise is left.
    known = [row for row in rows if row["province"]]
    assert sum(row["receivable"] for row in known) == theirs["receivable"] + claimed
    assert sum(row["payable"] for row in known) == theirs["payable"]


def test_what_landed_went_up_was_taken_and_is_held_there(trial: Trial) -> None:
    rows = json.loads(trial.verb("exchange", "proof", "--json"))
    kinds = {"exit_upload", "other_exit_upload", "entry_upload", "gantry_upload",
             "batch_sum_upload"}  # fmt: skip
    cleared = {str(trial.day(number)) for number in range(ASKED["days"])}
    assert {(row["clear_date"], row["kind"]) for row in rows} == {
        (day, kind) for day in cleared for kind in kinds
    }
    assert {row["state"] for row in rows} == {"proved"}, rows


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


def test_both_sides_have_accepted_and_credited_the_same_changes(
    trial: Trial, report: dict[str, Any]
) -> None:
    sums = json.loads(trial.verb("refunds", "sums", "--json"))
    rows = [json.loads(line) for line in trial.verb("refunds", "list", "--json").splitlines()]
    ours: Counter[str] = Counter()
    for row in rows:
        if row["route"] == "ministry":
            ours["credited" if row["state"] == "closed" else row["state"]] += row["fee"]
    theirs: Counter[str] = Counter()
    for row in report["changes"]:
        if row["toll_party"] == "620201":
            theirs[row["state"]] += row["fee"]
    assert ours["credited"] > 0
    assert ours == theirs
    customers = {row["toll_party"]: row["fee"] for row in sums["credits"]
                 if row["result"] == 0 and row["toll_party"] != "620201"}  # fmt: skip
    told: Counter[str] = Counter()
    for row in report["changes"]:
        if row["toll_party"] != "620201" and row["state"] == "credited":
            told[row["toll_party"]] += row["fee"]
    assert customers
    assert customers == told


def test_a_change_that_our_issuer_must_not_credit_is_refused(report: dict[str, Any]) -> None:
    verdicts = Counter((row["verdict"], bool(row["planted"])) for row in report["change_truth"])
    assert set(verdicts) <= {("right", True), ("right", False)}, report["change_truth"]
    assert verdicts["right", False] > 0


def test_every_dispute_within_the_province_is_a_planted_fault_for_its_reason(trial: Trial) -> None:
    reasons: dict[str, set[int]] = {}
    passes: dict[str, set[str]] = {}
    for path in trial.folder.glob("*_truth_faults.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                # A passage's second exit record has the faults of its first; a repeated charge
                # may be the second exit record of another passage.
                passes.setdefault(row["record_id"], set()).add(row["pass_id"])
                reasons.setdefault(row["pass_id"], set()).update(PLANTED.get(row["fault"], ()))
    disputes = json.loads(trial.verb("disputes", "list", "--direction", "local", "--json"))
    assert disputes
    for one in disputes:
        planted = {reason for name in passes[one["transaction_id"]] for reason in reasons[name]}
        assert one["reason"] in planted, one
    assert trial.spoken > 0


def test_every_trade_has_its_fate(trial: Trial, report: dict[str, Any]) -> None:
    rows = json.loads(trial.verb("exchange", "fates", "--json"))
    toll = [row for row in rows if row["direction"] == "toll"]
    done = {"cleared", "bad_debt", "free", "credited"}
    lanes = {"lane", "free", "credited"}
    # The longer the trial, the more disputes still wait on the ministry's ruling at its end.
    open_ = {row["fate"] for row in toll if row["waits_on"] == "000000"}
    assert open_ <= {"disputed", "part"}, toll
    assert {row["fate"] for row in toll} <= {"cleared", "bad_debt"} | lanes | open_, toll
    assert any(row["fate"] == "credited" for row in toll)
    assert {row["direction"] for row in rows} == {"toll", "issuer", "local"}, rows
    assert all(row["waits_on"] and row["since"] for row in rows if row["fate"] not in done)
    assert {row["fate"] for row in rows if row["direction"] == "local"} >= {"cleared"}
    sent = sum(row["count"] for row in toll if row["fate"] not in lanes | {"part"})
    assert sent == sum(found["count"] for found in report["trades"]["receivable"].values())


@pytest.mark.parametrize("bank", BANKS)
def test_a_banks_book_and_ours_agree_to_the_fen(trial: Trial, bank: str) -> None:
    told = trial.report(bank)
    assert not told["unacknowledged"]
    assert not told["findings"]
    assert sum(told["faults"].values()) > 0
    balances = json.loads(trial.verb("settle", "banks", "--json"))
    last = told["days"][-1]
    assert balances[bank] == {"day": last["day"], "closing_fen": last["closing_fen"]}
    ours: Counter[str] = Counter()
    for row in json.loads(trial.verb("settle", "payments", "--json")):
        # What no two persons have handed over yet, no bank knows of.
        if row["bank_id"] == bank and row["state"] != "ready":
            ours["pending" if row["state"] == "sent" else "answered"] += row["amount_fen"]
    theirs: Counter[str] = Counter()
    for row in told["payments"]:
        theirs["pending" if row["state"] == "pending" else "answered"] += row["amount_fen"]
    assert +ours == +theirs


def test_every_day_with_the_ministry_is_agreed_and_paid(
    trial: Trial, report: dict[str, Any]
) -> None:
    days = json.loads(trial.verb("settle", "positions", "--json"))
    assert {one["state"] for one in days} <= {"settled", "due"}, days
    assert any(one["state"] == "settled" for one in days)
    # Who was owed has been paid exactly that, and says so itself.
    nets = {row["clear_date"]: row for row in report["nets"]}
    for one in days:
        net = nets[one["clear_date"]]
        assert one["net_fen"] == net["net"]
        if one["state"] == "settled":
            assert net["paid_in"] == max(-net["net"], 0), net
            assert bool(net["credit_file"]) == (net["net"] > 0), net
    # An answer that came after its day was closed counts a day later, and is told.
    assert {one["what"] for one in report["findings"]} <= {"confirmed_late"}, report["findings"]


def test_what_no_rule_matches_is_the_opening_balance_alone(trial: Trial) -> None:
    left = json.loads(trial.verb("settle", "exceptions", "--json"))
    assert [one["why"] for one in left] == ["nothing_fits"] * len(BANKS), left
    assert all(one["line"].startswith("opening_") for one in left)


def test_every_slip_and_order_is_where_the_truth_says(trial: Trial) -> None:
    planted: Counter[str] = Counter()
    for path in sorted((trial.folder / "records").glob("*/money/truth_money_*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            planted.update(row["fault"] for row in csv.DictReader(stream))
    found = Counter(
        row["kind"] for row in json.loads(trial.verb("deposit", "differences", "--json"))
    )
    # Where two orders of a station are of one amount, one may be taken for paid twice.
    without = ("order_without_record", "paid_twice")
    assert found["bill_only"] + found["paid_twice"] == sum(planted[name] for name in without)
    assert found["amount_differs"] == planted["order_amount"]
    assert found["over"] >= planted["over"]
