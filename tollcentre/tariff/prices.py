"""The fees of a network version's units, column by column, before and after discount."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from tollcentre.core.clock import day_of, day_start
from tollcentre.core.refusal import Reason, Refusal
from tollcentre.network import queries as network

from . import dated
from .rules import PPM, discounted, factor_of, fee_type_of, millionths, road_keys, unit_fee
from .terms import (
    AMOUNT_TOO_FINE,
    NO_GIVEN_PRICE,
    NO_RATE,
    NO_RATE_FOR_ROAD_TYPE,
    Discount,
    Profile,
    RoadTypeRule,
    Slot,
)

PRICED = 0
REFUSALS: tuple[Reason | None, ...] = (None, NO_RATE_FOR_ROAD_TYPE, NO_RATE, NO_GIVEN_PRICE)
"""Why a unit has no price, by the code in the columns below."""


@dataclass(frozen=True)
class UnitColumns:
    """The toll units of a version, in order of node: what a price depends on."""

    node_idx: np.ndarray
    length_m: np.ndarray
    roadtype: np.ndarray
    fee_k_type: np.ndarray
    fee_h_type: np.ndarray
    unit_ids: tuple[str, ...]
    road_ids: tuple[str, ...]
    owner_ids: tuple[str, ...]
    place: dict[str, int]


@dataclass(frozen=True)
class TypeFees:
    """Fees before discount of one vehicle type, and why there is none (0 where there is)."""

    tariff_fee: np.ndarray
    refused: np.ndarray


def units_of(version: str) -> UnitColumns:
    """The toll units of a version; Refusal where there is no such version."""
    return _units(version, network.fingerprint(version))


@lru_cache(maxsize=8)
def _units(version: str, _fingerprint: str) -> UnitColumns:
    nodes = network.snapshot(version).nodes
    nodes = nodes.filter(nodes["is_unit"])
    unit_ids = tuple(nodes["node_id"].to_pylist())
    return UnitColumns(
        node_idx=nodes["node_idx"].to_numpy(),
        length_m=nodes["length_m"].to_numpy().astype(np.int64),
        roadtype=nodes["roadtype"].to_numpy(),
        fee_k_type=nodes["fee_k_type"].to_numpy(),
        fee_h_type=nodes["fee_h_type"].to_numpy(),
        unit_ids=unit_ids,
        road_ids=tuple(nodes["road_id"].to_pylist()),
        owner_ids=tuple(nodes["owner_id"].to_pylist()),
        place={unit_id: i for i, unit_id in enumerate(unit_ids)},
    )


def fees_of(version: str, vehicle_type: int, day: date) -> TypeFees:
    """The version's fees before discount for a vehicle type, by the parameters of the day."""
    changed = [change for change in dated.change_days() if change <= day]
    since = changed[-1] if changed else day
    return _fees(version, network.fingerprint(version), vehicle_type, since)


@lru_cache(maxsize=256)
def _fees(version: str, _fingerprint: str, vehicle_type: int, day: date) -> TypeFees:
    units = units_of(version)
    rules, step = dated.road_types(day), dated.unit_fee_step(day)
    fee = np.zeros(len(units.unit_ids), np.int64)
    refused = np.full(len(units.unit_ids), REFUSALS.index(NO_RATE_FOR_ROAD_TYPE), np.int8)
    rate_of = {
        (rate.roadtype, rate.feetype): _millionths(rate.yuan, "feebykm_yuan")
        for rate in network.rates(version)
        if rate.vehicle_type == vehicle_type
    }
    fee_type = fee_type_of(vehicle_type, units.fee_k_type, units.fee_h_type)
    for roadtype, rule in rules.items():
        _price_road_type(units, rule, units.roadtype == roadtype, fee_type, rate_of, fee, refused,
                         step)  # fmt: skip
    given = network.given_prices(version)
    if given:
        unpriced = refused != PRICED
        refused[unpriced] = REFUSALS.index(NO_GIVEN_PRICE)
    for price in given:
        if price.vehicle_type == vehicle_type and price.unit_id in units.place:
            fee[units.place[price.unit_id]] = price.fee_fen
            refused[units.place[price.unit_id]] = PRICED
    fee.flags.writeable = refused.flags.writeable = False
    return TypeFees(fee, refused)


