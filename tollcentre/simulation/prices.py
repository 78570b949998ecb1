"""Unit fees by the rules of the tariff, priced the slow and obvious way, one unit at a time.

It shares no code with the tariff that clears the day: it is the second opinion.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from tollcentre.core.codes import VEHICLE_TYPES, section_of

from .road_map import IntArray, RateTable, RoadMap

TYPE_INDEX = {vehicle_type: i for i, vehicle_type in enumerate(VEHICLE_TYPES)}
ONE_FEN = Decimal(1)


@dataclass(frozen=True)
class PriceBook:
    """Fen by (node, position of the vehicle type in VEHICLE_TYPES): before and after discount."""

    tariff_fee: IntArray
    obu_fee: IntArray


def half_up(amount: Decimal) -> int:
    """Whole fen, halves away from zero."""
    return int(amount.quantize(ONE_FEN, ROUND_HALF_UP))


@dataclass(frozen=True)
class DiscountRule:
    """What is left of an OBU fee: for one vehicle type (0 any) on one section (empty any)."""

    vehicle_type: int
    road_id: str
    factor: str


def obu_factor(
    rules: Sequence[DiscountRule], vehicle_type: int, road_id: str, default: str
) -> Decimal:
    """The most particular rule that fits, road before type; else the default."""
    fitting = [
        rule
        for rule in rules
        if rule.vehicle_type in (0, vehicle_type) and rule.road_id in ("", road_id)
    ]
    if not fitting:
        return Decimal(default)
    best = max(fitting, key=lambda rule: (rule.road_id != "", rule.vehicle_type != 0))
    return Decimal(best.factor)


def price_units(
    road_map: RoadMap, rates: RateTable, rules: Sequence[DiscountRule], default_factor: str
) -> PriceBook:
    """Every unit for every vehicle type; road type 2 is yuan per passage, 1 is yuan per km."""
    shape = (road_map.size, len(VEHICLE_TYPES))
    tariff = np.zeros(shape, dtype=np.int64)
    obu = np.zeros(shape, dtype=np.int64)
    for node, unit in road_map.unit_rows.items():
        for vehicle_type, column in TYPE_INDEX.items():
            fee_type = unit.fee_type_car if vehicle_type <= 4 else unit.fee_type_truck
            yuan = Decimal(rates[(unit.road_type, fee_type, vehicle_type)])
            if unit.road_type == 1:
                yuan = yuan * unit.length_m / 1000
            fee = half_up(yuan * 100)
            tariff[node, column] = fee
            road_id = section_of(unit.unit_id)
            factor = obu_factor(rules, vehicle_type, road_id, default_factor)
            obu[node, column] = half_up(fee * factor)
    return PriceBook(tariff, obu)


def spread(amounts: IntArray, weights: IntArray, group: IntArray, groups: int) -> IntArray:
    """Shares of `amounts[g]` over the rows of group g in proportion to their weights.

    Quota, floor, then one fen each by size of remainder, ties by row order; weights all zero
    give zero. `group` must be sorted. Amounts must not be negative.
    """
    totals = np.bincount(group, weights=weights, minlength=groups).astype(np.int64)
    safe = np.maximum(totals, 1)[group]
    products = amounts[group] * weights
    shares = products // safe
    remainders = products - shares * safe
    given = np.bincount(group, weights=shares, minlength=groups).astype(np.int64)
    left = np.where(totals > 0, amounts - given, 0)
    order = np.lexsort((np.arange(len(group)), -remainders, group))
    starts = np.searchsorted(group, np.arange(groups))
    rank = np.arange(len(group)) - starts[group[order]]
    shares[order[rank < left[group[order]]]] += 1
    return shares


def yuan_half_up(fen: IntArray) -> IntArray:
    """Fen rounded half up to whole yuan, still in fen; for amounts that are not negative."""
    return (fen + 50) // 100 * 100
