"""The money beside a day's records: it follows them, and the truth explains every fen besides."""

from collections import Counter, defaultdict
from datetime import date

import pytest

from tests.simulation.days import rows_of, run
from tollcentre.core.clock import DAY_SECONDS, day_start
from tollcentre.core.fen import round_half_up_div
from tollcentre.simulation.day import load_parameters

MONEY = load_parameters("money_2026")
EXITS = "tbl_ExWasteRec*.csv"
CASH, MOBILE, ETC = ("1", "11"), ("3", "13"), ("4", "1")
FAULTS = {
    "over_share": 0.1, "short_share": 0.1, "late_deposit_share": 0.1, "split_slip_share": 0.1,
    "joint_slip_share": 0.3, "order_without_record_share": 0.02,
    "record_without_order_share": 0.02, "order_amount_share": 0.02, "paid_twice_share": 0.02,
    "order_refunded_share": 0.02, "correction_rate": 0.02,
}  # fmt: skip


@pytest.fixture(scope="module")
def wrong_day(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wrong")
    run(network, folder, passages=2500, noise=FAULTS)
    return folder


@pytest.fixture(scope="module", params=["quiet_day", "wrong_day"])
def day(request):
    return request.getfixturevalue(request.param)


def lanes(folder):
    """Exit records of lanes here that were not paid on media."""
    return [
        row for row in rows_of(folder, EXITS)
        if row["TOLLPROVINCEID"] == "620201" and (row["PAYTYPE"], row["TRANSPAYTYPE"]) != ETC
    ]  # fmt: skip


def way(row):
    return row["PAYTYPE"], row["TRANSPAYTYPE"]


def shift(row):
    return row["EXTOLLSTATIONID"], row["LDATE"][:10], int(row["SHIFT"])


def named(row):
    return row["station_id"], row["shift_day"], int(row["shift"])


def planted(folder, *faults):
    return [row for row in rows_of(folder, "money/truth_money_*.csv") if row["fault"] in faults]


def added(pairs):
    total = defaultdict(int)
    for key, fen in pairs:
        total[key] += fen
    return {key: fen for key, fen in total.items() if fen}


def test_exits_without_an_obu_are_paid_in_cash_or_by_code(day):
    for row in rows_of(day, EXITS):
        assert way(row) in (CASH, MOBILE, ETC)
        assert (way(row) == ETC) is (row["MEDIATYPE"] == "1")
        assert bool(row["PAYCODE"]) is (way(row) == MOBILE)
        if row["FEE"] == "0":
            assert way(row) in (CASH, ETC)
        assert (
            row["EXTIME"][11:13]
            in {
                "01": ("00", "01", "02", "03", "04", "05", "06", "07"),
                "02": ("08", "09", "10", "11", "12", "13", "14", "15"),
                "03": ("16", "17", "18", "19", "20", "21", "22", "23"),
            }[row["SHIFT"]]
        )
    paid = [row for row in lanes(day) if int(row["FEE"]) > 0]
    cash = sum(way(row) == CASH for row in paid) / len(paid)
    assert 0.14 < cash < 0.30
    assert all(int(row["FEE"]) % 100 == 0 for row in paid)
    codes = [row["PAYCODE"] for row in paid if row["PAYCODE"]]
    assert len(set(codes)) == len(codes)
    assert {code[:2] for code in codes} == {c["prefix"] for c in MONEY["channels"].values()}


def test_shift_reports_say_what_the_lanes_took_and_the_truth_says_where_they_do_not(day):
    reports = rows_of(day, "money/shift_report_*.csv")
    assert len({named(row) for row in reports}) == len(reports)
    for kind, column in ((CASH, "cash_fen"), (MOBILE, "mobile_fen")):
        taken = [(shift(row), int(row["FEE"])) for row in lanes(day) if way(row) == kind]
        if kind == CASH:
            differences = planted(day, "over", "short")
            taken += [(named(row), int(row["amount_fen"])) for row in differences]
        assert added((named(row), int(row[column])) for row in reports) == added(taken)
    for row in reports:
        end = day_start_of(row) + (0, 8, 16, 24)[int(row["shift"])] * 3600
        assert 300 <= int(row["closed_at"]) - end <= 1800


def day_start_of(row):
    return day_start(date.fromisoformat(row["shift_day"]))


def slips_of(folder):
    return {row["slip_no"]: row for row in rows_of(folder, "money/slips_*.csv")}


def test_slips_are_the_cash_of_the_shifts_that_name_them(day):
    slips = slips_of(day)
    reports = rows_of(day, "money/shift_report_*.csv")
    by_slips = defaultdict(int)
    for row in reports:
        assert bool(row["slips"]) is (int(row["cash_fen"]) > 0)
        by_slips[row["slips"]] += int(row["cash_fen"])
    by_slips.pop("", None)
    for names, fen in by_slips.items():
        assert sum(int(slips[name]["amount_fen"]) for name in names.split(";")) == fen
    assert Counter(n for names in by_slips for n in names.split(";")) == Counter(slips.keys())
    shared = Counter(row["slips"] for row in reports if row["slips"])
    assert {n for n, count in shared.items() if count == 2} == {
        row["subject"] for row in planted(day, "joint_slip")
    }
    split = {names for names in by_slips if ";" in names}
    assert split == {row["subject"] for row in planted(day, "split_slip")}


def test_late_slips_are_those_that_the_truth_calls_late(day):
    late = {row["subject"]: int(row["days"]) for row in planted(day, "late_deposit")}
    for name, row in slips_of(day).items():
        ended = day_start_of(row) + (0, 8, 16, 24)[int(row["shift"])] * 3600
        opens = day_start_of(row) + MONEY["bank_opens_s"]
        opens += 0 if ended <= opens else DAY_SECONDS
        after = int(row["deposited_at"]) - opens
        assert after // DAY_SECONDS == late.get(name, 0)
        assert 60 <= int(row["due_at"]) - int(row["deposited_at"]) <= 3600


def test_a_station_uses_one_bank(noisy_day, quiet_day, wrong_day):
    banks = defaultdict(set)
    for folder in (noisy_day, quiet_day, wrong_day):
        for bank in MONEY["banks"]:
            for row in rows_of(folder, f"money/slips_{bank}_*.csv"):
                banks[row["station_id"]].add(bank)
    assert all(len(used) == 1 for used in banks.values())
    assert {bank for used in banks.values() for bank in used} == set(MONEY["banks"])


def test_orders_are_the_lanes_payments_and_the_truth_says_where_they_are_not(day):
    recorded = added((row["PAYCODE"], int(row["FEE"])) for row in lanes(day) if row["PAYCODE"])
    orders = [row for name in MONEY["channels"] for row in rows_of(day, f"money/orders_{name}_*")]
    assert len({row["order_no"] for row in orders}) == len(orders)
    billed = [(row["order_no"], int(row["amount_fen"])) for row in orders if row["state"] == "paid"]
    faults = planted(
        day, "record_without_order", "order_without_record", "order_amount", "order_refunded",
        "paid_twice",
    )  # fmt: skip
    told = [(row["subject"], -int(row["amount_fen"])) for row in faults]
    assert added(billed + told) == recorded
    taken_back = {row["PAYCODE"] for row in lanes(day) if row["MODIFYFLAG"] == "2"} - {""}
    refunded = {row["subject"] for row in planted(day, "order_refunded")}
    assert {row["order_no"] for row in orders if row["state"] == "refunded"} == (
        taken_back | refunded
    )


def test_payouts_are_what_is_billed_as_paid_without_the_fee(day):
    paid_out = {
        row["reference"]: (int(row["amount_fen"]), bank)
        for bank in MONEY["banks"] for row in rows_of(day, f"money/credits_{bank}_*.csv")
    }  # fmt: skip
    wanted = {}
    for name, channel in MONEY["channels"].items():
        rows = rows_of(day, f"money/orders_{name}_*.csv")
        for row in rows:
            fee = round_half_up_div(int(row["amount_fen"]) * channel["fee_per_10000"], 10_000)
            assert int(row["fee_fen"]) == (fee if row["state"] == "paid" else 0)
        net = sum(int(r["amount_fen"]) - int(r["fee_fen"]) for r in rows if r["state"] == "paid")
        wanted[f"{name}:2026-11-22"] = (net, channel["payout_bank"])
    assert paid_out == wanted


def test_every_fault_is_planted_and_none_on_a_quiet_day(wrong_day, quiet_day):
    assert not rows_of(quiet_day, "money/truth_money_*.csv")
    planted_kinds = {row["fault"] for row in rows_of(wrong_day, "money/truth_money_*.csv")}
    assert planted_kinds == {
        "over", "short", "late_deposit", "split_slip", "joint_slip", "order_without_record",
        "record_without_order", "order_amount", "paid_twice", "order_refunded",
    }  # fmt: skip


def test_planting_money_changes_no_record(network, wrong_day, tmp_path):
    run(network, tmp_path, passages=2500, noise=FAULTS | dict.fromkeys(MONEY["faults"], 0))
    for path in sorted(wrong_day.glob("t*.csv")):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
    mine = {row["slip_no"]: row for row in rows_of(tmp_path, "money/slips_*.csv")}
    assert mine.keys() & slips_of(wrong_day).keys()
