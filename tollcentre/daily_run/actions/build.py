"""The steps of a clear day, one after another, over an engine; what they build is not yet kept."""

import time
from collections.abc import Callable, Iterator
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from tollcentre.clearing import queries as clearing
from tollcentre.core.clock import day_start
from tollcentre.lake.queries import Engine
from tollcentre.lake.terms import Built
from tollcentre.network.queries import province_of
from tollcentre.passage import queries as passage
from tollcentre.passage.queries import Roads
from tollcentre.passage.terms import RestorationModel
from tollcentre.tariff import queries as tariff
from tollcentre.tariff.terms import Profile, Slot

from .compiled import CompiledDay
from .inputs import name_facts, name_gantries, name_network, span_epochs, unit_owners
from .steps import NODE_BASE, SLOT_BASE, SQL_STEPS, SqlDay, Steps

CLOCK_SAMPLE = 8


def step_names(*, compiled: bool) -> tuple[str, ...]:
    """Every step of a clear day by name, in order."""
    kernels = CompiledDay.STEPS if compiled else SQL_STEPS
    return (
        *passage.EXIT_ORDER,
        "clocks",
        *passage.HEAD_ORDER,
        *kernels.trades,
        *passage.HARD_ORDER,
        "search",
        *kernels.paths,
        "prices",
        *kernels.prices,
        *kernels.charges,
        *clearing.AMOUNT_ORDER,
        *kernels.shares,
        *clearing.NET_ORDER,
    )


def build_day(
    engine: Engine,
    day: date,
    version: str,
    *,
    check: bool = True,
    begun: Callable[[str], None] = lambda _: None,
) -> Iterator[Built]:
    """Build every relation of the day in the engine, yielding each as it stands.

    A check that gives rows is a Refusal and ends the day.
    """
    model = passage.model(day)
    roads = passage.roads(version, day)
    card_step = tariff.card_step(day)
    name_facts(engine, day, model, province_of(version))
    name_network(engine, roads, model, card_step)
    engine.from_table("decided_path", passage.decided_units(day, version)[0])
    steps = Steps(engine, check, begun)
    yield from steps.build(passage.EXIT_ORDER)
    begun("clocks")
    yield _clocks(engine, roads)
    yield from steps.build(passage.HEAD_ORDER)
    middle = CompiledDay(steps, roads, model) if engine.compiled else SqlDay(steps)
    yield from middle.trades()
    yield from steps.build(passage.HARD_ORDER)
    begun("search")
    yield _search(engine, roads, model)
    yield from middle.paths()
    begun("prices")
    yield _prices(engine, day, version, model.reach_days)
    yield from middle.prices()
    yield from middle.charges()
    yield from steps.build(clearing.AMOUNT_ORDER)
    yield from middle.shares()
    yield from steps.build(clearing.NET_ORDER)


def _clocks(engine: Engine, roads: Roads) -> Built:
    """Learn how far each gantry's clock is off, and name the gantries again with it."""
    began = time.perf_counter()
    reads = engine.table(
        "SELECT t.pass_key, g.node_idx, t.trans_time AS read_time FROM landed_trade AS t"
        " JOIN passage_key AS k ON k.pass_key = t.pass_key"
        " JOIN net_gantry AS g ON g.gantry_key = t.gantry_key AND g.locates = 1"
        f" WHERE t.pass_key % {CLOCK_SAMPLE} = 0"
        " ORDER BY t.pass_key, t.trans_time, g.node_idx, t.record_key, t.content_digest"
    )
    offsets = passage.clock_offsets(roads, reads)
    name_gantries(engine, roads, offsets)
    return Built("clocks", int((offsets != 0).sum()), time.perf_counter() - began, ())


def _search(engine: Engine, roads: Roads, model: RestorationModel) -> Built:
    """Find the journeys of the passages that are not plain, and name them in the engine."""
    began = time.perf_counter()
    reads = engine.table(
        "SELECT pass_key, stage, read_time, node_idx, source FROM hard_read"
        " ORDER BY pass_key, stage, read_time, node_idx, source, record_key"
    )
    health = engine.table("SELECT node_idx, passed, unseen FROM unit_health ORDER BY node_idx")
    tables = passage.search_hard(roads, reads, model, health)
    for name, table in tables.items():
        engine.from_table(name, table)
    return Built("search", tables["hard_unit"].num_rows, time.perf_counter() - began, ())


def _prices(engine: Engine, day: date, version: str, reach_days: int) -> Built:
    """Name what prices the day's passages: profiles, price slots, prices, free periods, owners."""
    began = time.perf_counter()
    start, end = span_epochs(day, reach_days)
    seen = engine.rows(
        "SELECT DISTINCT media_type, vehicle_type, vehicle_class, vehicle_seat FROM passage_base"
        " ORDER BY media_type, vehicle_type, vehicle_class, vehicle_seat"
    )
    profiles = [Profile(*map(int, row)) for row in seen]
    exempt = {free.vehicle_class for free in tariff.exempt_classes(day_start(day), end)}
    engine.from_table(
        "price_profile",
        pa.table(
            {
                "profile_idx": pa.array(range(len(profiles)), pa.int32()),
                "media_type": pa.array([p.media_type for p in profiles], pa.int32()),
                "vehicle_type": pa.array([p.vehicle_type for p in profiles], pa.int32()),
                "vehicle_class": pa.array([p.vehicle_class for p in profiles], pa.int32()),
                "vehicle_seat": pa.array([p.seats_band for p in profiles], pa.int32()),
                "exempt": pa.array([int(p.vehicle_class in exempt) for p in profiles], pa.int32()),
            }
        ),
    )
    slots = tariff.slots(start, end, version=version)
    engine.from_table("hour_slot", _hour_slots(slots))
    engine.from_table("unit_price", _unit_prices(version, profiles, slots))
    engine.from_table("free_period", _free_periods(start, end, profiles))
    engine.from_table("unit_owner", unit_owners(day, version))
    return Built("prices", len(profiles) * len(slots), time.perf_counter() - began, ())


def _hour_slots(slots: list[Slot]) -> pa.Table:
    """Hour since the epoch → price slot; slots begin and end at whole hours."""
    hours, indexes = [], []
    for slot in slots:
        for hour in range(slot.start // 3600, -(-slot.end // 3600)):
            hours.append(hour)
            indexes.append(slot.slot_idx)
    return pa.table(
        {"hour": pa.array(hours, pa.int64()), "slot_idx": pa.array(indexes, pa.int64())}
    )


def _unit_prices(version: str, profiles: list[Profile], slots: list[Slot]) -> pa.Table:
    """The price table under one integer key."""
    prices = tariff.price_table(version=version, profiles=profiles, slots=slots)
    prices = prices.filter(pc.equal(prices["refused"], ""))
    slot, profile, node = (
        prices[name].to_numpy().astype("int64") for name in ("slot_idx", "profile_idx", "node_idx")
    )
    key = pa.array((slot * SLOT_BASE + profile) * NODE_BASE + node)
    fees = prices.select(["tariff_fee", "pay_fee", "discount_fee", "fee"])
    return fees.append_column("price_key", key)


def _free_periods(start: int, end: int, profiles: list[Profile]) -> pa.Table:
    """One row a free period and profile that travels free in it."""
    rows = [
        (profile_idx, period.start, period.end)
        for period in tariff.free_periods(start, end)
        for profile_idx in tariff.freed_profiles(period, profiles)
    ]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    names = ("profile_idx", "from_time", "to_time")
    return pa.table({name: pa.array(c, pa.int64()) for name, c in zip(names, columns, strict=True)})
