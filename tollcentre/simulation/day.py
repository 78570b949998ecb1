"""One simulated day: truth first, then the records that the road would send of it."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from .batch_sums import BatchSums, Declared
from .charging import charge, fees_of
from .columns import Column, RecordFile, TimeText, take
from .dirt import dirty_rows
from .driving import drive, lay_ways
from .gantry_records import ChunkFacts, GantryTexts, PlateWriter, TradeWriter
from .identity import LANES, Names
from .lane_records import Exits, LaneWriter, once_more, taken_back, told_again
from .money_files import MoneyFiles
from .observing import (
    DUPLICATE,
    FAILED,
    OPPOSITE,
    PLAIN,
    Faults,
    Trades,
    media_sums,
    observe,
    plate_rows,
    trade_rows,
)
from .overcharging import Overcharged, overcharge
from .payments import Payers
from .population import (
    INBOUND,
    OBU,
    OPEN_ROAD,
    OUT_OPEN,
    THROUGH_OPEN,
    THROUGH_RECORDED,
    Population,
    recorded_elsewhere,
    sums,
)
from .prices import PriceBook
from .province import PARAMETERS
from .road_map import IntArray, RoadMap
from .routes import LEAST, TURN_BACK, RouteBook, UniqueWays
from .settling import NO_EXIT, Settled, moment, settle
from .signing import REPEATED, SIGNED_COLUMNS, CardSigner
from .truth import TruthFiles

CHUNK = 20_000
FILES = {
    "gantry_trade": "tbl_GantryWasteRec",
    "plate_read": "tbl_ETCGantryPicWaste",
    "entry_record": "tbl_EnWasteRec",
    "exit_record": "tbl_ExWasteRec",
    "batch_sum": "tbl_BatchSum",
}

Columns = dict[str, Column | str]
BULKY = ("gantry_trade", "plate_read")
COPIES = {
    "STATIONDBTIME", "STATIONDEALTIME", "STATIONVALIDTIME", "STATIONMATCHTIME", "RECORDGENTIME",
    "OBULASTGANTRYHEX", "OBULASTGANTRYTIME", "CPUVLP", "CPUVLPC", "CPUISSUEID", "OBUPASSSTATE",
    "OBUINFOTYPEREAD", "OBUINFOTYPEWRITE", "TRADETYPE", "OBUTRADERESULT", "CPCFEETRADERESULT",
    "NOCARDTIMESBEFORE", "NOCARDTIMESAFTER", "PROVINCENUMBEFORE", "PROVINCENUMAFTER",
}  # fmt: skip
"""Columns that repeat others or hardly vary: left out of the bulky files on demand."""
NEVER_LEFT_OUT = {"TRADERESULT", "PASSSTATE"}


@cache
def load_parameters(name: str) -> dict[str, Any]:
    """A dated parameter file of the simulation."""
    with (PARAMETERS / f"{name}.yaml").open(encoding="utf-8") as stream:
        parameters: dict[str, Any] = yaml.safe_load(stream)
    return parameters


class DaySimulation:
    """Writes one day's record files and truth files into a folder."""

    def __init__(
        self, road_map: RoadMap, prices: PriceBook, day: date, seed: int, out: Path,
        noise: dict[str, Any], traffic: dict[str, Any], full_columns: bool = True,
        tac_keys: Path | None = None,
    ) -> None:  # fmt: skip
        self.road_map, self.prices, self.day, self.seed = road_map, prices, day, seed
        self.noise, self.traffic, self.out, self.full_columns = noise, traffic, out, full_columns
        self.times = TimeText(day)
        rng = np.random.default_rng([seed, 1])
        self.book = RouteBook(road_map, rng)
        self.unique_ways = UniqueWays(road_map)
        self.faults = Faults(
            road_map, noise, self.times, np.random.default_rng([seed, 2]), self.generator(2)
        )
        self.names = Names(road_map, traffic, self.times)
        self.texts = GantryTexts(road_map)
        rate_version = f"{road_map.province}{traffic['rate_version']}"
        self.trade_writer = TradeWriter(self.texts, self.times, rate_version)
        self.plate_writer = PlateWriter(self.texts, self.times)
        money = load_parameters("money_2026")
        self.payers = Payers(money, self.times)
        self.lane_writer = LaneWriter(
            self.texts, self.times, rate_version, road_map.province, self.payers
        )
        self.money = MoneyFiles(
            out, day, money, noise, self.payers, self.generator(7), self.generator(8)
        )
        self.headers = dict(load_parameters("record_headers"))
        self.tac_keys = tac_keys
        self.signer: CardSigner | None = None
        self.batch_sums = BatchSums(self.devices(), self.times)
        self.rows: dict[str, int] = {}

    def generator(self, *purpose: int) -> np.random.Generator:
        """The run's random numbers for one purpose: other days are other days."""
        return np.random.default_rng([self.seed, self.day.toordinal(), *purpose])

    def devices(self) -> dict[str, list[str]]:
        """Ids of the devices that declare hourly sums, in the order of their numbers."""
        gantries = [g.gantry_id for g in self.road_map.gantries]
        stations = [self.road_map.node_ids[n] for n in self.road_map.station_nodes]
        lanes = {
            way: [f"{s}{way}010{lane:02d}0" for s in stations for lane in range(1, LANES + 1)]
            for way in ("1", "2")
        }
        return {
            "gantry_trade": gantries, "plate_read": gantries,
            "entry_record": lanes["1"], "exit_record": lanes["2"],
        }  # fmt: skip

    def run(self, passages: int, progress: Callable[[int], None]) -> dict[str, int]:
        """Simulates the passages chunk by chunk; returns rows by kind of record.

        Files of an earlier run in the folder are replaced.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        for pattern in ("tbl_*.csv", "late/tbl_*.csv", "truth*.csv"):
            for old in self.out.glob(pattern):
                old.unlink()
        if self.tac_keys is not None:
            self.headers["exit_record"] = [*self.headers["exit_record"], *SIGNED_COLUMNS]
            self.signer = CardSigner(self.tac_keys, self.road_map.province, self.out, self.noise)
        population = Population(self.road_map, self.book, self.traffic, self.day, self.generator(3))
        journeys = population.draw(passages)
        ways = lay_ways(self.book, self.unique_ways, journeys, self.generator(4))
        truth = TruthFiles(self.out, self.road_map)
        for number, start in enumerate(range(0, passages, CHUNK), start=1):
            rows = np.arange(start, min(start + CHUNK, passages))
            self.write_chunk(number, rows, journeys.take(rows), ways, truth)
            progress(len(rows))
        truth.close()
        if self.signer is not None:
            self.signer.close()
        self.write_batch_sums()
        self.rows |= self.money.write()
        self.rows |= {"truth_units": truth.units.rows, "truth_passages": truth.passages.rows}
        return dict(sorted(self.rows.items()))

    def write_chunk(
        self, number: int, rows: IntArray, journeys: Any, ways: Any, truth: TruthFiles
    ) -> None:
        """Drives, charges, settles and observes one chunk, and writes all its files."""
        rng = self.generator(5, number)
        least = ways.of(ways.least[rows])
        trip = drive(self.road_map, journeys, ways.of(ways.driven[rows]), self.traffic, rng)
        driven = trip.driven
        no_exit = np.isin(journeys.journey, (OUT_OPEN, THROUGH_OPEN))
        observed, in_outage = observe(self.road_map, driven, self.faults, self.noise, no_exit, rng)
        observed &= (journeys.journey != OPEN_ROAD)[driven.passage]
        charges = charge(
            self.road_map, self.unique_ways, driven, observed, journeys.origin,
            int(self.traffic["gantry_fit_units_max"]),
        )  # fmt: skip
        fees = fees_of(driven, journeys, self.prices)
        settled = settle(
            journeys, driven, charges, fees, least, self.prices, self.traffic, self.noise, rng
        )
        facts = ChunkFacts(
            journeys, self.names.of(journeys, trip.entry_time), driven, charges, fees,
            media_sums(self.road_map, driven, charges, fees), trip.entry_time, trip.exit_time,
            settled.other_fee, settled.other_pay, self.faults.drift,
            self.on_holiday(trip.exit_time),
        )  # fmt: skip
        trades = trade_rows(self.road_map, driven, charges, self.faults, self.noise, rng)
        over = overcharge(facts, settled, trades, self.noise, self.generator(6, number))
        self.write_trades(number, facts, trades, truth, rng)
        self.write_plates(number, facts, rng)
        self.write_lanes(
            number, facts, settled, over, sums(self.road_map.length_m[least.nodes], least.first),
            truth,
        )  # fmt: skip
        truth.write_units(facts, settled)
        missed = self.road_map.readable[driven.node] & ~observed
        missed &= (journeys.journey != OPEN_ROAD)[driven.passage]
        truth.write_passages(
            facts, settled, journeys.variant == LEAST,
            self.fault_counts(facts, settled, over, trades, missed, in_outage), over,
        )  # fmt: skip

    def on_holiday(self, exit_time: IntArray) -> IntArray:
        """1 for passages that end in a free period."""
        inside = np.zeros(len(exit_time), dtype=np.int64)
        for first, last in self.traffic["holidays"]:
            inside |= (exit_time >= moment(first)) & (exit_time <= moment(last))
        return inside

    def fault_counts(
        self, facts: ChunkFacts, settled: Settled, over: Overcharged, trades: Trades,
        missed: IntArray, in_outage: IntArray,
    ) -> dict[str, IntArray]:  # fmt: skip
        """How often each fault befell each passage."""
        count, driven = len(facts.journeys), facts.driven
        late = self.faults.at(self.faults.late, trades.node, trades.time)
        drifted = (self.faults.drift[trades.node] != 0) & (trades.kind == PLAIN)

        def of_units(mask: IntArray) -> IntArray:
            return np.bincount(driven.passage[mask], minlength=count)

        def of_trades(mask: IntArray) -> IntArray:
            return np.bincount(trades.passage[mask], minlength=count)

        return {
            "missed": of_units(missed & ~in_outage),
            "outage": of_units(in_outage),
            "uncharged": of_units(settled.sign == 0),
            "second_trade": of_trades(trades.kind == DUPLICATE),
            "opposite": of_trades(trades.kind == OPPOSITE),
            "failed_trade": of_trades(trades.kind == FAILED),
            "blank_pass_id": of_trades(trades.blank_pass),
            "clock_drift": of_trades(drifted),
            "late": of_trades(late),
            "reversed": settled.reversed.astype(np.int64),
            "overcharged_fen": over.fee,
            "counted_twice": over.counted_twice,
            "above_tariff": over.above_tariff,
            "second_exit": over.second_exit,
            "turn_back": (facts.journeys.variant == TURN_BACK).astype(np.int64),
        }

    def write_trades(
        self, number: int, facts: ChunkFacts, trades: Trades, truth: TruthFiles,
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        """Trades, the late ones apart, some rows twice, and at first some dirty ones."""
        if not len(trades.event):
            return
        columns = self.trade_writer.columns(facts, trades)
        late = self.faults.at(self.faults.late, trades.node, trades.time)
        repeated = np.flatnonzero(rng.random(len(late)) < self.noise["exact_duplicate_rate"])
        self.write("gantry_trade", number, columns, late, repeated)
        record_id = columns["TRADEID"]
        pass_id = take(facts.identity.pass_id, trades.passage)
        for fault, rows in (
            ("exact_duplicate", repeated),
            ("second_trade", np.flatnonzero(trades.kind == DUPLICATE)),
            ("opposite", np.flatnonzero(trades.kind == OPPOSITE)),
            ("failed_trade", np.flatnonzero(trades.kind == FAILED)),
            ("blank_pass_id", np.flatnonzero(trades.blank_pass)),
        ):
            truth.write_faults(fault, take(record_id, rows), take(pass_id, rows))
        if number == 1:
            self.write_dirty(columns, truth)
        gantry = self.texts.gantry(trades.node, trades.passage)
        across = trades.kind >= OPPOSITE
        pay = np.where(across, 0, facts.sums.pay_fee[trades.event])
        fee = np.where(across, 0, facts.sums.fee[trades.event])
        etc = (facts.journeys.media[trades.passage] == OBU).astype(np.int64)
        failed = (trades.kind == FAILED).astype(np.int64)
        declared = Declared(gantry, trades.time, pay, fee, etc, failed)
        self.batch_sums.add("gantry_trade", declared)

    def write_dirty(self, columns: Columns, truth: TruthFiles) -> None:
        """Unusable rows in a file of their own, listed in the truth."""
        made = dirty_rows(columns, int(self.noise["dirty_rows"]))
        if made is None:
            return
        faults, dirty = made
        path = self.out / f"{FILES['gantry_trade']}_{self.day:%Y%m%d}_dirty.csv"
        file = RecordFile(path, self.headers["gantry_trade"])
        file.write(dirty)
        file.close()
        self.count("gantry_trade", file.rows)
        truth.faults.write(
            {"fault": faults, "record_id": dirty["TRADEID"], "pass_id": dirty["PASSID"]}
        )

    def write_plates(self, number: int, facts: ChunkFacts, rng: np.random.Generator) -> None:
        """Camera reads of the chunk."""
        plates = plate_rows(self.road_map, facts.driven, self.faults, self.noise, rng)
        kept = (facts.journeys.journey != OPEN_ROAD)[plates.passage]
        plates = plates.take(np.flatnonzero(kept))
        if not len(plates.passage):
            return
        columns = self.plate_writer.columns(facts, plates, rng)
        late = self.faults.at(self.faults.late, plates.node, plates.time)
        self.write("plate_read", number, columns, late, np.zeros(0, dtype=np.int64))
        gantry = self.texts.gantry(plates.node, plates.passage)
        zero = np.zeros(len(gantry), dtype=np.int64)
        self.batch_sums.add("plate_read", Declared(gantry, plates.time, zero, zero, zero, zero))

    def write_lanes(
        self, number: int, facts: ChunkFacts, settled: Settled, over: Overcharged,
        least_m: IntArray, truth: TruthFiles,
    ) -> None:  # fmt: skip
        """Entries here, exits here and delivered from elsewhere, and corrections."""
        journeys = facts.journeys
        from_afar = np.isin(journeys.journey, (INBOUND, THROUGH_OPEN, THROUGH_RECORDED))
        entered = np.flatnonzero(~from_afar & (journeys.journey != OPEN_ROAD))
        zero = np.zeros(len(entered), dtype=np.int64)
        if len(entered):
            self.write("entry_record", number, self.lane_writer.entry_columns(facts, entered))
            device = facts.identity.entry.device[entered]
            time = facts.entry_time[entered]
            self.batch_sums.add("entry_record", Declared(device, time, zero, zero, zero, zero))
        left = np.flatnonzero(settled.exit_fee_type != NO_EXIT)
        if not len(left):
            return
        collected = (settled.own_fee + settled.other_fee)[left]
        payments = self.payers.draw(facts, left, collected, self.generator(6, number))
        exits = self.lane_writer.exits_of(facts, settled, left, least_m, payments)
        if self.signer is not None:
            self.write_signed(number, facts, settled, exits, truth)
        self.write("exit_record", number, exits.columns)
        ours = np.flatnonzero(~recorded_elsewhere(journeys)[left])
        here = left[ours]
        self.money.add(
            take(facts.identity.exit.station_id, here),
            facts.exit_time[here],
            collected[ours],
            payments.way[ours],
            take(payments.order_no, ours),
            settled.reversed[here],
        )
        pay = (settled.own_pay + settled.other_pay)[here]
        fee = (settled.own_fee + settled.other_fee)[here]
        device, time = facts.identity.exit.device[here], facts.exit_time[here]
        none = np.zeros(len(here), dtype=np.int64)
        self.batch_sums.add("exit_record", Declared(device, time, pay, fee, none, none))
        for fault, of in (("counted_twice", over.counted_twice),
                          ("above_tariff", over.above_tariff)):  # fmt: skip
            rows = np.flatnonzero(of[left])
            truth.write_faults(
                fault, take(exits.record_id, rows), take(exits.columns["PASSID"], rows)
            )
        for fault, of, suffix, told, sign in (
            ("second_exit", over.second_exit, "_second", once_more, 1),
            ("reversed", settled.reversed, "_corrections", taken_back, -1),
        ):
            again = np.flatnonzero(of[left])
            if len(again):
                records = told(exits, again)
                self.write("exit_record", number, records, suffix=suffix)
                truth.write_faults(fault, records["ID"], records["PASSID"])
                self.declare_again(facts, settled, left[again], sign)

    def declare_again(self, facts: ChunkFacts, settled: Settled, rows: IntArray, sign: int) -> None:
        """Count a second record of these exits in their hour's sums; its amounts with the sign."""
        none = np.zeros(len(rows), dtype=np.int64)
        pay, fee = settled.own_pay + settled.other_pay, settled.own_fee + settled.other_fee
        device, time = facts.identity.exit.device[rows], facts.exit_time[rows]
        declared = Declared(device, time, sign * pay[rows], sign * fee[rows], none, none)
        self.batch_sums.add("exit_record", declared)

    def write_signed(
        self, number: int, facts: ChunkFacts, settled: Settled, exits: Exits, truth: TruthFiles
    ) -> None:
        """Have media sign the exits; some charges are told once more."""
        assert self.signer is not None
        for fault, at_rows in self.signer.sign(facts, exits).items():
            truth.write_faults(
                fault, take(exits.record_id, at_rows), take(exits.columns["PASSID"], at_rows)
            )
        again = self.signer.repeated(facts, exits)
        if not len(again):
            return
        rows = exits.passage[again]
        columns = told_again(exits, again, self.times.compact(facts.entry_time[rows] + 1))
        self.write("exit_record", number, columns, suffix="_repeated")
        truth.write_faults(REPEATED, columns["ID"], columns["PASSID"])
        self.batch_sums.add(
            "exit_record",
            Declared(
                facts.identity.exit.device[rows], facts.exit_time[rows],
                (settled.own_pay + settled.other_pay)[rows],
                (settled.own_fee + settled.other_fee)[rows], np.zeros_like(rows),
                np.zeros_like(rows),
            ),
        )  # fmt: skip

    def write_batch_sums(self) -> None:
        """All hourly sums in one file, but for the hours that a gantry is silent of at first."""
        name = f"{FILES['batch_sum']}_{self.day:%Y%m%d}.csv"
        keys = {kind: self.batch_sums.keys(kind) for kind in self.batch_sums.sums}
        silent = {kind: self.silent(kind, found) for kind, found in keys.items()}
        for folder, late in ((self.out, False), (self.out / "late", True)):
            parts = {kind: found[silent[kind] == late] for kind, found in keys.items()}
            if late and not any(map(len, parts.values())):
                continue
            folder.mkdir(exist_ok=True)
            file = RecordFile(folder / name, self.headers["batch_sum"])
            for kind, found in parts.items():
                if len(found):
                    file.write(self.batch_sums.columns(kind, found))
            file.close()
            self.count("batch_sum", file.rows)

    def silent(self, kind: str, keys: IntArray) -> IntArray:
        """Whether the gantry of each device-hour is silent in that hour."""
        if kind not in BULKY:
            return np.zeros(len(keys), dtype=bool)
        unit = np.repeat(np.arange(self.road_map.size), self.road_map.gantry_count)
        gantry, hour = np.divmod(keys, self.batch_sums.hours)
        return self.faults.silent[unit[gantry], hour]

    def write(
        self, kind: str, number: int, columns: Columns, late: IntArray | None = None,
        repeated: IntArray | None = None, suffix: str = "",
    ) -> None:  # fmt: skip
        """One chunk's file of a kind, and beside it what arrives late."""
        name = f"{FILES[kind]}_{self.day:%Y%m%d}_{number:03d}{suffix}.csv"
        parts = [(self.out, None if late is None else np.flatnonzero(~late), repeated)]
        if late is not None and late.any():
            parts.append((self.out / "late", np.flatnonzero(late), None))
        for folder, rows, again in parts:
            folder.mkdir(exist_ok=True)
            left_out = None if self.full_columns else self.left_out(kind, columns)
            file = RecordFile(folder / name, self.headers[kind], left_out)
            file.write(columns if rows is None else at(columns, rows))
            if again is not None and len(again):
                file.write(at(columns, again))
            file.close()
            self.count(kind, file.rows)

    def left_out(self, kind: str, columns: Columns) -> set[str]:
        """Columns never filled; of the bulky kinds also constants and copies."""
        blank = set(self.headers[kind]) - set(columns)
        if kind not in BULKY:
            return blank
        constants = {name for name, column in columns.items() if isinstance(column, str)}
        return blank | COPIES | (constants - NEVER_LEFT_OUT)

    def count(self, kind: str, rows: int) -> None:
        """Counts rows written."""
        self.rows[kind] = self.rows.get(kind, 0) + rows


def at(columns: Columns, rows: IntArray) -> Columns:
    """The columns at `rows`."""
    return {
        name: column if isinstance(column, str) else take(column, rows)
        for name, column in columns.items()
    }
