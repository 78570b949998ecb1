"""The compiled twins of gathering and walking give what the relations give, row for row."""

from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tollcentre.lake.engines import DuckEngine
from tollcentre.lake.queries import arrays_of, blocks_of
from tollcentre.passage.kernels.hops import HopModel, find_hops
from tollcentre.passage.queries import (
    ORPHAN_COLUMNS,
    PLAIN_ORDER,
    Roads,
    hop_tables,
    model,
    pack_trades,
    passages_of,
    plain_tables,
    read_table,
    relations,
    trade_table,
    walk_plain,
)

from .roads import SmallRoad

MODEL = model(date(2026, 11, 22))
RULE = HopModel(MODEL.plain["misses"], MODEL.plain["slack"], 0.02, 0.1)
ROAD = SmallRoad(
    "S1 A1 A2 A3 A4 S2", "a4 a3 a2 a1 S1", "S2 a4", "A1 B1 B2 A4", "A2 B2", "S3 B1", "A3 S4",
    "S4 a2", "A2 a2", "S1 C1 A3",
    lengths={"A1": 4000, "B1": 9000, "B2": 3000, "C1": 2000}, unread=("C1",), enters=("A1",),
    leaves=("A4", "a1"),
)  # fmt: skip
ROADS = Roads(
    "small", ROAD.graph, find_hops(ROAD.graph, ROAD.node_in, ROAD.node_out, RULE), ROAD.node_in,
    ROAD.node_out,
)  # fmt: skip
UNITS = [name for name in ROAD.names if name[0] not in "SR"]
GANTRIES = {
    "gantry_key": np.array([100 + ROAD.node(name) for name in UNITS]),
    "node_idx": np.array([ROAD.node(name) for name in UNITS], np.int32),
    "locates": np.array([int(name != "C1") for name in UNITS], np.int16),
    "clock_offset_s": np.array([17 * int(name == "A2") for name in UNITS]),
}
STRANGE_GANTRY = 7
T = 1_795_000_000
FEES = {"pay_fee": 100, "discount_fee": 5, "fee": 95}


@st.composite
def trades(draw):
    """Landed trades of a few passages, some in several versions, some of no known gantry."""
    rows = []
    for record in range(draw(st.integers(0, 14))):
        unit = draw(st.sampled_from(UNITS))
        key = STRANGE_GANTRY if draw(st.integers(0, 9)) == 0 else 100 + ROAD.node(unit)
        row = {
            "record_key": 1000 + record, "pass_key": draw(st.integers(1, 4)), "gantry_key": key,
            "trans_time": T + draw(st.integers(0, 1500)), "trade_result": draw(st.integers(0, 1)),
            "unit_key": draw(st.integers(1, 5)), "unit_count": draw(st.integers(0, 3)), **FEES,
            "vehicle_seat": draw(st.sampled_from([0, 5, 7, 255])),
        }  # fmt: skip
        for digest in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
            versions = {"original_flag": draw(st.integers(1, 2)), "content_digest": 50 + digest,
                        "receive_time": T + draw(st.integers(0, 2))}  # fmt: skip
            pass_key = draw(st.sampled_from([row["pass_key"], row["pass_key"], 2]))
            rows.append({**row, **versions, "pass_key": pass_key})
    return draw(st.permutations(rows))


LANDED = pa.schema(
    [(name, pa.int64()) for name in (
        "record_key", "content_digest", "pass_key", "gantry_key", "trans_time", "receive_time",
        "original_flag", "trade_result", "unit_key", "unit_count", "pay_fee", "discount_fee", "fee",
        "vehicle_seat")]
)  # fmt: skip
ORPHANS = pa.schema(
    [(name, pa.int64()) for name in (*ORPHAN_COLUMNS, "node_idx", "locates")]
)  # fmt: skip
KEYS = np.array([1, 2, 3])


def engine_of(landed: list[dict], orphans: list[dict]) -> DuckEngine:
    """The embedded engine with these trades landed and brought to passages by relations."""
    engine = DuckEngine(duckdb.connect())
    engine.from_table("landed_trade", pa.Table.from_pylist(landed, schema=LANDED))
    engine.from_table("orphan_trade", pa.Table.from_pylist(orphans, schema=ORPHANS))
    engine.from_table("net_gantry", pa.table(GANTRIES))
    engine.from_table("passage_key", pa.table({"pass_key": KEYS}))
    for name in ("trade_twice", "trade_by_id", "passage_seat", "trade_again", "trade"):
        engine.build(relations()[name], check=False)
    return engine


def orphan_of(row: dict) -> dict:
    """An orphan as its relation gives it: its time set right, its place known."""
    known = row["gantry_key"] != STRANGE_GANTRY
    at = list(GANTRIES["gantry_key"]).index(row["gantry_key"]) if known else -1
    return {
        **{name: row[name] for name in ORPHAN_COLUMNS if name != "read_time"},
        "record_key": row["record_key"] + 5000, "pass_key": int(KEYS[row["unit_key"] % 3]),
        "read_time": row["trans_time"], "node_idx": int(GANTRIES["node_idx"][at]) if known else -1,
        "locates": int(GANTRIES["locates"][at]) if known else 0,
    }  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trades(), trades(), st.sampled_from([1, 2]))
