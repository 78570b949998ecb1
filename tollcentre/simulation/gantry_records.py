"""Gantry trades and plate reads as rows of the national tables."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .charging import Charges, Driven, Fees
from .columns import (
    Column,
    Sequence,
    TimeText,
    constant,
    either,
    grouped,
    join,
    numbers,
    padded,
    take,
)
from .identity import Identity
from .observing import (
    FAILED,
    OPPOSITE,
    RIGHT,
    UNKNOWN,
    WRONG_CHARACTER,
    MediaSums,
    Plates,
    Trades,
)
from .population import CPC, OBU, Journeys
from .road_map import IntArray, RoadMap

NOT_SET = "-1"
PASS_INFO_HEXES = 24
CONFUSED = {
    "0": "D", "D": "0", "8": "B", "B": "8", "5": "S", "S": "5", "2": "Z", "Z": "2", "6": "G",
    "G": "6", "1": "7", "7": "1", "C": "G", "E": "F", "F": "E", "U": "V", "V": "U", "3": "8",
    "4": "A", "A": "4", "9": "8", "H": "N", "N": "H", "M": "N", "K": "X", "X": "K", "Q": "0",
    "P": "R", "R": "P", "J": "L", "L": "J", "T": "7", "W": "V", "Y": "V",
}  # fmt: skip
"""Characters that a camera takes for one another."""


@dataclass
class ChunkFacts:
    """What the record writers need to know of a chunk."""

    journeys: Journeys
    identity: Identity
    driven: Driven
    charges: Charges
    fees: Fees
    sums: MediaSums
    entry_time: IntArray
    exit_time: IntArray
    other_fee: IntArray
    other_pay: IntArray
    drift: IntArray
    holiday: IntArray


class GantryTexts:
    """Texts of every gantry, looked up by unit and by which of its gantries was passed."""

    def __init__(self, road_map: RoadMap) -> None:
        self.road_map = road_map
        self.ids = pa.array([g.gantry_id for g in road_map.gantries] or [""])
        self.hexes = pa.array([g.hex_code for g in road_map.gantries] or [""])
        self.opposite_hexes = pa.array([g.opposite_hex for g in road_map.gantries] or [""])
        self.unit_ids = pa.array(road_map.node_ids)
        self.count = max(1, len(road_map.gantries))

    def gantry(self, node: IntArray, salt: IntArray) -> IntArray:
        """The gantry of each row: a unit with two is passed under either."""
        return self.road_map.first_gantry[node] + salt % np.maximum(
            1, self.road_map.gantry_count[node]
        )


class TradeWriter:
    """Builds the 191 columns of 门架交易流水."""

    def __init__(self, texts: GantryTexts, times: TimeText, rate_version: str) -> None:
        self.texts, self.times, self.rate_version = texts, times, rate_version
        self.sequence = Sequence(texts.count, times)

    def columns(self, facts: ChunkFacts, trades: Trades) -> dict[str, Column | str]:
        """All columns that are not blank for every row."""
        gantry = self.texts.gantry(trades.node, trades.passage)
        media = facts.journeys.media[trades.passage]
        result = self.head(facts, trades, gantry)
        result |= self.amounts(facts, trades)
        result |= self.vehicle(facts, trades)
        result |= self.media_columns(facts, trades, media)
        result |= self.history(facts, trades, media)
        return result

    def head(self, facts: ChunkFacts, trades: Trades, gantry: IntArray) -> dict[str, Column | str]:
        """Who read it, when, and what was delivered around it."""
        hour = self.times.hour_number(trades.time)
        batch = self.times.hour_batch(trades.time)
        gantry_id = take(self.texts.ids, gantry)
        number = padded(self.sequence.next(gantry, hour), 5)
        computer = numbers(1 + gantry % 2)
        direction = self.texts.road_map.direction[trades.node]
        received = self.times.iso(trades.time + 2 + trades.passage % 5)
        pass_id = take(facts.identity.pass_id, trades.passage)
        return {
            "TRADEID": join(gantry_id, batch, computer, number),
            "GANTRYID": gantry_id,
            "ORIGINALFLAG": "1",
            "COMPUTERORDER": computer,
            "HOURBATCHNO": batch,
            "GANTRYORDERNUM": numbers(100 * direction + 1),
            "GANTRYHEX": take(self.texts.hexes, gantry),
            "GANTRYHEXOPPOSITE": take(self.texts.opposite_hexes, gantry),
            "TRANSTIME": self.times.iso(trades.time),
            "PASSID": either(trades.blank_pass, "", pass_id),
            "STATIONDBTIME": received, "STATIONDEALTIME": received,
            "STATIONVALIDTIME": received, "STATIONMATCHTIME": received,
            "RECEIVETIME": received, "RECORDGENTIME": received,
            "MATCHSTATUS": "0", "VALIDSTATUS": "0", "DEALSTATUS": "1", "ISFIXDATA": "0",
            "TRADERESULT": either(trades.kind == FAILED, "1", "0"),
            "GANTRYTYPE": "1", "FEECALCRESULT": "0", "FEECALCSPECIAL": "0",
            "FEECALCSPECIALS": "0", "PATHFITFLAG": "0", "GANTRYHEXOPPOTIME": "120",
            "FEEDATAVERSION": "20200320001", "PCRSUVERSION": "305", "TRANSTYPE": "09",
            "SERVICETYPE": "1", "ALGORITHMIDENTIFIER": "1", "KEYVERSION": "01",
            "ANTENNAID": numbers(1 + trades.passage % 4), "CONSUMETIME": "210",
            "TOLLMODEVER": self.rate_version, "TOLLPARAVER": self.rate_version,
            "HOLIDAYSTATE": numbers(facts.holiday[trades.passage]),
        }  # fmt: skip

    def amounts(self, facts: ChunkFacts, trades: Trades) -> dict[str, Column | str]:
        """Units charged here with their amounts; nothing is charged across the road."""
        sums, event = facts.sums, trades.event
        across = trades.kind >= OPPOSITE
        groups = self.groups(facts)
        own_unit = take(self.texts.unit_ids, trades.node)
        fitted = facts.charges.counts > 1
        zero = constant("0", len(event))
        result: dict[str, Column | str] = {
            "TOLLINTERVALID": either(across, own_unit, take(groups["units"], event)),
            "TOLLINTERVALSIGN": either(across, "1", take(groups["sign"], event)),
            "RATECOMPUTE": numbers(np.where(fitted[event] & ~across, 2, 1)),
            "RATEFITCOUNT": numbers(np.where(across, 0, facts.charges.counts[event] - 1)),
        }
        for name, values in (
            ("PAYFEE", sums.pay_fee), ("FEE", sums.fee), ("DISCOUNTFEE", sums.discount_fee),
        ):  # fmt: skip
            result[name] = numbers(np.where(across, 0, values[event]))
            result[f"{name}GROUP"] = either(across, zero, take(groups[name], event))
        media = facts.journeys.media[trades.passage]
        result["TRANSFEE"] = either(media == CPC, result["FEE"], "0")
        result["FEEMILEAGE"] = numbers(np.where(across, 0, sums.mileage[event]))
        return result

    def groups(self, facts: ChunkFacts) -> dict[str, Column]:
        """The `|` lists of every event."""
        charges, fees = facts.charges, facts.fees
        rows = charges.rows
        counts = charges.counts
        return {
            "units": grouped(take(self.texts.unit_ids, facts.driven.node[rows]), counts),
            "sign": grouped(numbers(charges.sign[rows]), counts),
            "PAYFEE": grouped(numbers(fees.pay_fee[rows]), counts),
            "FEE": grouped(numbers(fees.fee[rows]), counts),
            "DISCOUNTFEE": grouped(numbers(fees.discount_fee[rows]), counts),
        }

    def vehicle(self, facts: ChunkFacts, trades: Trades) -> dict[str, Column | str]:
        """Plate, class and entry as the medium carries them."""
        journeys, identity, p = facts.journeys, facts.identity, trades.passage
        obu = journeys.media[p] == OBU
        plate, colour = take(identity.plate, p), take(identity.colour, p)
        kind = numbers(journeys.vehicle_type[p])
        seen_class = np.where(np.isin(journeys.vehicle_class, (21, 22)), 0, journeys.vehicle_class)
        vehicle_class = numbers(seen_class[p])
        return {
            "VLP": plate, "VLPC": colour, "VEHICLETYPE": kind, "FEEVEHICLETYPE": kind,
            "VEHICLECLASS": vehicle_class, "VEHICLESIGN": "0xff",
            "OBUVLP": either(obu, plate, ""), "OBUVLPC": either(obu, colour, ""),
            "OBUVEHICLETYPE": either(obu, kind, ""),
            "VEHICLEUSERTYPE": either(obu, vehicle_class, ""),
            "VEHICLESEAT": either(obu, numbers(journeys.seats[p]), ""),
            "AXLECOUNT": numbers(journeys.axles[p]),
            "TOTALWEIGHT": numbers(journeys.weight_kg[p]),
            "PASSSTATE": "1",
            "ENTOLLLANEID": padded(identity.entry.lane[p], 2),
            "ENTOLLSTATIONHEX": take(identity.entry.station_hex, p),
            "ENTIME": take(self.times.iso(facts.entry_time), p),
            "ENLANETYPE": "01", "OBUVERSION": "64",
        }  # fmt: skip

    def media_columns(
        self, facts: ChunkFacts, trades: Trades, media: IntArray
    ) -> dict[str, Column | str]:
        """The medium itself: OBU with its card, or CPC."""
        identity, p = facts.identity, trades.passage
        obu = media == OBU
        dual = identity.dual_piece[p]
        issue = take(identity.issue_id, p)
        serial = numbers(facts.journeys.card_number[p] % 65_000)
        return {
            "MEDIATYPE": numbers(media),
            "OBUSIGN": either(obu, either(dual, "2", "1"), ""),
            "OBUMAC": take(identity.obu_mac, p),
            "OBUISSUEID": issue,
            "OBUSN": take(identity.medium_no, p),
            "OBUSTARTDATE": "20200601", "OBUENDDATE": "20300601", "OBUELECTRICAL": NOT_SET,
            "OBUSTATE": either(obu, "2001", "0000"),
            "CPUNETID": either(dual, take(identity.issuer_net, p), ""),
            "CPUISSUEID": either(dual, issue, ""),
            "CPUVLP": either(dual, take(identity.plate, p), ""),
            "CPUVLPC": either(dual, take(identity.colour, p), ""),
            "CPUCARDTYPE": either(dual, "2", ""),
            "CPUCARDID": take(identity.card_id, p),
            "TRANSNO": either(dual, serial, ""),
            "OBUTRADERESULT": either(obu, "0", ""),
            "CPCFEETRADERESULT": either(obu, NOT_SET, "0"),
            "TRADETYPE": either(obu, "0", NOT_SET),
            "OBUINFOTYPEREAD": either(obu, "0", NOT_SET),
            "OBUINFOTYPEWRITE": either(obu, "0", NOT_SET),
            "OBUPASSSTATE": either(obu, "1", NOT_SET),
            "FEEPROVBEGINHEX": self.begin_hex(facts, p),
        }  # fmt: skip

    def begin_hex(self, facts: ChunkFacts, passage: IntArray) -> Column:
        """`000000` when the journey began at a station here, else the border gantry's HEX."""
        origin = facts.journeys.origin
        at_border = self.texts.road_map.first_gantry[origin] >= 0
        gantry = np.maximum(self.texts.road_map.first_gantry[origin], 0)
        hexes = either(at_border, take(self.texts.hexes, gantry), "000000")
        return take(hexes, passage)

    def history(
        self, facts: ChunkFacts, trades: Trades, media: IntArray
    ) -> dict[str, Column | str]:
        """Sums on the medium before and after, and the gantry before this one."""
        sums, event, p = facts.sums, trades.event, trades.passage
        across = trades.kind >= OPPOSITE
        obu = media == OBU
        fee = np.where(across, 0, sums.fee[event])
        pay = np.where(across, 0, sums.pay_fee[event])
        mileage = np.where(across, 0, sums.mileage[event])
        stray_after = np.where(across, 1, 0)
        fee_before = sums.fee_before[event] + stray_after * sums.fee[event]
        pay_before = sums.pay_before[event] + stray_after * sums.pay_fee[event]
        miles_before = sums.mileage_before[event] + stray_after * sums.mileage[event]
        result: dict[str, Column | str] = {}

        def ran(name: str, before: IntArray, added: IntArray, on: IntArray, other: str) -> None:
            result[f"{name}BEFORE"] = either(on, numbers(before), other)
            result[f"{name}AFTER"] = either(on, numbers(before + added), other)

        every = np.ones(len(p), dtype=bool)
        ran("FEESUMLOCAL", fee_before, fee, ~obu, "")
        ran("OBUPROVFEESUM", fee_before, fee, obu, NOT_SET)
        ran("OBUPROVPAYFEESUM", pay_before, pay, obu, NOT_SET)
        for name in ("OBUFEESUM", "CARDFEESUM"):
            ran(name, fee_before + facts.other_fee[p], fee, obu, NOT_SET)
        ran("OBUPAYFEESUM", pay_before + facts.other_pay[p], pay, obu, NOT_SET)
        ran("OBUMILEAGE", miles_before, mileage, every, "")
        done = sums.trades_before[event] + stray_after
        one = np.where(across, 0, 1)
        ran("OBUPROVTRADESUCCNUM", done, one, every, "")
        ran("OBUTOTALTRADESUCCNUM", done, one, obu, NOT_SET)
        rounded = (fee_before + fee + 50) // 100 * 100
        result["FEESUMLOCALAFTEREF04"] = either(obu, "", numbers(rounded))
        result["PAYFEEPROVSUMLOCAL"] = NOT_SET
        result["NOCARDTIMESBEFORE"] = result["NOCARDTIMESAFTER"] = either(obu, "0", NOT_SET)
        result["PROVINCENUMBEFORE"] = result["PROVINCENUMAFTER"] = numbers(
            1 + (facts.other_pay[p] > 0)
        )
        return result | self.before(facts, trades, obu)

    def before(self, facts: ChunkFacts, trades: Trades, obu: IntArray) -> dict[str, Column | str]:
        """The gantry before this one, and on a CPC all the gantries so far."""
        driven, row, event = facts.driven, facts.charges.events, trades.event
        passage = driven.passage[row]
        hexes = take(self.texts.hexes, self.texts.gantry(driven.node[row], passage))
        time = driven.time[row] + facts.drift[driven.node[row]]
        done = facts.sums.trades_before
        # A stray read or a failed trade comes after the trade it points to.
        stray = trades.kind >= OPPOSITE
        last = np.where(stray, event, event - 1)
        known = stray | (done[event] > 0)
        last = np.where(known, last, 0)
        last_hex = either(known, take(hexes, last), "")
        entry = facts.entry_time[trades.passage]
        last_time = self.times.iso(np.where(known, time[last], entry))
        shown = np.minimum(done[event] + stray, PASS_INFO_HEXES)
        first = np.repeat(event + stray - shown, shown)
        within = np.arange(int(shown.sum())) - np.repeat(np.cumsum(shown) - shown, shown)
        passed = grouped(take(hexes, first + within), shown, between="")
        own = take(self.texts.hexes, self.texts.gantry(trades.node, trades.passage))
        full = shown >= PASS_INFO_HEXES
        kept = either(full, pc.utf8_slice_codeunits(passed, 6), passed)
        after = either(trades.kind == FAILED, passed, join(kept, own))
        count_after = np.where(trades.kind == FAILED, shown, np.minimum(shown + 1, PASS_INFO_HEXES))
        return {
            "LASTGANTRYHEX": either(obu, last_hex, ""),
            "OBULASTGANTRYHEX": either(obu, last_hex, ""),
            "LASTGANTRYTIME": last_time,
            "OBULASTGANTRYTIME": either(obu, last_time, ""),
            "LASTGANTRYHEXPASS": either(obu, "", last_hex),
            "GANTRYPASSINFO": either(obu, "", passed),
            "GANTRYPASSINFOAFTER": either(obu, "", after),
            "GANTRYPASSCOUNT": either(obu, "", numbers(count_after)),
            "GANTRYPASSCOUNTBEFORE": either(obu, NOT_SET, numbers(shown)),
        }


