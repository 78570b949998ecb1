"""Every read of the tariff for others: a journey's price, and the columns that a day needs."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from tollcentre.core.clock import day_of
from tollcentre.core.codes import VEHICLE_CLASSES, VEHICLE_TYPES, MediaType, NodeKind
from tollcentre.core.refusal import Refusal
from tollcentre.network import queries as network

from . import dated
from .kernels.least_fee import least_fee_way
from .prices import (
    REFUSALS,
    ProfileFees,
    UnitColumns,
    fees_of,
    own_discounts,
    priced_units,
    units_of,
)
from .rules import exemption, journey_amounts, period_frees, rounded_to, slot_at, slots_between
from .terms import (
    NO_UNITS,
    UNIT_IS_CONNECTOR,
    UNKNOWN_MEDIUM,
    UNKNOWN_UNIT,
    UNKNOWN_VEHICLE_CLASS,
    UNKNOWN_VEHICLE_TYPE,
    ExemptClass,
    FreePeriod,
    JourneyPrice,
    MinimumFare,
    OwnerPrice,
    Profile,
    Slot,
    UnitPrice,
)

PRICE_SCHEMA = pa.schema(
    [
        ("slot_idx", pa.int32()), ("profile_idx", pa.int32()), ("node_idx", pa.int32()),
        ("tariff_fee", pa.int64()), ("pay_fee", pa.int64()), ("discount_fee", pa.int64()),
        ("fee", pa.int64()), ("refused", pa.string()),
    ]
)  # fmt: skip


def slots(start_epoch: int, end_epoch: int, *, version: str | None = None) -> list[Slot]:
    """[start, end) cut into the longest spans in which no price changes.

    A cut lies where a dated parameter begins or a discount begins, ends or has its hours; always
    on a whole hour where start and end are. With `version` the network's own discounts count too.
    """
    own = own_discounts(version) if version else ()
    discounts = (*own, *dated.common_discounts())
    return slots_between(start_epoch, end_epoch, discounts, dated.change_days())


def price_table(*, version: str, profiles: Sequence[Profile], slots: Sequence[Slot]) -> pa.Table:
    """Every unit's price for each profile in each slot, in order of slot, profile and node.

    `refused` is empty, or the reason's code with all amounts 0. Free periods and exempt kinds are
    not in it: they are decided once for a whole journey (`free_periods`, `exempt_classes`).
    """
    node_idx = units_of(version).node_idx
    codes = np.array([reason.code if reason else "" for reason in REFUSALS])
    parts = []
    for slot in slots:
        for profile_idx, profile in enumerate(profiles):
            fees = priced_units(version, profile, slot)
            columns = [
                np.full(len(node_idx), slot.slot_idx), np.full(len(node_idx), profile_idx),
                node_idx, fees.tariff_fee, fees.tariff_fee, fees.tariff_fee - fees.fee, fees.fee,
                codes[fees.refused],
            ]  # fmt: skip
            arrays = [pa.array(c, f.type) for c, f in zip(columns, PRICE_SCHEMA, strict=True)]
            parts.append(pa.Table.from_arrays(arrays, schema=PRICE_SCHEMA))
    return pa.concat_tables(parts).combine_chunks() if parts else PRICE_SCHEMA.empty_table()


def free_periods(start_epoch: int, end_epoch: int) -> list[FreePeriod]:
    """The free periods that touch exit times in [start, end), in order of their start."""
    return [
        period
        for period in dated.all_free_periods()
        if period.start < end_epoch and start_epoch < period.end
    ]


def freed_profiles(period: FreePeriod, profiles: Sequence[Profile]) -> list[int]:
    """Which of the profiles, by position, travel free in the period."""
    return [
        position
        for position, profile in enumerate(profiles)
        if period_frees(period, profile.vehicle_type, profile.seats_band, period.start)
    ]


def card_step(day: date) -> int:
    """What a card's sum is rounded half up to in each province on the day, in fen."""
    return dated.card_province_step(day)


