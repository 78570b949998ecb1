"""The columns that a day needs say the same as a single journey, and discounts take their turn."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.network.files import NORTH, SOUTH, A, B, C, D, load
from tests.tariff.roads import roads
from tollcentre.core.clock import day_start, epoch_of, local_text
from tollcentre.core.codes import VEHICLE_TYPES, MediaType
from tollcentre.core.fen import round_half_up_div, whole_yuan
from tollcentre.core.refusal import Refusal
from tollcentre.network.queries import snapshot
from tollcentre.tariff import queries, rules
from tollcentre.tariff.terms import Discount, Profile, Slot, UnitOfRate

DAY = date(2025, 8, 1)
NOON = day_start(DAY) + 12 * 3600
lengths = st.integers(0, 200_000)
rates = st.integers(0, 60_000_000)
factors = st.integers(0, 1_000_000)


def with_discounts(tmp_path: Path, *rows: dict[str, Any]) -> None:
    files = roads()
    files.discounts = [{key: str(value) for key, value in row.items()} for row in rows]
    load(files, tmp_path)


def obu_fee(unit: str, text: str = "2025-08-01T12:00:00", **more: Any) -> int:
    asked = {"vehicle_type": 1, "media_type": MediaType.OBU, **more}
    return queries.price_journey(units=[unit], at=epoch_of(text), **asked).fee


@given(st.lists(lengths, min_size=1, max_size=30), rates, factors, st.sampled_from(UnitOfRate))
def test_a_column_is_priced_as_each_of_its_units(
    metres: list[int], rate: int, factor: int, paid: UnitOfRate
) -> None:
    column = rules.unit_fee(np.array(metres, np.int64), rate, paid, 1)
    singles = [rules.unit_fee(length, rate, paid, 1) for length in metres]
    assert column.tolist() == singles
    assert rules.discounted(column, np.full(len(metres), factor), 1).tolist() == [
        rules.discounted(fee, factor, 1) for fee in singles
    ]


@given(st.integers(0, 10**15), st.integers(1, 10**9))
def test_half_up_is_the_houses_rounding(numerator: int, denominator: int) -> None:
    assert rules.half_up(numerator, denominator) == round_half_up_div(numerator, denominator)


@given(
    st.sampled_from(MediaType),
    st.lists(
        st.tuples(
            st.sampled_from(["G003062001000110", "G003061001000110", "01F0005N"]),
            st.integers(0, 10**6), factors,
        ), max_size=40,
    ),
    st.booleans(),
)  # fmt: skip
def test_a_journeys_amounts_obey_the_laws(
    medium: MediaType, driven: list[tuple[str, int, int]], free: bool
) -> None:
    units = [unit for unit, _, _ in driven]
    tariff = [fee for _, fee, _ in driven]
    fees = [rules.discounted(fee, factor, 1) for _, fee, factor in driven]
    amounts = rules.journey_amounts(medium, units, tariff, fees, 100, free=free)
    assert all(pay == discount + fee and fee >= 0 for pay, discount, fee in amounts)
    if free:
        assert sum(fee for _, _, fee in amounts) == 0
    elif medium == MediaType.OBU:
        assert [fee for _, _, fee in amounts] == fees
        assert [pay for pay, _, _ in amounts] == tariff
    else:
        assert {discount for _, discount, _ in amounts} <= {0}
        for province in {unit[5:7] if len(unit) == 16 else "" for unit in units}:
            at = [i for i, u in enumerate(units) if rules.province_of(u) == province]
            paid = sum(amounts[i][2] for i in at)
            assert paid == whole_yuan(sum(fees[i] for i in at))


@pytest.mark.django_db
def test_the_price_table_says_what_a_journey_of_one_unit_costs(tmp_path: Path) -> None:
    with_discounts(
        tmp_path,
        {"mediaType": 1, "vehicleType": 13, "factor": "0.85"},
        {"mediaType": 1, "roadId": A[:11], "hourFrom": 22, "hourTo": 6, "factor": "0.6"},
    )
    profiles = [Profile(m, t) for m in (1, 2) for t in (1, 2, 13, 23)]
    slots = queries.slots(day_start(DAY), day_start(DAY) + 86_400, version="V1")
    assert [(s.start - day_start(DAY)) // 3600 for s in slots] == [0, 6, 22]
    table = queries.price_table(version="V1", profiles=profiles, slots=slots)
    ids = snapshot("V1").nodes["node_id"].to_pylist()
    rows = table.to_pylist()
    keys = [(row["slot_idx"], row["profile_idx"], row["node_idx"]) for row in rows]
    assert keys == sorted(set(keys))
    assert len(rows) == 3 * 8 * 10
    for row in rows:
        profile, slot = profiles[row["profile_idx"]], slots[row["slot_idx"]]
        asked = {
            "units": [ids[row["node_idx"]]], "media_type": MediaType.OBU, "at": slot.start,
            "vehicle_type": profile.vehicle_type,
        }  # fmt: skip
        if row["refused"]:
            with pytest.raises(Refusal) as refused:
                queries.price_journey(**asked)
            assert refused.value.code == row["refused"]
            assert row["tariff_fee"] == row["pay_fee"] == row["fee"] == 0
            continue
        priced = queries.price_journey(**asked)
        assert row["pay_fee"] == row["tariff_fee"] == priced.units[0].tariff_fee
        assert row["pay_fee"] == row["fee"] + row["discount_fee"]
        fee = priced.fee if profile.media_type == MediaType.OBU else priced.units[0].tariff_fee
        assert row["fee"] == fee


@pytest.mark.django_db
def test_a_networks_own_discount_goes_before_the_common_one(tmp_path: Path) -> None:
    with_discounts(tmp_path, {"mediaType": 1, "vehicleType": 13, "factor": "0.85"})
    assert obu_fee(A) == 65
    assert obu_fee(A, vehicle_type=13) == 150


@pytest.mark.django_db
def test_the_discount_with_more_conditions_counts_then_the_later(tmp_path: Path) -> None:
    with_discounts(
        tmp_path,
        {"mediaType": 1, "factor": "0.9"},
        {"mediaType": 1, "factor": "0.8", "startTime": "2025-08-02"},
        {"mediaType": 1, "seatsMost": 7, "factor": "0.7"},
        {"mediaType": 1, "seatsMost": 7, "roadId": "G003062", "factor": "0.5",
         "endTime": "2025-08-01"},
    )  # fmt: skip
    assert obu_fee(B) == 149
    assert obu_fee(B, "2025-08-02T00:00:00") == 132
    assert obu_fee(B, seats=7) == 83
    assert obu_fee(B, "2025-08-02T00:00:00", seats=7) == 116
    assert obu_fee(B, seats=8) == 149


@pytest.mark.django_db
def test_a_night_discount_runs_over_midnight(tmp_path: Path) -> None:
    with_discounts(tmp_path, {"hourFrom": 22, "hourTo": 6, "factor": "0.5"})
    hours = ("21:59:59", "22:00:00", "00:00:00", "05:59:59", "06:00:00")
    assert [obu_fee(C, f"2025-08-01T{hour}") for hour in hours] == [95, 50, 50, 50, 95]


@pytest.mark.django_db
def test_a_card_gets_a_discount_that_is_meant_for_every_medium(tmp_path: Path) -> None:
    with_discounts(tmp_path, {"factor": "0.5"})
    priced = queries.price_journey(units=[B, C], media_type=MediaType.CPC, vehicle_type=1, at=NOON)
    assert [(u.pay_fee, u.discount_fee, u.fee, u.tariff_fee) for u in priced.units] == [
        (62, 0, 62, 165), (38, 0, 38, 100),
    ]  # fmt: skip


@pytest.mark.django_db
def test_each_unit_is_priced_at_its_own_time_and_freedom_decided_at_the_end(
    tmp_path: Path,
) -> None:
    with_discounts(tmp_path, {"hourFrom": 22, "hourTo": 6, "factor": "0.5"})
    late, early = epoch_of("2025-09-30T21:30:00"), epoch_of("2025-09-30T23:30:00")
    asked = {"units": [C, C], "media_type": MediaType.OBU, "vehicle_type": 1}
    paid = queries.price_journey(**asked, at=early, unit_times=[late, early])
    assert [unit.fee for unit in paid.units] == [95, 50]
    free = queries.price_journey(
        **asked, at=epoch_of("2025-10-01T00:00:00"), unit_times=[late, early]
    )
    assert (free.fee, free.pay_fee, free.discount_fee) == (0, 200, 200)


@pytest.mark.django_db
def test_the_minimum_fare_is_the_cheapest_way(tmp_path: Path) -> None:
    load(roads(), tmp_path)
    asked = {"entry_id": NORTH, "exit_id": SOUTH, "at": NOON}
    car = queries.minimum_fare(**asked, vehicle_type=1)
    assert car is not None
    assert (car.units, car.mileage_m, car.fee, car.obu_fee) == ((A, B, C), 8320, 300, 317)
    truck = queries.minimum_fare(**asked, vehicle_type=13)
    assert truck is not None
    assert (truck.units, truck.mileage_m, truck.fee) == ((A, D, C), 7190, 700)
    assert queries.minimum_fare(entry_id=SOUTH, exit_id=NORTH, at=NOON, vehicle_type=1) is None
    with pytest.raises(Refusal, match="unknown_unit"):
        queries.minimum_fare(entry_id=NORTH, exit_id="nowhere", at=NOON, vehicle_type=1)


@pytest.mark.django_db
def test_the_digest_changes_with_what_a_price_depends_on(tmp_path: Path) -> None:
    load(roads(), tmp_path)
    with_other = roads()
    with_other.discounts = [{"factor": "0.5"}]
    load(with_other, tmp_path, "V2", date(2021, 1, 1))
    first = queries.tariff_digest("V1", DAY)
    assert first == queries.tariff_digest("V1", DAY)
    assert first != queries.tariff_digest("V2", DAY)
    assert first != queries.tariff_digest("V1", date(2026, 5, 1))


@given(st.integers(0, 23), st.integers(1, 24), st.integers(-3, 3), st.integers(1, 60))
def test_slots_cover_their_span_and_nothing_changes_inside(
    hour_from: int, hour_to: int, shift: int, hours: int
) -> None:
    if hour_from == hour_to % 24:
        return
    start = day_start(DAY) + shift * 3600
    end = start + hours * 3600
    discount = Discount(500_000, day_start(DAY), end + 10**6, hour_from=hour_from, hour_to=hour_to)
    slots = rules.slots_between(start, end, [discount], [date(2025, 8, 2)])
    assert [s.start for s in slots] == [start, *(s.end for s in slots[:-1])]
    assert slots[-1].end == end
    for slot in slots:
        held = {
            rules.holds(discount, Profile(1, 1), "", Slot(0, hour, hour + 3600))
            for hour in range(slot.start, slot.end, 3600)
        }
        assert held == {rules.holds(discount, Profile(1, 1), "", slot)}, local_text(slot.start)


def test_free_periods_are_found_by_their_days() -> None:
    def codes(first: str, last: str) -> list[str]:
        return [p.code for p in queries.free_periods(epoch_of(first), epoch_of(last))]

    assert codes("2025-09-30", "2025-10-01") == []
    assert codes("2025-09-30", "2025-10-01T00:00:01") == ["national_day"]
    assert codes("2025-10-08T23:59:59", "2025-10-09") == ["national_day"]
    assert codes("2020-02-17", "2020-02-18") == ["epidemic"]
    kinds = {exempt.vehicle_class for exempt in queries.exempt_classes(NOON, NOON + 1)}
    assert kinds == {8, 21, 22, 23, 26}


def test_every_holiday_frees_cars_for_whole_days_and_none_overlaps() -> None:
    periods = queries.free_periods(0, epoch_of("2900-01-01"))
    for period in periods:
        assert (period.start + 8 * 3600) % 86_400 == 0 == (period.end - period.start) % 86_400
        assert period.zh
        assert period.en
        assert period.source
    assert all(a.end <= b.start for a, b in zip(periods, periods[1:], strict=False))


@pytest.mark.parametrize("text", ["", "abc", "-1", "0.0000001", "inf", "nan", "1e999999"])
def test_what_is_no_number_of_millionths_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        rules.millionths(text)


def test_profiles_freed_by_a_period() -> None:
    profiles = [Profile(1, kind, 0, seats) for kind in VEHICLE_TYPES for seats in (0, 7, 8)]
    holiday = queries.free_periods(epoch_of("2025-10-01"), epoch_of("2025-10-02"))[0]
    freed = {(profiles[i].vehicle_type, profiles[i].seats_band)
             for i in queries.freed_profiles(holiday, profiles)}  # fmt: skip
    assert freed == {(1, 0), (1, 7), (2, 7), (3, 7), (4, 7)}