class PlateWriter:
    """Builds the columns of 门架牌识流水."""

    def __init__(self, texts: GantryTexts, times: TimeText) -> None:
        self.texts, self.times = texts, times
        self.sequence = Sequence(texts.count, times)

    def columns(
        self, facts: ChunkFacts, plates: Plates, rng: np.random.Generator
    ) -> dict[str, Column | str]:
        """All columns that are not blank for every row."""
        p = plates.passage
        gantry = self.texts.gantry(plates.node, p)
        gantry_id = take(self.texts.ids, gantry)
        batch = self.times.hour_batch(plates.time)
        number = self.sequence.next(gantry, self.times.hour_number(plates.time))
        direction = self.texts.road_map.direction[plates.node]
        received = self.times.iso(plates.time + 3)
        plate = self.misread(take(facts.identity.plate, p), plates.fault, rng)
        unknown = plates.fault == UNKNOWN
        return {
            "PICID": join(gantry_id, batch, padded(number, 6)),
            "GANTRYID": gantry_id,
            "GANTRYHEX": take(self.texts.hexes, gantry),
            "PICTIME": self.times.iso(plates.time),
            "GANTRYORDERNUM": numbers(100 * direction + 1),
            "DRIVEDIR": numbers(direction),
            "CAMERANUM": numbers(101 + p % 3),
            "HOURBATCHNO": batch,
            "SHOOTPOSITION": numbers(np.where(rng.random(len(p)) < 0.15, 2, 1)),
            "LANENUM": numbers(1 + p % 3),
            "IDENTIFYVLP": either(unknown, "默A00000", plate),
            "IDENTIFYVLPC": either(unknown, "9", take(facts.identity.colour, p)),
            "VEHICLESPEED": numbers(facts.journeys.speed[p].astype(np.int64)),
            "IDENTIFYTYPE": "1",
            "IMAGESIZE": "182044", "LICENSEIMAGESIZE": "6120", "BINIMAGESIZE": "912",
            "RELIABILITY": numbers(np.where(plates.fault == RIGHT, 96, 71)),
            "MATCHSTATUS": "0", "VALIDSTATUS": "0", "DEALSTATUS": "0",
            "STATIONDBTIME": received, "STATIONDEALTIME": received,
            "RECEIVETIME": received,
        }  # fmt: skip

    def misread(self, plate: Column, fault: IntArray, rng: np.random.Generator) -> Column:
        """One confusable character of each wrongly read plate is taken for another."""
        rows = np.flatnonzero(fault == WRONG_CHARACTER)
        changed = []
        draws = rng.random(len(rows))
        for text, draw in zip(take(plate, rows).to_pylist(), draws, strict=True):
            places = [i for i, c in enumerate(text) if i and c in CONFUSED]
            if places:
                i = places[int(draw * len(places))]
                text = text[:i] + CONFUSED[text[i]] + text[i + 1 :]
            changed.append(text)
        mask = fault == WRONG_CHARACTER
        return pc.replace_with_mask(plate, pa.array(mask), pa.array(changed, type=pa.string()))
