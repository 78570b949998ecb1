"""Prices on a real province's network equal a recomputation straight from its files."""

import csv
import random
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.network.test_shared_network import load_real
from tollcentre.core.clock import epoch_of
from tollcentre.core.codes import VEHICLE_TYPES, MediaType
from tollcentre.core.refusal import Refusal
from tollcentre.network import queries as network
from tollcentre.tariff.queries import price_journey, price_table, slots
from tollcentre.tariff.terms import Profile

pytestmark = [pytest.mark.django_db, pytest.mark.shared_data]
AT = epoch_of("2025-08-01T08:00:00")
Rows = dict[str, dict[str, str]]
Rates = dict[tuple[str, str, int], str]


def read(shared_data: Path) -> tuple[Rows, Rates]:
    folder = shared_data / "shaanxi-network"
    with (folder / "units/units_202507.csv").open(encoding="utf-8-sig", newline="") as stream:
        units = {row["id"]: row for row in csv.DictReader(stream)}
    with (folder / "rates/road_vehicle_fee_map.csv").open(newline="") as stream:
        rates = {
            (row["roadtype"], row["feetype"], int(row["vehicle_type"])): row["feebykm_yuan"]
            for row in csv.DictReader(stream)
        }
    return units, rates


def whole(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def slow_fee(row: dict[str, str], rates: Rates, vehicle_type: int) -> int | None:
    """A unit's fee in fen straight from its row, None where it has no rate."""
    if row["roadtype"] not in ("1", "2"):
        return None
    feetype = row["feeKtype"] if vehicle_type in (1, 2, 3, 4) else row["feeHtype"]
    yuan = Decimal(rates[row["roadtype"], feetype, vehicle_type])
    if row["roadtype"] == "1":
        yuan = Decimal(row["length"]) / 1000 * yuan
    return whole(yuan * 100)


def slow_shares(total: int, weights: list[int]) -> list[int]:
    """Quota, floor, then a fen each by size of remainder, ties by order."""
    quotas = [Fraction(total * weight, sum(weights)) for weight in weights]
    shares = [int(quota) for quota in quotas]
    order = sorted(range(len(weights)), key=lambda i: (shares[i] - quotas[i], i))
    for i in order[: total - sum(shares)]:
        shares[i] += 1
    return shares


def test_any_list_of_units_costs_what_the_files_say(shared_data: Path) -> None:
    load_real(shared_data, "202507")
    units, rates = read(shared_data)
    chance = random.Random(20250711)
    priced_ids = [unit for unit, row in units.items() if row["roadtype"] != "3"]
    for _ in range(400):
        driven = chance.choices(priced_ids, k=chance.randint(1, 60))
        vehicle_type = chance.choice(VEHICLE_TYPES)
        medium = chance.choice((MediaType.OBU, MediaType.CPC))
        tariff = [slow_fee(units[unit], rates, vehicle_type) or 0 for unit in driven]
        if medium == MediaType.OBU:
            fees = [whole(fee * Decimal("0.95")) for fee in tariff]
            pays = tariff
        else:
            fees = pays = slow_shares(whole(Decimal(sum(tariff)) / 100) * 100, tariff)
        answer = price_journey(units=driven, media_type=medium, vehicle_type=vehicle_type, at=AT)
        assert [(u.unit, u.length_m, u.pay_fee, u.fee, u.tariff_fee) for u in answer.units] == [
            (unit, int(units[unit]["length"]), pay, fee, before)
            for unit, pay, fee, before in zip(driven, pays, fees, tariff, strict=True)
        ]
        assert answer.mileage_m == sum(int(units[unit]["length"]) for unit in driven)
        owners: dict[tuple[str, str], int] = defaultdict(int)
        for unit, fee in zip(driven, fees, strict=True):
            owners[units[unit]["ownerid"], unit[:11]] += fee
        assert [((o.owner_id, o.road_id), o.fee) for o in answer.owners] == list(owners.items())
        assert answer.pay_fee == sum(pays) == answer.fee + answer.discount_fee


def test_every_unit_and_type_at_once(shared_data: Path) -> None:
    load_real(shared_data, "202507")
    units, rates = read(shared_data)
    profiles = [Profile(1, kind) for kind in VEHICLE_TYPES]
    table = price_table(
        version="202507", profiles=profiles, slots=slots(AT, AT + 3600, version="202507")
    )
    ids = network.snapshot("202507").nodes["node_id"].to_pylist()
    assert table.num_rows == len(units) * len(profiles)
    for row in table.to_pylist():
        unit = units[ids[row["node_idx"]]]
        fee = slow_fee(unit, rates, VEHICLE_TYPES[row["profile_idx"]])
        assert row["refused"] == ("" if fee is not None else "no_rate_for_road_type")
        assert row["tariff_fee"] == (fee or 0)
        assert row["fee"] == whole((fee or 0) * Decimal("0.95"))


def test_every_unit_of_road_type_3_is_refused(shared_data: Path) -> None:
    load_real(shared_data, "202507")
    units, _ = read(shared_data)
    closed = [unit for unit, row in units.items() if row["roadtype"] == "3"]
    assert len(closed) == 14
    for unit in closed:
        with pytest.raises(Refusal) as refused:
            price_journey(units=[unit], media_type=MediaType.OBU, vehicle_type=1, at=AT)
        assert refused.value.code == "no_rate_for_road_type"


def test_no_connector_can_be_priced(shared_data: Path) -> None:
    load_real(shared_data, "202507")
    nodes = network.snapshot("202507").nodes.to_pylist()
    ramps = [node["node_id"] for node in nodes if node["kind"] == 0]
    assert len(ramps) == 868
    for ramp in ramps[::20]:
        with pytest.raises(Refusal) as refused:
            price_journey(units=[ramp], media_type=MediaType.CPC, vehicle_type=1, at=AT)
        assert refused.value.code == "unit_is_connector"
