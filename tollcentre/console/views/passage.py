"""Pages of passages: search, the review queue, and one passage explained to the fen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.access.queries import shown_plate
from tollcentre.access.terms import Permission, Viewer
from tollcentre.daily_run import queries as daily_run
from tollcentre.reporting import queries
from tollcentre.reporting.terms import Page

from ..days import latest_cleared
from ..formatting import Shown
from ..listing import Choices, Column, Filters, Listing, SearchField, Slice, paged, show
from ..pages import page
from ..step_words import DIFFERENCE_KINDS, HELD_REASONS
from ..words import (
    EXIT_FEE_TYPES,
    EXIT_KINDS,
    MEDIA_TYPES,
    RESTORED_BY,
    VEHICLE_CLASSES,
    VEHICLE_TYPES,
)
from .network import map_source

Row = dict[str, Any]
SIGN_TAGS = {0: "", 1: "good", 2: "info", 3: "info", 4: "warn", 5: "warn"}


def choices_of(words: Any) -> Choices:
    """The choices of a search field over a table of words, all of them first."""
    return lambda viewer: (
        ("", gettext_lazy("全部")),
        *((str(code), word) for code, word in words.items()),
    )


def seen_by(viewer: Viewer, listing: Listing) -> Listing:
    """The list as this viewer gets it: who may not see plates is not asked for one."""
    if viewer.may(Permission.VIEW_PLATES):
        return listing
    return replace(listing, fields=tuple(f for f in listing.fields if f.name != "vehicle_id"))


def masked(viewer: Viewer, rows: Any) -> list[Row]:
    """The rows with plates as this viewer may see them."""
    if viewer.may(Permission.VIEW_PLATES):
        return list(rows)
    return [
        {**row, "vehicle_id": shown_plate(row["vehicle_id"] or "", viewer=viewer)} for row in rows
    ]


def _asked(viewer: Viewer, filters: Filters, fixed: Filters) -> Filters:
    """The search as the query takes it; who may not see plates cannot search by them."""
    asked = {name: text for name, text in filters.items() if name != "day"} | fixed
    if not viewer.may(Permission.VIEW_PLATES):
        asked["vehicle_id"] = ""
    return asked


def _listing(fixed: Filters, **changes: Any) -> Listing:
    def rows_of(viewer: Viewer, filters: Filters, number: int, size: int) -> Page:
        day = date.fromisoformat(filters["day"])
        return queries.search_passages(viewer, day, _asked(viewer, filters, fixed), number, size)

    def one_page(viewer: Viewer, filters: Filters, number: int, size: int) -> Slice:
        if not filters["day"]:
            return Slice((), 0)
        found = rows_of(viewer, filters, number, size)
        return Slice(masked(viewer, found.rows), found.total)

    def all_rows(viewer: Viewer, filters: Filters) -> Iterator[Row]:
        if not filters["day"]:
            return iter(())
        return paged(lambda n, size: masked(viewer, rows_of(viewer, filters, n, size).rows))

    def count(viewer: Viewer, filters: Filters) -> int:
        day = date.fromisoformat(filters["day"])
        return queries.count_passages(viewer, day, _asked(viewer, filters, fixed))

    return replace(PASSAGES_SHAPE, page=one_page, rows=all_rows, count=count, **changes)


PASSAGES_SHAPE = Listing(
    name="passages",
    title=gettext_lazy("通行查询"),
    empty=gettext_lazy("没有符合条件的通行。还没有清分过任何一天时，这里是空的。"),
    fields=(
        SearchField("day", gettext_lazy("清分日"), "date", default=latest_cleared),
        SearchField(
            "vehicle_id", gettext_lazy("车牌"), hint=gettext_lazy("甘A12345，可只写前几位")
        ),
        SearchField("pass_id", gettext_lazy("通行标识"), hint=gettext_lazy("36 位")),
        SearchField("media_type", gettext_lazy("介质"), "select", choices_of(MEDIA_TYPES)),
        SearchField("vehicle_type", gettext_lazy("车型"), "select", choices_of(VEHICLE_TYPES)),
        SearchField("exit_kind", gettext_lazy("出口"), "select", choices_of(EXIT_KINDS)),
        SearchField(
            "exit_fee_type", gettext_lazy("计费方式"), "select", choices_of(EXIT_FEE_TYPES)
        ),
    ),
    columns=(
        Column("exit_time", gettext_lazy("出口时间"), Shown.TIME),
        Column(
            "pass_id",
            gettext_lazy("通行标识"),
            Shown.CODE,
            link=lambda row: reverse("passage", args=[str(row["pass_key"])]),
            value=lambda row: row["pass_id"] or str(row["pass_key"]),
        ),
        Column("vehicle_id", gettext_lazy("车牌"), Shown.PLATE),
        Column("vehicle_type", gettext_lazy("车型"), labels=VEHICLE_TYPES),
        Column("vehicle_class", gettext_lazy("车种"), labels=VEHICLE_CLASSES, on=False),
        Column("media_type", gettext_lazy("介质"), labels=MEDIA_TYPES),
        Column("exit_kind", gettext_lazy("出口"), labels=EXIT_KINDS),
        Column("exit_fee_type", gettext_lazy("计费方式"), labels=EXIT_FEE_TYPES),
        Column("fee", gettext_lazy("实收"), Shown.AMOUNT),
        Column("own_fee", gettext_lazy("本省"), Shown.AMOUNT),
        Column("others_fee", gettext_lazy("外省"), Shown.AMOUNT, on=False),
        Column("held_fee", gettext_lazy("留待复核"), Shown.AMOUNT, on=False),
        Column("expected_fee", gettext_lazy("重算"), Shown.AMOUNT),
        Column("confidence_ppm", gettext_lazy("置信度"), Shown.SHARE),
        Column("queued", gettext_lazy("待复核"), Shown.YESNO, on=False),
        Column("restored_by", gettext_lazy("还原方式"), labels=RESTORED_BY, on=False),
        Column("held_reason", gettext_lazy("留待原因"), labels=HELD_REASONS, on=False),
        Column("entry_time", gettext_lazy("入口时间"), Shown.TIME, on=False),
        Column("issuer_id", gettext_lazy("发行方"), Shown.CODE, on=False),
        Column("medium_no", gettext_lazy("介质编号"), Shown.CODE, on=False),
        Column("pay_fee", gettext_lazy("应收"), Shown.AMOUNT, on=False),
        Column("discount_fee", gettext_lazy("优惠"), Shown.AMOUNT, on=False),
    ),
    page=lambda viewer, filters, number, size: Slice((), 0),
    rows=lambda viewer, filters: (),
)
PASSAGES = _listing({})
REVIEW_COLUMNS = {"queued", "held_fee", "held_reason"}
REVIEW = _listing(
    {"review": "1"},
    name="review",
    title=gettext_lazy("复核队列"),
    note=gettext_lazy("置信度低于限值的还原，和留待复核的金额"),
    empty=gettext_lazy("队列是空的"),
    columns=tuple(
        replace(column, on=True)
        if column.key in REVIEW_COLUMNS
        else replace(
            column, on=column.on and column.key not in ("exit_fee_type", "vehicle_type", "fee")
        )
        for column in PASSAGES_SHAPE.columns
    ),
    fields=(
        *PASSAGES_SHAPE.fields[:3],
        SearchField("held_reason", gettext_lazy("留待原因"), "select", choices_of(HELD_REASONS)),
    ),
)


@page(Permission.VIEW_PASSAGES)
def passages(request: HttpRequest) -> HttpResponse:
    """Passage search."""
    return show(request, seen_by(request.viewer, PASSAGES))


@page(Permission.REVIEW_PASSAGES)
def review(request: HttpRequest) -> HttpResponse:
    """The review queue of a clear day."""
    return show(request, seen_by(request.viewer, REVIEW))


@page(Permission.VIEW_PASSAGES)
def passage(request: HttpRequest, pass_id: str) -> HttpResponse:
    """One passage: map, time line, provenance, and how each fen was priced, split and posted."""
    viewer: Viewer = request.viewer
    told = queries.explain_passage(pass_id, viewer)
    head = told["passage"]
    units = _units(told)
    context = {
        "title": _("通行"),
        "told": told,
        "head": {**head, "vehicle_id": shown_plate(head["vehicle_id"] or "", viewer=viewer)},
        "held_title": HELD_REASONS.get(head["held_reason"], head["held_reason"]),
        "restored_title": RESTORED_BY.get(head["restored_by"], ""),
        "records": [_record(row, viewer) for row in told["records"]],
        "units": units,
        "sums": {
            name: sum(unit[part][field] for unit in units if unit[part])
            for name, part, field in (
                ("priced", "path", "fee"),
                ("pay_fee", "split", "pay_fee"),
                ("discount_fee", "split", "discount_fee"),
                ("fee", "split", "fee"),
            )
        },
        "owners": _by_owner(told["split"]),
        "differences": [
            {**row, "title": DIFFERENCE_KINDS.get(row["kind"], row["kind"])}
            for row in told["differences"]
        ],
        "held": [
            {**row, "title": HELD_REASONS.get(row["reason"], row["reason"])} for row in told["held"]
        ],
        "drawn": [
            {"unit": unit["id"], "sign": unit["path"]["sign"]} for unit in units if unit["path"]
        ],
        "map_source": map_source(daily_run.run(told["run_key"]).network_version),
        "gap": head["expected_fee"] - head["own_fee"],
    }
    return render(request, "console/passage/passage.html", context)


def _record(row: Row, viewer: Viewer) -> Row:
    """One record of the time line; its other columns are kept for who wants to see them."""
    known = {"kind", "time", "time_text", "record_key", "vehicle_id"}
    return {
        **row,
        "vehicle_id": shown_plate(row.get("vehicle_id") or "", viewer=viewer),
        "place": row.get("gantry_id") or row.get("lane_id") or row.get("station_id") or "",
        "rest": {name: value for name, value in row.items()
                 if name not in known and value not in ("", None)},
    }  # fmt: skip


def _units(told: Row) -> list[Row]:
    """Path and split side by side: each unit once, in order of the path, charged-only ones last."""
    split = {row["toll_interval_id"] or f"#{row['unit_key']}": row for row in told["split"]}
    units = []
    for row in told["path"]:
        found = split.pop(row["toll_interval_id"], None)
        units.append(_unit(row["toll_interval_id"], row["name"], row, found))
    for name, row in split.items():
        units.append(_unit(row["toll_interval_id"] or name, row["name"], None, row))
    return units


def _unit(unit_id: str, name: str, path: Row | None, split: Row | None) -> Row:
    return {
        "id": unit_id,
        "name": name,
        "path": path,
        "split": split,
        "sign_css": SIGN_TAGS.get(path["sign"], "") if path else "",
    }


def _by_owner(split: list[Row]) -> list[Row]:
    """What each legal owner gets of the passage, most first."""
    owners: dict[str, Row] = {}
    for row in split:
        owner = owners.setdefault(
            row["legal_owner_id"], {"name": row["owner_name"], "units": 0, "fee": 0}
        )
        owner["units"] += 1
        owner["fee"] += row["fee"]
    return sorted(owners.values(), key=lambda owner: (-owner["fee"], owner["name"]))
