"""The compiled twin of pricing, charging, splitting and netting, for the embedded engine.

What it gives is what the relations give, row for row; `tollcentre bench clear-day --prove` and
tests/daily_run/test_compiled.py hold it to that.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tollcentre.lake.queries import (
    Columns,
    Engine,
    arrays_of,
    empty_columns,
    in_parts,
    in_turn,
)
from tollcentre.passage.queries import find_nodes, passage_bounds
from tollcentre.passage.terms import DayTrades, Paths, Walked

from ..kernels import charging, pricing, splitting

AMOUNTS = ("tariff_fee", "pay_fee", "discount_fee", "fee")
BY_CHARGES, BY_PATH = 1, 2
PRICED = (np.int32, np.int64, np.int32, np.int8, np.int64, np.int32, np.int32, np.int8)
CHARGED = (np.int32, np.int64, np.int64, np.int64)
SPLIT = (np.int64, np.int32, np.int32, np.int32)
OWNER_KEYS = ("owner_id", "legal_owner_id", "road_id")
OWNER_BOUNDS = ("from_time", "to_time", "exit_from", "exit_to")
GROUP_COLUMNS = ("record_key", "content_digest", "seq", "unit_key", *AMOUNTS[1:])
NET_KEYS = ("issuer_id", "toll_province", "media_type", "exit_kind")


_GROUPS = f"""
SELECT row_number() OVER (ORDER BY {", ".join(NET_KEYS)}) - 1 AS group_no, {", ".join(NET_KEYS)}
FROM (SELECT DISTINCT {", ".join(NET_KEYS)} FROM passage_amount) AS distinct_keys
"""
_AMOUNTS = f"""
SELECT a.own_fee, a.own_discount, a.exit_time, a.media_type, a.split_by, g.group_no
FROM passage_amount AS a
JOIN net_group AS g ON {" AND ".join(f"g.{key} = a.{key}" for key in NET_KEYS)}
ORDER BY a.pass_key
"""


def grouped_amounts(engine: Engine) -> tuple[Columns, pa.Table]:
    """The passages' money in order of their keys, and the groups it is netted by, by number."""
    engine.from_table("net_group", engine.table(_GROUPS))
    groups = engine.table("SELECT * FROM net_group ORDER BY group_no")
    return arrays_of(engine.table(_AMOUNTS)), groups


@dataclass(frozen=True)
class DayPrices:
    """What prices a day: amounts by row, and the row of each slot, profile and node (or -1).

    `hour_slot[h]` is the slot of the hour `hour_first + h` since the epoch.
    """

    price_row: np.ndarray
    amounts: np.ndarray
    hour_first: int
    hour_slot: np.ndarray


@dataclass(frozen=True)
class DayCharges:
    """Charged units in parts of the day, and where each passage's lie in its part."""

    bounds: list[int]
    start: np.ndarray
    length: np.ndarray
    parts: tuple[Columns, ...]


def price_paths(
    walked: Walked,
    others: Columns,
    passages: Columns,
    prices: DayPrices,
    pass_key: np.ndarray,
    card_step: int,
    threads: int,
) -> dict[str, pa.Table]:
    """The tables unit_fee and expected.

    `others` are the units of searched and open-road passages in order of (pass_key, position);
    `passages` holds profile_idx, is_free and media_type of every passage in order of its key.
    """
    start = np.searchsorted(others["pass_key"], pass_key)
    length = np.searchsorted(others["pass_key"], pass_key, "right") - start
    is_obu = passages["media_type"] == 1
    sums = np.zeros((5, len(pass_key)), np.int64)

    def price(part: Paths) -> pa.Table:
        mine = slice(part.first, part.last)
        count = int(part.length[mine].sum() + length[mine].sum())
        columns, fees = empty_columns(count, PRICED), np.empty((4, count), np.int64)
        pricing.price_paths(
            part.first, part.last, part.start, part.length, part.position, part.node, part.sign,
            part.time, start, length, others["position"], others["node_idx"], others["sign"],
            others["unit_time"], passages["profile_idx"], passages["is_free"] == 1, is_obu,
            prices.hour_first, prices.hour_slot, prices.price_row, prices.amounts, card_step, sums,
            fees, *columns,
        )  # fmt: skip
        passage, position, node, sign, time, profile, slot, unpriced = columns
        names = dict(zip(AMOUNTS, fees, strict=True))
        return pa.table(
            {"pass_key": pass_key[passage], "position": position, "node_idx": node, "sign": sign,
             "unit_time": time, "profile_idx": profile, "slot_idx": slot, **names,
             "unpriced": unpriced}
        )  # fmt: skip

    parts = in_turn(price, walked.parts, threads)
    driven = np.flatnonzero(sums[0] > 0)
    expected = {"pass_key": pass_key[driven]}
    names = ("units", "unpriced", "tariff_fee", "pay_fee", "fee")
    expected |= {name: sums[at, driven] for at, name in enumerate(names)}
    return {"unit_fee": pa.concat_tables(parts), "expected": pa.table(expected)}


