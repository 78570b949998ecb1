"""Noise comes at about the rates asked for, and is listed in the truth."""

from collections import Counter

import pytest

from tests.simulation.days import DAY, rows_of, run
from tollcentre.core.refusal import Refusal
from tollcentre.simulation.actions import read_network_folder

TRADES = "**/tbl_GantryWasteRec_*_[0-9]*.csv"
PLATES = "**/tbl_ETCGantryPicWaste*.csv"


@pytest.fixture(scope="module")
def loud_day(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("loud")
    noise = {
        "miss_rate": 0.10, "exact_duplicate_rate": 0.05, "other_id_duplicate_rate": 0.04,
        "opposite_rate": 0.03, "blank_pass_id_rate": 0.02, "outage_share": 0, "failed_share": 0.5,
    }  # fmt: skip
    run(network, folder, noise=noise)
    return folder


def near(found, expected, spread=0.25):
    return abs(found - expected) <= spread * expected


def test_rates_are_near_their_parameters(loud_day):
    passages = rows_of(loud_day, "truth_passages.csv")
    trades = sum(int(row["trades"]) for row in passages)
    missed = sum(
        int(fault.partition("=")[2])
        for row in passages for fault in row["faults"].split("|") if fault.startswith("missed=")
    )  # fmt: skip
    assert near(missed / (missed + trades), 0.10)
    faults = Counter(row["fault"] for row in rows_of(loud_day, "truth_faults.csv"))
    assert near(faults["exact_duplicate"] / trades, 0.05)
    assert near(faults["second_trade"] / trades, 0.04)
    assert near(faults["opposite"] / trades, 0.03)
    assert near(faults["blank_pass_id"] / trades, 0.02)
    assert near(faults["failed_trade"] / missed, 0.5 * 0.88)


def test_rows_are_trades_and_their_repeats(loud_day):
    rows = rows_of(loud_day, TRADES)
    faults = Counter(row["fault"] for row in rows_of(loud_day, "truth_faults.csv"))
    trades = sum(int(row["trades"]) for row in rows_of(loud_day, "truth_passages.csv"))
    assert len({row["TRADEID"] for row in rows}) == (
        trades + faults["second_trade"] + faults["opposite"] + faults["failed_trade"]
    )
    assert len(rows) - len({row["TRADEID"] for row in rows}) == faults["exact_duplicate"]


def test_strays_are_within_two_minutes_and_charge_nothing(loud_day):
    strays = {
        r["record_id"] for r in rows_of(loud_day, "truth_faults.csv") if r["fault"] == "opposite"
    }  # fmt: skip
    for row in rows_of(loud_day, TRADES):
        if row["TRADEID"] in strays:
            assert (row["PAYFEE"], row["FEE"], row["DISCOUNTFEE"]) == ("0", "0", "0")


def test_failed_trades_say_so_and_charge_nothing(loud_day):
    listed = rows_of(loud_day, "truth_faults.csv")
    failed = {row["record_id"] for row in listed if row["fault"] == "failed_trade"}
    rows = rows_of(loud_day, TRADES)
    assert {row["TRADEID"] for row in rows if row["TRADERESULT"] == "1"} == failed
    assert all(row["FEE"] == "0" for row in rows if row["TRADEID"] in failed)


def test_quiet_means_quiet_but_cameras_work(quiet_day):
    assert not rows_of(quiet_day, "truth_faults.csv")
    assert not (quiet_day / "late").exists()
    passages = rows_of(quiet_day, "truth_passages.csv")
    kinds = {fault.partition("=")[0] for row in passages for fault in row["faults"].split("|")}
    assert kinds <= {"", "uncharged", "turn_back"}
    assert len(rows_of(quiet_day, PLATES)) == sum(int(row["trades"]) for row in passages)


def test_no_cameras_no_plate_reads(network, tmp_path):
    run(network, tmp_path, passages=50, noise={"plate_reads": 0})
    assert not rows_of(tmp_path, PLATES)


def test_dirty_rows_are_listed_and_apart(noisy_day):
    dirty = rows_of(noisy_day, "tbl_GantryWasteRec_*_dirty.csv")
    listed = {row["record_id"]: row["fault"] for row in rows_of(noisy_day, "truth_faults.csv")}
    assert len(dirty) == 24
    assert len({listed[row["TRADEID"]] for row in dirty}) == 6


def test_core_columns_leave_out_what_is_never_filled(network, tmp_path):
    run(network, tmp_path, passages=50, full_columns=False)
    row = rows_of(tmp_path, "tbl_GantryWasteRec_*_001.csv")[0]
    assert "TOLLINTERVALID" in row
    assert "GANTRYFITNPROVPAYFEE" not in row


def test_hourly_sums_declare_what_was_made(noisy_day):
    declared = Counter()
    hours, today = Counter(), DAY.strftime("%Y%m%d")
    for row in rows_of(noisy_day, "**/tbl_BatchSum*.csv"):
        declared[row["RECORDKIND"]] += int(row["BATCHCOUNT"])
        if row["RECORDKIND"] == "gantry_trade" and row["COLLECTHOURBATCH"].startswith(today):
            hours[row["GANTRYID"]] += 1
    # A gantry declares every hour of the day, some of them late.
    assert set(hours.values()) == {24}
    assert rows_of(noisy_day, "late/tbl_BatchSum*.csv")
    trades = {row["TRADEID"] for row in rows_of(noisy_day, TRADES)}
    assert declared["gantry_trade"] == len(trades)
    assert declared["plate_read"] == len(rows_of(noisy_day, PLATES))
    assert declared["entry_record"] == len(rows_of(noisy_day, "tbl_EnWasteRec*.csv"))


def test_a_network_folder_without_a_file_is_refused(tmp_path):
    with pytest.raises(Refusal) as refused:
        read_network_folder(tmp_path)
    assert refused.value.code == "network_files_missing"
