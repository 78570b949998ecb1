"""The compiled twin of the relations of plain passages, for the embedded engine.

What it gives is what the relations give, row for row; `tollcentre bench clear-day --prove` and
tests/passage/test_compiled.py hold it to that.
"""

import numpy as np
import pyarrow as pa

from tollcentre.lake.queries import Columns, empty_columns, in_parts, in_turn

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
MOST_RESULT = 0xFF
WALKED = (np.int64, np.int32, np.int8, np.int64)


def passages_of(
    landed: list[Columns], pass_key: np.ndarray, threads: int
) -> tuple[list[np.ndarray], np.ndarray]:
    """The passage of each landed trade, block by block, and the seats of each passage.

    A trade has -1 where it is of another day's passage or a version that does not count.
    """
    slots = gathering.hash_table(pass_key)

    def find(block: Columns) -> np.ndarray:
        passage = np.empty(len(block["pass_key"]), np.int32)
        gathering.find_keys(slots, pass_key, block["pass_key"], passage)
        return passage

    passage = in_turn(find, landed, threads)
    _leave_out_losers(landed, passage)
    seats = np.zeros(len(pass_key), np.int32)
    for block, owner in zip(landed, passage, strict=True):
        gathering.most_seats(owner, block["vehicle_seat"], seats)
    return passage, seats


def _leave_out_losers(landed: list[Columns], passage: list[np.ndarray]) -> None:
    """Set the passage of every version that does not count to -1."""
    words = 1024
    while 4 * words < sum(map(len, passage)):
        words *= 2
    once, twice = np.zeros((2, words), np.uint64)
    for block in landed:
        gathering.mark_twice(block["record_key"], once, twice)
    rows = [gathering.rows_twice(block["record_key"], twice) for block in landed]
    names = ("record_key", "original_flag", "receive_time", "content_digest")
    several = [
        np.concatenate([block[name][at] for block, at in zip(landed, rows, strict=True)])
        for name in names
    ]
    if not len(several[0]):
        return
    lost = np.zeros(len(several[0]), bool)
    lost[gathering.losing_versions(*several)] = True
    begin = 0
    for owner, at in zip(passage, rows, strict=True):
        owner[at[lost[begin : begin + len(at)]]] = -1
        begin += len(at)


def pack_trades(
    landed: list[Columns],
    passage: list[np.ndarray],
    orphans: list[Columns],
    pass_key: np.ndarray,
    gantries: Columns,
    threads: int,
) -> DayTrades:
    """All trades of the day's passages, packed, in order, repeats marked.

    `gantries` is the table net_gantry; a gantry that it lacks gets a number behind them and
    locates nothing.
    """
    blocks = [*landed, *orphans]
    numbers, gantry_key = _gantry_numbers([b["gantry_key"] for b in blocks], gantries["gantry_key"])
    unknown = len(gantry_key) - len(gantries["gantry_key"])
    node = np.concatenate([gantries["node_idx"], np.full(unknown, -1)]).astype(np.int32)
    locates = np.concatenate([gantries["locates"] == 1, np.zeros(unknown, bool)])
    ahead = np.concatenate([gantries["clock_offset_s"], np.zeros(unknown, np.int64)])
    owners = [*passage]
    owners += [np.searchsorted(pass_key, b["pass_key"]).astype(np.int32) for b in orphans]
    counts = np.zeros(len(pass_key), np.int64)
    for owner in owners:
        gathering.count_rows(owner, counts)
    ptr = np.concatenate([[0], np.cumsum(counts)])
    rows = _aligned_rows(int(ptr[-1]))
    cursor = ptr[:-1].copy()

    def pack(first: int, last: int) -> None:
        for number, block in enumerate(blocks):
            # An orphan's time was set right when it was brought to its passage.
            time, offset = ("read_time", 0 * ahead) if "read_time" in block else (
                "trans_time", ahead)  # fmt: skip
            gathering.pack(
                first, last, owners[number], block["record_key"], block["content_digest"],
                block[time], block["unit_key"], block["pay_fee"], block["discount_fee"],
                block["fee"], block["trade_result"], block["unit_count"], numbers[number], offset,
                cursor, rows,
            )  # fmt: skip
        gathering.order_rows(ptr, first, last, node, rows)

    for block in blocks:
        result = block["trade_result"]
        if len(result) and not 0 <= result.min() <= result.max() <= MOST_RESULT:
            raise ValueError("trade_result lies outside its code table")
    in_parts(pack, passage_bounds(ptr, threads), threads)
    return DayTrades(rows, ptr, pass_key, gantry_key, node, locates)


