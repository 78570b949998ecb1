"""How much slower the clear day's relations are on PostgreSQL: the same texts, the same day."""

from contextlib import nullcontext
from datetime import date
from typing import Any

import pyarrow as pa

from tollcentre.core.refusal import Reason, Refusal
from tollcentre.daily_run.actions import build_day
from tollcentre.lake.queries import Engine, connect, duck_engine

from .postgres_engine import PostgresEngine, own_server, session, settings_of

ENGINES_DIFFER = Reason(
    "engines_differ",
    "关系 {relation} 在两个引擎上不同：PostgreSQL {postgres}，DuckDB {duckdb}",
    "relation {relation} differs between the engines: PostgreSQL {postgres}, DuckDB {duckdb}",
)


def bench_postgres(day: date, version: str, database_url: str | None = None) -> dict[str, Any]:
    """The day's relations on PostgreSQL, then on DuckDB in the same process, query time only.

    Without an address a server of its own is started. A relation that differs is a Refusal.
    """
    with (
        nullcontext(database_url) if database_url else own_server() as address,
        session(address) as con,
    ):
        postgres = PostgresEngine(con, connect())
        there = _seconds(postgres, day, version)
        sums = {name: sums_of(postgres, name) for name in postgres.built}
        settings = settings_of(con)
    duck = duck_engine()
    here = _seconds(duck, day, version)
    for name, expected in sums.items():
        refuse_difference(name, expected, sums_of(duck, name))
    steps = {name: (there[name], here[name]) for name in sums}
    postgres_seconds, duckdb_seconds = map(sum, zip(*steps.values(), strict=True))
    return {
        "passages": sums["passage_base"]["rows"],
        "trades": sums["trade"]["rows"],
        "postgres_seconds": round(postgres_seconds, 3),
        "duckdb_seconds": round(duckdb_seconds, 3),
        "times_duckdb": round(postgres_seconds / duckdb_seconds, 2),
        "load_seconds": round(postgres.load_seconds, 3),
        "settle_seconds": round(postgres.settle_seconds, 3),
        "settings": settings,
        "steps": {name: [round(s, 3) for s in seconds] for name, seconds in steps.items()},
        "equal": True,
    }


def _seconds(engine: Engine, day: date, version: str) -> dict[str, float]:
    """Build the day in the engine; seconds of each step."""
    return {built.name: built.seconds for built in build_day(engine, day, version, check=False)}


def sums_of(engine: Engine, relation: str) -> dict[str, int]:
    """Rows of a built relation and the sum of each of its integer columns, money among them."""
    fields = engine.table(f"SELECT * FROM {relation} LIMIT 0").schema
    numbers = [f.name for f in fields if pa.types.is_integer(f.type) or pa.types.is_decimal(f.type)]
    sums = ", ".join(f"sum({name}) AS {name}" for name in numbers)
    found = engine.rows(f"SELECT count(*) AS rows, {sums} FROM {relation}")[0]
    return dict(zip(("rows", *numbers), map(int, (n or 0 for n in found)), strict=True))


def refuse_difference(relation: str, postgres: dict[str, int], duckdb: dict[str, int]) -> None:
    """Refuse where rows, columns or sums differ, showing those that do."""
    if postgres != duckdb:
        postgres, duckdb = (
            {name: value for name, value in mine.items() if other.get(name) != value}
            for mine, other in ((postgres, duckdb), (duckdb, postgres))
        )
        raise Refusal(ENGINES_DIFFER, relation, relation=relation, postgres=postgres, duckdb=duckdb)