def _price_road_type(
    units: UnitColumns,
    rule: RoadTypeRule,
    of_type: np.ndarray,
    fee_type: np.ndarray,
    rate_of: dict[tuple[int, int], int],
    fee: np.ndarray,
    refused: np.ndarray,
    step: int,
) -> None:
    """Fill in the fees of one road type's units."""
    if rule.unit_of_rate is None:
        return
    refused[of_type] = REFUSALS.index(NO_RATE)
    for (roadtype, feetype), rate in rate_of.items():
        if roadtype != rule.roadtype:
            continue
        at = of_type & (fee_type == feetype)
        fee[at] = unit_fee(units.length_m[at], rate, rule.unit_of_rate, step)
        refused[at] = PRICED


def _millionths(text: str, field: str) -> int:
    try:
        return millionths(text)
    except ValueError as error:
        raise Refusal(AMOUNT_TOO_FINE, field, value=text) from error


def own_discounts(version: str) -> tuple[Discount, ...]:
    """The discounts that the network brought, in the order of its file."""
    return _own_discounts(version, network.fingerprint(version))


@lru_cache(maxsize=8)
def _own_discounts(version: str, _fingerprint: str) -> tuple[Discount, ...]:
    return tuple(
        Discount(
            factor_ppm=_millionths(row.factor, "factor"),
            start=day_start(row.valid_from),
            end=day_start(row.valid_to + timedelta(1)) if row.valid_to else dated.ENDLESS,
            media_type=row.media_type,
            vehicle_types=(row.vehicle_type,) if row.vehicle_type else (),
            vehicle_class=row.vehicle_class,
            road_id=row.road_id,
            seats_most=row.seats_most,
            hour_from=row.hour_from,
            hour_to=row.hour_to,
            source=f"network {version}",
        )
        for row in network.discounts(version)
    )


def factors_of(version: str, profile: Profile, slot: Slot) -> np.ndarray:
    """Each unit's discount factor for a profile in a slot, in ppm."""
    own, common = own_discounts(version), dated.common_discounts()
    group, roads = _road_groups(version, network.fingerprint(version))
    factors = [factor_of(own, common, profile, road, slot) for road in roads]
    return np.array(factors or [PPM], np.int64)[group]


@lru_cache(maxsize=8)
def _road_groups(version: str, _fingerprint: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Units grouped by which named roads they lie on, and one road of each group."""
    keys = road_keys((*own_discounts(version), *dated.common_discounts()))
    groups: dict[tuple[str, ...], int] = {}
    roads: list[str] = []
    group = []
    for road in units_of(version).road_ids:
        lies_on = tuple(key for key in keys if road.startswith(key))
        if lies_on not in groups:
            groups[lies_on] = len(roads)
            roads.append(road)
        group.append(groups[lies_on])
    return np.array(group, np.int64), tuple(roads)


@dataclass(frozen=True)
class ProfileFees:
    """Every unit of a version for one profile in one slot; 0 where refused."""

    tariff_fee: np.ndarray
    fee: np.ndarray
    refused: np.ndarray


def priced_units(version: str, profile: Profile, slot: Slot) -> ProfileFees:
    """The fees of every unit for a profile in a slot."""
    day = day_of(slot.start)
    before = fees_of(version, profile.vehicle_type, day)
    factors = factors_of(version, profile, slot)
    fee = discounted(before.tariff_fee, factors, dated.unit_fee_step(day))
    return ProfileFees(before.tariff_fee, fee, before.refused)
