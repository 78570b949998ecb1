"""A trade whose versions disagree on its passage counts once, with the version that names it."""

import duckdb
import pyarrow as pa

from tollcentre.lake.engines import DuckEngine
from tollcentre.passage.queries import relations

T = 1_795_000_000
FACTS = {
    "gantry_key": 9, "trans_time": T, "trade_result": 0, "unit_key": 3, "unit_count": 1,
    "pay_fee": 100, "discount_fee": 5, "fee": 95, "vehicle_seat": 5, "medium_key": 77,
    "vehicle_key": 88,
}  # fmt: skip
ORIGINAL_WITHOUT_ID = {**FACTS, "record_key": 1, "content_digest": 10, "pass_key": 0,
                       "original_flag": 1, "receive_time": T + 5}  # fmt: skip
SENT_AGAIN_WITH_ID = {**FACTS, "record_key": 1, "content_digest": 11, "pass_key": 5,
                      "original_flag": 2, "receive_time": T + 900}  # fmt: skip
NEVER_NAMED = {**ORIGINAL_WITHOUT_ID, "record_key": 2, "gantry_key": 8}


def counted(landed: list[dict], orphans: list[dict]) -> list[tuple]:
    """The trades of passage 5, whose medium and plate all of these carry."""
    engine = DuckEngine(duckdb.connect())
    schema = pa.schema([(name, pa.int64()) for name in ORIGINAL_WITHOUT_ID])
    for name, rows in (("landed_trade", landed), ("landed_orphan", orphans)):
        engine.from_table(name, pa.Table.from_pylist(rows, schema=schema))
    engine.from_table("passage_key", pa.table({"pass_key": [5]}))
    engine.from_table(
        "passage_base",
        pa.table({"pass_key": [5], "medium_key": [77], "vehicle_key": [88],
                  "entry_time": [T - 600], "exit_time": [T + 600]}),
    )  # fmt: skip
    gantry = {"gantry_key": [8, 9], "node_idx": [0, 1], "locates": [1, 1], "clock_offset_s": [0, 0]}
    engine.from_table("net_gantry", pa.table(gantry))
    for name in ("trade_twice", "trade_by_id", "orphan_named", "orphan_trade", "trade_again",
                 "trade"):  # fmt: skip
        engine.build(relations()[name])
    return engine.rows("SELECT record_key, content_digest, pass_key FROM trade ORDER BY ALL")


def test_the_version_that_names_its_passage_counts_and_the_other_does_not():
    assert counted([SENT_AGAIN_WITH_ID], [ORIGINAL_WITHOUT_ID, NEVER_NAMED]) == [
        (1, 11, 5), (2, 10, 5)
    ]  # fmt: skip


def test_a_trade_of_another_days_passage_is_not_brought_here_by_its_plate():
    assert counted([{**SENT_AGAIN_WITH_ID, "pass_key": 6}], [ORIGINAL_WITHOUT_ID]) == []
