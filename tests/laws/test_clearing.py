"""The laws of the clear day's money, over the relations as they stand and their slow twin."""

from functools import cache

import duckdb
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle.clearing import Charge, Exit, Journey, clear, owner_sums
from tollcentre.clearing.queries import (
    AMOUNT_ORDER,
    CHARGE_ORDER,
    NET_ORDER,
    SPLIT_ORDER,
    party_nets,
    relations,
)
from tollcentre.clearing.terms import Side
from tollcentre.core.keys import intern_key
from tollcentre.lake.engines import DuckEngine
from tollcentre.participants.terms import ENDLESS

MONEY_ORDER = (*CHARGE_ORDER, *AMOUNT_ORDER, *SPLIT_ORDER, *NET_ORDER)
OWN = "62"
UNITS = [f"G003062001000{n}10" for n in range(1, 7)]
OWNER_OF = {unit: f"62{n % 3:05d}" for n, unit in enumerate(UNITS[:5])}
T = 1_795_000_000

amounts = st.integers(0, 9000)
UP_TO_THREE = st.integers(0, 3)


@st.composite
def charges(draw, count=UP_TO_THREE, start=0):
    time = draw(st.integers(start, start + 4000))
    rows = []
    gantry = draw(st.integers(1, 4))
    for _ in range(draw(count)):
        fee, discount = draw(amounts), draw(st.integers(0, 300))
        unit = draw(st.sampled_from(UNITS))
        rows.append(Charge(unit, T + time, fee + discount, discount, fee, True, gantry))
    ok = draw(st.integers(0, 9)) > 0
    return [Charge(c.unit, c.time, c.pay, c.discount, c.fee, ok, c.gantry) for c in rows]


@st.composite
def journeys(draw):
    media = draw(st.sampled_from([1, 1, 2]))
    kind = draw(st.sampled_from(["own", "own", "own", "elsewhere", "no_exit"]))
    fee_type = draw(st.sampled_from([1 if media == 1 else 3, 4, 6, 11, 0]))
    trades = [t for t in draw(st.lists(charges(), max_size=4)) if t]
    listed = draw(charges(count=st.integers(0, 4))) if fee_type in (4, 5, 11) else []
    listed = list({c.unit: c for c in listed}.values())
    path = [c for c in draw(charges(count=st.integers(0, 4))) if fee_type == 6]
    path = list({c.unit: c for c in path if c.unit in OWNER_OF}.values())
    fee = draw(st.one_of(amounts, st.just(sum(c.fee for t in trades for c in t))))
    if draw(st.integers(0, 19)) == 0:
        fee = -fee
    discount = draw(st.integers(0, 500)) if media == 1 else 0
    parts = None
    if kind == "own" and draw(st.booleans()) and fee >= 0:
        here = draw(st.integers(0, fee))
        parts = {OWN: here, "61": fee - here + draw(st.sampled_from([0, 0, 0, 7]))}
    province = OWN if kind == "own" else draw(st.sampled_from(["61", "63"]))
    issuer = "620101" if media == 1 else ""
    exit_ = Exit(kind, media, issuer, province, fee_type, fee + discount, discount, fee, parts)
    exit_.time = T + draw(st.sampled_from([4000, 5000, 9000]))
    return Journey(0, exit_, trades, listed, path, draw(st.booleans()))


@cache
def shared_engine() -> DuckEngine:
    """One engine for all examples: every build replaces every table."""
    return DuckEngine(duckdb.connect())


def build(tables: dict[str, list[dict]]) -> DuckEngine:
    """The relations of clearing over these tables."""
    engine = shared_engine()
    for name, rows in tables.items():
        engine.from_table(name, pa.Table.from_pylist(rows, schema=_SCHEMAS[name]))
    for name in MONEY_ORDER:
        engine.build(relations()[name])
    return engine


def _schema(**fields):
    return pa.schema(list(fields.items()))


N, S = pa.int64(), pa.string()
_SCHEMAS = {
    "trade": _schema(record_key=N, pass_key=N, gantry_key=N, node_idx=N, read_time=N,
                     trade_result=N, unit_key=N, unit_count=N, pay_fee=N, discount_fee=N, fee=N,
                     content_digest=N, is_repeat=N),
    "landed_charged": _schema(record_key=N, content_digest=N, source=N, seq=N, unit_key=N,
                              pay_fee=N, discount_fee=N, fee=N),
    "passage_base": _schema(pass_key=N, exit_record_key=N, exit_digest=N, exit_kind=S,
                            exit_time=N, media_type=N, issuer_id=S, toll_province=S,
                            exit_fee_type=N, pay_fee=N, fee=N, discount_fee=N,
                            multi_province=N, province_trans_group=S),
    "expected": _schema(pass_key=N, fee=N),
    "passage_sure": _schema(pass_key=N, queued=N),
    "priced_passage": _schema(pass_key=N, is_free=N),
    "unit_fee": _schema(pass_key=N, position=N, node_idx=N, unit_time=N, tariff_fee=N,
                        discount_fee=N, fee=N),
    "path_unit": _schema(pass_key=N, node_idx=N),
    "net_node": _schema(node_idx=N, node_key=N, is_unit=N),
    "unit_owner": _schema(node_idx=N, owner_id=S, legal_owner_id=S, road_id=S, from_time=N,
                          to_time=N, exit_from=N, exit_to=N),
    "own": _schema(province=S, card_step=N),
    "exit_counted": _schema(record_key=N, pass_key=N, media_type=N, issuer_id=S, fee=N, exit_no=N,
                            toll_province=S),
    "exit_correction": _schema(source_key=N, pass_key=N, fee=N),
    "exit_version": _schema(source_key=N, modify_flag=N, media_type=N, issuer_id=S),
}  # fmt: skip


