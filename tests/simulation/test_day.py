"""The simulated day: its truth conserves every fen, its records keep the national identities."""

from collections import Counter, defaultdict
from datetime import date

import pytest

from tests.simulation.days import rows_of, run
from tollcentre.core.codes import VEHICLE_TYPES
from tollcentre.core.fen import split_exact, whole_yuan
from tollcentre.core.refusal import Refusal

TRADES = "**/tbl_GantryWasteRec_*_[0-9]*.csv"
EXITS = "tbl_ExWasteRec*.csv"


def numbers(text):
    return [int(part) for part in text.split("|")]


def summed(rows, key, value):
    total = defaultdict(int)
    for row in rows:
        total[row[key]] += int(row[value])
    return total


def clean_trades(folder):
    """Trades without repeats and strays, by trade id."""
    bad = {r["record_id"] for r in rows_of(folder, "truth_faults.csv") if r["fault"] in
           ("second_trade", "opposite", "failed_trade")}  # fmt: skip
    trades = {row["TRADEID"]: row for row in rows_of(folder, TRADES)}
    return [row for trade_id, row in trades.items() if trade_id not in bad]


def test_same_seed_writes_the_same_bytes(network, noisy_day, tmp_path):
    run(network, tmp_path, noise={"correction_rate": 0.02})
    ours = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    theirs = sorted(p.relative_to(noisy_day) for p in noisy_day.rglob("*") if p.is_file())
    assert ours == theirs
    for name in ours:
        assert (tmp_path / name).read_bytes() == (noisy_day / name).read_bytes(), name


def test_another_seed_writes_another_day(network, noisy_day, tmp_path):
    run(network, tmp_path, passages=200, seed=12)
    ours = {row["pass_id"] for row in rows_of(tmp_path, "truth_passages.csv")}
    assert not ours & {row["pass_id"] for row in rows_of(noisy_day, "truth_passages.csv")}


@pytest.mark.parametrize("day", ["quiet_day", "noisy_day"])
def test_units_add_up_to_the_passage_and_to_the_exit_records(day, request):
    folder = request.getfixturevalue(day)
    units, passages = rows_of(folder, "truth.csv"), rows_of(folder, "truth_passages.csv")
    assert len(passages) == len({row["pass_id"] for row in passages}) == 600
    fee = summed(units, "pass_id", "fee")
    exits = summed(rows_of(folder, EXITS), "PASSID", "FEE")
    for row in passages:
        assert fee[row["pass_id"]] == int(row["own_fee"])
        if row["exit_fee_type"] == "0":
            assert row["pass_id"] not in exits
        else:
            assert exits[row["pass_id"]] == int(row["collected_fee"])
    for row in units:
        assert int(row["pay_fee"]) == int(row["fee"]) + int(row["discount_fee"])
        assert min(int(row["pay_fee"]), int(row["fee"]), int(row["discount_fee"])) >= 0


@pytest.mark.parametrize("day", ["quiet_day", "noisy_day"])
def test_what_the_media_summed_is_what_the_units_got(day, request):
    folder = request.getfixturevalue(day)
    summed_fee = summed(clean_trades(folder), "PASSID", "FEE")
    checked = 0
    for row in rows_of(folder, "truth_passages.csv"):
        faults = row["faults"]
        if row["exit_fee_type"] not in ("0", "1", "3") or row["exempt"]:
            continue
        if "blank_pass_id" in faults or "reversed" in faults:
            continue
        fee = summed_fee[row["pass_id"]]
        expected = whole_yuan(fee) if row["media_type"] == "2" else fee
        assert expected == int(row["own_fee"])
        checked += 1
    assert checked > 500


def test_cpc_shares_are_the_largest_remainder_of_whole_yuan(quiet_day):
    wanted = {
        row["pass_id"] for row in rows_of(quiet_day, "truth_passages.csv")
        if row["exit_fee_type"] == "3" and not row["exempt"] and row["media_type"] == "2"
    }  # fmt: skip
    by_pass = defaultdict(list)
    for row in rows_of(quiet_day, "truth.csv"):
        if row["pass_id"] in wanted:
            by_pass[row["pass_id"]].append(row)
    assert by_pass
    for rows in by_pass.values():
        weights = [int(r["tariff_fee"]) if r["charge_sign"] != "0" else 0 for r in rows]
        shares = split_exact(whole_yuan(sum(weights)), weights)
        assert [int(r["fee"]) for r in rows] == shares
        assert all(r["discount_fee"] == "0" for r in rows)


