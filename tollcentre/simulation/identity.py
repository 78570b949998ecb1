"""The names that records give to a passage: plate, media, pass id, lanes, stations."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .columns import Column, TimeText, constant, either, hex8, join, numbers, padded, plate_tails
from .columns import take as take_column
from .population import EMERGENCY, MILITARY, OBU, OPEN_ROAD, Journeys, crosses_border
from .road_map import KIND_STATION, IntArray, RoadMap

CITY_LETTERS = pa.array(list("ABCDEFGHJKLM"))
LANES = 4
"""Lanes of a station, each way, that simulated vehicles use."""


@dataclass
class Places:
    """A station at an end of the journeys: ids as records spell them, and its device number."""

    station_id: Column
    station_hex: Column
    station_name: Column
    lane: IntArray
    lane_id: Column
    lane_hex: Column
    device: IntArray
    here: IntArray
    province: list[str]


@dataclass
class Identity:
    """Texts per passage of a chunk."""

    plate: Column
    colour: Column
    issuer_net: Column
    issue_id: Column
    medium_no: Column
    card_id: Column
    dual_piece: IntArray
    obu_mac: Column
    pass_id: Column
    entry: Places
    exit: Places


class Names:
    """Turns journeys into the texts of their records."""

    def __init__(self, road_map: RoadMap, traffic: dict[str, Any], times: TimeText) -> None:
        self.road_map, self.traffic, self.times = road_map, traffic, times
        self.characters = list(traffic["plate_provinces"])
        codes = [traffic["province_codes"][c] for c in self.characters]
        self.nets = pa.array([f"{code}01" for code in codes])
        names = traffic["issuer_names"]
        self.issue_ids = pa.array(
            [names[code].encode("gbk")[:4].hex().upper() + code + "010001" for code in codes]
        )
        self.station_number = np.full(road_map.size, 0)
        self.station_number[road_map.station_nodes] = np.arange(len(road_map.station_nodes))
        self.node_texts = pa.array(road_map.node_ids)
        self.station_hex = pa.array(road_map.station_hex or [""])
        self.station_names = pa.array(road_map.station_names or [""])

    def of(self, journeys: Journeys, entry_time: IntArray) -> Identity:
        """The texts of a chunk's passages."""
        count = len(journeys)
        own_net = constant(f"{self.road_map.province}01", count)
        obu = journeys.media == OBU
        net = take_column(self.nets, journeys.plate_province)
        media_net = either(obu, net, own_net)
        medium_no = join(media_net, padded(journeys.medium_number, 12))
        dual = obu & ~journeys.single_piece
        card_id = join("1901", padded(journeys.card_number, 12))
        compact = self.times.compact(entry_time)
        # A single-piece OBU has no card: its own number stands where the card's would.
        on_media = either(dual, card_id, medium_no)
        prefix = either(obu, join("01", net), constant("020000", count))
        return Identity(
            plate=self.plates(journeys),
            colour=numbers(journeys.plate_colour),
            issuer_net=either(obu, net, ""),
            issue_id=take_column(self.issue_ids, journeys.plate_province),
            medium_no=medium_no,
            card_id=either(dual, card_id, ""),
            dual_piece=dual,
            obu_mac=hex8(journeys.medium_number * 2_654_435_761 % (1 << 32)),
            pass_id=join(prefix, on_media, compact),
            entry=self.places(journeys, journeys.origin, journeys.medium_number, "1"),
            exit=self.places(journeys, journeys.target, journeys.card_number, "2"),
        )

    def plates(self, journeys: Journeys) -> Column:
        """Plates; green ones have one character more, military ones no province character."""
        head = take_column(pa.array(self.characters), journeys.plate_province)
        city = take_column(CITY_LETTERS, journeys.plate_city)
        tail = plate_tails(journeys.plate_number)
        plate = join(head, city, either(journeys.plate_colour == 4, join("D", tail), tail))
        plate = either(journeys.vehicle_class == MILITARY, join("K", city, tail), plate)
        short = pc.utf8_slice_codeunits(tail, 0, 4)
        emergency = journeys.vehicle_class == EMERGENCY
        return either(emergency, join(head, city, short, "应急"), plate)

    def places(self, journeys: Journeys, node: IntArray, salt: IntArray, way: str) -> Places:
        """The station at one end; for a border, an invented one of the neighbour province."""
        here = self.road_map.kind[node] == KIND_STATION
        number = self.station_number[node]
        lane = 1 + salt % LANES
        province = [self.road_map.border[n] or "61" for n in node.tolist()]
        other = pa.array(province)
        far = numbers(10 + salt % 80)
        theirs = join("G0030", other, "0010", far, "0")
        station_id = either(here, take_column(self.node_texts, node), theirs)
        their_hex = join(other, "0100", far)
        station_hex = either(here, take_column(self.station_hex, number), their_hex)
        name = either(here, take_column(self.station_names, number), join(other, "省", far, "站"))
        lane_text = padded(lane, 2)
        return Places(
            station_id=station_id,
            station_hex=station_hex,
            station_name=name,
            lane=lane,
            lane_id=join(station_id, way, "010", lane_text, "0"),
            lane_hex=join(station_hex, lane_text),
            device=number * LANES + lane - 1,
            here=here,
            province=province,
        )


def journeys_between_provinces(journeys: Journeys) -> IntArray:
    """1 for journeys over the border, for `multiProvince`."""
    return crosses_border(journeys).astype(np.int64)


def is_open_road(journeys: Journeys) -> IntArray:
    """Journeys on an open toll road: entered and left at the same plaza."""
    return journeys.journey == OPEN_ROAD
