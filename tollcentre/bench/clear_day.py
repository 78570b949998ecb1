"""How fast a clear day's hot path is: dedupe, restore, price, exact split, net."""

import resource
import time
from dataclasses import dataclass
from datetime import date
from typing import Any

from tollcentre.core.refusal import Reason, Refusal
from tollcentre.daily_run.actions import build_day, name_hot_scan
from tollcentre.lake.queries import DuckEngine, duck_engine

HOT = frozenset(
    (
        "passage_head", "trade_twice", "trade_by_id", "passage_seat", "passage_base", "passage_end",
        "orphan_named", "orphan_trade", "trade_again", "trade", "trade_rows", "passage_read",
        "read_step", "facing_step", "kept_step", "plain_step", "plain_pass", "plain_unit",
        "unit_health", "hard_read", "search", "open_unit", "path_unit", "passage_sure", "prices",
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
PROVED = (
    "passage_base", "plain_pass", "unit_health", "passage_sure", "path_unit", "unit_fee",
    "expected", "trade", "charge", "pass_charge", "passage_amount", "unit_split", "owner_net",
    "held", "party_net", "difference",
)  # fmt: skip
"""The relations that kernels make, and those that follow from them."""
KERNELS_DIFFER = Reason(
    "kernels_differ",
    "编译核与关系的结果不同：{relations}",
    "kernels and relations differ in: {relations}",
)


def bench_clear_day(day: date, version: str, *, compiled: bool = True) -> dict[str, Any]:
    """Ratio of the hot path to a bare scan and sort of the same files, in one process.

    Both are done several times in turns, each counts at its best: the first time also pays for
    compiling and for memory that the machine has not yet handed out (`first_seconds`). Not
    `compiled`, the relations run as SQL alone.
    """
    scans, rounds = [], []
    for _ in range(ROUNDS):
        scans += [_scan_sort(day), _scan_sort(day)]
        rounds.append(_build(day, version, compiled))
    best = min(rounds, key=lambda one: one.hot)
    return {
        **best.counts,
        "seconds": round(best.hot, 3),
        "first_seconds": round(rounds[0].hot, 3),
        "whole_seconds": round(best.whole, 3),
        "scan_sort_seconds": round(min(scans), 3),
        "trades_per_second": round(best.counts["trades"] / best.hot),
        "ratio_to_scan_sort": round(best.hot / min(scans), 2),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "steps": {name: round(seconds, 3) for name, seconds in best.steps.items()},
    }


@dataclass(frozen=True)
class _Round:
    """One building of the day: rows by name, seconds by step."""

    counts: dict[str, int]
    steps: dict[str, float]
    whole: float

    @property
    def hot(self) -> float:
        """Seconds of the hot path; where kernels pack the trades, their table is for others."""
        left_out = {"trade"} if "trade_rows" in self.steps else set()
        return sum(self.steps[name] for name in self.steps if name in HOT - left_out)


def _build(day: date, version: str, compiled: bool) -> _Round:
    engine = duck_engine(compiled=compiled)
    began = time.perf_counter()
    steps = {b.name: b.seconds for b in build_day(engine, day, version, check=False)}
    whole = time.perf_counter() - began
    tables = {"passages": "passage_base", "plain_passages": "plain_pass", "trades": "trade",
              "plate_reads": "plate_of_passage"}  # fmt: skip
    counts = {
        name: engine.rows(f"SELECT count(*) FROM {table}")[0][0] for name, table in tables.items()
    }
    engine.con.close()
    return _Round(counts, steps, whole)


def _scan_sort(day: date) -> float:
    """Seconds of a bare scan and sort of (pass key, time, unit, fee) of the day's trades."""
    engine = duck_engine()
    name_hot_scan(engine, day)
    began = time.perf_counter()
    engine.con.execute(_SCAN_SORT)
    seconds = time.perf_counter() - began
    engine.con.close()
    return seconds


_DIGEST = "SELECT count(*), sum(({row})::HUGEINT), bit_xor({row}) FROM {name}"


def prove_clear_day(day: date, version: str) -> dict[str, Any]:
    """Build the day by its relations alone and by kernels, and compare every relation of both.

    Each is compared by its rows, and by sum and exclusive or of a hash over all columns of a row.
    Refuses with the relations that differ.
    """
    found: list[dict[str, tuple[Any, ...]]] = []
    for compiled in (False, True):
        engine = duck_engine(compiled=compiled)
        for _ in build_day(engine, day, version, check=False):
            pass
        found.append({name: _digest(engine, name) for name in PROVED})
        engine.con.close()
    differing = [name for name in PROVED if found[0][name] != found[1][name]]
    if differing:
        raise Refusal(KERNELS_DIFFER, "--prove", relations=", ".join(differing))
    return {"equal": True, "rows": {name: found[0][name][0] for name in PROVED}}


def _digest(engine: DuckEngine, name: str) -> tuple[Any, ...]:
    """Rows of a relation and two sums over their hashes, whatever their order and number types."""
    columns = sorted(row[0] for row in engine.rows(f"DESCRIBE {name}"))
    row = f"hash({', '.join(f'{column}::VARCHAR' for column in columns)})"
    return engine.rows(_DIGEST.format(row=row, name=name))[0]
