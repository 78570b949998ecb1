"""What the road makes of the truth: missed trades, outages, clocks, repeats, stray reads."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .charging import Charges, Driven, Fees
from .columns import TimeText
from .population import sums
from .road_map import IntArray, RoadMap

PLAIN, DUPLICATE, OPPOSITE, FAILED = 0, 1, 2, 3
SWITCHES = {"plate_reads": 1}
"""What `--noise none` leaves on."""


def noise_without(noise: dict[str, Any]) -> dict[str, Any]:
    """The noise parameters with every rate at zero."""
    quiet = {name: 0 if isinstance(value, int | float) else value for name, value in noise.items()}
    return {**quiet, **SWITCHES}


class Faults:
    """What is wrong for a whole run: clocks, outages, late files and silence by gantry-hour."""

    def __init__(
        self, road_map: RoadMap, noise: dict[str, Any], times: TimeText,
        lasting: np.random.Generator, rng: np.random.Generator,
    ) -> None:  # fmt: skip
        hours = times.span // 3600
        low, high = noise["drift_seconds"]
        # A clock that is off stays off from day to day; outages and late files do not.
        drifting = lasting.random(road_map.size) < noise["drift_share"]
        seconds = lasting.integers(low, high, road_map.size)
        seconds *= lasting.choice((-1, 1), road_map.size)
        self.drift = np.where(drifting, seconds, 0)
        self.outage = rng.random((road_map.size, hours)) < noise["outage_share"]
        self.late = rng.random((road_map.size, hours)) < noise["late_share"]
        self.silent = self.late & (rng.random(self.late.shape) < noise["silent_share"])
        self.times = times

    def at(self, table: IntArray, node: IntArray, epoch: IntArray) -> IntArray:
        """The table's value for each row's unit and hour."""
        return table[node, self.times.hour_number(epoch)]


@dataclass
class Trades:
    """Gantry trade rows of a chunk. `event` points into `Charges.events`; a failed trade and a
    read from across the road point to the trade before them, and charge nothing.
    """

    event: IntArray
    kind: IntArray
    passage: IntArray
    node: IntArray
    time: IntArray
    blank_pass: IntArray

    def take(self, rows: IntArray) -> "Trades":
        """The rows named, in that order."""
        return Trades(**{name: values[rows] for name, values in vars(self).items()})


@dataclass
class Plates:
    """Plate reads of a chunk; `fault` 0 right, 1 a character wrong, 2 unknown, 3 false place."""

    passage: IntArray
    node: IntArray
    time: IntArray
    fault: IntArray

    def take(self, rows: IntArray) -> "Plates":
        """The reads named, in that order."""
        return Plates(**{name: values[rows] for name, values in vars(self).items()})


RIGHT, WRONG_CHARACTER, UNKNOWN, FALSE_PLACE = 0, 1, 2, 3


def observe(
    road_map: RoadMap, driven: Driven, faults: Faults, noise: dict[str, Any],
    always: IntArray, rng: np.random.Generator,
) -> tuple[IntArray, IntArray]:  # fmt: skip
    """Which driven units gave a trade, and which misses were an outage's.

    `always[p]`: passages whose last readable unit is read whatever happens (nothing else would
    tell of them).
    """
    readable = road_map.readable[driven.node]
    outage = faults.at(faults.outage, driven.node, driven.time)
    u = rng.random(driven.count)
    lost_in_outage = outage & (rng.random(driven.count) < noise["outage_miss_rate"])
    observed = readable & (u >= noise["miss_rate"]) & ~lost_in_outage
    last = np.full(len(always), -1)
    rows = np.flatnonzero(readable)
    last[driven.passage[rows]] = rows
    kept = last[always & (last >= 0)]
    observed[kept] = True
    return observed, readable & lost_in_outage & ~observed


def trade_rows(
    road_map: RoadMap, driven: Driven, charges: Charges, faults: Faults, noise: dict[str, Any],
    rng: np.random.Generator,
) -> Trades:  # fmt: skip
    """One row per trade, then second trades within seconds, reads from across the road, and
    the failed records (二类) that some missed trades leave behind.
    """
    events = charges.events
    count = len(events)
    opposite = road_map.opposite[driven.node[events]]
    across = (opposite >= 0) & road_map.readable[np.maximum(opposite, 0)]
    again = np.flatnonzero(rng.random(count) < noise["other_id_duplicate_rate"])
    stray = np.flatnonzero(across & (rng.random(count) < noise["opposite_rate"]))
    failed, before = failed_trades(road_map, driven, charges, noise["failed_share"], rng)
    event = np.concatenate([np.arange(count), again, stray, before])
    kind = np.repeat(
        [PLAIN, DUPLICATE, OPPOSITE, FAILED], [count, len(again), len(stray), len(failed)]
    )
    rows = np.concatenate([events, events[again], events[stray], failed])
    row_node = np.where(kind == OPPOSITE, opposite[event], driven.node[rows])
    delay = np.zeros(len(event), dtype=np.int64)
    delay[kind == DUPLICATE] = rng.integers(1, 6, len(again))
    delay[kind == OPPOSITE] = rng.integers(1, 90, len(stray))
    time = driven.time[rows] + delay + faults.drift[row_node]
    blank = rng.random(len(event)) < noise["blank_pass_id_rate"]
    trades = Trades(event, kind, driven.passage[rows], row_node, time, blank)
    return trades.take(np.lexsort((np.arange(len(event)), time)))


def failed_trades(
    road_map: RoadMap, driven: Driven, charges: Charges, share: float, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Missed rows that leave a failed record, and the trade before each on its passage."""
    observed = np.zeros(driven.count, dtype=bool)
    observed[charges.events] = True
    missed = np.flatnonzero(road_map.readable[driven.node] & ~observed)
    missed = missed[rng.random(len(missed)) < share]
    before = np.searchsorted(charges.events, missed) - 1
    known = before >= 0
    known[known] = driven.passage[charges.events[before[known]]] == driven.passage[missed[known]]
    return missed[known], before[known]