def charge_units(
    trades: DayTrades, groups: Columns, base: Columns, threads: int
) -> tuple[DayCharges, dict[str, pa.Table]]:
    """What each passage was charged by unit, and the tables charge and pass_charge.

    `groups` are the rows of landed_charged, `base` exit_record_key, exit_digest, exit_time and
    exit_fee_type of every passage in order of its key.
    """
    count = len(trades.pass_key)
    bounds = passage_bounds(trades.ptr, threads)
    slots, following = charging.chain_rows(groups["record_key"])
    group_rows = np.column_stack([groups[name] for name in GROUP_COLUMNS])
    by_record = np.isin(base["exit_fee_type"], (4, 5, 11))
    start, length = np.zeros((2, count), np.int64)
    sums = np.zeros((3, count), np.int64)

    def charge(first: int, last: int) -> Columns:
        # A record is charged once, so every group row is used once at the most.
        room = int(trades.ptr[last] - trades.ptr[first]) + len(group_rows)
        columns, charged = empty_columns(room, CHARGED), np.empty((3, room), np.int64)
        filled = charging.charge_units(
            first, last, trades.ptr, trades.rows, by_record, slots, following, group_rows,
            base["exit_record_key"], base["exit_digest"], base["exit_time"], start, length, sums,
            charged, *columns,
        )  # fmt: skip
        passage, unit, time, position = (column[:filled] for column in columns)
        charged = charged[:, :filled]
        fees = dict(zip(AMOUNTS[1:], charged, strict=True))
        return {"passage": passage, "unit_key": unit, "charge_time": time,
                "position": position, **fees}  # fmt: skip

    parts = in_parts(charge, bounds, threads)
    table = pa.concat_tables(
        pa.table({"pass_key": trades.pass_key[part["passage"]],
                  **{name: part[name] for name in part if name != "passage"}})
        for part in parts
    )  # fmt: skip
    charged = np.flatnonzero(length > 0)
    sum_of = dict(zip(AMOUNTS[1:], sums[:, charged], strict=True))
    of_pass = pa.table({"pass_key": trades.pass_key[charged], "units": length[charged], **sum_of})
    charges = DayCharges(bounds, start, length, parts)
    return charges, {"charge": table, "pass_charge": of_pass}


@dataclass(frozen=True)
class Owners:
    """Ownership rows by node: those of node n lie from ptr[n] to ptr[n + 1] - 1.

    A row's bounds are from_time, to_time of the unit's own time and exit_from, exit_to.
    """

    ptr: np.ndarray
    bounds: np.ndarray
    owner_id: pa.Array
    legal_owner_id: pa.Array
    road_id: pa.Array


def owners_of(table: pa.Table, nodes: int) -> Owners:
    """The table unit_owner by node, with one row at the end for what nobody owns."""
    table = table.sort_by("node_idx")
    named = [pa.array([*table[name].to_pylist(), ""], pa.string()) for name in OWNER_KEYS]
    ptr = np.searchsorted(table["node_idx"].to_numpy(), np.arange(nodes + 1))
    bounds = np.column_stack([table[name].to_numpy() for name in OWNER_BOUNDS])
    return Owners(ptr, bounds, *named)


