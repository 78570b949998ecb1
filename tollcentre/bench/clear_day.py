"""How fast a clear day's hot path is: dedupe, restore, price, exact split, net."""

import resource
import time
from datetime import date
from typing import Any

from tollcentre.daily_run.actions import build_day, name_hot_scan
from tollcentre.lake.queries import duck_engine

HOT = frozenset(
    (
        "passage_head", "trade_twice", "trade_by_id", "passage_seat", "passage_base",
        "orphan_trade", "trade_again", "trade", "trade_rows", "passage_read", "read_step",
        "facing_step", "kept_step", "plain_step", "plain_pass", "plain_unit", "unit_health",
        "hard_read", "search", "open_unit", "path_unit", "passage_sure", "prices",
        "priced_passage", "unit_fee", "expected", "charge", "pass_charge", "province_part",
        "passage_amount", "path_weight", "split_weight", "split_total", "unit_share", "unit_split",
        "owner_net",
    )
)  # fmt: skip
"""The steps from landed trades to owners' nets; plates, checks, keeping and posting lie outside."""

_SCAN_SORT = """
CREATE OR REPLACE TEMP TABLE scanned AS
SELECT pass_key, trans_time, unit_key, fee FROM hot_scan ORDER BY pass_key, trans_time
"""
ROUNDS = 3


def bench_clear_day(day: date, version: str) -> dict[str, Any]:
    """Ratio of the hot path to a bare scan and sort of the same files, in one process.

    The scan and sort runs before and after; the mean of its best times is the measure.
    """
    scans = [_scan_sort(day) for _ in range(ROUNDS)]
    engine = duck_engine()
    steps: dict[str, float] = {}
    began = time.perf_counter()
    for built in build_day(engine, day, version, check=False):
        steps[built.name] = built.seconds
    whole = time.perf_counter() - began
    trades = engine.rows("SELECT count(*) FROM trade")[0][0]
    reads = engine.rows("SELECT count(*) FROM plate_of_passage")[0][0]
    passages = engine.rows("SELECT count(*) FROM passage_base")[0][0]
    plain = engine.rows("SELECT count(*) FROM plain_pass")[0][0]
    engine.con.close()
    scans += [_scan_sort(day) for _ in range(ROUNDS)]
    hot = sum(seconds for name, seconds in steps.items() if name in HOT)
    bare = min(scans)
    return {
        "passages": passages,
        "plain_passages": plain,
        "trades": trades,
        "plate_reads": reads,
        "seconds": round(hot, 3),
        "whole_seconds": round(whole, 3),
        "scan_sort_seconds": round(bare, 3),
        "trades_per_second": round(trades / hot),
        "ratio_to_scan_sort": round(hot / bare, 2),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "steps": {name: round(seconds, 3) for name, seconds in steps.items()},
    }


def _scan_sort(day: date) -> float:
    """Seconds of a bare scan and sort of (pass key, time, unit, fee) of the day's trades."""
    engine = duck_engine()
    name_hot_scan(engine, day)
    began = time.perf_counter()
    engine.con.execute(_SCAN_SORT)
    seconds = time.perf_counter() - began
    engine.con.close()
    return seconds
