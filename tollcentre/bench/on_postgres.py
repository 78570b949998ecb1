"""How much slower the clear day's relations are on PostgreSQL: the same texts, the same day."""

from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from tollcentre.clearing import queries as clearing
from tollcentre.core.refusal import Reason, Refusal
from tollcentre.daily_run.actions import build_day
from tollcentre.lake.queries import DuckEngine, Engine, connect
from tollcentre.passage import queries as passage

from .postgres_engine import PostgresEngine, own_server, session, settings_of

ENGINES_DIFFER = Reason(
    "engines_differ",
    "关系 {relation} 在两个引擎上不同：PostgreSQL {postgres}，DuckDB {duckdb}",
    "relation {relation} differs between the engines: PostgreSQL {postgres}, DuckDB {duckdb}",
)
ROUNDS = 2


@dataclass(frozen=True)
class Round:
    """One day built in an engine: seconds, rows and sums of each relation."""

    seconds: dict[str, float]
    sums: dict[str, dict[str, int]]


def bench_postgres(day: date, version: str, database_url: str | None = None) -> dict[str, Any]:
    """The day's relations on PostgreSQL and on DuckDB in turns, query time only, each at its best.

    Without an address a server of its own is started. A relation that differs is a Refusal.
    """
    there, here = [], []
    with nullcontext(database_url) if database_url else own_server() as address:
        for _ in range(ROUNDS):
            with session(address) as con, closing(connect()) as reader:
                postgres = PostgresEngine(con, reader)
                there.append(_round(postgres, day, version))
                settings = settings_of(con)
            with closing(connect()) as con:
                here.append(_round(_LoadedDuckEngine(con), day, version))
            for name, sums in there[-1].sums.items():
                refuse_difference(name, sums, here[-1].sums[name])
    rows = {name: sums["rows"] for name, sums in there[-1].sums.items()}
    steps = {
        name: [min(one.seconds[name] for one in rounds) for rounds in (there, here)]
        for name in rows
    }
    postgres_seconds, duckdb_seconds = map(sum, zip(*steps.values(), strict=True))
    return {
        "passages": rows["passage_base"],
        "trades": rows["trade"],
        "postgres_seconds": round(postgres_seconds, 3),
        "duckdb_seconds": round(duckdb_seconds, 3),
        "times_duckdb": round(postgres_seconds / duckdb_seconds, 2),
        "load_seconds": round(postgres.load_seconds, 3),
        "settle_seconds": round(postgres.settle_seconds, 3),
        "settings": settings,
        "steps": {name: [round(s, 3) for s in seconds] for name, seconds in steps.items()},
        "equal": True,
    }


class _LoadedDuckEngine(DuckEngine):
    """The embedded engine by relations alone, its inputs loaded first as PostgreSQL's are."""

    def from_files(self, name: str, select: str, *, small: bool = False) -> None:
        """Load the rows of a query over lake files."""
        super().from_files(name, select, small=True)


def _round(engine: Engine, day: date, version: str) -> Round:
    """Build the day in the engine; steps that are no relation are left out."""
    texts = {**passage.relations(), **clearing.relations()}
    built = build_day(engine, day, version, check=False)
    seconds = {step.name: step.seconds for step in built if step.name in texts}
    return Round(seconds, {name: sums_of(engine, name) for name in seconds})


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
