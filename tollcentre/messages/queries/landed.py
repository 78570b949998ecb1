"""Every read of intake for others: landed relations, quarantine, batches, senders."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from tollcentre.core.clock import SHANGHAI, day_start
from tollcentre.lake import queries as lake

from ..codecs.definitions import definition, limits
from ..models import DeliveredBatch, IntakeBatch, QuarantinedRow, Sender
from ..rules.schemas import UNIT_COLUMNS, landed_columns, landed_sql
from ..terms import CHARGED_UNIT, LandedColumn, RecordKind

SCHEMA_VERSIONS = {CHARGED_UNIT: 1, **{kind.value: 1 for kind in RecordKind}}
"""Relation → the schema version that intake writes today."""
NAMED_KEYS = {
    "pass_key": "pass_id",
    "vehicle_key": "vehicle_id",
    "gantry_key": "gantry_id",
    "medium_key": "medium_no",
    "station_key": "station_id",
    "lane_key": "lane_id",
    "device_key": "device_id",
    "trade_key": "trade_id",
}


def event_partition(day: date) -> str:
    """The partition that holds a day's records."""
    return f"event_day={day.isoformat()}"


def columns_of(relation: str) -> tuple[LandedColumn, ...]:
    """The columns of a landed relation today."""
    if relation == CHARGED_UNIT:
        return UNIT_COLUMNS
    return landed_columns(definition(RecordKind(relation)))


def landed(relation: str, partitions: list[str]) -> str:
    """SQL text that reads a landed relation's partitions with today's columns.

    A file of an earlier schema version stays readable: what it lacks reads as the column's
    default. Partitions without files give no rows.
    """
    files = lake.files(relation, partitions=partitions)
    older = any(stored.schema_version < SCHEMA_VERSIONS[relation] for stored in files)
    paths = lake.paths(relation, partitions=partitions)
    return landed_sql(columns_of(relation), paths, fill=older)


def landed_days() -> list[date]:
    """The days that any record has landed for, newest first."""
    partitions = {partition for kind in RecordKind for partition in lake.partitions_of(kind.value)}
    days = (date.fromisoformat(partition.partition("=")[2]) for partition in partitions)
    return sorted(days, reverse=True)


@dataclass(frozen=True)
class KeyCollision:
    """One integer key that stands for several ids; `verify` fails on it."""

    relation: str
    column: str
    key: int
    ids: tuple[str, ...]


def key_collisions(day: date) -> list[KeyCollision]:
    """Interned keys of the day's records that are not one to one with their ids, over all kinds."""
    con = lake.connect()
    parts: dict[str, list[str]] = {}
    for kind in RecordKind:
        names = {column.name for column in columns_of(kind.value)}
        source = landed(kind.value, [event_partition(day)])
        for key, of in NAMED_KEYS.items():
            if key in names and of in names:
                parts.setdefault(key, []).append(
                    f"SELECT DISTINCT '{kind.value}' AS relation, {key} AS k, {of} AS id"
                    f" FROM ({source}) WHERE {of} <> ''"
                )
    found: list[KeyCollision] = []
    for key, selects in parts.items():
        rows = con.execute(
            f"SELECT min(relation), k, list(DISTINCT id ORDER BY id) FROM"
            f" ({' UNION ALL '.join(selects)}) GROUP BY k HAVING count(DISTINCT id) > 1 ORDER BY k"
        ).fetchall()
        found += [KeyCollision(row[0], key, row[1], tuple(row[2])) for row in rows]
    return found


def conflicting_versions(day: date) -> list[tuple[str, int, int]]:
    """(relation, record_key, versions) of records that landed with differing content."""
    con = lake.connect()
    found: list[tuple[str, int, int]] = []
    for kind in RecordKind:
        rows = con.execute(
            f"SELECT record_key, count(DISTINCT content_digest) AS n FROM"
            f" ({landed(kind.value, [event_partition(day)])}) GROUP BY record_key"
            " HAVING n > 1 ORDER BY record_key"
        ).fetchall()
        found += [(kind.value, key, versions) for key, versions in rows]
    return found