def _tables(days: list[Journey]) -> dict[str, list[dict]]:
    node = {unit: n for n, unit in enumerate(UNITS) if unit in OWNER_OF}
    rows: dict[str, list[dict]] = {name: [] for name in _SCHEMAS}
    record = 0
    for number, journey in enumerate(days, 1):
        exit_, last = journey.exit, {}
        for trade in sorted(journey.trades, key=lambda t: t[0].time):
            record += 1
            head = trade[0]
            repeat = 0
            if head.ok:
                repeat = int(head.gantry in last and head.time - last[head.gantry] <= 600)
                last[head.gantry] = head.time
            one = len(trade) == 1
            rows["trade"].append(dict(
                record_key=record, pass_key=number, gantry_key=head.gantry, node_idx=0,
                read_time=head.time, trade_result=0 if head.ok else 1,
                unit_key=intern_key(head.unit), unit_count=len(trade), content_digest=1,
                pay_fee=head.pay if one else 0, discount_fee=head.discount if one else 0,
                fee=head.fee if one else 0, is_repeat=repeat))  # fmt: skip
            if not one:
                rows["landed_charged"] += [dict(
                    record_key=record, content_digest=1, source=1, seq=seq,
                    unit_key=intern_key(c.unit), pay_fee=c.pay, discount_fee=c.discount, fee=c.fee)
                    for seq, c in enumerate(trade)]  # fmt: skip
        rows["landed_charged"] += [dict(
            record_key=10**6 + number, content_digest=1, source=2, seq=seq,
            unit_key=intern_key(c.unit), pay_fee=c.pay, discount_fee=c.discount, fee=c.fee)
            for seq, c in enumerate(journey.listed)]  # fmt: skip
        group = "|".join(f"{p}:{f}" for p, f in (exit_.parts or {}).items())
        own = exit_.kind == "own"
        rows["passage_base"].append(dict(
            pass_key=number, exit_record_key=10**6 + number, exit_digest=1,
            exit_kind=exit_.kind, exit_time=exit_.time, media_type=exit_.media,
            issuer_id=exit_.issuer,
            toll_province=exit_.toll_province, exit_fee_type=exit_.fee_type,
            pay_fee=exit_.pay if own else 0, fee=exit_.fee if own else 0,
            discount_fee=exit_.discount if own else 0, multi_province=int(exit_.parts is not None),
            province_trans_group=group))  # fmt: skip
        rows["priced_passage"].append(dict(pass_key=number, is_free=0))
        rows["passage_sure"].append(dict(pass_key=number, queued=0 if journey.sure else 1))
        if journey.path:
            rows["expected"].append(dict(pass_key=number, fee=sum(c.fee for c in journey.path)))
        rows["unit_fee"] += [dict(
            pass_key=number, position=n, node_idx=node[c.unit], unit_time=c.time, tariff_fee=c.pay,
            discount_fee=c.discount, fee=c.fee) for n, c in enumerate(journey.path)]  # fmt: skip
    rows["net_node"] = [dict(node_idx=n, node_key=intern_key(u), is_unit=1)
                        for u, n in node.items()]  # fmt: skip
    rows["unit_owner"] = [dict(node_idx=n, owner_id=OWNER_OF[u], legal_owner_id=OWNER_OF[u],
                               road_id=u[:11], from_time=0, to_time=ENDLESS, exit_from=0,
                               exit_to=ENDLESS)
                          for u, n in node.items()]  # fmt: skip
    rows["own"] = [dict(province=OWN, card_step=100)]
    return rows


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(journeys(), min_size=1, max_size=12))
def test_every_fen_is_split_as_the_slow_twin_splits_it(days):
    engine = build(_tables(days))
    cleared = [clear(journey, OWN) for journey in days]
    found = dict(engine.rows("SELECT owner_id, sum(fee) FROM owner_net GROUP BY owner_id"))
    expected = owner_sums(cleared, OWNER_OF)
    assert {o: f for o, f in found.items() if f} == {o: f for o, f in expected.items() if f}
    for number, one in enumerate(cleared, 1):
        rows = engine.rows(
            f"SELECT unit_key, fee, discount_fee FROM unit_split WHERE pass_key = {number}"
        )
        assert {(u, f, d) for u, f, d in rows} == {
            (intern_key(u), f, d) for u, (f, d) in one.units.items()
        }
        amount = engine.rows(
            f"SELECT own_fee, others_fee, held_fee FROM passage_amount WHERE pass_key = {number}"
        )[0]
        held = one.held if days[number - 1].exit.kind == "own" else amount[2]
        assert amount == (one.own, one.others, held)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(journeys(), min_size=1, max_size=12))
def test_collected_is_own_units_and_other_provinces_and_held(days):
    engine = build(_tables(days))
    nets = party_nets(engine)
    debit = sum(net.fee for net in nets if net.side is Side.DEBIT)
    credit = sum(net.fee for net in nets if net.side is Side.CREDIT)
    assert debit == credit
    collected = sum(j.exit.fee for j in days if j.exit.kind == "own")
    assert collected == sum(
        net.fee for net in nets if net.side is Side.DEBIT and net.party != "province"
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(journeys(), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_arrival_is_irrelevant(days, chance):
    tables = _tables(days)
    first = party_nets(build(tables))
    for rows in tables.values():
        chance.shuffle(rows)
    assert party_nets(build(tables)) == first
