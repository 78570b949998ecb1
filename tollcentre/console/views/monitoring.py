"""The completeness page: what every gantry and lane declared by the hour against what arrived."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import Permission, Viewer
from tollcentre.monitoring import queries
from tollcentre.monitoring.terms import Completeness, DeviceHour

from ..days import latest_landed, state_of_lake
from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page
from ..words import COMPLETENESS_STATES, COMPLETENESS_TAGS, RELATIONS
from .passage import choices_of


@lru_cache(maxsize=4)
def _completeness(day: date, state: str) -> Completeness:
    """One day's completeness while the lake stands as `state` says: a page turns it many times."""
    return queries.completeness(day)


def _of_day(filters: Filters) -> Completeness | None:
    if not filters["day"]:
        return None
    return _completeness(date.fromisoformat(filters["day"]), state_of_lake())


def _hours(viewer: Viewer, filters: Filters) -> list[DeviceHour]:
    found = _of_day(filters)
    rows: Iterable[DeviceHour] = found.rows if found else ()
    wanted = {
        "device_id": filters["device"],
        "record_kind": filters["kind"],
        "state": filters["state"],
    }
    return [row for row in rows if _matches(row, wanted)]


def _matches(row: DeviceHour, wanted: dict[str, str]) -> bool:
    if not row.device_id.startswith(wanted["device_id"]):
        return False
    return wanted["record_kind"] in ("", row.record_kind) and wanted["state"] in ("", row.state)


def _declared(name: str) -> Any:
    """The declared figure, nothing where the device declared none."""

    def read(row: DeviceHour) -> int | None:
        value: int = getattr(row, name)
        return None if value < 0 else value

    return read


COMPLETENESS = Listing(
    name="completeness",
    title=gettext_lazy("采集完整性"),
    size=50,
    note=gettext_lazy("逐设备、逐小时：申报的批次合计与实到记录相比，缺得最多的在前"),
    empty=gettext_lazy("没有符合条件的设备小时"),
    fields=(
        SearchField("day", gettext_lazy("日期"), "date", default=lambda: latest_landed()),
        SearchField("kind", gettext_lazy("记录"), "select", choices_of(RELATIONS)),
        SearchField("state", gettext_lazy("状态"), "select", choices_of(COMPLETENESS_STATES)),
        SearchField("device", gettext_lazy("设备"), hint=gettext_lazy("门架或车道编号")),
    ),
    columns=(
        Column("device_id", gettext_lazy("设备"), Shown.CODE),
        Column(
            "hour",
            gettext_lazy("小时"),
            value=lambda row: f"{row.hour[:4]}-{row.hour[4:6]}-{row.hour[6:8]} {row.hour[8:]}:00",
            shown=Shown.TAG,
        ),
        Column("record_kind", gettext_lazy("记录"), labels=RELATIONS),
        Column("state", gettext_lazy("状态"), labels=COMPLETENESS_STATES,
               tags=COMPLETENESS_TAGS),
        Column(
            "declared_count", gettext_lazy("申报条数"), Shown.COUNT,
            value=_declared("declared_count"),
        ),
        Column("arrived_count", gettext_lazy("实到条数"), Shown.COUNT),
        Column("missing_count", gettext_lazy("缺少条数"), Shown.COUNT),
        Column(
            "declared_fee", gettext_lazy("申报金额"), Shown.AMOUNT,
            value=_declared("declared_fee"),
        ),
        Column("arrived_fee", gettext_lazy("实到金额"), Shown.AMOUNT),
        Column("missing_fee", gettext_lazy("缺少金额"), Shown.AMOUNT),
    ),
    page=lambda viewer, filters, number, size: slice_of(_hours(viewer, filters), number, size),
    rows=_hours,
)  # fmt: skip


@page(Permission.VIEW_COMPLETENESS)
def completeness(request: HttpRequest) -> HttpResponse:
    """A day's completeness: a summary per kind of record, then every device and hour."""
    found = _of_day(COMPLETENESS.filters(request))
    return show(
        request,
        COMPLETENESS,
        template="console/monitoring/completeness.html",
        summary=found.summary if found else (),
    )
