"""How passages without an OBU pay at the exit: cash or a code, and what the lane writes of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from .columns import Column, TimeText, either, join, padded, take
from .gantry_records import ChunkFacts
from .population import OBU
from .road_map import IntArray

HOUR = 3600
ETC, CASH, FIRST_CHANNEL = 0, 1, 2
"""Ways to pay; from the third on they are the channels in the order of the parameters."""


@dataclass
class Payments:
    """Per exit row the way it was paid, and the channel's order number or blank."""

    way: IntArray
    order_no: Column


class Payers:
    """Draws how exits are paid."""

    def __init__(self, money: dict[str, Any], times: TimeText) -> None:
        self.times, self.cash_share = times, float(money["cash_share"])
        self.shift_starts = np.array(money["shift_starts_h"]) * HOUR
        channels = money["channels"].values()
        self.weights = np.array([channel["share"] for channel in channels], dtype=np.float64)
        self.prefixes = pa.array(["", "", *(channel["prefix"] for channel in channels)])
        codes = money["pay_codes"]
        ways = [codes["etc"], codes["cash"], *[codes["mobile"]] * len(self.weights)]
        self.pay_type = pa.array([pay_type for pay_type, _ in ways])
        self.trans_pay_type = pa.array([trans_pay_type for _, trans_pay_type in ways])

    def shift_of(self, second_of_day: IntArray) -> IntArray:
        """The shift of every moment, from 1."""
        return np.searchsorted(self.shift_starts, second_of_day, side="right")

    def draw(
        self, facts: ChunkFacts, rows: IntArray, fee: IntArray, rng: np.random.Generator
    ) -> Payments:
        """The payment of every exit row; `fee` in fen. Who pays nothing needs no code."""
        share = np.cumsum(self.weights) / self.weights.sum()
        channel = np.searchsorted(share, rng.random(len(rows)), side="right")
        by_code = (rng.random(len(rows)) >= self.cash_share) & (fee > 0)
        way = np.where(by_code, FIRST_CHANNEL + channel, CASH)
        way[(facts.journeys.media == OBU)[rows]] = ETC
        time = self.times.compact(facts.exit_time[rows])
        number = padded(facts.journeys.medium_number[rows], 12)
        order_no = join(take(self.prefixes, way), time, number)
        return Payments(way, either(way >= FIRST_CHANNEL, order_no, ""))

    def columns(self, payments: Payments) -> dict[str, Column | str]:
        """支付方式 and 订单号 of the exit records."""
        return {
            "PAYTYPE": take(self.pay_type, payments.way),
            "TRANSPAYTYPE": take(self.trans_pay_type, payments.way),
            "PAYCODE": payments.order_no,
        }