def test_trades_are_gathered_as_the_relations_gather_them(landed, lost, threads):
    orphans = list({row["record_key"]: orphan_of(row) for row in lost}.values())
    engine = engine_of(landed, orphans)
    blocks = [
        block
        for part in (landed[:3], landed[3:])
        for block in blocks_of(pa.Table.from_pylist(part, schema=LANDED))
    ]
    passage, seats = passages_of(blocks, KEYS, threads)
    of_orphans = blocks_of(engine.table(f"SELECT {', '.join(ORPHAN_COLUMNS)} FROM orphan_trade"))
    packed = pack_trades(blocks, passage, of_orphans, KEYS, GANTRIES, threads)
    table = trade_table(packed)
    engine.from_table("made", table)
    columns = ", ".join(table.column_names)
    assert engine.rows(f"SELECT {columns} FROM made ORDER BY ALL") == engine.rows(
        f"SELECT {columns} FROM trade ORDER BY ALL"
    )
    of_pass = dict(engine.rows("SELECT pass_key, vehicle_seat FROM passage_seat"))
    assert seats.tolist() == [of_pass.get(key, 0) for key in KEYS.tolist()]


@st.composite
def passages(draw):
    """Three passages and the trades on their way: mostly driven, with misses and false reads."""
    base, rows = [], []
    ways = ["S1 A1 A2 A3 A4 S2", "S2 a4 a3 a2 a1 S1", "S1 C1 A3 S4", "S3 B1 B2 A4 S2", "S1 S1"]
    for key in KEYS.tolist():
        way = draw(st.sampled_from(ways)).split()
        time, faces = T, {"entry_node": ROAD.node(way[0]), "exit_node": ROAD.node(way[-1])}
        for name in way[1:-1]:
            time += draw(st.sampled_from([40, 130, 200, 900]))
            read = draw(st.integers(0, 9))
            names = [] if read == 0 else [name, name] if read == 1 else [name]
            if read >= 8 and name.swapcase() in ROAD.index:
                names = draw(st.permutations([name, name.swapcase(), name]))
            if read == 7:
                names = [name, draw(st.sampled_from(UNITS))]
            for step, seen in enumerate(names):
                rows.append({
                    "record_key": 1000 + len(rows), "content_digest": 1, "pass_key": key,
                    "gantry_key": 100 + ROAD.node(seen), "read_time": time + 3 * step,
                    "trade_result": 0, "unit_key": 1, "unit_count": 1, **FEES,
                })  # fmt: skip
        for end in ("entry", "exit"):
            if draw(st.integers(0, 9)) == 0:
                faces[f"{end}_node"] = -1
        base.append({
            "pass_key": key, **faces, "entry_time": T, "exit_time": time + 100,
            "exit_fee_type": 11 if draw(st.integers(0, 19)) == 0 else 1,
            "enters_known": draw(st.integers(0, 1)),
            "exit_kind": draw(st.sampled_from(["own", "elsewhere"])),
        })  # fmt: skip
    return base, rows


BASE = (
    "SELECT e.*, e.pass_key IN (SELECT pass_key FROM decided_pass) AS is_decided"
    " FROM passage_end AS e ORDER BY e.pass_key"
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(passages(), st.sampled_from([[], [], [2]]), st.sampled_from([1, 2]))
def test_passages_are_walked_as_the_relations_walk_them(day, decided, threads):
    base, rows = day
    engine = DuckEngine(duckdb.connect())
    engine.from_table("passage_base", pa.Table.from_pylist(base))
    outside = {"node_in": [ROADS.node_in], "node_out": [ROADS.node_out]}
    engine.from_table("outside", pa.table(outside))
    engine.from_table("decided_pass", pa.table({"pass_key": pa.array(decided, pa.int64())}))
    is_unit = [int(name[0] not in "SR") for name in ROAD.names]
    nodes = {"node_idx": range(len(ROAD.names)), "is_unit": is_unit}
    engine.from_table("net_node", pa.table(nodes))
    for name, table in hop_tables(ROADS, MODEL).items():
        engine.from_table(name, table)
    schema = pa.schema([(name, pa.int64()) for name in ORPHAN_COLUMNS])
    blocks = blocks_of(pa.Table.from_pylist(rows, schema=schema))
    packed = pack_trades([], [], blocks, KEYS, GANTRIES, threads)
    engine.from_table("trade", trade_table(packed))
    for name in PLAIN_ORDER:
        engine.build(relations()[name])
    by_key = engine.table(BASE)
    walked = walk_plain(packed, arrays_of(by_key), ROADS, MODEL, threads)
    made = plain_tables(walked, KEYS)
    plain = set(made["plain_pass"]["pass_key"].to_pylist())
    assert plain == {row[0] for row in engine.rows("SELECT pass_key FROM plain_pass")}
    found = [
        (int(KEYS[p]), *(int(column[i]) for column in (part.position, part.node, part.sign,
                                                       part.time)))
        for part in walked.parts
        for p in range(part.first, part.last)
        for i in range(part.start[p], part.start[p] + part.length[p])
    ]  # fmt: skip
    assert sorted(found) == engine.rows(
        "SELECT pass_key, position, node_idx, sign, unit_time FROM plain_unit ORDER BY ALL"
    )
    engine.from_table("made_health", made["unit_health"])
    columns = "node_idx, passed, unseen"
    assert engine.rows(f"SELECT {columns} FROM made_health ORDER BY ALL") == engine.rows(
        f"SELECT {columns} FROM unit_health ORDER BY ALL"
    )
    engine.from_table("made_read", read_table(walked, by_key, KEYS))
    columns = "pass_key, stage, read_time, node_idx, source, record_key"
    assert engine.rows(f"SELECT {columns} FROM made_read ORDER BY ALL") == engine.rows(
        f"SELECT {columns} FROM passage_read AS r ANTI JOIN plain_pass USING (pass_key)"
        " ORDER BY ALL"
    )
