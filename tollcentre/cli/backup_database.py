"""The database's part of a backup: one consistent point of SQLite or PostgreSQL, and back."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tollcentre.core.refusal import Reason, Refusal

SQLITE_NAME = "tollcentre.sqlite3"
CHUNK_BYTES = 1 << 20
HOME_NOT_EMPTY = Reason(
    "home_not_empty",
    "目标目录已有数据（{what}），恢复只写入空目录",
    "the home holds data already ({what}): a backup is brought back into an empty one",
)
BACKUP_NEWER = Reason(
    "backup_newer_than_program",
    "备份来自更新的程序版本：没有迁移 {migration}",
    "the backup was taken by a newer program: there is no migration {migration}",
)


def vendor() -> str:
    """`sqlite` or `postgresql`, as the settings name it."""
    return str(connection.vendor)


@contextmanager
def snapshot() -> Iterator[None]:
    """One consistent point for everything that is read inside; writers are not kept waiting."""
    if vendor() == "postgresql":
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    connection.ensure_connection()
    connection.connection.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        connection.connection.execute("ROLLBACK")


def applied_migrations() -> list[tuple[str, str]]:
    """The migrations of the database as it stands."""
    return sorted(MigrationRecorder(connection).applied_migrations())


def refuse_newer(migrations: list[tuple[str, str]]) -> None:
    """Refuse a backup with a migration that this program does not know."""
    known = MigrationLoader(None).disk_migrations
    for migration in migrations:
        if migration not in known:
            raise Refusal(BACKUP_NEWER, "SRC", migration=".".join(migration))


def dump(folder: Path) -> dict[str, list[str]]:
    """Write the database of the open snapshot into the folder; its tables and their columns.

    SQLite: one file, through SQLite's own backup interface. PostgreSQL: one COPY file a table.
    Sessions of signed-in people stay behind: whoever finds a backup must not be one of them.
    """
    if vendor() == "postgresql":
        return _dump_tables(folder)
    target = folder / SQLITE_NAME
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute(f'DELETE FROM "{Session._meta.db_table}"')
        copy.execute("VACUUM")
    return {}


def _dump_tables(folder: Path) -> dict[str, list[str]]:
    tables = {}
    with connection.cursor() as cursor:
        names = sorted(connection.introspection.table_names(cursor))
        for name in names:
            found = connection.introspection.get_table_description(cursor, name)
            tables[name] = [column.name for column in found]
    for name, columns in tables.items():
        if name == Session._meta.db_table:
            continue
        with (
            (folder / f"{name}.copy").open("wb") as handle,
            connection.connection.cursor() as raw,
            raw.copy(f"COPY {_listed(name, columns)} TO STDOUT") as rows,
        ):
            for data in rows:
                handle.write(data)
    return tables


def _listed(table: str, columns: list[str]) -> str:
    quote = connection.ops.quote_name
    return f"{quote(table)} ({', '.join(quote(column) for column in columns)})"


def refuse_nonempty(home: Path) -> None:
    """Refuse a home, or a PostgreSQL database, that holds anything."""
    if vendor() == "postgresql":
        if connection.introspection.table_names():
            raise Refusal(HOME_NOT_EMPTY, "TOLLCENTRE_DATABASE_URL", what="PostgreSQL")
    elif _has_tables(home / SQLITE_NAME):
        raise Refusal(HOME_NOT_EMPTY, "--into", what=SQLITE_NAME)
    lake = home / "lake"
    if lake.is_dir() and any(path.is_file() for path in lake.rglob("*")):
        raise Refusal(HOME_NOT_EMPTY, "--into", what="lake")


def _has_tables(path: Path) -> bool:
    """Whether an SQLite file holds anything; starting the program makes an empty one."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
            return found.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    except sqlite3.DatabaseError:
        return True


def place_sqlite(staged: Path, home: Path) -> None:
    """Put the staged SQLite file in its place."""
    for leftover in ("-wal", "-shm"):
        (home / (SQLITE_NAME + leftover)).unlink(missing_ok=True)
    os.replace(staged, home / SQLITE_NAME)


def load_tables(
    folder: Path, tables: dict[str, list[str]], migrations: list[tuple[str, str]]
) -> None:
    """Bring the COPY files back into an empty PostgreSQL database, inside one transaction.

    The tables are made as of the backup's own migrations; foreign keys are checked at the end.
    """
    executor = MigrationExecutor(connection)
    executor.migrate(_last_of(executor, set(migrations)))
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(quote(name) for name in tables)}")
        # Migrations turn some foreign keys to immediate; the tables come in no such order.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for name, columns in tables.items():
        path = folder / f"{name}.copy"
        if not path.exists():
            continue
        with (
            path.open("rb") as handle,
            connection.connection.cursor() as raw,
            raw.copy(f"COPY {_listed(name, columns)} FROM STDIN") as rows,
        ):
            while data := handle.read(CHUNK_BYTES):
                rows.write(data)
    _move_counters()


def _last_of(
    executor: MigrationExecutor, migrations: set[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The last of these migrations of each app."""
    nodes = executor.loader.graph.node_map
    return sorted(
        key
        for key in migrations
        if not any(child.key in migrations and child.key[0] == key[0]
                   for child in nodes[key].children)
    )  # fmt: skip


def _move_counters() -> None:
    """Let every identity column count on after its highest value."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND is_identity = 'YES'"
        )
        for table, column in cursor.fetchall():
            highest = f"max({quote(column)})"
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, %s), coalesce({highest}, 1),"
                f" {highest} IS NOT NULL) FROM {quote(table)}",
                [quote(table), column],
            )