def anomalies(day: date) -> list[tuple[str, str, int]]:
    """(relation, anomaly, rows) of what was named and accepted on the day."""
    con = lake.connect()
    found: list[tuple[str, str, int]] = []
    for kind in RecordKind:
        rows = con.execute(
            "SELECT unnest(string_split(anomalies, '|')) AS name, count(*) FROM"
            f" ({landed(kind.value, [event_partition(day)])}) WHERE anomalies <> ''"
            " GROUP BY name ORDER BY name"
        ).fetchall()
        found += [(kind.value, name, count) for name, count in rows]
    return found


def rows_with_anomaly(day: date, kind: RecordKind, name: str, limit: int = 500) -> list[str]:
    """Record ids of the day that carry the anomaly, in order, at most `limit`."""
    con = lake.connect()
    found = con.execute(
        f"SELECT {definition(kind).record_id} AS id FROM"
        f" ({landed(kind.value, [event_partition(day)])})"
        " WHERE list_contains(string_split(anomalies, '|'), ?) ORDER BY id LIMIT ?",
        [name, limit],
    ).fetchall()
    return [row[0] for row in found]


def quarantined(
    *, viewer: object | None = None, kind: str = "", reason: str = "", released: bool = False
) -> "QuerySet[QuarantinedRow]":
    """Quarantined rows for a page, newest first; open ones unless `released`."""
    found = QuarantinedRow.objects.select_related("batch").order_by("-id")
    found = found.exclude(released_at=None) if released else found.filter(released_at=None)
    if kind:
        found = found.filter(kind=kind)
    if reason:
        found = found.filter(reasons__contains=reason)
    return found


def quarantined_text(row: QuarantinedRow) -> str:
    """The row's bytes as text for a page; bytes that are no text show as `\\xNN`."""
    return bytes(row.raw).decode(row.encoding or "utf-8", "backslashreplace")


def quarantine_counts(*, viewer: object | None = None) -> dict[str, int]:
    """Reason → open rows; a row with several reasons counts under each."""
    counts: dict[str, int] = {}
    rows = QuarantinedRow.objects.filter(released_at=None).values_list("reasons", flat=True)
    for reasons in rows.iterator():
        for reason in reasons.split("|"):
            counts[reason] = counts.get(reason, 0) + 1
    return dict(sorted(counts.items()))


def batches(*, viewer: object | None = None, source: str = "") -> "QuerySet[IntakeBatch]":
    """Intake batches for a page, newest first."""
    found = IntakeBatch.objects.select_related("sender").order_by("-id")
    return found.filter(source=source) if source else found


def digest_of(token: str) -> str:
    """What is stored of a token: tokens are random and long, so one SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def sender_by_token(token: str) -> Sender | None:
    """The enabled sender whose token this is."""
    return Sender.objects.filter(token_digest=digest_of(token), disabled_at=None).first()


def senders(*, viewer: object | None = None) -> "QuerySet[Sender]":
    """All senders by name."""
    return Sender.objects.order_by("name")


def delivery(sender: Sender, key: str, *, now: datetime) -> DeliveredBatch | None:
    """The batch that a sender delivered under an idempotency key, while the key is kept."""
    oldest = now - timedelta(days=limits()["idempotency_days"])
    return DeliveredBatch.objects.filter(sender=sender, key=key, received_at__gte=oldest).first()


def arrivals(sender: Sender, day: date) -> dict[str, Any]:
    """What arrived from a sender with records of the day: totals by kind and each batch."""
    start = datetime.fromtimestamp(day_start(day), SHANGHAI)
    text = day.isoformat()
    found = [
        batch
        for batch in IntakeBatch.objects.filter(
            sender=sender, done=True, started_at__gte=start - timedelta(days=1)
        ).order_by("id")
        if text in batch.days
    ]
    totals: dict[str, int] = {}
    for batch in found:
        for kind, count in batch.kinds.items():
            totals[kind] = totals.get(kind, 0) + count
    return {
        "day": text,
        "accepted": totals,
        "batches": [
            {
                "batch": batch.key,
                "key": batch.name,
                "accepted": batch.accepted,
                "quarantined": batch.quarantined,
                "duplicates": batch.duplicates,
                "finished_at": batch.finished_at.isoformat() if batch.finished_at else "",
            }
            for batch in found
        ],
    }
