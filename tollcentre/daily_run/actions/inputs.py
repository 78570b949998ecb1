"""Name in an engine what a clear day reads; nothing is written here."""

import hashlib
import json
from dataclasses import astuple
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from tollcentre.clearing.queries import OWNER_BOUNDS
from tollcentre.core.clock import day_start
from tollcentre.lake.queries import Engine
from tollcentre.messages.queries import landed
from tollcentre.network.queries import province_of, snapshot
from tollcentre.participants.queries import tenures
from tollcentre.participants.terms import ENDLESS, Tenure
from tollcentre.passage.queries import Roads, hop_tables, model
from tollcentre.passage.terms import RestorationModel

FACTS = ("gantry_trade", "charged_unit", "plate_read", "entry_record", "exit_record")

_TRADE = """
SELECT record_key, content_digest, pass_key, gantry_key, trans_time, receive_time, original_flag,
  trade_result, unit_key, unit_count, pay_fee, discount_fee, fee, media_type, medium_key,
  vehicle_key, vehicle_type, vehicle_class, vehicle_seat, issuer_id,
  en_toll_station_hex AS en_station_hex, en_time
FROM ({landed}) AS landed
"""
_CHARGED = """
SELECT record_key, content_digest, source, seq, unit_key, pay_fee, discount_fee, fee
FROM ({landed}) AS landed
"""
_PLATE = """
SELECT DISTINCT record_key, vehicle_key, gantry_key, pic_time
FROM ({landed}) AS landed WHERE vehicle_key <> 0
"""
_ENTRY = """
SELECT record_key, content_digest, original_flag, receive_time, pass_key, pass_id, station_key,
  en_time, vehicle_key, vehicle_id, media_type, medium_key, medium_no, issuer_id, vehicle_type,
  vehicle_class
FROM ({landed}) AS landed WHERE pass_key <> 0
"""
_EXIT = """
SELECT record_key, content_digest, original_flag, receive_time, pass_key, pass_id, vehicle_key,
  vehicle_id, en_station_key, en_time, station_key, ex_time, media_type, medium_key, medium_no,
  issuer_id, CASE WHEN toll_province_id = '' THEN '{own}' ELSE left(toll_province_id, 2) END
    AS toll_province,
  pay_fee, fee, discount_fee, exit_fee_type, pay_type, ex_vehicle_type AS vehicle_type,
  ex_vehicle_class AS vehicle_class, 0 AS vehicle_seat, province_trans_group, multi_province,
  modify_flag, source_key
FROM ({landed}) AS landed
"""


def partitions(first: date, last: date) -> list[str]:
    """The event-day partitions of the days from first to last."""
    return [f"event_day={first + timedelta(n)}" for n in range((last - first).days + 1)]


def name_facts(engine: Engine, day: date, rules: RestorationModel, own: str) -> None:
    """Name what the road reported about the journeys that may belong to the day."""
    span = partitions(day - timedelta(rules.reach_days), day)
    trade = _TRADE.format(landed=landed("gantry_trade", span))
    engine.from_files("landed_trade", f"{trade} WHERE pass_key <> 0")
    engine.from_files("landed_orphan", f"{trade} WHERE pass_key = 0", small=True)
    engine.from_files("landed_charged", _CHARGED.format(landed=landed("charged_unit", span)))
    engine.from_files("landed_plate", _PLATE.format(landed=landed("plate_read", span)))
    engine.from_files("landed_entry", _ENTRY.format(landed=landed("entry_record", span)))
    exits = _EXIT.format(landed=landed("exit_record", span[-1:]), own=own)
    engine.from_files("landed_exit", exits)
    _name_waiting(engine, span[rules.journey_days :])


def name_hot_scan(engine: Engine, day: date) -> None:
    """Name the bare columns of the trades that the day reads, for measuring against."""
    span = partitions(day - timedelta(model(day).reach_days), day)
    engine.from_files(
        "hot_scan",
        f"SELECT pass_key, trans_time, unit_key, fee FROM ({landed('gantry_trade', span)}) AS t",
    )


