"""How fast single entries are posted in bulk, over a plain COPY of the same rows."""

import resource
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db import connection

from tollcentre.access.queries import verify_trail
from tollcentre.ledger.actions import post_batches
from tollcentre.ledger.queries import verify_ledger
from tollcentre.ledger.terms import Batch, PostingLine

SERVER = {"shared_buffers": "1GB", "max_wal_size": "4GB"}
"""What the bench's own server is started with; all else is PostgreSQL's default, fsync on."""
FILE_ENTRIES = 20_000
"""Entries of one call: a file of 10,000 disputes, each moving one amount."""
SHAPES = {"single": 2, "by_hundred": 100}
"""Entries of a batch: a dispute or refund by itself, and a list of fifty under one key."""
TABLES = ("ledger_postingentry", "ledger_postingbatch", "access_trailrow")
FIRST_DAY = date(2026, 1, 1)


def bench_ledger(entries: int) -> dict[str, Any]:
    """Entries a second through `post_batches`, in the empty database of this home.

    On PostgreSQL the rows it wrote are copied again as they stand: the entries into a bare table
    (`copy_seconds`), and all rows, trail included, into tables with the same indexes and checks
    (`copy_kept_seconds`). Every law is re-checked at the end.
    """
    _post("warm", 2, 2_000)
    told: dict[str, Any] = {"entries": entries, "database": connection.vendor}
    for shape, lines in SHAPES.items():
        before = {table: _rows(table) for table in TABLES}
        seconds = _post(shape, lines, entries)
        told[shape] = {
            "batches": -(-entries // lines),
            "seconds": round(seconds, 3),
            "entries_per_second": round(entries / seconds),
        }
        if connection.vendor == "postgresql":
            bare = _copy_again(TABLES[0], before[TABLES[0]], "")
            kept = sum(_copy_again(table, before[table], "INCLUDING ALL") for table in TABLES)
            told[shape] |= {
                "copy_seconds": round(bare, 3),
                "copy_kept_seconds": round(kept, 3),
                "ratio_to_copy": round(seconds / bare, 2),
                "ratio_to_copy_kept": round(seconds / kept, 2),
            }
    laws = [*verify_ledger(), verify_trail()]
    told["holds"] = all(law.holds for law in laws)
    told["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return told


def _post(name: str, lines: int, entries: int) -> float:
    """Seconds of posting that many entries file by file; making the batches is not counted."""
    batches, seconds = _batches(name, lines, -(-entries // lines)), 0.0
    while file := list(islice(batches, FILE_ENTRIES // lines)):
        began = time.perf_counter()
        post_batches(file)
        seconds += time.perf_counter() - began
    return seconds


def _batches(name: str, lines: int, count: int) -> Iterator[Batch]:
    """Batches of that many lines: pairs of an issuer's receivable and an owner's payable."""
    for number in range(count):
        day = FIRST_DAY + timedelta(number % 300)
        pairs = [_pair(number * lines + at, day) for at in range(lines // 2)]
        yield Batch(f"{name}-{number}", day, [line for pair in pairs for line in pair], "bench")


def _pair(number: int, day: date) -> tuple[PostingLine, PostingLine]:
    owner, issuer, fen = f"62030{number % 40:02}", f"{number % 30 + 11}0101", 100 + number % 9_900
    memo = f"争议交易 {number:012}"
    return (
        PostingLine(
            f"receivable.issuer.{issuer}", "credit", fen, owner, issuer, "", "", 1, day, memo
        ),
        PostingLine(f"payable.owner.{owner}", "debit", fen, owner, issuer, "", "", 1, day, memo),
    )


def _rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _copy_again(table: str, leave_out: int, like: str) -> float:
    """Seconds of a COPY of the table's later rows into a new table like it."""
    key = "id" if table == TABLES[0] else "seq"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS copied")
        cursor.execute(f"CREATE TABLE copied (LIKE {table} {like})")
        later = f"SELECT * FROM {table} ORDER BY {key} OFFSET {leave_out}"
        with cursor.copy(f"COPY ({later}) TO STDOUT") as out:
            rows = b"".join(out)
        began = time.perf_counter()
        with cursor.copy("COPY copied FROM STDIN") as copy:
            copy.write(rows)
        return time.perf_counter() - began
