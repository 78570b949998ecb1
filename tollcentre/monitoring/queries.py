"""Completeness of a day: what devices declared by the hour against what arrived."""

from collections import defaultdict
from dataclasses import fields
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml
from django.db.models import QuerySet
from django.db.models.functions import Substr

from tollcentre.access.queries import of_viewer
from tollcentre.access.terms import Viewer
from tollcentre.core.clock import day_of, day_start
from tollcentre.core.refusal import Refusal
from tollcentre.lake import queries as lake
from tollcentre.messages.queries import event_partition, landed
from tollcentre.network.queries import snapshot, version_at

from .models import BatchRequest
from .terms import (
    LANE_KINDS,
    STATION_WIDTH,
    Completeness,
    CompletenessState,
    DeviceHour,
    RequestParameters,
    SourceBoard,
    SourceSummary,
)

RELATIONS = Path(__file__).resolve().parent / "relations"
PARAMETERS = Path(__file__).resolve().parent / "parameters" / "requests.yaml"
HOUR_OF_TIME = "strftime(make_timestamp(({time} + 28800) * 1000000), '%Y%m%d%H')"
HOUR_END = "(epoch_ms(strptime(hour, '%Y%m%d%H')) // 1000 - 28800 + 3600)"
EXPECTED = pa.schema([(name, pa.string()) for name in ("record_kind", "device_id")])
LANE_HOUR = "substr(record_id, 22, 10)"
ARRIVED = {
    "gantry_trade": ("gantry_id", "hour_batch_no", "trans_time", "fee"),
    "plate_read": ("gantry_id", "hour_batch_no", "pic_time", "0::BIGINT"),
    "entry_record": ("lane_id", LANE_HOUR, "en_time", "0::BIGINT"),
    "exit_record": ("lane_id", LANE_HOUR, "ex_time", "fee"),
}
"""Record kind → its device, the hour batch it names, its time and the amount that is declared."""


def completeness(day: date) -> Completeness:
    """Every device and hour of the day, those with most missing first, and a summary per kind.

    A record belongs to the hour batch that it names, else to the hour of its time; a batch that
    was opened before midnight may hold records of the next day, which are looked at too.
    """
    con = lake.connect()
    # Two event days are read, since an hour batch does not end at midnight.
    partitions = [event_partition(day), event_partition(day + timedelta(days=1))]
    con.execute(f"CREATE TEMP VIEW batch_sum AS {landed('batch_sum', partitions[:1])}")
    con.execute(f"CREATE TEMP TABLE arrived_record AS {_arrived(day, partitions)}")
    con.register("expected_device", _expected_devices(day))
    for name in ("declared_hour", "arrived_hour", "expected_hour", "device_hour"):
        con.execute(f"CREATE TEMP TABLE {name} AS {_text(name)}")
    rows = con.execute(
        "SELECT device_id, hour, record_kind, declared_count, declared_fee, arrived_count,"
        " arrived_fee, missing_count, missing_fee, late_count, owes_declaration, state"
        " FROM device_hour"
        " ORDER BY missing_count DESC, state DESC, record_kind, device_id, hour"
    ).fetchall()
    return Completeness(
        rows=tuple(_device_hour(row) for row in rows),
        summary=_summary(con),
    )


def seen_of(found: Completeness, viewer: Viewer) -> Completeness:
    """What a viewer sees of a day's completeness: of its stations alone, and then no sums."""
    if viewer.unit_codes is None:
        return found
    return Completeness(tuple(row for row in found.rows if viewer.sees_unit(row.source)), ())


