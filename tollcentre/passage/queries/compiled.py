"""The compiled twin of the relations of plain passages, for the embedded engine.

What it gives is what the relations give, row for row; `tollcentre bench clear-day --prove` and
tests/passage/test_compiled.py hold it to that.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import pyarrow as pa

from ..kernels import gathering, walking
from ..terms import (
    COUNT_BITS,
    DIGEST,
    DISCOUNT,
    FEE,
    GANTRY_SHIFT,
    MARKS,
    PAY,
    RECORD,
    REPEAT_BIT,
    RESULT_SHIFT,
    TIME,
    UNIT,
    DayTrades,
    Paths,
    RestorationModel,
    Walked,
)
from .roads import Roads

LANDED_COLUMNS = (
    "record_key", "content_digest", "pass_key", "gantry_key", "trans_time", "receive_time",
    "original_flag", "trade_result", "unit_key", "unit_count", "pay_fee", "discount_fee", "fee",
    "vehicle_seat",
)  # fmt: skip
ORPHAN_COLUMNS = (
    "record_key", "content_digest", "pass_key", "gantry_key", "read_time", "trade_result",
    "unit_key", "unit_count", "pay_fee", "discount_fee", "fee",
)  # fmt: skip
END_COLUMNS = ("entry_node", "entry_time", "exit_node", "exit_time", "exit_fee_type")
MOST_RESULT = 0xFF
Part = TypeVar("Part")


def columns_of(table: pa.Table) -> dict[str, np.ndarray]:
    """A table's integer columns as arrays of their own."""
    return {
        name: table[name].combine_chunks().to_numpy(zero_copy_only=False)
        for name in table.column_names
    }


def in_parts(
    work: Callable[[int, int], Part], bounds: Sequence[int], threads: int
) -> tuple[Part, ...]:
    """What `work(first, last)` gives for each pair of neighbouring bounds, in their order."""
    pairs = list(zip(bounds, bounds[1:], strict=False))
    if threads == 1 or len(pairs) == 1:
        return tuple(work(*pair) for pair in pairs)
    with ThreadPoolExecutor(threads) as pool:
        return tuple(pool.map(lambda pair: work(*pair), pairs))