def _aligned_rows(count: int) -> np.ndarray:
    """Packed rows, each on one cache line of 64 bytes."""
    words = np.empty(count * 8 + 8, np.int64)
    ahead = -(words.ctypes.data // 8) % 8
    return words[ahead : ahead + count * 8].reshape(count, 8)


def find_nodes(unit_key: np.ndarray, node_key: np.ndarray, node_idx: np.ndarray) -> np.ndarray:
    """The node of each unit key, -1 where none of the given nodes has it."""
    at = np.empty(len(unit_key), np.int32)
    gathering.find_keys(gathering.hash_table(node_key), node_key, unit_key, at)
    return np.append(node_idx, -1)[at].astype(np.int32)


def passage_bounds(ptr: np.ndarray, parts: int) -> list[int]:
    """Bounds of `parts` runs of passages with about the same number of rows."""
    inner = np.searchsorted(ptr, [ptr[-1] * n // parts for n in range(1, parts)])
    return [0, *inner.tolist(), len(ptr) - 1]


def _gantry_numbers(
    wanted: list[np.ndarray], known: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """The number of each trade's gantry, block by block, and the gantry key of each number."""
    slots = gathering.hash_table(known)
    found = [np.empty(len(keys), np.int32) for keys in wanted]
    for number, keys in zip(found, wanted, strict=True):
        gathering.find_keys(slots, known, keys, number)
    lost = [np.flatnonzero(number < 0) for number in found]
    strange = np.unique(np.concatenate([k[at] for k, at in zip(wanted, lost, strict=True)]))
    for number, keys, at in zip(found, wanted, lost, strict=True):
        number[at] = len(known) + np.searchsorted(strange, keys[at])
    return found, np.concatenate([known, strange])


def walk_plain(
    trades: DayTrades,
    base: Columns,
    roads_: Roads,
    model_: RestorationModel,
    threads: int,
) -> Walked:
    """Walk every passage; `base` holds passage_end and is_decided in order of the keys.

    Open roads (fee type 11) have no way to walk; a decided path needs no walk, only its reads.
    """
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
    is_open = base["exit_fee_type"] == 11
    skipped = is_open | (base["is_decided"] == 1)
    ends = np.column_stack(
        [base[name] for name in ("begin_node", "begin_time", "end_node", "end_time")]
    ).astype(np.int64)
    plain = np.zeros(count, bool)
    start, length = np.zeros((2, count), np.int64)

    def walk(first: int, last: int) -> Paths:
        room = 2 * int(trades.ptr[last] - trades.ptr[first]) + 1024
        columns = walking.walk(
            trades.rows, trades.ptr, first, last, trades.node, trades.locates, ends, skipped,
            is_unit, opposite, hop_ptr, head, hops.metres, fill_ptr, hops.fill_node,
            hops.fill_offset_m, rule, plain, start, length, *empty_columns(room, WALKED),
        )  # fmt: skip
        return Paths(first, last, start, length, *columns)

    parts = in_parts(walk, passage_bounds(trades.ptr, threads), threads)
    wanted = ~plain & ~is_open
    reads = walking.hard_rows(
        trades.rows, trades.ptr, 0, count, trades.node, trades.locates, wanted
    )
    return Walked(plain, parts, _with_ends(reads, ends, np.flatnonzero(wanted)))


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
    of_end = {0: base["begin_source"].to_numpy(), 2: base["end_source"].to_numpy()}
    source = np.ones(len(passage), np.int64)
    for end, sources in of_end.items():
        at = np.flatnonzero(stage == end)
        source[at] = sources[passage[at]]
    return pa.table(
        {"pass_key": pass_key[passage], "stage": stage, "read_time": time, "node_idx": node,
         "source": source, "record_key": record_key}
    )  # fmt: skip


def plain_tables(walked: Walked, pass_key: np.ndarray) -> dict[str, pa.Table]:
    """The tables plain_pass and unit_health."""
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