def source_board(found: Completeness) -> list[SourceBoard]:
    """A day's completeness source by source: gantries, and stations with all their lanes."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * 7)
    for row in found.rows:
        figures = (
            1, int(row.is_missed), max(row.declared_count, 0), row.arrived_count,
            row.missing_count, row.late_count, row.missing_fee,
        )  # fmt: skip
        cell = sums[row.source, row.record_kind]
        for place, figure in enumerate(figures):
            cell[place] += figure
    rows = [SourceBoard(source, kind, *cell) for (source, kind), cell in sums.items()]
    return sorted(rows, key=lambda row: (-row.missing, -row.late, row.source, row.record_kind))


def missed_hours(day: date, now: int) -> list[DeviceHour]:
    """The hour batches of a day that are missing, or undeclared, a while after their hour."""
    grace_s = request_parameters(day_of(now)).grace_s
    return [
        row for row in completeness(day).rows
        if row.is_missed and hour_start(row.hour) + 3600 + grace_s <= now
    ]  # fmt: skip


def hour_start(hour: str) -> int:
    """When an hour batch such as 2026112208 began, in epoch seconds."""
    day = date(int(hour[:4]), int(hour[4:6]), int(hour[6:8]))
    return day_start(day) + int(hour[8:]) * 3600


def requests(
    *, viewer: Viewer, state: str = "", device: str = "", kind: str = ""
) -> "QuerySet[BatchRequest]":
    """Requests for missing batches of the viewer's stations for a page, the oldest miss first."""
    found = BatchRequest.objects.order_by("first_missed_at", "device_id", "hour", "record_kind")
    if viewer.unit_codes is not None:
        # A gantry's id may begin like a station's.
        lanes = found.filter(record_kind__in=LANE_KINDS)
        lanes = lanes.annotate(station=Substr("device_id", 1, STATION_WIDTH))
        found = of_viewer(lanes, viewer, "station")
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(record_kind=kind)
    return found.filter(device_id__startswith=device) if device else found


@cache
def _parameters() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(PARAMETERS.read_text("utf-8"))["requests"]
    return sorted(found, key=lambda row: row["from"])


def request_parameters(day: date) -> RequestParameters:
    """How missing batches are asked for again on a day."""
    row = [row for row in _parameters() if row["from"] <= day][-1]
    return RequestParameters(**{field.name: row[field.name] for field in fields(RequestParameters)})


def _device_hour(row: tuple[Any, ...]) -> DeviceHour:
    names = [field.name for field in fields(DeviceHour)]
    return DeviceHour(**{**dict(zip(names, row, strict=True)), "state": CompletenessState(row[-1])})


def _gantries(day: date) -> list[str]:
    """The gantries of the day's network; none where no network is in force."""
    try:
        found: list[str] = snapshot(version_at(day)).gantries["gantry_id"].to_pylist()
    except Refusal:
        return []
    return found


def _expected_devices(day: date) -> pa.Table:
    """The day's gantries with the kinds of which they declare every hour."""
    kinds, gantries = request_parameters(day).declared_every_hour, _gantries(day)
    rows = [{"record_kind": kind, "device_id": gantry} for kind in kinds for gantry in gantries]
    return pa.Table.from_pylist(rows, schema=EXPECTED)


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
    return (
        f"SELECT *, CASE WHEN receive_time > {HOUR_END} + {request_parameters(day).grace_s}"
        f" THEN 1 ELSE 0 END AS late FROM ({' UNION ALL '.join(parts)})"
        f" WHERE starts_with(hour, '{prefix}')"
    )


def _summary(con: duckdb.DuckDBPyConnection) -> tuple[SourceSummary, ...]:
    rows = con.execute(
        "SELECT record_kind, count(DISTINCT device_id), count(*),"
        " sum(greatest(declared_count, 0))::BIGINT, sum(arrived_count)::BIGINT,"
        " sum(missing_count)::BIGINT,"
        " sum(CASE WHEN declared_count >= 0 THEN greatest(arrived_count - declared_count, 0)"
        " ELSE 0 END)::BIGINT,"
        " count(*) FILTER (WHERE state = 'undeclared'), count(*) FILTER (WHERE state = 'silent'),"
        " sum(missing_fee)::BIGINT,"
        " sum(late_count)::BIGINT"
        " FROM device_hour GROUP BY record_kind ORDER BY record_kind"
    ).fetchall()
    return tuple(SourceSummary(*row) for row in rows)
