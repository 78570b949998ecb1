"""A cleared day of one passage in review, on the small road: two ways, and no read between them."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.network.files import NORTH, SOUTH, A, B, C, D, load, small
from tollcentre.access.terms import Role, Viewer
from tollcentre.core.keys import intern_key
from tollcentre.daily_run.models import Run
from tollcentre.daily_run.terms import RunState
from tollcentre.lake.actions import write_table
from tollcentre.network.queries import snapshot

DAY, VERSION, RUN = date(2026, 11, 22), "REVIEW-1", "20261122-review"
PASS_ID = "016201190111998951666820261122080000"
KEY = intern_key(PASS_ID)
SURE_KEY = intern_key("another passage")
T = 1_795_305_600
LONG_WAY, SHORT_WAY = (A, B, C), (A, D, C)
AUDITOR = Viewer("li", frozenset({Role.AUDITOR}), None)
CLERK = Viewer("zhou", frozenset({Role.CLEARING_CLERK}), None)
MANAGER = Viewer("wang", frozenset({Role.MANAGER}), None)
PASSAGE: dict[str, Any] = {
    "pass_key": KEY, "pass_id": PASS_ID, "exit_record_key": 1, "exit_kind": "own",
    "exit_time": T + 900, "entry_time": T, "entry_node": -1, "enters_known": 1, "exit_node": -1,
    "media_type": 1, "medium_key": 0, "medium_no": "", "issuer_id": "620101", "vehicle_key": 0,
    "vehicle_id": "甘A12345_0", "vehicle_type": 1, "vehicle_class": 0, "vehicle_seat": 5,
    "exit_fee_type": 6, "toll_province": "62", "pay_type": 0, "pay_fee": 500, "fee": 500,
    "discount_fee": 0, "corrections": 0, "multi_province": 0, "province_trans_group": "",
    "confidence_ppm": 400_000, "queued": 1, "restored_by": 2, "dropped": 0, "collected": 500,
    "own_fee": 0, "others_fee": 0, "held_fee": 500, "held_reason": "nothing_to_split_by",
    "split_by": 0, "charged_fee": 0, "expected_fee": 0, "is_free": 0,
}  # fmt: skip
READ_COLUMNS = ("record_key", "pass_key", "gantry_key", "node_idx", "read_time")
COLUMNS = {
    "passage_trade": READ_COLUMNS,
    "passage_plate": READ_COLUMNS,
    "unit_fee": (
        "pass_key", "position", "node_idx", "sign", "unit_time", "tariff_fee", "pay_fee",
        "discount_fee", "fee", "confidence_ppm",
    ),
    "unit_split": (
        "pass_key", "unit_key", "node_idx", "position", "unit_time", "owner_id",
        "legal_owner_id", "road_id", "issuer_id", "toll_province", "media_type", "exit_kind",
        "tariff_fee", "pay_fee", "discount_fee", "fee",
    ),
    "difference": ("pass_key", "kind", "unit_key", "expected", "actual", "amount"),
    "held": ("pass_key", "record_key", "reason", "media_type", "issuer_id", "fee"),
}  # fmt: skip
"""Columns of the files that may have no row."""


def node(node_id: str) -> int:
    """The node of an id of the small road."""
    return int(snapshot(VERSION).nodes["node_id"].to_pylist().index(node_id))


def make_day(folder: Path, *, reads: tuple[tuple[str, int], ...] = (), **changes: Any) -> None:
    """The network, and the files and the row of a finished run; `reads` are (unit, time) trades.

    `changes` alter the passage in review. LAKE_ROOT must lie in the test's own folder.
    """
    load(small(), folder, version=VERSION)
    ends = {"entry_node": node(NORTH), "exit_node": node(SOUTH)}
    sure = {"pass_key": SURE_KEY, "pass_id": "", "queued": 0, "held_fee": 0, "restored_by": 1}
    write("passage", [{**PASSAGE, **ends, **changes}, {**PASSAGE, **ends, **sure}])
    trades = [
        {"record_key": n, "pass_key": KEY, "gantry_key": 0, "node_idx": node(unit),
         "read_time": time, "trade_result": 0, "is_repeat": 0}
        for n, (unit, time) in enumerate(reads)
    ]  # fmt: skip
    for relation in COLUMNS:
        write(relation, trades if relation == "passage_trade" else [])
    Run.objects.create(
        run_key=RUN, clear_date=DAY, state=RunState.DONE, engine="duckdb", network_version=VERSION,
        code_version="0", inputs_digest="0" * 64, actor="zhou",
        control_totals={"passages_in_review": 1},
    )  # fmt: skip


def write(relation: str, rows: list[dict[str, Any]]) -> None:
    """One file of the run; without rows its columns are whole numbers."""
    empty = {name: pa.array([], pa.int64()) for name in COLUMNS.get(relation, ())}
    table = pa.Table.from_pylist(rows) if rows else pa.table(empty)
    write_table(relation=relation, partition=f"clear_date={DAY}", run_key=RUN, table=table)
