"""小时批次合计: what every gantry and lane declares to have sent in an hour."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .columns import Column, TimeText, either, join, numbers, padded, take
from .road_map import IntArray

ALL_HOURS = "gantry_trade"
"""Gantries declare every hour, also one without a trade."""
KINDS = ("gantry_trade", "plate_read", "entry_record", "exit_record")
MEASURES = (
    "count",
    "pay_fee",
    "fee",
    "etc_count",
    "etc_fee",
    "cpc_count",
    "cpc_fee",
    "etc_fails",
    "cpc_fails",
)


@dataclass
class Declared:
    """Amounts that records of a kind add to their device's hour; empty arrays count only."""

    device: IntArray
    time: IntArray
    pay_fee: IntArray
    fee: IntArray
    etc: IntArray
    failed: IntArray


class BatchSums:
    """Sums per kind, device and hour over all chunks of a run."""

    def __init__(self, devices: dict[str, list[str]], times: TimeText) -> None:
        self.devices, self.times = devices, times
        self.hours = times.span // 3600
        self.sums = {
            kind: np.zeros((len(MEASURES), len(ids) * self.hours), dtype=np.int64)
            for kind, ids in devices.items()
        }

    def add(self, kind: str, declared: Declared) -> None:
        """Counts the records in."""
        table = self.sums[kind]
        key = declared.device * self.hours + self.times.hour_number(declared.time)
        size = table.shape[1]
        one = np.ones(len(key), dtype=np.int64)
        etc, failed = declared.etc, declared.failed
        good = 1 - failed
        for place, values in enumerate((
            one, declared.pay_fee, declared.fee, etc * good, etc * declared.fee,
            (1 - etc) * good, (1 - etc) * declared.fee, etc * failed, (1 - etc) * failed,
        )):  # fmt: skip
            table[place] += np.bincount(key, weights=values, minlength=size).astype(np.int64)

    def keys(self, kind: str) -> IntArray:
        """The device-hours to declare: those with records, and a gantry's every hour of the day."""
        declared = self.sums[kind][0] > 0
        if kind == ALL_HOURS:
            first = self.times.days_before * 24
            declared.reshape(-1, self.hours)[:, first : first + 24] = True
        return np.flatnonzero(declared)

    def columns(self, kind: str, keys: IntArray) -> dict[str, Column | str]:
        """Rows of these device-hours of the kind."""
        table = self.sums[kind]
        device, hour = keys // self.hours, keys % self.hours
        ids = take(pa.array(self.devices[kind]), device)
        batch = take(pa.array(self.times.hour_texts()), hour)
        count, pay, fee, etc_count, etc_fee, cpc_count, cpc_fee, etc_fails, cpc_fails = table[
            :, keys
        ]
        trades = kind == "gantry_trade"
        computer = numbers(1 + device % 2) if trades else either(device >= 0, "1", "1")
        days_back = np.maximum(0, self.times.days_before - hour // 24)
        number = padded(10 * days_back + KINDS.index(kind) + 1, 3)
        start = self.times.start + hour * 3600
        zero = np.zeros(len(keys), dtype=np.int64)
        return {
            "COLLECTID": join(ids, batch, number),
            "GANTRYID": ids,
            "COMPUTERORDER": computer,
            "COLLECTDATE": self.times.midnight(start),
            "COLLECTHOURBATCH": batch,
            "RECORDKIND": kind,
            "BATCHCOUNT": numbers(count),
            "PAYFEE": numbers(pay),
            "FEE": numbers(fee),
            "DISCOUNTFEE": numbers(pay - fee),
            "ETCSUCCESSCOUNT": numbers(etc_count if trades else zero),
            "ETCSUCCESSFEE": numbers(etc_fee if trades else zero),
            "ETCFAILCOUNT": numbers(etc_fails),
            "CPCSUCCESSCOUNT": numbers(cpc_count if trades else zero),
            "CPCSUCCESSFEE": numbers(cpc_fee if trades else zero),
            "CPCFAILCOUNT": numbers(cpc_fails),
            "RECEIVETIME": self.times.iso(start + 3600 + 300),
        }
