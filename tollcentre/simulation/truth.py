"""The truth beside the records: what was driven, charged and owed, and every injected fault."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .charging import Driven
from .columns import Column, RecordFile, either, join, numbers, take
from .gantry_records import ChunkFacts
from .overcharging import Overcharged
from .population import JOURNEYS, OBU
from .road_map import IntArray, RoadMap
from .settling import EXEMPT_NAMES, NO_EXIT, Settled

UNIT_COLUMNS = [
    "pass_id", "seq", "toll_interval_id", "unit_time", "pay_fee", "discount_fee", "fee",
    "tariff_fee", "owner_id", "road_id", "charge_sign",
]  # fmt: skip
PASSAGE_COLUMNS = [
    "pass_id", "media_type", "vehicle_type", "vehicle_class", "vehicle_id", "issuer_id",
    "en_station_id", "ex_station_id", "en_time", "ex_time", "exit_fee_type", "collected_fee",
    "own_pay_fee", "own_fee", "journey", "exempt", "is_least_path", "units", "trades", "faults",
]  # fmt: skip
FAULT_COLUMNS = ["fault", "record_id", "pass_id"]


class TruthFiles:
    """truth.csv, truth_passages.csv and truth_faults.csv of a run."""

    def __init__(self, folder: Path, road_map: RoadMap) -> None:
        self.unit_ids = pa.array(road_map.node_ids)
        self.owner_ids = pa.array(road_map.owner_ids)
        self.road_ids = pa.array([node_id[:11] for node_id in road_map.node_ids])
        self.units = RecordFile(folder / "truth.csv", UNIT_COLUMNS)
        self.passages = RecordFile(folder / "truth_passages.csv", PASSAGE_COLUMNS)
        self.faults = RecordFile(folder / "truth_faults.csv", FAULT_COLUMNS)

    def write_units(self, facts: ChunkFacts, settled: Settled) -> None:
        """One row per driven unit; the amounts are what stays collected for it."""
        driven: Driven = facts.driven
        self.units.write(
            {
                "pass_id": take(facts.identity.pass_id, driven.passage),
                "seq": numbers(driven.seq),
                "toll_interval_id": take(self.unit_ids, driven.node),
                "unit_time": numbers(driven.time),
                "pay_fee": numbers(settled.unit_pay),
                "discount_fee": numbers(settled.unit_pay - settled.unit_fee),
                "fee": numbers(settled.unit_fee),
                "tariff_fee": numbers(facts.fees.tariff_fee),
                "owner_id": take(self.owner_ids, driven.node),
                "road_id": take(self.road_ids, driven.node),
                "charge_sign": numbers(settled.sign),
            }
        )

    def write_passages(
        self, facts: ChunkFacts, settled: Settled, least: IntArray, faults: dict[str, IntArray],
        over: Overcharged,
    ) -> None:  # fmt: skip
        """One row per passage."""
        journeys, identity, driven = facts.journeys, facts.identity, facts.driven
        count = len(journeys)
        own_fee = per_passage(driven, settled.unit_fee, count)
        own_pay = per_passage(driven, settled.unit_pay, count)
        recorded = settled.exit_fee_type != NO_EXIT
        collected = own_fee + settled.other_fee + over.fee
        collected *= 1 + over.second_exit
        collected = np.where(recorded & ~settled.reversed, collected, 0)
        issuer = join(pc.utf8_slice_codeunits(identity.issuer_net, 0, 2), "0101")
        trades = np.bincount(driven.passage[facts.charges.events], minlength=count)
        self.passages.write(
            {
                "pass_id": identity.pass_id,
                "media_type": numbers(journeys.media),
                "vehicle_type": numbers(journeys.vehicle_type),
                "vehicle_class": numbers(journeys.vehicle_class),
                "vehicle_id": join(identity.plate, identity.colour, between="_"),
                "issuer_id": either(journeys.media == OBU, issuer, ""),
                "en_station_id": identity.entry.station_id,
                "ex_station_id": identity.exit.station_id,
                "en_time": numbers(facts.entry_time),
                "ex_time": numbers(np.where(recorded, facts.exit_time, 0)),
                "exit_fee_type": numbers(settled.exit_fee_type),
                "collected_fee": numbers(collected),
                "own_pay_fee": numbers(own_pay),
                "own_fee": numbers(own_fee),
                "journey": take(pa.array(JOURNEYS), journeys.journey),
                "exempt": take(pa.array(EXEMPT_NAMES), settled.exempt),
                "is_least_path": numbers(least.astype(np.int64)),
                "units": numbers(np.diff(driven.first)),
                "trades": numbers(trades),
                "faults": fault_texts(faults, count),
            }
        )

    def write_faults(self, fault: str, record_id: Column, pass_id: Column) -> None:
        """Records that carry an injected fault."""
        if len(record_id):
            self.faults.write({"record_id": record_id, "pass_id": pass_id, "fault": fault})

    def close(self) -> None:
        """Closes the files."""
        for file in (self.units, self.passages, self.faults):
            file.close()


def per_passage(driven: Driven, values: IntArray, count: int) -> IntArray:
    """Sum over each passage's units."""
    return np.bincount(driven.passage, weights=values, minlength=count).astype(np.int64)


def fault_texts(faults: dict[str, IntArray], count: int) -> Column:
    """`missed=2|late=1`: the faults of every passage that has them."""
    parts = [either(n > 0, join(f"{name}=", numbers(n), "|"), "") for name, n in faults.items()]
    if not parts:
        return pa.repeat(pa.scalar(""), count)
    return pc.ascii_rtrim(join(*parts), "|")
