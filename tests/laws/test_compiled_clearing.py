"""The compiled twins of charging and splitting give what the relations give, row for row."""

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.laws.handovers import histories, owner_rows
from tests.laws.test_clearing import T, _tables, build, journeys
from tests.oracle.clearing import owner_at
from tollcentre.clearing.queries import charge_units, grouped_amounts, owners_of, split_passages
from tollcentre.core.keys import intern_key
from tollcentre.lake.engines import DuckEngine
from tollcentre.lake.queries import arrays_of, blocks_of
from tollcentre.passage.queries import pack_trades

SPLIT_COLUMNS = (
    "pass_key, unit_key, node_idx, position, unit_time, owner_id, legal_owner_id, road_id,"
    " issuer_id, toll_province, media_type, exit_kind, tariff_fee, pay_fee, discount_fee, fee"
)


def compiled(engine: DuckEngine, threads: int) -> None:
    """Name what the kernels make of the engine's tables as made_charge, made_split, made_net."""
    keys = arrays_of(engine.table("SELECT pass_key FROM passage_base ORDER BY pass_key"))
    trades = blocks_of(engine.table("SELECT * FROM trade"))
    gantries = arrays_of(
        engine.table(
            "SELECT DISTINCT gantry_key, 0 AS node_idx, 1 AS locates, 0 AS clock_offset_s"
            " FROM trade"
        )
    )
    packed = pack_trades([], [], trades, keys["pass_key"], gantries, threads)
    base = arrays_of(
        engine.table(
            "SELECT exit_record_key, exit_digest, exit_time, exit_fee_type FROM passage_base"
            " ORDER BY pass_key"
        )
    )
    groups = arrays_of(engine.table("SELECT * FROM landed_charged"))
    charges, tables = charge_units(packed, groups, base, threads)
    engine.from_table("made_charge", tables["charge"])
    made = split_passages(
        charges,
        engine.table("SELECT * FROM path_weight ORDER BY pass_key, position"),
        *grouped_amounts(engine),
        owners_of(engine.table("SELECT * FROM unit_owner"), 8),
        arrays_of(engine.table("SELECT node_key, node_idx FROM net_node ORDER BY node_key")),
        keys["pass_key"],
        threads,
    )
    engine.from_table("made_split", made["unit_split"])
    engine.from_table("made_net", made["net_cell"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(journeys(), min_size=1, max_size=12), st.sampled_from([1, 2]))
def test_kernels_charge_and_split_as_the_relations_do(days, threads):
    engine = build(_tables(days))
    compiled(engine, threads)
    for name, columns, twin in (
        ("charge", "pass_key, unit_key, charge_time, position, pay_fee, discount_fee, fee",
         "made_charge"),
        ("unit_split", SPLIT_COLUMNS, "made_split"),
    ):  # fmt: skip
        wanted = engine.rows(f"SELECT {columns} FROM {name} ORDER BY ALL")
        assert engine.rows(f"SELECT {columns} FROM {twin} ORDER BY ALL") == wanted
    net = (
        "SELECT owner_id, road_id, issuer_id, toll_province, media_type, exit_kind,"
        " sum(units), sum(pay_fee), sum(discount_fee), sum(fee) FROM {} GROUP BY ALL ORDER BY ALL"
    )
    assert engine.rows(net.format("made_net")) == engine.rows(net.format("owner_net"))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(journeys(), min_size=1, max_size=8), histories(), st.integers(T - 1000, T + 9000)
)  # fmt: skip
def test_a_unit_belongs_to_the_last_owner_whose_handover_the_agreed_moment_has_reached(
    days, handed, clear_from
):
    engine = build(_tables(days) | {"unit_owner": owner_rows(handed, clear_from)})
    compiled(engine, 1)
    found = engine.rows(
        "SELECT pass_key, unit_key, unit_time, legal_owner_id FROM unit_split WHERE owner_id <> ''"
    )
    units = {intern_key(unit): unit for unit in handed}
    for pass_key, unit_key, unit_time, owner in found:
        history = [(h.owner_id, h.from_time, h.moment.value) for h in handed[units[unit_key]]]
        assert owner == owner_at(
            history, unit_time=unit_time, exit_time=days[pass_key - 1].exit.time,
            clear_from=clear_from,
        )  # fmt: skip
    shares = engine.rows("SELECT pass_key, unit_key FROM unit_split")
    assert len(set(shares)) == len(shares)
    columns = f"SELECT {SPLIT_COLUMNS} FROM {{}} ORDER BY ALL"
    assert engine.rows(columns.format("made_split")) == engine.rows(columns.format("unit_split"))


def test_a_repeat_is_found_again_when_trades_are_packed():
    rows = [
        {"record_key": 7 - n, "content_digest": 1, "pass_key": 5, "gantry_key": 9,
         "read_time": 1000 + 300 * n, "trade_result": 0, "unit_key": 3, "unit_count": 1,
         "pay_fee": 10, "discount_fee": 1, "fee": 9}
        for n in (3, 0, 1)
    ]  # fmt: skip
    gantries = {"gantry_key": np.array([9]), "node_idx": np.array([2]), "locates": np.array([1]),
                "clock_offset_s": np.array([0])}  # fmt: skip
    trades = pack_trades([], [], blocks_of(pa.Table.from_pylist(rows)), np.array([5]), gantries, 1)
    assert trades.rows[:, 2].tolist() == [1000, 1300, 1900]
    assert [int(marks) >> 16 & 1 for marks in trades.rows[:, 7]] == [0, 1, 1]
