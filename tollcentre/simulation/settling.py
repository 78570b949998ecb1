"""What each passage pays at its exit, and which part of it each driven unit is owed: the truth."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from tollcentre.core.clock import epoch_of

from .charging import MINIMUM, ONLINE, OPEN, Charges, Driven, Fees
from .population import (
    CPC,
    EMERGENCY,
    GREEN,
    HARVESTER,
    INBOUND,
    LOCAL,
    MILITARY,
    OBU,
    OPEN_ROAD,
    OUT_OPEN,
    THROUGH_OPEN,
    Journeys,
)
from .prices import PriceBook, spread, yuan_half_up
from .road_map import IntArray
from .routes import Routes

NO_EXIT, OBU_SUM, CPC_SUM, PROVINCE_ONLINE, MINISTRY_ONLINE, MINIMUM_FARE, OPEN_ROAD_FEE = (
    0, 1, 3, 4, 5, 6, 11,
)  # fmt: skip
EXEMPT_NAMES = ["", "green", "harvester", "military", "emergency", "holiday"]
GREEN_FREE, HARVESTER_FREE, MILITARY_FREE, EMERGENCY_FREE, HOLIDAY_FREE = range(1, 6)


@dataclass
class Settled:
    """Per passage the amounts of its exit record, own and of other provinces, and whether a
    correction takes them back; per driven unit its part of what stays collected.
    """

    exit_fee_type: IntArray
    exempt: IntArray
    reversed: IntArray
    own_pay: IntArray
    own_fee: IntArray
    other_pay: IntArray
    other_fee: IntArray
    unit_pay: IntArray
    unit_discount: IntArray
    unit_fee: IntArray
    sign: IntArray


def exit_fee_types(
    journeys: Journeys, traded: IntArray, shares: dict[str, float], rng: np.random.Generator
) -> IntArray:
    """How every exit is priced; no read at all leaves only the online way."""
    by_media = np.where(journeys.media == OBU, OBU_SUM, CPC_SUM)
    kind = by_media.copy()
    u = rng.random(len(journeys))
    here = np.isin(journeys.journey, (LOCAL, INBOUND))
    online = here & (~traded | (u < shares["province_online"]))
    kind[online] = np.where(journeys.journey[online] == INBOUND, MINISTRY_ONLINE, PROVINCE_ONLINE)
    to_ministry = online & (rng.random(len(journeys)) < shares["ministry_online"])
    kind[to_ministry] = MINISTRY_ONLINE
    least = (journeys.journey == LOCAL) & ~online & (u > 1 - shares["minimum_fare"])
    kind[least] = MINIMUM_FARE
    kind[journeys.journey == OPEN_ROAD] = OPEN_ROAD_FEE
    kind[np.isin(journeys.journey, (OUT_OPEN, THROUGH_OPEN))] = NO_EXIT
    return kind


def exemptions(journeys: Journeys, exit_fee_type: IntArray, traffic: dict[str, Any]) -> IntArray:
    """Why a journey is free, decided once by its exit time; 0 where it is not."""
    exempt = np.zeros(len(journeys), dtype=np.int64)
    holiday = np.zeros(len(journeys), dtype=bool)
    for first, last in traffic["holidays"]:
        inside = (journeys.end_time >= moment(first)) & (journeys.end_time <= moment(last))
        holiday |= inside
    exempt[holiday & (journeys.vehicle_type == 1) & (journeys.seats <= 7)] = HOLIDAY_FREE
    for vehicle_class, reason in (
        (GREEN, GREEN_FREE), (HARVESTER, HARVESTER_FREE),
        (MILITARY, MILITARY_FREE), (EMERGENCY, EMERGENCY_FREE),
    ):  # fmt: skip
        exempt[journeys.vehicle_class == vehicle_class] = reason
    at_exit_only = np.isin(exempt, (GREEN_FREE, HARVESTER_FREE, HOLIDAY_FREE))
    exempt[at_exit_only & (exit_fee_type == NO_EXIT)] = 0
    return exempt


def moment(value: Any) -> int:
    """Epoch seconds of a parameter's time, which YAML may have parsed."""
    return epoch_of(value.isoformat() if isinstance(value, datetime) else str(value))


