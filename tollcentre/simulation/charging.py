"""What the gantries charge on the way: own units, agency units, units filled in, units lost."""

from dataclasses import dataclass

import numpy as np

from .population import CPC, EMERGENCY, MILITARY, Journeys
from .prices import PriceBook
from .road_map import IntArray, RoadMap
from .routes import UniqueWays

NOT_CHARGED, OWN, AGENCY, FITTED, ONLINE, MINIMUM, OPEN = 0, 1, 2, 3, 4, 5, 11
FREE_AT_GANTRY = (MILITARY, EMERGENCY)


@dataclass
class Driven:
    """Units driven, flattened passage by passage in path order."""

    passage: IntArray
    seq: IntArray
    node: IntArray
    time: IntArray
    first: IntArray

    @property
    def count(self) -> int:
        """Units in all."""
        return len(self.node)


@dataclass
class Fees:
    """Per driven unit: the tariff's fee, and what a gantry would charge for it."""

    tariff_fee: IntArray
    pay_fee: IntArray
    discount_fee: IntArray
    fee: IntArray


@dataclass
class Charges:
    """Trades of a chunk and the units each of them charges.

    `events`: driven rows at which a trade happened; `charger[k]`: the driven row whose trade
    charged unit k, -1 none; `rows`: charged driven rows in trade order; `counts[e]` of them
    belong to trade e.
    """

    events: IntArray
    charger: IntArray
    sign: IntArray
    rows: IntArray
    counts: IntArray


def fees_of(driven: Driven, journeys: Journeys, prices: PriceBook) -> Fees:
    """Unit fees on the way: OBU with its discount per unit, CPC without, some kinds for nothing."""
    type_index = journeys.type_index[driven.passage]
    tariff = prices.tariff_fee[driven.node, type_index]
    cpc = (journeys.media == CPC)[driven.passage]
    free = np.isin(journeys.vehicle_class, FREE_AT_GANTRY)[driven.passage]
    fee = np.where(cpc, tariff, prices.obu_fee[driven.node, type_index])
    fee = np.where(free, 0, fee)
    return Fees(tariff, tariff, tariff - fee, fee)


def neighbours(driven: Driven, marked: IntArray) -> tuple[IntArray, IntArray]:
    """For each driven row the last marked row before and the first after it, -1 where none."""
    rows = np.arange(driven.count)
    start = driven.first[driven.passage]
    end = driven.first[driven.passage + 1]
    last = np.maximum.accumulate(np.where(marked, rows, -1))
    before = np.concatenate([[-1], last[:-1]]) if driven.count else last
    before = np.where(before >= start, before, -1)
    far = driven.count + 1
    ahead = np.minimum.accumulate(np.where(marked, rows, far)[::-1])[::-1]
    after = np.concatenate([ahead[1:], [far]]) if driven.count else ahead
    return before, np.where(after < end, after, -1)


def charge(
    road_map: RoadMap,
    ways: UniqueWays,
    driven: Driven,
    observed: IntArray,
    origin: IntArray,
    fit_units_max: int,
) -> Charges:
    """Which trade charges which unit.

    A trade charges its own unit (sign 1), the units it is agent for where they adjoin (2), and
    the units since the last anchor where one way only leads here (3, or 2 where no gantry was
    ever built). What nobody charges stays at 0: driven, but not charged.
    """
    rows = np.arange(driven.count)
    charger = np.where(observed, rows, -1)
    sign = np.where(observed, OWN, NOT_CHARGED)
    agent = road_map.charged_by[driven.node]
    for step in (-1, 1):
        beside = np.clip(rows + step, 0, max(0, driven.count - 1))
        fits = (
            (charger < 0)
            & (agent >= 0)
            & (driven.passage[beside] == driven.passage)
            & (driven.node[beside] == agent)
            & observed[beside]
        )
        charger = np.where(fits, beside, charger)
        sign = np.where(fits, AGENCY, sign)
    before, after = neighbours(driven, observed)
    open_rows = np.flatnonzero((charger < 0) & (after >= 0))
    fitted = fit(road_map, ways, driven, open_rows, before, after, origin, fit_units_max)
    charger[fitted] = after[fitted]
    built = road_map.readable | (road_map.charged_by >= 0)
    sign[fitted] = np.where(built[driven.node[fitted]], FITTED, AGENCY)
    events = np.flatnonzero(observed)
    charged = np.flatnonzero(charger >= 0)
    ordered = charged[np.lexsort((charged, charger[charged]))]
    counts = np.bincount(charger[charged], minlength=max(1, driven.count))[events]
    return Charges(events, charger, sign, ordered, counts)


def fit(
    road_map: RoadMap,
    ways: UniqueWays,
    driven: Driven,
    rows: IntArray,
    before: IntArray,
    after: IntArray,
    origin: IntArray,
    fit_units_max: int,
) -> IntArray:
    """Those of `rows` that the next gantry fills in, because one way only leads to it."""
    start_row = before[rows]
    from_start = start_row < 0
    anchor = np.where(from_start, origin[driven.passage[rows]], driven.node[start_row])
    passage_start = driven.first[driven.passage[rows]]
    between = after[rows] - np.where(from_start, passage_start - 1, start_row) - 1
    # A journey from over the border has no anchor of ours before its first read.
    possible = (between <= fit_units_max) & ~(from_start & (road_map.inout[anchor] == 2))
    kept = np.flatnonzero(possible)
    ends = driven.node[after[rows]]
    keys = np.stack([anchor[kept], ends[kept], between[kept]], axis=1)
    if not len(keys):
        return rows[:0]
    distinct, inverse = np.unique(keys, axis=0, return_inverse=True)
    answers = np.array([ways.unique(int(a), int(b), int(n)) for a, b, n in distinct])
    return rows[kept[answers[inverse.ravel()]]]
