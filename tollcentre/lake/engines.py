"""Two engines run one text: DuckDB in this process, Spark where a cluster is wanted."""

import time
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from tollcentre.core.refusal import Refusal

from .relations import for_spark, key_check
from .terms import CHECK_FAILED, Built, Relation

PARTITIONS = 2
"""Parts of a relation on one machine; a cluster's own setting replaces it there."""


class Engine(Protocol):
    """What a run needs of an engine; tables are named once and never changed."""

    name: str
    compiled: bool

    def from_files(self, name: str, select: str, *, small: bool = False) -> None:
        """Name a query over lake files; what is `small` may be read once and kept."""

    def from_table(self, name: str, table: pa.Table) -> None:
        """Name an Arrow table."""

    def build(self, relation: Relation, *, check: bool = True) -> Built:
        """Build one relation, then run its checks; a check that gives rows is a Refusal."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a small query."""

    def table(self, sql: str) -> pa.Table:
        """The Arrow table of a query."""


def run_checks(engine: Engine, relation: Relation) -> tuple[str, ...]:
    """Run the key check and the declared checks, in the order of the header."""
    checks = {"key_is_unique": key_check(relation), **relation.checks}
    for check_name, sql in checks.items():
        found = engine.rows(f"SELECT count(*) AS n FROM ({sql}) AS broken")[0][0]
        if found:
            sample = engine.rows(f"SELECT * FROM ({sql}) AS broken LIMIT 1")[0]
            raise Refusal(
                CHECK_FAILED, relation.name, relation=relation.name, check=check_name,
                rows=found, sample=sample,
            )  # fmt: skip
    return tuple(checks)


class DuckEngine:
    """The embedded engine; each relation is a temporary table.

    `compiled` says that kernels may stand for relations that they are proved equal to.
    """

    name = "duckdb"

    def __init__(self, con: duckdb.DuckDBPyConnection, *, compiled: bool = False) -> None:
        self.con = con
        self.compiled = compiled

    def from_files(self, name: str, select: str, *, small: bool = False) -> None:
        """Name a query over lake files; read again at each use, unless it is small."""
        kind = "TABLE" if small else "VIEW"
        self.con.execute(f"CREATE OR REPLACE TEMP {kind} {name} AS {select}")

    def from_table(self, name: str, table: pa.Table) -> None:
        """Copy an Arrow table in under its name."""
        self.con.register("_arrow_in", table)
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM _arrow_in")
        self.con.unregister("_arrow_in")

    def name_table(self, name: str, table: pa.Table) -> None:
        """Name an Arrow table without copying it."""
        self.con.register(name, table)

    def adopt(
        self, relation: Relation, table: pa.Table, seconds: float, *, check: bool = True
    ) -> Built:
        """Take what a kernel made as the relation, then run its checks."""
        self.name_table(relation.name, table)
        checks = run_checks(self, relation) if check else ()
        return Built(relation.name, table.num_rows, seconds, checks)

    def build(self, relation: Relation, *, check: bool = True) -> Built:
        """Build one relation as a temporary table, then run its checks."""
        began = time.perf_counter()
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {relation.name} AS {relation.sql}")
        seconds = time.perf_counter() - began
        rows = self.rows(f"SELECT count(*) FROM {relation.name}")[0][0]
        checks = run_checks(self, relation) if check else ()
        return Built(relation.name, rows, seconds, checks)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a small query."""
        return self.con.execute(sql).fetchall()

    def table(self, sql: str) -> pa.Table:
        """The Arrow table of a query."""
        return self.table_of(sql, None)

    def table_of(self, sql: str, parameters: dict[str, Any] | None) -> pa.Table:
        """The Arrow table of a query with parameters."""
        return self.con.sql(sql, params=parameters).to_arrow_table()


class SparkEngine:
    """The cluster engine; the same text, transpiled, each relation on its own."""

    name = "spark"
    compiled = False

    def __init__(self, session: Any, reader: duckdb.DuckDBPyConnection) -> None:
        self.session = session
        self.reader = reader

    def from_files(self, name: str, select: str, *, small: bool = False) -> None:
        """Name a query over lake files, read through the embedded engine."""
        self.from_table(name, DuckEngine(self.reader).table(select))

    def from_table(self, name: str, table: pa.Table) -> None:
        """Name an Arrow table."""
        frame = self.session.createDataFrame(table).coalesce(PARTITIONS).localCheckpoint()
        frame.createOrReplaceTempView(name)

    def build(self, relation: Relation, *, check: bool = True) -> Built:
        """Build one relation as a view, then run its checks."""
        began = time.perf_counter()
        # Each relation stands on its own: a plan that carries all before it grows without bound.
        frame = self.session.sql(for_spark(relation.sql)).coalesce(PARTITIONS).localCheckpoint()
        rows = frame.count()
        frame.createOrReplaceTempView(relation.name)
        seconds = time.perf_counter() - began
        checks = run_checks(self, relation) if check else ()
        return Built(relation.name, rows, seconds, checks)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a small query."""
        return [tuple(row) for row in self.session.sql(for_spark(sql)).collect()]

    def table(self, sql: str) -> pa.Table:
        """The Arrow table of a query."""
        return self.session.sql(for_spark(sql)).toArrow()
