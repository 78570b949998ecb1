"""The arithmetic of a price: whole numbers only, one text for a single unit and for a column.

Every function that takes `Whole` takes ints or int64 arrays alike and is the only place of its
formula. Amounts are fen and never negative; rates are millionths of a yuan, factors millionths.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

import numpy as np

from tollcentre.core.clock import DAY_SECONDS, OFFSET_SECONDS, day_start
from tollcentre.core.codes import UNIT_WIDTH, MediaType
from tollcentre.core.fen import split_exact

from .terms import Discount, ExemptClass, FreePeriod, Profile, Slot, UnitOfRate

PPM = 1_000_000
MICRO_YUAN_PER_FEN = 10_000
HOUR_SECONDS = 3600
WHOLE_DAY = (0, 24)
LAST_CAR_TYPE = 4

Whole = TypeVar("Whole", int, np.ndarray)


def half_up(numerator: Whole, denominator: int) -> Whole:
    """The quotient of numbers that are not negative, rounded half up (四舍五入)."""
    return (2 * numerator + denominator) // (2 * denominator)


def rounded_to(amount: Whole, step: int) -> Whole:
    """The amount rounded half up to a multiple of the step."""
    return half_up(amount, step) * step


def unit_fee(length_m: Whole, rate_micro_yuan: int, unit_of_rate: UnitOfRate, step: int) -> Whole:
    """A unit's fee before discount, rounded half up to the step in fen.

    By kilometre: `length_m / 1000 × rate`; by passage: the rate, whatever the length.
    Source: dated parameters `road_types` and `rounding`.
    """
    if unit_of_rate is UnitOfRate.KILOMETRE:
        fen = 1000 * MICRO_YUAN_PER_FEN * step
        return half_up(length_m * rate_micro_yuan, fen) * step
    return 0 * length_m + half_up(rate_micro_yuan, MICRO_YUAN_PER_FEN * step) * step


def discounted(tariff_fee: Whole, factor_ppm: Whole, step: int) -> Whole:
    """What is left of a unit's fee after the discount, rounded half up per unit."""
    return half_up(tariff_fee * factor_ppm, PPM * step) * step


def millionths(text: str) -> int:
    """A decimal text as whole millionths; ValueError where it is none, finer, or negative."""
    try:
        number = Decimal(text.strip()) * PPM
    except ArithmeticError as error:
        raise ValueError(f"not a decimal number: {text!r}") from error
    if not number.is_finite() or number < 0 or number != number.to_integral_value():
        raise ValueError(f"not a number of whole millionths: {text!r}")
    return int(number)


def fee_type_of(vehicle_type: int, fee_k_type: Whole, fee_h_type: Whole) -> Whole:
    """客车 (1–4) pay by the unit's feeKtype, 货车 and 专项作业车 by its feeHtype."""
    return fee_k_type if vehicle_type <= LAST_CAR_TYPE else fee_h_type


def province_of(unit_id: str) -> str:
    """The two-digit province in a national unit id; empty in another country's id."""
    return unit_id[5:7] if len(unit_id) == UNIT_WIDTH else ""


