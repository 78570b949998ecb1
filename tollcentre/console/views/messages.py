"""Pages of intake: the quarantine with its replay, and the batches that were taken in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.messages import queries
from tollcentre.messages.actions import replay_quarantine

from ..formatting import Shown
from ..listing import Choices, Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page, refusal_text
from ..record_words import reason_word, reason_words
from ..words import INTAKE_SOURCES, RELATIONS
from .passage import choices_of

RAW_SHOWN = 180
RELEASED = {"": gettext_lazy("待处理"), "1": gettext_lazy("已放行")}


def _reasons(viewer: Viewer) -> list[tuple[str, Any]]:
    counts = queries.quarantine_counts(viewer=viewer)
    return [
        ("", gettext_lazy("全部")),
        *((code, f"{reason_word(code)} ({n:,})") for code, n in counts.items()),
    ]


def _rows(viewer: Viewer, filters: Filters) -> Any:
    return queries.quarantined(
        viewer=viewer,
        kind=filters["kind"],
        reason=filters["reason"],
        released=filters["released"] == "1",
    )


def _raw(row: Any) -> str:
    text = queries.quarantined_text(row)
    return text if len(text) <= RAW_SHOWN else text[:RAW_SHOWN] + "…"


_RELEASED_CHOICES: Choices = lambda viewer: tuple(RELEASED.items())  # noqa: E731 - a table

QUARANTINE = Listing(
    name="quarantine",
    title=gettext_lazy("隔离区"),
    note=gettext_lazy("不合格的记录原样留存，注明原因；规则或码表更新后可重新检验"),
    empty=gettext_lazy("隔离区是空的"),
    fields=(
        SearchField("kind", gettext_lazy("记录"), "select", choices_of(RELATIONS)),
        SearchField("reason", gettext_lazy("原因"), "select", _reasons),
        SearchField("released", gettext_lazy("状态"), "select", _RELEASED_CHOICES),
    ),
    columns=(
        Column("received_at", gettext_lazy("接收时间"), Shown.TIME),
        Column("kind", gettext_lazy("记录"), labels=RELATIONS),
        Column("reasons", gettext_lazy("原因"), value=lambda row: reason_words(row.reasons)),
        Column("codes", gettext_lazy("原因代码"), Shown.CODE, value=lambda row: row.reasons,
               on=False),
        Column("file", gettext_lazy("文件")),
        Column("line", gettext_lazy("行"), Shown.COUNT),
        Column("raw", gettext_lazy("原文"), Shown.RAW, value=_raw),
        Column("encoding", gettext_lazy("编码"), on=False),
        Column("released_at", gettext_lazy("放行时间"), Shown.TIME, on=False),
        Column("released_by", gettext_lazy("放行人"), on=False),
    ),
    page=lambda viewer, filters, number, size: slice_of(_rows(viewer, filters), number, size),
    rows=lambda viewer, filters: _rows(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _rows(viewer, filters).count(),
)  # fmt: skip


def _batches(viewer: Viewer, filters: Filters) -> Any:
    return queries.batches(viewer=viewer, source=filters["source"])


BATCHES = Listing(
    name="intake",
    title=gettext_lazy("接收批次"),
    empty=gettext_lazy("还没有接收过记录"),
    fields=(SearchField("source", gettext_lazy("来源"), "select", choices_of(INTAKE_SOURCES)),),
    columns=(
        Column("started_at", gettext_lazy("开始"), Shown.TIME),
        Column("source", gettext_lazy("来源"), labels=INTAKE_SOURCES),
        Column("name", gettext_lazy("文件或批次")),
        Column("kinds", gettext_lazy("记录"), value=lambda row: ", ".join(
            str(RELATIONS.get(kind, kind)) for kind in row.kinds)),
        Column("rows_read", gettext_lazy("读入"), Shown.COUNT),
        Column("accepted", gettext_lazy("接受"), Shown.COUNT),
        Column("quarantined", gettext_lazy("隔离"), Shown.COUNT),
        Column("duplicates", gettext_lazy("重复"), Shown.COUNT),
        Column("done", gettext_lazy("完成"), Shown.YESNO),
        Column("finished_at", gettext_lazy("结束"), Shown.TIME, on=False),
        Column("days", gettext_lazy("记录日期"), value=lambda row: ", ".join(row.days), on=False),
        Column("key", gettext_lazy("批次编号"), Shown.CODE, on=False),
        Column("sha256", gettext_lazy("指纹"), Shown.CODE, on=False),
    ),
    page=lambda viewer, filters, number, size: slice_of(_batches(viewer, filters), number, size),
    rows=lambda viewer, filters: _batches(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _batches(viewer, filters).count(),
)  # fmt: skip


@page(Permission.VIEW_INTAKE)
def quarantine(request: HttpRequest) -> HttpResponse:
    """Records that could not be used, verbatim, with their reasons."""
    viewer: Viewer = request.viewer
    # The verbatim row holds plates: who may not see plates does not see it.
    listing = QUARANTINE if viewer.may(Permission.VIEW_PLATES) else QUARANTINE.without("raw")
    return show(
        request,
        listing,
        template="console/messages/quarantine.html",
        may_replay=viewer.may(Permission.IMPORT_RECORDS),
        open_rows=sum(queries.quarantine_counts(viewer=viewer).values()),
    )


@require_POST
@page(Permission.IMPORT_RECORDS)
def replay(request: HttpRequest) -> HttpResponse:
    """Validate the open rows again; those that pass land."""
    try:
        report = replay_quarantine(actor=request.user.get_username())
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("quarantine")
    told = _("重新检验完成：接受 %(accepted)s 条，重复 %(repeated)s 条，仍隔离 %(kept)s 条。")
    messages.success(request, told % {
        "accepted": report.accepted, "repeated": report.duplicates, "kept": report.quarantined
    })  # fmt: skip
    return redirect("quarantine")


@page(Permission.VIEW_INTAKE)
def batches(request: HttpRequest) -> HttpResponse:
    """What was taken in, newest first."""
    return show(request, BATCHES)