def plate_rows(
    road_map: RoadMap, driven: Driven, faults: Faults, noise: dict[str, Any],
    rng: np.random.Generator,
) -> Plates:  # fmt: skip
    """Camera reads at every gantry passed, whether or not it traded; and some false ones."""
    readable = np.flatnonzero(road_map.readable[driven.node])
    seen = readable[rng.random(len(readable)) >= noise["plate_miss_rate"]]
    if not noise["plate_reads"]:
        seen = seen[:0]
    outage = faults.at(faults.outage, driven.node[seen], driven.time[seen])
    seen = seen[~(outage & (rng.random(len(seen)) < noise["outage_miss_rate"]))]
    u = rng.random(len(seen))
    wrong, unknown = noise["plate_wrong_rate"], noise["plate_unknown_rate"]
    fault = np.where(u < wrong, WRONG_CHARACTER, np.where(u < wrong + unknown, UNKNOWN, RIGHT))
    stray = seen[rng.random(len(seen)) < noise["plate_false_rate"]]
    places = np.flatnonzero(road_map.readable)
    opposite = road_map.opposite[driven.node[stray]]
    near = (opposite >= 0) & road_map.readable[np.maximum(opposite, 0)]
    near &= rng.random(len(stray)) < 0.7
    false_node = np.where(near, opposite, places[rng.integers(0, len(places), len(stray))])
    node = np.concatenate([driven.node[seen], false_node])
    shift = np.where(near, rng.integers(1, 60, len(stray)), rng.integers(-900, 900, len(stray)))
    time = np.concatenate([driven.time[seen], driven.time[stray] + shift]) + faults.drift[node]
    time[: len(seen)] += rng.integers(-1, 2, len(seen))
    passage = np.concatenate([driven.passage[seen], driven.passage[stray]])
    fault = np.concatenate([fault, np.full(len(stray), FALSE_PLACE)])
    order = np.lexsort((np.arange(len(time)), time))
    return Plates(passage[order], node[order], time[order], fault[order])


@dataclass
class MediaSums:
    """What each trade adds to the medium and what stood on it before, per event."""

    pay_fee: IntArray
    discount_fee: IntArray
    fee: IntArray
    mileage: IntArray
    pay_before: IntArray
    fee_before: IntArray
    mileage_before: IntArray
    trades_before: IntArray


def media_sums(road_map: RoadMap, driven: Driven, charges: Charges, fees: Fees) -> MediaSums:
    """Sums over each trade's charged units, and over the passage's trades before it."""
    first = np.concatenate([[0], np.cumsum(charges.counts)])
    rows = charges.rows
    pay = sums(fees.pay_fee[rows], first)
    discount = sums(fees.discount_fee[rows], first)
    fee = sums(fees.fee[rows], first)
    mileage = sums(road_map.length_m[driven.node[rows]], first)
    passage = driven.passage[charges.events]
    start = np.searchsorted(passage, passage)

    def before(values: IntArray) -> IntArray:
        total = np.concatenate([[0], np.cumsum(values)])
        return total[np.arange(len(values))] - total[start]

    return MediaSums(
        pay, discount, fee, mileage, before(pay), before(fee), before(mileage),
        np.arange(len(passage)) - start,
    )  # fmt: skip
