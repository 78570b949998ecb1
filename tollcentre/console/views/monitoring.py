"""The completeness page: what every gantry and lane declared by the hour against what arrived."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.messages.actions import moment
from tollcentre.monitoring import queries
from tollcentre.monitoring.actions import close_request
from tollcentre.monitoring.terms import Completeness, DeviceHour, SourceBoard

from ..days import latest_landed, state_of_lake
from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page, refusal_text
from ..words import (
    COMPLETENESS_STATES,
    COMPLETENESS_TAGS,
    RELATIONS,
    REQUEST_STATES,
    REQUEST_TAGS,
)
from .passage import choices_of


@lru_cache(maxsize=4)
def _completeness(day: date, state: str) -> Completeness:
    """One day's completeness while the lake stands as `state` says: a page turns it many times."""
    return queries.completeness(day)


def _of_day(viewer: Viewer, filters: Filters) -> Completeness | None:
    if not filters["day"]:
        return None
    found = _completeness(date.fromisoformat(filters["day"]), state_of_lake())
    return queries.seen_of(found, viewer)


def _hours(viewer: Viewer, filters: Filters) -> list[DeviceHour]:
    found = _of_day(viewer, filters)
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

    def read(row: Any) -> int | None:
        value: int = getattr(row, name)
        return None if value < 0 else value

    return read


def hour_text(hour: str) -> str:
    """An hour batch as a page shows it."""
    return f"{hour[:4]}-{hour[4:6]}-{hour[6:8]} {hour[8:]}:00"


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
            value=lambda row: hour_text(row.hour),
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
        Column("late_count", gettext_lazy("迟到条数"), Shown.COUNT),
    ),
    page=lambda viewer, filters, number, size: slice_of(_hours(viewer, filters), number, size),
    rows=_hours,
)  # fmt: skip


def _sources(viewer: Viewer, filters: Filters) -> list[SourceBoard]:
    found = _of_day(viewer, filters)
    return [
        row for row in queries.source_board(found)
        if filters["kind"] in ("", row.record_kind) and row.source.startswith(filters["source"])
    ] if found else []  # fmt: skip


def _hours_of(row: SourceBoard) -> str:
    return f"{reverse('completeness')}?{urlencode({'device': row.source, 'kind': row.record_kind})}"


SOURCES = Listing(
    name="sources",
    title=gettext_lazy("来源完整性"),
    size=50,
    note=gettext_lazy("逐门架、逐收费站：应到、实到、缺少与迟到；迟到为小时结束一小时后才送达"),
    empty=gettext_lazy("没有符合条件的来源"),
    fields=(
        SearchField("day", gettext_lazy("日期"), "date", default=lambda: latest_landed()),
        SearchField("kind", gettext_lazy("记录"), "select", choices_of(RELATIONS)),
        SearchField("source", gettext_lazy("来源"), hint=gettext_lazy("门架或收费站编号")),
    ),
    columns=(
        Column("source", gettext_lazy("来源"), Shown.CODE, link=_hours_of),
        Column("record_kind", gettext_lazy("记录"), labels=RELATIONS),
        Column("batches", gettext_lazy("小时批次"), Shown.COUNT),
        Column("batches_missing", gettext_lazy("缺数批次"), Shown.COUNT),
        Column("expected", gettext_lazy("应到条数"), Shown.COUNT),
        Column("arrived", gettext_lazy("实到条数"), Shown.COUNT),
        Column("missing", gettext_lazy("缺少条数"), Shown.COUNT),
        Column("late", gettext_lazy("迟到条数"), Shown.COUNT),
        Column("missing_fee", gettext_lazy("缺少金额"), Shown.AMOUNT),
    ),
    page=lambda viewer, filters, number, size: slice_of(_sources(viewer, filters), number, size),
    rows=_sources,
)  # fmt: skip


def _requests(viewer: Viewer, filters: Filters) -> Any:
    return queries.requests(viewer=viewer, **filters)


REQUESTS = Listing(
    name="requests",
    title=gettext_lazy("催补"),
    size=50,
    note=gettext_lazy("缺数的小时批次逐次催补，到齐即结；发送方由机器接口领取"),
    empty=gettext_lazy("没有催补"),
    fields=(
        SearchField("state", gettext_lazy("状态"), "select", choices_of(REQUEST_STATES)),
        SearchField("kind", gettext_lazy("记录"), "select", choices_of(RELATIONS)),
        SearchField("device", gettext_lazy("设备"), hint=gettext_lazy("门架或车道编号")),
    ),
    columns=(
        Column("pk", gettext_lazy("编号"), Shown.CODE),
        Column("device_id", gettext_lazy("设备"), Shown.CODE),
        Column("hour", gettext_lazy("小时"), value=lambda row: hour_text(row.hour),
               shown=Shown.TAG),
        Column("record_kind", gettext_lazy("记录"), labels=RELATIONS),
        Column("state", gettext_lazy("状态"), labels=REQUEST_STATES, tags=REQUEST_TAGS),
        Column("declared_count", gettext_lazy("申报条数"), Shown.COUNT,
               value=_declared("declared_count")),
        Column("missing_count", gettext_lazy("缺少条数"), Shown.COUNT,
               value=lambda row: None if row.declared_count < 0 else row.missing_count),
        Column("first_missed_at", gettext_lazy("首次发现"), Shown.TIME),
        Column("asked_at", gettext_lazy("最近催补"), Shown.TIME),
        Column("asks", gettext_lazy("催补次数"), Shown.COUNT),
        Column("fetched_at", gettext_lazy("发送方领取"), Shown.TIME, on=False,
               value=lambda row: row.fetched_at or None),
        Column("answered_at", gettext_lazy("结清时间"), Shown.TIME,
               value=lambda row: row.answered_at or None),
        Column("reason", gettext_lazy("关闭原因")),
        Column("closed_by", gettext_lazy("关闭人"), on=False),
    ),
    page=lambda viewer, filters, number, size: slice_of(_requests(viewer, filters), number, size),
    rows=lambda viewer, filters: _requests(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _requests(viewer, filters).count(),
)  # fmt: skip


@page(Permission.VIEW_COMPLETENESS)
def sources(request: HttpRequest) -> HttpResponse:
    """A day's completeness by gantry and station."""
    return show(request, SOURCES)


@page(Permission.VIEW_COMPLETENESS)
def requests(request: HttpRequest) -> HttpResponse:
    """Missed hour batches and what became of them; a person may give one up."""
    viewer: Viewer = request.viewer
    return show(
        request, REQUESTS, template="console/monitoring/requests.html",
        may_close=viewer.may(Permission.IMPORT_RECORDS),
    )  # fmt: skip


def whole(text: str) -> int:
    """The number in a text, 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() else 0


@require_POST
@page(Permission.IMPORT_RECORDS)
def close(request: HttpRequest) -> HttpResponse:
    """A person gives a missed batch up, and says why."""
    viewer: Viewer = request.viewer
    try:
        close_request(
            number=whole(request.POST.get("number", "")), actor=viewer.name, now=moment(),
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
        messages.success(request, _("催补已关闭。"))
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
    return redirect("requests")


@page(Permission.VIEW_COMPLETENESS)
def completeness(request: HttpRequest) -> HttpResponse:
    """A day's completeness: a summary per kind of record, then every device and hour."""
    found = _of_day(request.viewer, COMPLETENESS.filters(request))
    return show(
        request,
        COMPLETENESS,
        template="console/monitoring/completeness.html",
        summary=found.summary if found else (),
    )