def exempt_classes(start_epoch: int, end_epoch: int) -> list[ExemptClass]:
    """The exempt kinds of vehicle whose time touches [start, end), in order of the kind."""
    return [
        exempt
        for exempt in dated.all_exempt_classes()
        if exempt.start < end_epoch and start_epoch < exempt.end
    ]


def tariff_digest(version: str, day: date) -> str:
    """The digest of everything that a price up to the day depends on, the network's rates too."""
    facts = {"network": network.fingerprint(version), **dated.facts_until(day)}
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def price_journey(
    *,
    units: Sequence[str],
    media_type: int,
    vehicle_type: int,
    at: int,
    vehicle_class: int = 0,
    seats: int = 0,
    version: str | None = None,
    unit_times: Sequence[int] | None = None,
) -> JourneyPrice:
    """What a journey over these units costs that ends at the epoch second `at`.

    Each unit is priced at its own time (`unit_times`, else `at`); whether the whole journey is
    free is decided once, at its end; the network is the version given or the one valid at the end.
    Refuses, in this order: no units, an unknown medium, vehicle type or class, no network, then
    the first unit that is unknown, a connector or without a rate.
    """
    _check(units, media_type, vehicle_type, vehicle_class)
    network_version = version or network.version_at(day_of(at))
    columns = units_of(network_version)
    places = [_place(columns, network_version, unit) for unit in units]
    profile = Profile(media_type, vehicle_type, vehicle_class, seats)
    times = unit_times if unit_times is not None else [at] * len(places)
    priced: dict[int, ProfileFees] = {}
    tariff_fees, fees = [], []
    for place, time in zip(places, times, strict=True):
        slot = slot_at(time)
        if slot.start not in priced:
            priced[slot.start] = priced_units(network_version, profile, slot)
        found = priced[slot.start]
        _refuse_unpriced(columns, place, int(found.refused[place]), vehicle_type)
        tariff_fees.append(int(found.tariff_fee[place]))
        fees.append(int(found.fee[place]))
    exempt = exemption(
        dated.all_free_periods(), dated.all_exempt_classes(), vehicle_type=vehicle_type,
        vehicle_class=vehicle_class, seats=seats, exit_time=at,
    )  # fmt: skip
    step = dated.card_province_step(day_of(at))
    amounts = journey_amounts(media_type, units, tariff_fees, fees, step, free=exempt is not None)
    priced_list = tuple(
        UnitPrice(unit, int(columns.length_m[place]), *amount, tariff_fee)
        for unit, place, amount, tariff_fee in zip(units, places, amounts, tariff_fees, strict=True)
    )
    return JourneyPrice(
        network_version=network_version,
        units=priced_list,
        mileage_m=sum(unit.length_m for unit in priced_list),
        pay_fee=sum(unit.pay_fee for unit in priced_list),
        discount_fee=sum(unit.discount_fee for unit in priced_list),
        fee=sum(unit.fee for unit in priced_list),
        owners=_owners(columns, places, priced_list),
        exemption=exempt,
    )


def _check(units: Sequence[str], media_type: int, vehicle_type: int, vehicle_class: int) -> None:
    if not units:
        raise Refusal(NO_UNITS, "--units")
    if media_type not in MediaType.__members__.values():
        raise Refusal(UNKNOWN_MEDIUM, "mediaType", medium=media_type)
    if vehicle_type not in VEHICLE_TYPES:
        raise Refusal(UNKNOWN_VEHICLE_TYPE, "vehicleType", vehicle_type=vehicle_type)
    if vehicle_class not in VEHICLE_CLASSES:
        raise Refusal(UNKNOWN_VEHICLE_CLASS, "vehicleClass", vehicle_class=vehicle_class)


def _place(columns: UnitColumns, version: str, unit: str) -> int:
    place = columns.place.get(unit)
    if place is None:
        nodes = network.snapshot(version).nodes
        kinds = dict(zip(nodes["node_id"].to_pylist(), nodes["kind"].to_pylist(), strict=True))
        is_ramp = kinds.get(unit) == NodeKind.CONNECTOR
        reason = UNIT_IS_CONNECTOR if is_ramp else UNKNOWN_UNIT
        raise Refusal(reason, "tollIntervalId", unit=unit, version=version)
    return place


