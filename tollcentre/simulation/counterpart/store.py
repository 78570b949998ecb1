"""The SQLite file of a counterpart: one transaction a message or piece of work."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tollcentre.core.refusal import Refusal

from .terms import NO_STATE, STATE_OF_ANOTHER_RUN

Rows = list[dict[str, Any]]
WAIT_S = 60
COMMON = """
    CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS fault (
        name TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (name, subject)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS finding (
        what TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (what, subject)
    ) STRICT;
"""
"""What a run is and how far its work has come; faults put in, each once a subject; what the other
side did that the protocol does not allow, or that a person has to look at."""


@dataclass(frozen=True)
class Store:
    """Where everything is kept; a transaction is all there after a kill, or not at all.

    A connection that stays open keeps SQLite from folding its journal up after every other one.
    """

    path: Path
    stays_open: sqlite3.Connection | None = None

    @classmethod
    def open(cls, folder: Path, seed: int, file: str, schema: Path) -> "Store":
        """The store in a folder, made where there is none; refused if of another seed."""
        folder.mkdir(parents=True, exist_ok=True)
        db = _connect(folder / file)
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(COMMON + schema.read_text(encoding="utf-8"))
        store = cls(folder / file, db)
        with store.writing() as db:
            kept = fact(db, "seed") or keep_fact(db, "seed", str(seed))
        if kept != str(seed):
            raise Refusal(STATE_OF_ANOTHER_RUN, field="seed", kept=kept, given=seed)
        return store

    @classmethod
    def of_run(cls, folder: Path, file: str) -> "Store":
        """The store that a run left in a folder; refused where there is none."""
        if not (folder / file).is_file():
            raise Refusal(NO_STATE, field="state", path=folder)
        return cls(folder / file)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: kept when the block ends, undone when it raises."""
        with closing(_connect(self.path)) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.rollback()
                raise
            db.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent view."""
        with closing(_connect(self.path)) as db:
            db.execute("BEGIN")
            yield db


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
    db.execute("PRAGMA synchronous = NORMAL")
    db.row_factory = sqlite3.Row
    return db


def fact(db: sqlite3.Connection, name: str) -> str:
    """What is kept under a name; blank where nothing is."""
    row = db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
    return "" if row is None else str(row["value"])


def keep_fact(db: sqlite3.Connection, name: str, value: str) -> str:
    """Keeps and returns the value."""
    db.execute(
        "INSERT INTO fact VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
    return value


def put_fault(db: sqlite3.Connection, name: str, subject: str, moment: int) -> bool:
    """Notes that a fault is put in; false where this subject has had it before."""
    done = db.execute("INSERT OR IGNORE INTO fault VALUES (?, ?, ?)", (name, subject, moment))
    return done.rowcount == 1


def note(db: sqlite3.Connection, what: str, subject: str, detail: str, moment: int) -> None:
    """Notes what a person has to look at, once a subject."""
    db.execute("INSERT OR IGNORE INTO finding VALUES (?, ?, ?, ?)", (what, subject, detail, moment))


def rows_of(db: sqlite3.Connection, query: str, **values: object) -> Rows:
    """What a query finds, as dicts."""
    return [dict(row) for row in db.execute(query, values)]
