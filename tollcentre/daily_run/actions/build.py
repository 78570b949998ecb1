"""The steps of a clear day, one after another, over an engine; what they build is not yet kept."""

import time
from collections.abc import Callable, Iterator
from datetime import date

import pyarrow as pa

from tollcentre.clearing import queries as clearing
from tollcentre.lake.queries import Engine
from tollcentre.lake.terms import Built, Relation
from tollcentre.passage import queries as passage
from tollcentre.passage.queries import Roads
from tollcentre.passage.terms import RestorationModel
from tollcentre.tariff import queries as tariff

from .inputs import name_facts, name_network, span_epochs

SLOT_BASE = 4096
NODE_BASE = 65536


def step_names() -> tuple[str, ...]:
    """Every step of a clear day by name, in order."""
    return (
        *passage.GATHER_ORDER,
        "search",
        *passage.PATH_ORDER,
        "prices",
        *clearing.PRICE_ORDER,
        *clearing.SPLIT_ORDER,
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
    roads = passage.roads(version)
    name_facts(engine, day, model.exit_wait_days)
    name_network(engine, roads)
    texts: dict[str, Relation] = {**passage.relations(), **clearing.relations()}

    def build(names: tuple[str, ...]) -> Iterator[Built]:
        for name in names:
            begun(name)
            yield engine.build(texts[name], check=check)

    yield from build(passage.GATHER_ORDER)
    begun("search")
    yield _search(engine, roads, model)
    yield from build(passage.PATH_ORDER)
    begun("prices")
    yield _prices(engine, day, version, model.exit_wait_days)
    yield from build(clearing.PRICE_ORDER)
    yield from build(clearing.SPLIT_ORDER)


def _search(engine: Engine, roads: Roads, model: RestorationModel) -> Built:
    """Find the journeys of the passages that are not plain, and name them in the engine."""
    began = time.perf_counter()
    reads = engine.table(
        "SELECT pass_key, stage, read_time, node_idx, source FROM hard_read"
        " ORDER BY pass_key, stage, read_time, node_idx, source, record_key"
    )
    tables = passage.search_hard(roads, reads, model)
    for name, table in tables.items():
        engine.from_table(name, table)
    return Built("search", tables["hard_unit"].num_rows, time.perf_counter() - began, ())
