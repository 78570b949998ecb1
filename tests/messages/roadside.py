"""Records as the road would send them, with fictitious values, keyed by our column names."""

import csv
from pathlib import Path
from typing import Any

import duckdb

from tests.messages.encode import encode_csv
from tollcentre.core.clock import epoch_of
from tollcentre.lake import queries as lake
from tollcentre.messages.codecs.definitions import definition, folded, names_of
from tollcentre.messages.queries import landed
from tollcentre.messages.terms import RecordKind

NOW = epoch_of("2026-11-22 12:00:00")
DAY = "event_day=2026-11-22"
GOLDEN = Path(__file__).resolve().parent / "golden"


def sample(kind: RecordKind, number: int = 0) -> dict[str, Any]:
    """Record `number` of the kind's golden file, by our names."""
    with (GOLDEN / f"{kind.value}.csv").open(encoding="utf-8", newline="") as handle:
        row = list(csv.DictReader(handle))[number]
    names = names_of(kind)
    return {names[folded(key)]: value for key, value in row.items()}


def record(kind: RecordKind, number: int = 0, **changes: Any) -> dict[str, Any]:
    """The same record with some columns changed."""
    known = {column.name for column in definition(kind).columns}
    assert set(changes) <= known, set(changes) - known
    return {**sample(kind, number), **changes}


def trades(count: int) -> list[dict[str, Any]]:
    """Sound gantry trades, each of its own number, second and medium."""
    found = []
    for at in range(count):
        medium = f"{6201000000000000 + at:016d}"
        entered = "2026-11-22 07:12:43"
        found.append(
            record(
                RecordKind.GANTRY_TRADE,
                trade_id=f"G0099620010013201302026112208{at:06d}",
                trans_time=f"2026-11-22 08:{at // 60 % 60:02d}:{at % 60:02d}",
                en_time=entered,
                pass_id=f"016201{medium}20261122071243",
                obu_sn=medium,
            )
        )
    return found


def csv_of(kind: RecordKind, *records: dict[str, Any], encoding: str = "utf-8") -> bytes:
    """The records as a CSV file."""
    return encode_csv(kind, records, encoding=encoding)


def rows_of(relation: str, columns: str, partition: str = DAY) -> list[tuple[Any, ...]]:
    """Landed rows in a total order."""
    con: duckdb.DuckDBPyConnection = lake.connect()
    return con.execute(
        f"SELECT {columns} FROM ({landed(relation, [partition])}) ORDER BY ALL"
    ).fetchall()