def holds(discount: Discount, profile: Profile, road_id: str, slot: Slot) -> bool:
    """Whether the discount's conditions are met for the whole slot; seats unknown meet none."""
    if not (discount.start <= slot.start and slot.end <= discount.end):
        return False
    if discount.media_type not in (0, profile.media_type):
        return False
    if discount.vehicle_types and profile.vehicle_type not in discount.vehicle_types:
        return False
    if discount.vehicle_class not in (-1, profile.vehicle_class):
        return False
    if discount.road_id and not road_id.startswith(discount.road_id):
        return False
    if discount.seats_most and not 0 < profile.seats_band <= discount.seats_most:
        return False
    return _in_hours(discount, (slot.start + OFFSET_SECONDS) % DAY_SECONDS // HOUR_SECONDS)


def _in_hours(discount: Discount, hour: int) -> bool:
    first, last = discount.hour_from, discount.hour_to
    return first <= hour < last if first < last else hour >= first or hour < last


def conditions(discount: Discount) -> int:
    """How many conditions the discount names."""
    return sum(
        (
            discount.media_type != 0,
            bool(discount.vehicle_types),
            discount.vehicle_class != -1,
            discount.road_id != "",
            discount.seats_most != 0,
            (discount.hour_from, discount.hour_to) != WHOLE_DAY,
        )
    )


def factor_of(
    own: Sequence[Discount], common: Sequence[Discount], profile: Profile, road_id: str, slot: Slot
) -> int:
    """The factor that counts, in ppm: 1,000,000 where no discount holds.

    The network's own discounts go before the common ones; of several that hold, the one with the
    most conditions counts, then the one that began later, then the later in the file.
    """
    for rules in (own, common):
        ranked = [
            (conditions(d), d.start, place, d.factor_ppm)
            for place, d in enumerate(rules)
            if holds(d, profile, road_id, slot)
        ]
        if ranked:
            return max(ranked)[-1]
    return PPM


def road_keys(discounts: Iterable[Discount]) -> tuple[str, ...]:
    """The roads or sections that discounts name, longest first."""
    named = {d.road_id for d in discounts if d.road_id}
    return tuple(sorted(named, key=lambda road: (-len(road), road)))


def slots_between(
    start: int, end: int, discounts: Iterable[Discount], changes: Iterable[date]
) -> list[Slot]:
    """[start, end) cut where a dated value changes or a discount's hours begin or end."""
    cuts = {start, end} | {day_start(day) for day in changes}
    for discount in discounts:
        cuts |= {discount.start, discount.end}
        if (discount.hour_from, discount.hour_to) == WHOLE_DAY:
            continue
        first = (max(start, discount.start) + OFFSET_SECONDS) // DAY_SECONDS
        last = (min(end, discount.end) + OFFSET_SECONDS) // DAY_SECONDS
        for day in range(first, last + 1):
            midnight = day * DAY_SECONDS - OFFSET_SECONDS
            cuts |= {midnight + hour * HOUR_SECONDS
                     for hour in (discount.hour_from, discount.hour_to)}  # fmt: skip
    inside = sorted(cut for cut in cuts if start <= cut <= end)
    pairs = zip(inside, inside[1:], strict=False)
    return [Slot(idx, first, last) for idx, (first, last) in enumerate(pairs)]


def slot_at(time: int) -> Slot:
    """The hour that the moment lies in: nothing changes inside an hour."""
    first = time // HOUR_SECONDS * HOUR_SECONDS
    return Slot(0, first, first + HOUR_SECONDS)


def period_frees(period: FreePeriod, vehicle_type: int, seats: int, exit_time: int) -> bool:
    """Whether the free period covers a journey that ends at this time; seats 0 where unknown."""
    if not period.start <= exit_time < period.end:
        return False
    if period.vehicle_types and vehicle_type not in period.vehicle_types:
        return False
    if not period.seats_most:
        return True
    return 0 < seats <= period.seats_most or (not seats and vehicle_type in period.seats_unknown)


def exemption(
    periods: Sequence[FreePeriod],
    classes: Sequence[ExemptClass],
    *,
    vehicle_type: int,
    vehicle_class: int,
    seats: int,
    exit_time: int,
) -> FreePeriod | ExemptClass | None:
    """Why the whole journey costs nothing, decided once by its exit time; None where it does.

    The kind of vehicle (车种) goes before the free period.
    """
    for exempt in classes:
        if exempt.vehicle_class == vehicle_class and exempt.start <= exit_time < exempt.end:
            return exempt
    for period in periods:
        if period_frees(period, vehicle_type, seats, exit_time):
            return period
    return None


Amounts = tuple[int, int, int]
"""(pay_fee, discount_fee, fee) in fen."""


def journey_amounts(
    media_type: int,
    unit_ids: Sequence[str],
    tariff_fees: Sequence[int],
    fees: Sequence[int],
    card_step: int,
    *,
    free: bool,
) -> list[Amounts]:
    """Each unit's amounts in a whole journey, `pay_fee = fee + discount_fee` for each.

    OBU: the unit's own fee and discount. Every other medium: per province the sum rounded half up
    to the step and spread back exactly by largest remainder, then pay_fee is fee and the discount
    0. A free journey keeps its pay_fee, all of it discount.
    """
    if media_type == MediaType.OBU:
        amounts = [(t, t - f, f) for t, f in zip(tariff_fees, fees, strict=True)]
    else:
        shares = [0] * len(fees)
        for province in dict.fromkeys(map(province_of, unit_ids)):
            at = [i for i, unit in enumerate(unit_ids) if province_of(unit) == province]
            weights = [fees[i] for i in at]
            spread = split_exact(rounded_to(sum(weights), card_step), weights)
            for i, share in zip(at, spread, strict=True):
                shares[i] = share
        amounts = [(share, 0, share) for share in shares]
    return [(pay, pay, 0) for pay, _, _ in amounts] if free else amounts