def split_passages(
    charges: DayCharges,
    driven: pa.Table,
    amounts: Columns,
    groups: pa.Table,
    owners: Owners,
    unit_nodes: Columns,
    pass_key: np.ndarray,
    threads: int,
) -> dict[str, pa.Table]:
    """The tables unit_split and net_cell (what owner_net sums up).

    `driven` are the weights of passages that are split by their path, in order of (pass_key,
    position); `amounts` the passages' money in order of their keys, `group_no` leading to
    `groups`; `unit_nodes` the toll units' node_key, sorted, and node_idx.
    """
    shape = (len(owners.bounds) + 1, max(groups.num_rows, 1), 4)
    is_obu = amounts["media_type"] == 1

    def split(by: int, first: int, last: int, start: np.ndarray, length: np.ndarray,
              weights: Columns) -> tuple[pa.Table, np.ndarray]:  # fmt: skip
        cells = np.zeros(shape, np.int64)
        count = int(length[first:last][amounts["split_by"][first:last] == by].sum())
        found = splitting.split_passages(
            first, last, amounts["split_by"] == by, amounts["own_fee"], amounts["own_discount"],
            is_obu | (by == BY_PATH), amounts["group_no"], start, length, weights["unit_key"],
            weights["node_idx"], weights["unit_time"], weights["position"], weights["tariff_fee"],
            weights["discount_fee"], weights["fee"], owners.ptr, owners.bounds,
            amounts["exit_time"], cells, pass_key, np.empty((4, count), np.int64),
            *empty_columns(count, SPLIT),
        )  # fmt: skip
        return _split_table(found, weights, groups, owners), cells

    def split_charged(number: int) -> tuple[pa.Table, np.ndarray]:
        part, (first, last) = charges.parts[number], charges.bounds[number : number + 2]
        weights = {**part, "unit_time": part["charge_time"], "tariff_fee": part["pay_fee"]}
        weights["node_idx"] = find_nodes(part["unit_key"], **unit_nodes)
        return split(BY_CHARGES, first, last, charges.start, charges.length, weights)

    found = in_turn(split_charged, range(len(charges.parts)), threads)
    start = np.searchsorted(driven["pass_key"].to_numpy(), pass_key)
    length = np.searchsorted(driven["pass_key"].to_numpy(), pass_key, "right") - start
    by_path = {name: driven[name].to_numpy() for name in driven.column_names}
    by_path["node_idx"] = by_path["node_idx"].astype(np.int32)
    found.append(split(BY_PATH, 0, len(pass_key), start, length, by_path))
    cells = sum(part[1] for part in found)
    return {
        "unit_split": pa.concat_tables(part[0] for part in found),
        "net_cell": _cell_table(np.asarray(cells), groups, owners),
    }


def _named(indices: np.ndarray, values: pa.Array) -> pa.Array:
    """Values by index, each distinct one stored once."""
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), values, safe=False)


def _split_table(
    found: tuple[np.ndarray, ...],
    weights: Columns,
    groups: pa.Table,
    owners: Owners,
) -> pa.Table:
    """Rows of unit_split."""
    pass_key, weight, row, group, amounts = found
    # Most parts are split whole: then a weight's row is its share's.
    whole = len(weight) == len(weights["unit_key"])
    of_weight = {
        name: weights[name] if whole else weights[name][weight]
        for name in ("unit_key", "node_idx", "position", "unit_time")
    }
    of_group = {name: _named(group, groups[name].combine_chunks()) for name in NET_KEYS}
    named = {name: _named(row, getattr(owners, name)) for name in OWNER_KEYS}
    fees = dict(zip(AMOUNTS, amounts, strict=True))
    return pa.table({"pass_key": pass_key, **of_weight, **named, **of_group, **fees})


def _cell_table(cells: np.ndarray, groups: pa.Table, owners: Owners) -> pa.Table:
    """One row an ownership row and group that has units: its units and amounts."""
    owner, group = np.nonzero(cells[:, :, 0])
    units, pay, discount, fee = cells[owner, group].T
    of_owner = {name: getattr(owners, name).take(pa.array(owner)) for name in OWNER_KEYS}
    of_group = {name: groups[name].combine_chunks().take(pa.array(group)) for name in NET_KEYS}
    return pa.table({**of_owner, **of_group, "units": units, "pay_fee": pay,
                     "discount_fee": discount, "fee": fee})  # fmt: skip