def _refuse_unpriced(columns: UnitColumns, place: int, refused: int, vehicle_type: int) -> None:
    reason = REFUSALS[refused]
    if reason is None:
        return
    fee_types = columns.fee_k_type if vehicle_type in VEHICLE_TYPES[:4] else columns.fee_h_type
    raise Refusal(
        reason, "tollIntervalId", unit=columns.unit_ids[place],
        roadtype=int(columns.roadtype[place]), feetype=int(fee_types[place]),
        vehicle_type=vehicle_type,
    )  # fmt: skip


def _owners(
    columns: UnitColumns, places: Sequence[int], priced: Sequence[UnitPrice]
) -> tuple[OwnerPrice, ...]:
    """The parts by owner and section, in order of first appearance."""
    sums: dict[tuple[str, str], list[int]] = {}
    for place, unit in zip(places, priced, strict=True):
        part = sums.setdefault((columns.owner_ids[place], columns.road_ids[place]), [0, 0, 0])
        for i, amount in enumerate((unit.pay_fee, unit.discount_fee, unit.fee)):
            part[i] += amount
    return tuple(OwnerPrice(owner, road, *part) for (owner, road), part in sums.items())


def minimum_fare(
    *, entry_id: str, exit_id: str, vehicle_type: int, at: int, version: str | None = None
) -> MinimumFare | None:
    """最小费额: the cheapest way between two stations or border units; None where there is none.

    `fee` is what a card pays (rounded to whole yuan), `obu_fee` what an OBU pays. Units without a
    rate are closed. Refuses an unknown node.
    """
    network_version = version or network.version_at(day_of(at))
    snap = network.snapshot(network_version)
    index = {node: i for i, node in enumerate(snap.nodes["node_id"].to_pylist())}
    for node in (entry_id, exit_id):
        if node not in index:
            raise Refusal(UNKNOWN_UNIT, "stationId", unit=node, version=network_version)
    columns = units_of(network_version)
    before = fees_of(network_version, vehicle_type, day_of(at))
    fee = np.zeros(len(index), np.int64)
    fee[columns.node_idx] = np.where(before.refused == 0, before.tariff_fee, -1)
    is_unit = snap.nodes["is_unit"].to_numpy(zero_copy_only=False)
    ends_only = np.isin(
        snap.nodes["kind"].to_numpy(), [NodeKind.STATION, NodeKind.BORDER]
    ) & ~is_unit  # fmt: skip
    following: dict[int, list[int]] = {}
    for tail, head in zip(
        snap.edges["from_idx"].to_pylist(), snap.edges["to_idx"].to_pylist(), strict=True
    ):
        following.setdefault(tail, []).append(head)
    way = least_fee_way(
        following, fee.tolist(), snap.nodes["length_m"].to_pylist(), ends_only.tolist(),
        index[entry_id], index[exit_id],
    )  # fmt: skip
    if way is None:
        return None
    driven = [snap.nodes["node_id"][i].as_py() for i in way if is_unit[i]]
    return _fare_of(driven, entry_id, exit_id, vehicle_type, at, network_version)


def _fare_of(
    driven: list[str], entry_id: str, exit_id: str, vehicle_type: int, at: int, version: str
) -> MinimumFare:
    columns, slot = units_of(version), slot_at(at)
    places = [columns.place[unit] for unit in driven]
    card, obu = (
        int(priced_units(version, Profile(medium, vehicle_type), slot).fee[places].sum())
        for medium in (MediaType.CPC, MediaType.OBU)
    )
    return MinimumFare(
        entry_id=entry_id,
        exit_id=exit_id,
        vehicle_type=vehicle_type,
        network_version=version,
        mileage_m=int(columns.length_m[places].sum()),
        fee=rounded_to(card, dated.card_province_step(day_of(at))),
        obu_fee=obu,
        units=tuple(driven),
    )