def test_trades_keep_the_identities(noisy_day):
    for row in rows_of(noisy_day, TRADES):
        assert int(row["PAYFEE"]) == int(row["FEE"]) + int(row["DISCOUNTFEE"])
        for name in ("PAYFEE", "FEE", "DISCOUNTFEE"):
            assert sum(numbers(row[f"{name}GROUP"])) == int(row[name])
        units = row["TOLLINTERVALID"].split("|")
        assert len(units) == len(row["TOLLINTERVALSIGN"].split("|"))
        assert row["GANTRYID"][:16] in units
        assert len(row["TRADEID"]) == 35
        for name, added in (("FEESUMLOCAL", "FEE"), ("OBUPROVFEESUM", "FEE"),
                            ("OBUPAYFEESUM", "PAYFEE"), ("OBUMILEAGE", "FEEMILEAGE")):  # fmt: skip
            before, after = row[f"{name}BEFORE"], row[f"{name}AFTER"]
            if before not in ("", "-1"):
                assert int(before) + int(row[added]) == int(after)
        if row["MEDIATYPE"] == "2" and row["TRADERESULT"] == "0":
            assert row["GANTRYPASSINFOAFTER"].endswith(row["GANTRYHEX"])
            assert row["GANTRYPASSINFO"] + row["GANTRYHEX"] == row["GANTRYPASSINFOAFTER"] or (
                len(row["GANTRYPASSINFO"]) == 24 * 6
            )


def test_exits_keep_the_identities(noisy_day):
    for row in rows_of(noisy_day, EXITS):
        assert int(row["PAYFEE"]) == int(row["FEE"]) + int(row["DISCOUNTFEE"])
        pairs = [pair.split(":") for pair in row["PROVINCETRANSGROUP"].split("|")]
        assert sum(int(amount) for _, amount in pairs) == int(row["FEE"])
        assert len(pairs) == int(row["PROVINCECOUNT"])
        if row["ACTUALFEECLASS"] in ("4", "11") and not int(row["MULTIPROVINCE"]):
            assert sum(numbers(row["CHARGEFEEGROUP"])) == int(row["FEE"])
        if row["MODIFYFLAG"] == "2":
            assert int(row["FEE"]) < 0
            assert row["SOURCEID"]


def test_the_day_has_all_it_should_show(network, tmp_path):
    run(network, tmp_path, passages=5000, seed=3)
    passages = rows_of(tmp_path, "truth_passages.csv")
    types = {int(row["vehicle_type"]) for row in passages}
    assert types == set(VEHICLE_TYPES)
    assert {row["exit_fee_type"] for row in passages} == {"0", "1", "3", "4", "5", "6", "11"}
    obu = sum(row["media_type"] == "1" for row in passages) / len(passages)
    assert 0.62 < obu < 0.68
    kinds = Counter(row["journey"] for row in passages)
    assert len(kinds) == 7
    assert {"green", "military", "emergency", "harvester"} <= {row["exempt"] for row in passages}
    not_least = sum(row["is_least_path"] == "0" for row in passages) / len(passages)
    assert 0.02 < not_least < 0.045


def test_every_passage_ends_on_the_day_or_was_last_read_a_week_before(noisy_day):
    last_read = defaultdict(str)
    for row in clean_trades(noisy_day):
        last_read[row["PASSID"]] = max(last_read[row["PASSID"]], row["TRANSTIME"])
    exit_days = {row["EXTIME"][:10] for row in rows_of(noisy_day, EXITS)}
    assert exit_days == {"2026-11-22"}
    for row in rows_of(noisy_day, "truth_passages.csv"):
        if row["exit_fee_type"] == "0" and "blank_pass_id" not in row["faults"]:
            assert last_read[row["pass_id"]][:10] == "2026-11-15"


def test_holidays_free_small_cars_by_their_exit_time(network, tmp_path):
    run(network, tmp_path, passages=300, seed=2, day=date(2026, 10, 3))
    passages = rows_of(tmp_path, "truth_passages.csv")
    free = [row for row in passages if row["exempt"] == "holiday"]
    assert free
    assert all(row["vehicle_type"] == "1" and row["own_fee"] == "0" for row in free)


def test_refuses_what_it_cannot_simulate(network, tmp_path):
    with pytest.raises(Refusal) as refused:
        run(network, tmp_path, passages=0)
    assert refused.value.code == "passages_out_of_range"
    with pytest.raises(Refusal) as refused:
        run(network, tmp_path, noise={"no_such": 1})
    assert refused.value.code == "unknown_noise"
    assert not list(tmp_path.iterdir())