def settle(
    journeys: Journeys, driven: Driven, charges: Charges, fees: Fees, least: Routes,
    prices: PriceBook, traffic: dict[str, Any], noise: dict[str, Any], rng: np.random.Generator,
) -> Settled:  # fmt: skip
    """Amounts collected and their parts, by the way each exit was priced."""
    count = len(journeys)
    traded = np.bincount(driven.passage[charges.events], minlength=count) > 0
    kind = exit_fee_types(journeys, traded, traffic["exit_fee_share"], rng)
    exempt = exemptions(journeys, kind, traffic)
    free = exempt > 0
    unit_kind = kind[driven.passage]
    whole = np.isin(unit_kind, (PROVINCE_ONLINE, MINISTRY_ONLINE, OPEN_ROAD_FEE))
    counted = whole | (charges.sign > 0)
    unit_fee = np.where(counted, fees.fee, 0)
    unit_pay = np.where(counted, fees.pay_fee, 0)
    minimum = kind == MINIMUM_FARE
    on_minimum = minimum[driven.passage]
    least_pay, least_fee = least_fares(journeys, least, prices, free)
    weights = np.where(on_minimum, fees.fee, unit_fee)
    own = np.bincount(driven.passage, weights=unit_fee, minlength=count).astype(np.int64)
    own = np.where(minimum, least_fee, own)
    cpc = journeys.media == CPC
    own = np.where(cpc, yuan_half_up(own), own)
    parts = spread(own, weights, driven.passage, count)
    spread_out = (cpc | minimum)[driven.passage]
    unit_fee = np.where(spread_out, parts, unit_fee)
    surplus = np.where(minimum & ~cpc, least_pay - least_fee, 0)
    more = spread(surplus, fees.fee, driven.passage, count)
    unit_pay = np.where(on_minimum, unit_fee + more, unit_pay)
    unit_pay = np.where(cpc[driven.passage], unit_fee, unit_pay)
    unit_pay, unit_fee = free_units(unit_pay, unit_fee, fees, counted, free, driven)
    sign = np.where(on_minimum, MINIMUM, np.where(whole, ONLINE, charges.sign))
    sign = np.where(unit_kind == OPEN_ROAD_FEE, OPEN, sign)
    other_pay, other_fee = other_provinces(journeys, free, rng)
    taken_back = (
        np.isin(kind, (OBU_SUM, CPC_SUM))
        & (journeys.journey == LOCAL)
        & (rng.random(count) < noise["correction_rate"])
    )
    own_fee = np.bincount(driven.passage, weights=unit_fee, minlength=count).astype(np.int64)
    own_pay = np.bincount(driven.passage, weights=unit_pay, minlength=count).astype(np.int64)
    # The exit record keeps its amounts; the correction beside it takes them back.
    unit_pay[taken_back[driven.passage]] = 0
    unit_fee[taken_back[driven.passage]] = 0
    return Settled(
        kind, exempt, taken_back, own_pay, own_fee, other_pay, other_fee,
        unit_pay, unit_pay - unit_fee, unit_fee, sign,
    )  # fmt: skip


def free_units(
    unit_pay: IntArray, unit_fee: IntArray, fees: Fees, counted: IntArray, free: IntArray,
    driven: Driven,
) -> tuple[IntArray, IntArray]:  # fmt: skip
    """A free journey pays nothing: what it would have paid is all discount."""
    on_free = free[driven.passage]
    would_pay = np.where(unit_pay > 0, unit_pay, np.where(counted, fees.pay_fee, 0))
    return np.where(on_free, would_pay, unit_pay), np.where(on_free, 0, unit_fee)


def least_fares(
    journeys: Journeys, least: Routes, prices: PriceBook, free: IntArray
) -> tuple[IntArray, IntArray]:
    """Minimum fare of every journey: the fees along the least way, before and after discount."""
    lengths = least.lengths()
    passage = np.repeat(np.arange(len(journeys)), lengths)
    type_index = journeys.type_index[passage]
    pay = prices.tariff_fee[least.nodes, type_index]
    fee = np.where((journeys.media == CPC)[passage], pay, prices.obu_fee[least.nodes, type_index])
    totals = [
        np.bincount(passage, weights=values, minlength=len(journeys)).astype(np.int64)
        for values in (pay, fee)
    ]
    return totals[0], np.where(free, 0, totals[1])


def other_provinces(
    journeys: Journeys, free: IntArray, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Invented amounts of the other provinces of a journey over the border."""
    count = len(journeys)
    km = rng.integers(15, 700, count)
    fen_per_km = np.where(journeys.vehicle_type <= 4, 45 + 22 * (journeys.vehicle_type - 1), 0)
    trucks = journeys.vehicle_type > 10
    fen_per_km = np.where(trucks, 45 + 30 * (journeys.vehicle_type % 10 - 1), fen_per_km)
    pay = km * fen_per_km
    pay = np.where(journeys.media == CPC, yuan_half_up(pay), pay)
    fee = np.where(journeys.media == CPC, pay, (pay * 95 + 50) // 100)
    fee = np.where(free, 0, fee)
    crossing = ~np.isin(journeys.journey, (LOCAL, OPEN_ROAD, OUT_OPEN, THROUGH_OPEN))
    return np.where(crossing, pay, 0), np.where(crossing, fee, 0)
