"""Entry and exit lane records as rows of the national tables."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .charging import Driven
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
from .gantry_records import ChunkFacts, GantryTexts
from .identity import LANES, Places, is_open_road, journeys_between_provinces
from .payments import Payers, Payments
from .population import CPC, OBU, recorded_elsewhere
from .road_map import IntArray
from .settling import MINISTRY_ONLINE, OPEN_ROAD_FEE, PROVINCE_ONLINE, Settled

NOTHING_SPECIAL = "0" * 90
CENTRE = "0201"
LANE_AND_HOUR = 31
"""Characters of a lane record id before its running number; corrections number from 9."""


@dataclass
class Exits:
    """Exit rows of a chunk: which passages, and their amounts as the record states them."""

    passage: IntArray
    record_id: Column
    columns: dict[str, Column | str]


class LaneWriter:
    """Builds 入口流水 and 出口流水."""

    def __init__(
        self, texts: GantryTexts, times: TimeText, rate_version: str, province: str,
        payers: Payers,
    ) -> None:  # fmt: skip
        self.texts, self.times, self.payers = texts, times, payers
        self.rate_version, self.province = rate_version, province
        stations = max(1, len(texts.road_map.station_nodes))
        self.entries = Sequence(stations * LANES, times)
        # One device more stands for the lanes of other provinces.
        self.exits = Sequence(stations * LANES + 1, times)
        self.foreign_device = stations * LANES

    def record_id(
        self, places: Places, rows: IntArray, time: IntArray, sequence: Sequence
    ) -> Column:
        """Lane id, hour batch, running number; lanes elsewhere share one run of numbers."""
        device = np.where(places.here[rows], places.device[rows], len(sequence.used))
        device = np.minimum(device, len(sequence.used) // sequence.hours - 1)
        number = sequence.next(device, self.times.hour_number(time))
        return join(take(places.lane_id, rows), self.times.hour_batch(time), padded(number, 6))

    def entry_columns(self, facts: ChunkFacts, rows: IntArray) -> dict[str, Column | str]:
        """入口流水 of the passages `rows`, which entered at stations here."""
        journeys, identity = facts.journeys, facts.identity
        places, time = identity.entry, facts.entry_time[rows]
        obu = (journeys.media == OBU)[rows]
        moment = self.times.iso(time)
        medium = take(identity.medium_no, rows)
        plate, colour = take(identity.plate, rows), take(identity.colour, rows)
        weight = numbers(journeys.weight_kg[rows])
        return {
            "ID": self.record_id(places, rows, time, self.entries),
            "TRANSCODE": "0101", "LDATE": self.times.midnight(time), "SHIFT": self.shift(time),
            "TRIGGERTIME": moment, "ENTIME": moment,
            "LANETYPE": either(obu, "1", "3"),
            "ENTOLLSTATION": padded(places.device[rows] // LANES + 1, 6),
            "ENTOLLLANE": padded(places.lane[rows], 2),
            "ENTOLLSTATIONHEX": take(places.station_hex, rows),
            "ENTOLLLANEHEX": take(places.lane_hex, rows),
            "ENTOLLSTATIONID": take(places.station_id, rows),
            "ENTOLLLANEID": take(places.lane_id, rows),
            "MEDIATYPE": numbers(journeys.media[rows]),
            "OBUSIGN": either(obu, either(identity.dual_piece[rows], "2", "1"), ""),
            "OBUISSUEFLAG": either(obu, take(identity.issue_id, rows), "0" * 16),
            "OBUID": either(obu, medium, ""), "OBUSN": either(obu, medium, ""),
            "SUPPLIERID": "1", "VCOUNT": "1", "INDUCTCNT": "1", "TRANSFEE": "0",
            "CARDTYPE": either(obu, "2", ""),
            "CARDNET": take(identity.issuer_net, rows),
            "CARDID": either(obu, take(identity.card_id, rows), medium),
            "VLP": plate, "VLPC": colour, "IDENTIFYVLP": plate, "IDENTIFYVLPC": colour,
            "VEHICLETYPE": numbers(journeys.vehicle_type[rows]),
            "VEHICLECLASS": numbers(self.seen_class(journeys.vehicle_class[rows])),
            "TRANSTYPE": "09", "ENWEIGHT": weight, "AXISINFO": "0", "LIMITWEIGHT": "0",
            "OVERWEIGHTRATE": "0", "ENAXLECOUNT": numbers(journeys.axles[rows]),
            "ELECTRICALPERCENTAGE": either(obu, "0", "90"), "SIGNSTATUS": "1",
            "PARAVER": self.rate_version, "LANESPINFO": NOTHING_SPECIAL,
            "SPINFO": NOTHING_SPECIAL, "PASSID": take(identity.pass_id, rows),
            "OBUMAC": either(obu, take(identity.obu_mac, rows), "00000000"),
            "KEYVERSION": "1", "DIRECTION": "1", "VEHICLESIGN": "0xff",
            "TERMINALTRANSNO": "00000000", "OPERATIONMEDIA": "1", "CHARGEMODE": "1",
            "STATIONRECEIVETIME": self.times.iso(time + 4),
            "RECEIVETIME": self.times.iso(time + 6),
        }  # fmt: skip

    def seen_class(self, vehicle_class: IntArray) -> IntArray:
        """绿通 and harvesters are found out at the exit's inspection, not before."""
        return np.where(np.isin(vehicle_class, (21, 22)), 0, vehicle_class)

    def shift(self, time: IntArray) -> Column:
        """班次 of every moment, in two digits; its day is the moment's own."""
        return padded(self.payers.shift_of(self.times.parts(time)[1]), 2)

    def exits_of(
        self, facts: ChunkFacts, settled: Settled, rows: IntArray, least_m: IntArray,
        payments: Payments,
    ) -> Exits:  # fmt: skip
        """出口流水 of the passages `rows`, here or delivered by another province."""
        places, time = facts.identity.exit, facts.exit_time[rows]
        record_id = self.record_id(places, rows, time, self.exits)
        columns: dict[str, Column | str] = {"ID": record_id, "MODIFYFLAG": "1"}
        columns |= self.exit_place(facts, rows, time)
        columns |= self.exit_vehicle(facts, rows)
        columns |= self.payers.columns(payments)
        columns |= self.exit_amounts(facts, settled, rows, least_m)
        columns |= self.exit_provinces(facts, settled, rows)
        columns |= self.exit_groups(facts, settled, rows)
        return Exits(rows, record_id, columns)

    def exit_place(
        self, facts: ChunkFacts, rows: IntArray, time: IntArray
    ) -> dict[str, Column | str]:
        """Lanes and times of both ends."""
        moment = self.times.iso(time)
        result: dict[str, Column | str] = {
            "TRANSCODE": "0201", "LDATE": self.times.midnight(time), "SHIFT": self.shift(time),
            "TRIGGERTIME": moment, "EXTIME": moment,
            "ENTIME": take(self.times.iso(facts.entry_time), rows),
            "STATIONRECEIVETIME": self.times.iso(time + 4),
            "RECEIVETIME": self.times.iso(time + 7),
            "ORIGINALFLAG": "1", "LANESPINFO": NOTHING_SPECIAL, "SPINFO": NOTHING_SPECIAL,
            "PARAVER": self.rate_version, "SPCRATEVERSION": self.rate_version,
        }  # fmt: skip
        for end, places in (("EN", facts.identity.entry), ("EX", facts.identity.exit)):
            result |= {
                f"{end}TOLLSTATION": padded(places.device[rows] // LANES + 1, 6),
                f"{end}TOLLLANE": padded(places.lane[rows], 2),
                f"{end}TOLLSTATIONHEX": take(places.station_hex, rows),
                f"{end}TOLLLANEHEX": take(places.lane_hex, rows),
                f"{end}TOLLSTATIONID": take(places.station_id, rows),
                f"{end}TOLLLANEID": take(places.lane_id, rows),
                f"{end}TOLLSTATIONNAME": take(places.station_name, rows),
            }
        return result

    def exit_vehicle(self, facts: ChunkFacts, rows: IntArray) -> dict[str, Column | str]:
        """Vehicle and medium, as entered and as left."""
        journeys, identity = facts.journeys, facts.identity
        obu = (journeys.media == OBU)[rows]
        medium = take(identity.medium_no, rows)
        plate, colour = take(identity.plate, rows), take(identity.colour, rows)
        kind = numbers(journeys.vehicle_type[rows])
        vehicle_class = journeys.vehicle_class[rows]
        sign = either(vehicle_class == 21, "0x02", either(vehicle_class == 22, "0x03", "0xff"))
        weight = numbers(journeys.weight_kg[rows])
        dual = identity.dual_piece[rows]
        return {
            "MEDIATYPE": numbers(journeys.media[rows]), "MEDIANO": medium,
            "OBUSIGN": either(obu, either(dual, "2", "1"), ""),
            "OBUISSUEFLAG": either(obu, take(identity.issue_id, rows), "0" * 16),
            "OBUID": either(obu, medium, "0"), "CARDCNT": "1", "VCOUNT": "1", "INDUCTCNT": "1",
            "ENVLP": plate, "ENVLPC": colour, "EXVLP": plate, "EXVLPC": colour,
            "IDENTIFYVLP": plate, "IDENTIFYVLPC": colour,
            "ENVEHICLETYPE": kind, "EXVEHICLETYPE": kind,
            "ENVEHICLECLASS": numbers(self.seen_class(vehicle_class)),
            "EXVEHICLECLASS": numbers(vehicle_class), "VEHICLESIGN": sign,
            "ENWEIGHT": weight, "EXWEIGHT": weight,
            "ENAXLECOUNT": numbers(journeys.axles[rows]),
            "AXLECOUNT": numbers(journeys.axles[rows]),
            "AXISINFO": "0", "LIMITWEIGHT": "0", "OVERWEIGHTRATE": "0",
            "ELECTRICALPERCENTAGE": either(obu, "0", "90"), "TRANSTYPE": "09",
            "TERMINALTRANSNO": "00000000", "SERVICETYPE": "1", "ALGORITHMIDENTIFIER": "1",
            "LANETYPE": either(obu, "1", "3"), "SIGNSTATUS": "1",
            "PAYCARDTYPE": either(dual, "2", ""),
            "PAYCARDNET": either(dual, take(identity.issuer_net, rows), ""),
            "PAYCARDID": either(dual, take(identity.card_id, rows), "0"),
            "IDENTIFICATION": "2", "INVOICETYPE": "0", "INVOICECNT": "0", "CHECKSIGN": "0",
            "PASSID": take(identity.pass_id, rows),
        }  # fmt: skip

    def exit_amounts(
        self, facts: ChunkFacts, settled: Settled, rows: IntArray, least_m: IntArray
    ) -> dict[str, Column | str]:
        """Due, discount and collected, over all provinces of the journey."""
        obu = (facts.journeys.media == OBU)[rows]
        pay = (settled.own_pay + settled.other_pay)[rows]
        fee = (settled.own_fee + settled.other_fee)[rows]
        pay_text, fee_text, discount = numbers(pay), numbers(fee), numbers(pay - fee)
        kind = settled.exit_fee_type[rows]
        on_media = obu & (kind == 1)
        exempt = settled.exempt[rows] > 0
        trades = np.bincount(
            facts.driven.passage[facts.charges.events], minlength=len(facts.journeys)
        )[rows]
        miles = np.bincount(
            facts.driven.passage, weights=self.lengths(facts.driven), minlength=len(facts.journeys)
        ).astype(np.int64)[rows]
        return {
            "PAYFEE": pay_text, "FEE": fee_text, "DISCOUNTFEE": discount,
            "REBATEMONEY": discount, "ENTOLLMONEY": pay_text, "ENFREEMONEY": discount,
            "ENLASTMONEY": fee_text, "COLLECTFEE": "0", "CARDCOSTFEE": "0", "UNPAYFEE": "0",
            "UNPAYFLAG": "0", "TICKETFEE": "0", "TRANSFEE": either(obu, fee_text, "0"),
            "ORIGINFEE": either(obu, "0", pay_text),
            "SHORTFEE": fee_text, "SHORTFEEMILEAGE": numbers(least_m[rows]),
            "FEEMILEAGE": numbers(miles), "TOLLDISTANCE": numbers(miles),
            "REALDISTANCE": numbers(miles), "FEERATE": "1",
            "ACTUALFEECLASS": numbers(kind),
            "OBUPAYFEE": either(on_media, pay_text, ""),
            "OBUDISCOUNTFEE": either(on_media, discount, ""),
            "OBUTOTALAMOUNT": either(on_media, pay_text, ""),
            "OBUTOTALDISCOUNTAMOUNT": either(on_media, fee_text, ""),
            "OBUTOTALCOUNT": either(obu, numbers(trades), "-1"),
            "NOCARDCOUNT": either(obu, "0", "-1"),
            "ETCTOTALAMOUNT": either(on_media, fee_text, "-1"),
            "FREETYPE": either(exempt, numbers(settled.exempt[rows]), "0"),
            "FREEMODE": either(exempt, "1", ""),
            "PROVFEE": numbers(settled.own_fee[rows]), "PROVTRANSCOUNT": numbers(trades),
            "PROVINCEDISCOUNTFEE": "0", "DISPUTEDSTATUS": "0", "LETGOFLAG": "0",
            "VACCINEFLAG": "0", "EXINDISPUTEDTYPE": "0", "CHARGEMODE": "1", "FEEBOARDPLAY": "1",
            "GANTRYPASSCOUNT": numbers(trades),
        }  # fmt: skip

    def lengths(self, driven: Driven) -> IntArray:
        """Metres of every driven unit."""
        return self.texts.road_map.length_m[driven.node]

    def exit_provinces(
        self, facts: ChunkFacts, settled: Settled, rows: IntArray
    ) -> dict[str, Column | str]:
        """Which provinces were driven through, in order, with each one's amount."""
        journeys = facts.journeys
        several = journeys_between_provinces(journeys)[rows] > 0
        elsewhere = recorded_elsewhere(journeys)[rows]
        entry, leave = facts.identity.entry, facts.identity.exit
        other = [
            leave.province[p] if away else entry.province[p]
            for p, away in zip(rows.tolist(), elsewhere.tolist(), strict=True)
        ]
        other_code = pa.array(other, type=pa.string())
        own_code = constant(self.province, len(rows))
        first = either(elsewhere, own_code, other_code)
        second = either(elsewhere, other_code, own_code)
        own = join(self.province, ":", numbers(settled.own_fee[rows]))
        others = join(other_code, ":", numbers(settled.other_fee[rows]))
        pairs = either(elsewhere, join(own, others, between="|"), join(others, own, between="|"))
        toll_province = join(either(elsewhere, other_code, own_code), CENTRE)
        group = either(several, pairs, own)
        return {
            "MULTIPROVINCE": numbers(several.astype(np.int64)),
            "PROVINCECOUNT": numbers(1 + several),
            "PROVINCEGROUP": either(several, join(first, second, between="|"), own_code),
            "PROVINCETRANSGROUP": group, "TOLLFEEGROUP": group,
            "TOLLPROVINCEID": toll_province,
            "OPENTYPE": numbers(is_open_road(journeys)[rows].astype(np.int64)),
            "ROADTYPE": either(is_open_road(journeys)[rows], "2", "1"),
        }  # fmt: skip

    def exit_groups(
        self, facts: ChunkFacts, settled: Settled, rows: IntArray
    ) -> dict[str, Column | str]:
        """Unit groups where the amount came from billing online or on an open road."""
        kinds = (PROVINCE_ONLINE, MINISTRY_ONLINE, OPEN_ROAD_FEE)
        listed = np.isin(settled.exit_fee_type, kinds)
        shown = np.zeros(len(facts.journeys), dtype=bool)
        shown[rows] = listed[rows]
        driven = facts.driven
        units = np.flatnonzero(shown[driven.passage])
        counts = np.bincount(driven.passage[units], minlength=len(facts.journeys))[rows]
        order = np.argsort(rows, kind="stable")
        if not (order == np.arange(len(rows))).all():
            raise ValueError("exit rows must be in passage order")
        nodes = driven.node[units]
        fee = settled.unit_fee[units]
        versions = constant(self.rate_version, len(units))
        result: dict[str, Column | str] = {
            "TOLLINTERVALSCOUNT": numbers(counts),
            "TOLLINTERVALSGROUP": grouped(take(self.texts.unit_ids, nodes), counts),
            "TRANSTIMEGROUP": grouped(self.times.iso(driven.time[units], "T"), counts),
            "CHARGEFEEGROUP": grouped(numbers(fee), counts),
            "CHARGEDISCOUNTGROUP": grouped(numbers(settled.unit_discount[units]), counts),
            "RATEMODEVERSIONGROUP": grouped(versions, counts),
            "RATEPARAVERSIONGROUP": grouped(versions, counts),
        }
        cpc = (facts.journeys.media == CPC)[rows]
        result["GANTRYIDGROUP"] = either(cpc, self.passed_hexes(facts, rows), "")
        return result

    def passed_hexes(self, facts: ChunkFacts, rows: IntArray) -> Column:
        """HEX of the gantries that traded, in order."""
        driven, events = facts.driven, facts.charges.events
        wanted = np.zeros(len(facts.journeys), dtype=bool)
        wanted[rows] = True
        kept = events[wanted[driven.passage[events]]]
        counts = np.bincount(driven.passage[kept], minlength=len(facts.journeys))[rows]
        gantry = self.texts.gantry(driven.node[kept], driven.passage[kept])
        return grouped(take(self.texts.hexes, gantry), counts)


def once_more(exits: Exits, rows: IntArray) -> dict[str, Column | str]:
    """A second record of the exits at `rows` (positions in `exits`), under an id of its own."""
    result: dict[str, Column | str] = {
        name: column if isinstance(column, str) else take(column, rows)
        for name, column in exits.columns.items()
    }
    source = take(exits.record_id, rows)
    result["ID"] = pc.utf8_replace_slice(source, LANE_AND_HOUR, LANE_AND_HOUR + 1, "8")
    return result


def taken_back(exits: Exits, rows: IntArray) -> dict[str, Column | str]:
    """Negative records that take back the exits at `rows` (positions in `exits`)."""
    result: dict[str, Column | str] = {}
    signed = {
        "PAYFEE", "FEE", "DISCOUNTFEE", "REBATEMONEY", "ENTOLLMONEY", "ENFREEMONEY",
        "ENLASTMONEY", "TRANSFEE", "PROVFEE",
    }  # fmt: skip
    for name, column in exits.columns.items():
        if isinstance(column, str):
            result[name] = column
        else:
            kept = take(column, rows)
            result[name] = negated(kept) if name in signed else kept
    for name in ("PROVINCETRANSGROUP", "TOLLFEEGROUP"):
        texts = take(exits.columns[name], rows).to_pylist()
        result[name] = pa.array([t.replace(":", ":-") for t in texts], type=pa.string())
    for name in ("OBUPAYFEE", "OBUDISCOUNTFEE", "OBUTOTALAMOUNT", "OBUTOTALDISCOUNTAMOUNT"):
        result[name] = constant("", len(rows))
    source = take(exits.record_id, rows)
    result["ID"] = pc.utf8_replace_slice(source, LANE_AND_HOUR, LANE_AND_HOUR + 1, "9")
    result["MODIFYFLAG"] = "2"
    result["SOURCEID"] = source
    return result


def told_again(exits: Exits, rows: IntArray, entered: Column) -> dict[str, Column | str]:
    """The exits at `rows` (positions in `exits`) under other ids, as passages that began then."""
    result: dict[str, Column | str] = {
        name: column if isinstance(column, str) else take(column, rows)
        for name, column in exits.columns.items()
    }
    record_id = take(exits.record_id, rows)
    result["ID"] = pc.utf8_replace_slice(record_id, LANE_AND_HOUR, LANE_AND_HOUR + 1, "8")
    result["PASSID"] = join(pc.utf8_slice_codeunits(result["PASSID"], 0, -14), entered)
    return result


def negated(column: Column) -> Column:
    """Amounts with their sign turned."""
    return numbers(-np.array([int(t) for t in column.to_pylist()], dtype=np.int64))