def even_bounds(count: int, parts: int) -> list[int]:
    """0 … count in `parts` steps of about the same size."""
    return [count * n // parts for n in range(parts + 1)]


def passages_of(
    landed: dict[str, np.ndarray], pass_key: np.ndarray, threads: int
) -> tuple[np.ndarray, np.ndarray]:
    """The passage of each landed trade and the seats of each passage.

    A trade has -1 where it is of another day's passage or a version that does not count.
    """
    slots = gathering.hash_table(pass_key)
    count = len(landed["pass_key"])
    passage = np.empty(count, np.int32)

    def find(first: int, last: int) -> None:
        gathering.find_keys(slots, pass_key, landed["pass_key"], first, last, passage)

    in_parts(find, even_bounds(count, threads), threads)
    losers = gathering.losing_versions(
        landed["record_key"], landed["original_flag"], landed["receive_time"],
        landed["content_digest"],
    )  # fmt: skip
    passage[losers] = -1
    seats = np.zeros(len(pass_key), np.int32)
    gathering.most_seats(passage, landed["vehicle_seat"], seats)
    return passage, seats


def pack_trades(
    landed: dict[str, np.ndarray],
    passage: np.ndarray,
    orphans: dict[str, np.ndarray],
    pass_key: np.ndarray,
    gantries: dict[str, np.ndarray],
    threads: int,
) -> DayTrades:
    """All trades of the day's passages, packed, in order, repeats marked.

    `gantries` is the table net_gantry; a gantry that it lacks gets a number behind them and
    locates nothing.
    """
    numbers = _gantry_numbers(landed["gantry_key"], orphans["gantry_key"], gantries["gantry_key"])
    gantry_key = numbers[2]
    unknown = len(gantry_key) - len(gantries["gantry_key"])
    node = np.concatenate([gantries["node_idx"], np.full(unknown, -1)]).astype(np.int32)
    locates = np.concatenate([gantries["locates"] == 1, np.zeros(unknown, bool)])
    ahead = np.concatenate([gantries["clock_offset_s"], np.zeros(unknown, np.int64)])
    of_orphan = np.searchsorted(pass_key, orphans["pass_key"]).astype(np.int32)
    counts = np.zeros(len(pass_key), np.int64)
    gathering.count_rows(passage, counts)
    gathering.count_rows(of_orphan, counts)
    ptr = np.concatenate([[0], np.cumsum(counts)])
    rows = np.empty((ptr[-1], 8), np.int64)
    cursor = ptr[:-1].copy()
    sources = ((landed, passage, "trans_time", numbers[0], ahead),
               (orphans, of_orphan, "read_time", numbers[1], np.zeros_like(ahead)))  # fmt: skip
    for source, owner, time, gantry, offset in sources:
        if len(owner) and not 0 <= source["trade_result"].min() <= source[
            "trade_result"].max() <= MOST_RESULT:  # fmt: skip
            raise ValueError("trade_result lies outside its code table")
        gathering.pack(
            owner, source["record_key"], source["content_digest"], source[time],
            source["unit_key"], source["pay_fee"], source["discount_fee"], source["fee"],
            source["trade_result"], np.clip(source["unit_count"], 0, COUNT_BITS), gantry, offset,
            cursor, rows,
        )  # fmt: skip
    bounds = passage_bounds(ptr, threads)
    in_parts(lambda a, b: gathering.order_rows(ptr, a, b, node, rows), bounds, threads)
    return DayTrades(rows, ptr, pass_key, gantry_key, node, locates)


def passage_bounds(ptr: np.ndarray, parts: int) -> list[int]:
    """Bounds of `parts` runs of passages with about the same number of rows."""
    inner = np.searchsorted(ptr, [ptr[-1] * n // parts for n in range(1, parts)])
    return [0, *inner.tolist(), len(ptr) - 1]


def _gantry_numbers(
    landed: np.ndarray, orphans: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The number of each trade's gantry and of each orphan's, and the gantry key of each number."""
    slots = gathering.hash_table(known)
    found = []
    for wanted in (landed, orphans):
        number = np.empty(len(wanted), np.int32)
        gathering.find_keys(slots, known, wanted, 0, len(wanted), number)
        found.append(number)
    lost = [np.flatnonzero(number < 0) for number in found]
    strange = np.unique(np.concatenate([landed[lost[0]], orphans[lost[1]]]))
    for number, wanted, at in zip(found, (landed, orphans), lost, strict=True):
        number[at] = len(known) + np.searchsorted(strange, wanted[at])
    return found[0], found[1], np.concatenate([known, strange])


def walk_plain(
    trades: DayTrades,
    base: dict[str, np.ndarray],
    roads_: Roads,
    model_: RestorationModel,
    threads: int,
) -> Walked:
    """Walk every passage; `base` holds END_COLUMNS of all passages in order of their keys."""
    graph, hops = roads_.graph, roads_.hops
    nodes = len(graph.place_of_node)
    is_unit = np.zeros(nodes + 2, bool)
    is_unit[graph.node_idx[graph.is_unit]] = True
    opposite = np.full(nodes, -1, np.int64)
    place = np.flatnonzero(graph.opposite >= 0)
    opposite[graph.node_idx[place]] = graph.node_idx[graph.opposite[place]]
    tail, head = hops.pair_key // 65536, hops.pair_key % 65536
    hop_ptr = np.searchsorted(tail, np.arange(nodes + 3))
    fill_ptr = np.searchsorted(hops.fill_pair, np.append(hops.pair_key, 2**62))
    rule = np.array([model_.plain[name] for name in ("opposite_s", "spare_s", "fastest_mps")])
    count = len(trades.pass_key)
    skipped = base["exit_fee_type"] == 11
    ends = _ends(base, roads_)
    plain = np.zeros(count, bool)
    start, length = np.zeros((2, count), np.int64)

    def walk(first: int, last: int) -> Paths:
        columns = walking.walk(
            trades.rows, trades.ptr, first, last, trades.node, trades.locates, ends, skipped,
            is_unit, opposite, hop_ptr, head, hops.metres, fill_ptr, hops.fill_node,
            hops.fill_offset_m, rule, plain, start, length,
        )  # fmt: skip
        return Paths(first, last, start, length, *columns)

    parts = in_parts(walk, passage_bounds(trades.ptr, threads), threads)
    wanted = ~plain & ~skipped
    reads = walking.hard_rows(
        trades.rows, trades.ptr, 0, count, trades.node, trades.locates, wanted
    )
    return Walked(plain, parts, _with_ends(reads, ends, np.flatnonzero(wanted)))


def _ends(base: dict[str, np.ndarray], roads_: Roads) -> np.ndarray:
    """Entry node and time, exit node and time of each passage; time 0 where it is outside."""
    ends = np.empty((len(base["entry_node"]), 4), np.int64)
    for at, end, outside in ((0, "entry", roads_.node_in), (2, "exit", roads_.node_out)):
        known = base[f"{end}_node"] >= 0
        ends[:, at] = np.where(known, base[f"{end}_node"], outside)
        ends[:, at + 1] = np.where(known, base[f"{end}_time"], 0)
    return ends


def _with_ends(reads: np.ndarray, ends: np.ndarray, passages: np.ndarray) -> np.ndarray:
    """(passage, stage, time, node, record key) of the trades' reads and of the passages' ends."""
    nothing = np.zeros(len(passages), np.int64)
    begins = np.array([passages, nothing, ends[passages, 1], ends[passages, 0], nothing])
    finish = np.array([passages, nothing + 2, ends[passages, 3], ends[passages, 2], nothing])
    on_way = np.array([reads[0], np.ones(reads.shape[1], np.int64), *reads[1:]])
    return np.concatenate([begins, on_way, finish], axis=1)


def seat_table(pass_key: np.ndarray, seats: np.ndarray) -> pa.Table:
    """The table passage_seat."""
    return pa.table({"pass_key": pass_key, "vehicle_seat": seats})


def read_table(walked: Walked, base: pa.Table, pass_key: np.ndarray) -> pa.Table:
    """The rows of passage_read that belong to passages that are not plain."""
    passage, stage, time, node, record_key = walked.hard_reads
    of_end = {0: base["entry_source"].to_numpy(), 2: base["exit_source"].to_numpy()}
    source = np.ones(len(passage), np.int64)
    for end, sources in of_end.items():
        at = np.flatnonzero(stage == end)
        source[at] = sources[passage[at]]
    return pa.table(
        {"pass_key": pass_key[passage], "stage": stage, "read_time": time, "node_idx": node,
         "source": source, "record_key": record_key}
    )  # fmt: skip


def plain_tables(walked: Walked, pass_key: np.ndarray) -> dict[str, pa.Table]:
    """The tables plain_pass, plain_unit and unit_health."""
    node = np.concatenate([part.node for part in walked.parts])
    sign = np.concatenate([part.sign for part in walked.parts])
    size = int(node.max()) + 1 if len(node) else 1
    passed = np.bincount(node, minlength=size)
    unseen = np.bincount(node[sign == walking.UNIQUE], minlength=size)
    known = np.flatnonzero(passed)
    return {
        "plain_pass": pa.table({"pass_key": pass_key[walked.plain]}),
        "unit_health": pa.table(
            {"node_idx": known.astype(np.int32), "passed": passed[known], "unseen": unseen[known]}
        ),  # fmt: skip
    }


def trade_table(trades: DayTrades) -> pa.Table:
    """The table trade."""
    rows, marks = trades.rows, trades.rows[:, MARKS]
    gantry = marks >> GANTRY_SHIFT
    column = {name: np.ascontiguousarray(rows[:, at]) for name, at in (
        ("record_key", RECORD), ("read_time", TIME), ("unit_key", UNIT), ("pay_fee", PAY),
        ("discount_fee", DISCOUNT), ("fee", FEE), ("content_digest", DIGEST))}  # fmt: skip
    return pa.table(
        {
            "record_key": column["record_key"],
            "pass_key": np.repeat(trades.pass_key, np.diff(trades.ptr)),
            "gantry_key": trades.gantry_key[gantry],
            "node_idx": trades.node[gantry],
            "read_time": column["read_time"],
            "trade_result": ((marks >> RESULT_SHIFT) & MOST_RESULT).astype(np.int16),
            "unit_key": column["unit_key"],
            "unit_count": (marks & COUNT_BITS).astype(np.int16),
            "pay_fee": column["pay_fee"],
            "discount_fee": column["discount_fee"],
            "fee": column["fee"],
            "locates": trades.locates[gantry].astype(np.int16),
            "content_digest": column["content_digest"],
            "is_repeat": ((marks & REPEAT_BIT) > 0).astype(np.int32),
        }
    )