def _name_waiting(engine: Engine, span: list[str]) -> None:
    """Journeys last read on the span's first day: the keys of that day, and all seen after it."""
    old, later = span[:1], span[1:]
    engine.from_files(
        "old_read_key",
        f"SELECT pass_key, pass_id, vehicle_id FROM ({landed('gantry_trade', old)}) AS t"
        f" UNION ALL SELECT pass_key, pass_id, vehicle_id"
        f" FROM ({landed('entry_record', old)}) AS e",
    )
    engine.from_files(
        "later_read_key",
        f"SELECT DISTINCT pass_key FROM (SELECT pass_key FROM"
        f" ({landed('gantry_trade', later)}) AS t UNION ALL SELECT pass_key FROM"
        f" ({landed('exit_record', span)}) AS x) AS seen",
    )


def name_network(engine: Engine, roads: Roads, plain: RestorationModel, card_step: int) -> None:
    """Name the network version: nodes, gantries, stations, hops, the outsides and what is plain."""
    snap = snapshot(roads.version)
    nodes = snap.nodes
    engine.from_table(
        "net_node",
        pa.table(
            {
                "node_idx": nodes["node_idx"],
                "node_key": nodes["node_key"],
                "is_unit": nodes["is_unit"].cast(pa.int16()),
                "length_m": nodes["length_m"],
            }
        ),
    )
    stations = snap.stations
    engine.from_table("net_station", stations.select(["station_key", "node_idx"]))
    by_hex = {h: i for h, i in zip(stations["hex"].to_pylist(), stations["node_idx"].to_pylist(),
                                   strict=True) if h}  # fmt: skip
    engine.from_table(
        "net_station_hex",
        pa.table(
            {
                "hex": pa.array(list(by_hex), pa.string()),
                "node_idx": pa.array(list(by_hex.values()), pa.int32()),
            }
        ),
    )
    name_gantries(engine, roads, np.zeros(len(nodes), np.int64))
    for name, table in hop_tables(roads, plain).items():
        engine.from_table(name, table)
    engine.from_table(
        "outside", pa.table({"node_in": [roads.node_in], "node_out": [roads.node_out]})
    )
    engine.from_table(
        "own", pa.table({"province": [province_of(roads.version)], "card_step": [card_step]})
    )


def name_gantries(engine: Engine, roads: Roads, offsets: np.ndarray) -> None:
    """Name the gantries: where each locates, and by how many seconds its clock is ahead."""
    snap = snapshot(roads.version)
    readable = snap.nodes["readable"].to_numpy()
    node = snap.gantries["unit_idx"].to_numpy()
    known = np.maximum(node, 0)
    engine.from_table(
        "net_gantry",
        pa.table(
            {
                "gantry_key": snap.gantries["gantry_key"],
                "node_idx": snap.gantries["unit_idx"],
                "locates": pa.array((node >= 0) & readable[known]).cast(pa.int16()),
                "clock_offset_s": pa.array(np.where(node >= 0, offsets[known], 0), pa.int64()),
            }
        ),
    )


def span_epochs(day: date, reach_days: int) -> tuple[int, int]:
    """Epoch seconds of the first second that the day's journeys reach back to and of its end."""
    return day_start(day - timedelta(reach_days)), day_start(day + timedelta(1))


def unit_owners(day: date, version: str) -> pa.Table:
    """Each unit's operating code, and its section's legal owner by the moment that decides."""
    nodes = snapshot(version).nodes
    columns = ("node_idx", "is_unit", "owner_id", "section_id")
    owners = tenures(day, model(day).reach_days)
    nobody = [Tenure("", 0, ENDLESS, 0, ENDLESS)]
    rows = [
        (node, owner, tenure.owner_id, section, *astuple(tenure)[1:])
        for node, is_unit, owner, section in zip(
            *(nodes[name].to_pylist() for name in columns), strict=True
        )
        if is_unit
        for tenure in owners.get(section, nobody)
    ]
    names = ("node_idx", "owner_id", "legal_owner_id", "road_id", *OWNER_BOUNDS)
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def owners_digest(day: date, version: str) -> str:
    """What the day's ownership is, in a few letters: other owners or moments give another."""
    owners = json.dumps(unit_owners(day, version).to_pydict(), sort_keys=True)
    return hashlib.sha256(owners.encode()).hexdigest()
