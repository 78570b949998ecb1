"""What exits collect too much, on purpose: trades counted twice, a dearer sum, a second record."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .gantry_records import ChunkFacts
from .observing import DUPLICATE, Trades
from .population import CPC, INBOUND, LOCAL, OBU
from .prices import yuan_half_up
from .road_map import IntArray
from .settling import CPC_SUM, OBU_SUM, Settled

ABOVE_FEN = (300, 9_000)


@dataclass(frozen=True)
class Overcharged:
    """By passage: fen above what is due, how many trades count twice, and what else is wrong."""

    fee: IntArray
    counted_twice: IntArray
    above_tariff: IntArray
    second_exit: IntArray


def overcharge(
    facts: ChunkFacts, settled: Settled, trades: Trades, noise: dict[str, Any],
    rng: np.random.Generator,
) -> Overcharged:  # fmt: skip
    """Raise what exits collect; the units keep what is due for them.

    Of exits here that pay what gantries summed up, and are neither free nor taken back.
    """
    journeys, count = facts.journeys, len(facts.journeys)
    open_to = np.isin(settled.exit_fee_type, (OBU_SUM, CPC_SUM)) & (settled.exempt == 0)
    open_to &= (settled.reversed == 0) & np.isin(journeys.journey, (LOCAL, INBOUND))
    again = np.flatnonzero((trades.kind == DUPLICATE) & open_to[trades.passage])
    again = again[rng.random(len(again)) < noise["counted_twice_share"]]
    of, event = trades.passage[again], trades.event[again]
    pay = np.bincount(of, weights=facts.sums.pay_fee[event], minlength=count).astype(np.int64)
    fee = np.bincount(of, weights=facts.sums.fee[event], minlength=count).astype(np.int64)
    above = open_to & (fee == 0) & (rng.random(count) < noise["overcharge_rate"])
    more = rng.integers(*ABOVE_FEN, count)
    pay, fee = np.where(above, more, pay), np.where(above, more, fee)
    cpc = journeys.media == CPC
    pay, fee = (np.where(cpc, yuan_half_up(fen), fen) for fen in (pay, fee))
    settled.own_pay += pay
    settled.own_fee += fee
    # What is collected twice at a lane is more in its till: only media are charged unseen.
    unseen = open_to & (journeys.media == OBU) & (settled.own_fee > 0)
    second = unseen & (rng.random(count) < noise["second_exit_rate"])
    twice = np.bincount(of, minlength=count)
    return Overcharged(
        fee, np.where(fee > 0, twice, 0), above.astype(np.int64), second.astype(np.int64)
    )
