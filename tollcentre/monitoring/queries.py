"""Completeness of a day: what devices declared by the hour against what arrived."""

from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from tollcentre.lake import queries as lake
from tollcentre.messages.queries import event_partition, landed

from .terms import Completeness, CompletenessState, DeviceHour, SourceSummary

RELATIONS = Path(__file__).resolve().parent / "relations"
HOUR_OF_TIME = "strftime(make_timestamp(({time} + 28800) * 1000000), '%Y%m%d%H')"
LANE_HOUR = "substr(record_id, 22, 10)"
ARRIVED = {
    "gantry_trade": ("gantry_id", "hour_batch_no", "trans_time", "fee"),
    "plate_read": ("gantry_id", "hour_batch_no", "pic_time", "0::BIGINT"),
    "entry_record": ("lane_id", LANE_HOUR, "en_time", "0::BIGINT"),
    "exit_record": ("lane_id", LANE_HOUR, "ex_time", "fee"),
}
"""Record kind → its device, the hour batch it names, its time and the amount that is declared."""


def completeness(day: date, viewer: object | None = None) -> Completeness:
    """Every device and hour of the day, those with most missing first, and a summary per kind.

    A record belongs to the hour batch that it names, else to the hour of its time; a batch that
    was opened before midnight may hold records of the next day, which are looked at too.
    """
    con = lake.connect()
    # Two event days are read, since an hour batch does not end at midnight.
    partitions = [event_partition(day), event_partition(day + timedelta(days=1))]
    con.execute(f"CREATE TEMP VIEW batch_sum AS {landed('batch_sum', partitions[:1])}")
    con.execute(f"CREATE TEMP TABLE arrived_record AS {_arrived(day, partitions)}")
    for name in ("declared_hour", "arrived_hour", "device_hour"):
        con.execute(f"CREATE TEMP TABLE {name} AS {_text(name)}")
    rows = con.execute(
        "SELECT device_id, hour, record_kind, declared_count, declared_fee, arrived_count,"
        " arrived_fee, missing_count, missing_fee, state FROM device_hour"
        " ORDER BY missing_count DESC, state DESC, record_kind, device_id, hour"
    ).fetchall()
    return Completeness(
        rows=tuple(_device_hour(row) for row in rows),
        summary=_summary(con),
    )


def _device_hour(row: tuple[Any, ...]) -> DeviceHour:
    names = [field.name for field in fields(DeviceHour)]
    return DeviceHour(**{**dict(zip(names, row, strict=True)), "state": CompletenessState(row[9])})


def _text(name: str) -> str:
    return (RELATIONS / f"{name}.sql").read_text(encoding="utf-8")


def _arrived(day: date, partitions: list[str]) -> str:
    """Rows that count towards the day's hour batches, all kinds alike."""
    parts = []
    prefix = day.strftime("%Y%m%d")
    for kind, (device, batch, time, fee) in ARRIVED.items():
        hour = (
            f"CASE WHEN regexp_full_match({batch}, '20[0-9]{{8}}') THEN {batch}"
            f" ELSE {HOUR_OF_TIME.format(time=time)} END"
        )
        parts.append(
            f"SELECT '{kind}' AS record_kind, record_key, content_digest, original_flag,"
            f" receive_time, {device} AS device_id, {hour} AS hour, {fee} AS fee"
            f" FROM ({landed(kind, partitions)})"
        )
    return f"FROM ({' UNION ALL '.join(parts)}) WHERE starts_with(hour, '{prefix}')"


def _summary(con: duckdb.DuckDBPyConnection) -> tuple[SourceSummary, ...]:
    rows = con.execute(
        "SELECT record_kind, count(DISTINCT device_id), count(*),"
        " sum(greatest(declared_count, 0))::BIGINT, sum(arrived_count)::BIGINT,"
        " sum(missing_count)::BIGINT,"
        " sum(CASE WHEN declared_count >= 0 THEN greatest(arrived_count - declared_count, 0)"
        " ELSE 0 END)::BIGINT,"
        " count(*) FILTER (WHERE state = 'undeclared'), sum(missing_fee)::BIGINT"
        " FROM device_hour GROUP BY record_kind ORDER BY record_kind"
    ).fetchall()
    return tuple(SourceSummary(*row) for row in rows)
