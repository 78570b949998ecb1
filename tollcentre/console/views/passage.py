"""Pages of passages: search, the review queue and its decisions, and one passage explained."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from tollcentre.access.queries import shown_plate
from tollcentre.access.terms import ApprovalInfo, ApprovalState, Permission, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.daily_run import queries as daily_run
from tollcentre.network.queries import unit_names
from tollcentre.participants.queries import party_names
from tollcentre.passage.actions import propose_path
from tollcentre.passage.queries import candidates
from tollcentre.passage.queries import decisions as path_decisions
from tollcentre.passage.terms import PathDecisionInfo, RestoredBy
from tollcentre.reporting import queries
from tollcentre.reporting.terms import ChainStep, Page

from ..days import latest_cleared
from ..formatting import Shown
from ..listing import Choices, Column, Filters, Listing, SearchField, Slice, paged, show, slice_of
from ..pages import page, refusal_text
from ..settlement_words import PAYMENT_STATES
from ..step_words import DIFFERENCE_KINDS, HELD_REASONS
from ..words import (
    APPROVAL_STATES,
    APPROVAL_TAGS,
    CHAIN_STEPS,
    CHANGE_KINDS,
    CHANGE_STATES,
    DIRECTIONS,
    DISPUTE_REASONS,
    EXIT_FEE_TYPES,
    EXIT_KINDS,
    MEDIA_TYPES,
    RESTORED_BY,
    RULING_RESULTS,
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


def _with_decisions(viewer: Viewer, day: date, rows: list[Row]) -> list[Row]:
    """The rows with where the newest decision on each passage's path stands, if there is one."""
    newest = {found.pass_key: _state(found) for found in path_decisions(viewer, day=day)[::-1]}
    return [{**row, "decision": newest.get(row["pass_key"])} for row in rows]


def _state(found: PathDecisionInfo) -> str:
    """Where a decision stands; `superseded` where a later one was approved."""
    if found.state is ApprovalState.APPROVED and not found.stands:
        return "superseded"
    return found.state.value


def _listing(fixed: Filters, **changes: Any) -> Listing:
    def rows_of(viewer: Viewer, filters: Filters, number: int, size: int) -> Page:
        day = date.fromisoformat(filters["day"])
        asked = _asked(viewer, filters, fixed)
        found = queries.search_passages(viewer, day, asked, number, size)
        return replace(found, rows=_with_decisions(viewer, day, masked(viewer, found.rows)))

    def one_page(viewer: Viewer, filters: Filters, number: int, size: int) -> Slice:
        if not filters["day"]:
            return Slice((), 0)
        found = rows_of(viewer, filters, number, size)
        return Slice(found.rows, found.total)

    def all_rows(viewer: Viewer, filters: Filters) -> Iterator[Row]:
        if not filters["day"]:
            return iter(())
        return paged(lambda n, size: rows_of(viewer, filters, n, size).rows)

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
        Column(
            "decision",
            gettext_lazy("复核决定"),
            labels=APPROVAL_STATES,
            tags=APPROVAL_TAGS,
            on=False,
        ),
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
REVIEW_COLUMNS = {"queued", "held_fee", "held_reason", "decision"}
REVIEW_LEAVES_OUT = {
    "exit_kind",
    "exit_fee_type",
    "vehicle_type",
    "media_type",
    "fee",
    "expected_fee",
}
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
            column,
            on=column.on and column.key not in REVIEW_LEAVES_OUT,
        )
        for column in PASSAGES_SHAPE.columns
    ),
    fields=(
        *PASSAGES_SHAPE.fields[:3],
        SearchField("held_reason", gettext_lazy("留待原因"), "select", choices_of(HELD_REASONS)),
    ),
)


def _decided(viewer: Viewer, filters: Filters) -> list[PathDecisionInfo]:
    day = date.fromisoformat(filters["day"]) if filters["day"] else None
    found = path_decisions(viewer, day=day)
    return [one for one in found if filters["state"] in ("", _state(one))]


DECISIONS = Listing(
    name="decisions",
    title=gettext_lazy("复核决定"),
    note=gettext_lazy("经另一人批准、当日重新清分后生效；只增不改，后来的替代先前的"),
    empty=gettext_lazy("没有符合条件的复核决定。在复核队列中打开一次通行来决定。"),
    fields=(
        SearchField("day", gettext_lazy("清分日"), "date"),
        SearchField("state", gettext_lazy("状态"), "select", choices_of(APPROVAL_STATES)),
    ),
    columns=(
        Column("asked_at", gettext_lazy("申请时间"), Shown.TIME),
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
        Column("pass_id", gettext_lazy("通行标识"), Shown.CODE,
               link=lambda row: reverse("passage", args=[str(row.pass_key)]),
               value=lambda row: row.pass_id or str(row.pass_key)),
        Column("units", gettext_lazy("单元"), Shown.COUNT, value=lambda row: len(row.units)),
        Column("state", gettext_lazy("状态"), labels=APPROVAL_STATES, tags=APPROVAL_TAGS,
               value=_state),
        Column("maker", gettext_lazy("经办人")),
        Column("reason", gettext_lazy("理由")),
        Column("checker", gettext_lazy("复核人")),
        Column("decision_reason", gettext_lazy("复核意见")),
        Column("decided_at", gettext_lazy("复核时间"), Shown.TIME, on=False),
        Column("network_version", gettext_lazy("路网版本"), Shown.CODE, on=False),
        Column("approval_key", gettext_lazy("审批单号"), Shown.CODE, on=False),
    ),
    page=lambda viewer, filters, number, size: slice_of(_decided(viewer, filters), number, size),
    rows=lambda viewer, filters: _decided(viewer, filters),
)  # fmt: skip


@page(Permission.VIEW_PASSAGES)
def passages(request: HttpRequest) -> HttpResponse:
    """Passage search."""
    return show(request, seen_by(request.viewer, PASSAGES))


@page(Permission.REVIEW_PASSAGES)
def review(request: HttpRequest) -> HttpResponse:
    """The review queue of a clear day."""
    return show(request, seen_by(request.viewer, REVIEW))


@page(Permission.VIEW_PASSAGES)
def decisions(request: HttpRequest) -> HttpResponse:
    """What was decided on paths in review, and where each decision stands."""
    return show(request, DECISIONS)


@page(Permission.VIEW_PASSAGES)
def passage(request: HttpRequest, pass_id: str) -> HttpResponse:
    """One passage: map, time line, provenance, and how each fen was priced, split and posted."""
    viewer: Viewer = request.viewer
    told = queries.explain_passage(pass_id, viewer)
    head = told["passage"]
    units, made = _units(told), _decisions_on(viewer, told)
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
        "drawn": _drawn(units, made),
        "map_source": map_source(daily_run.run(told["run_key"]).network_version),
        "gap": head["expected_fee"] - head["own_fee"],
        "chain": [_step(one) for one in queries.money_chain(told, viewer)],
        "decisions": made,
        "may_refund": viewer.may(Permission.RAISE_REFUNDS) and head["exit_kind"] == "own",
        "may_decide": viewer.may(Permission.REVIEW_PASSAGES)
        and (head["queued"] or head["restored_by"] == RestoredBy.PERSON)
        and not any(row["said"].state is ApprovalState.WAITING for row in made),
    }
    return render(request, "console/passage/passage.html", context)


def _step(one: ChainStep) -> Row:
    """A step of the money's chain in words, and the page behind it."""
    about: Any = one.about
    address = ""
    if one.step in ("disputed", "ruled"):
        address = reverse("dispute", args=[one.reference])
        words = DISPUTE_REASONS if one.step == "disputed" else RULING_RESULTS
        about = words[int(one.about)]
    elif one.step == "change":
        address, about = reverse("refund", args=[one.reference]), CHANGE_STATES[one.about]
    elif one.step == "settled":
        address = reverse("settle_statement", args=[one.reference])
    elif one.step == "paid":
        address = reverse("settle_payment", args=[one.reference])
        about = PAYMENT_STATES.get(one.about, one.about)
    elif one.step == "booked" and one.of == "toll":
        address = reverse("exchange_sent_one", args=[one.reference])
    party = {**DIRECTIONS, **CHANGE_KINDS, **party_names()}.get(one.of, one.of)
    return {"told": one, "title": CHAIN_STEPS[one.step], "party": party, "about": about,
            "address": address}  # fmt: skip


def _drawn(units: list[Row], made: list[Row]) -> list[Row]:
    """The path as the map draws it: restored, else decided and approved or waiting."""
    path = [{"unit": unit["id"], "sign": unit["path"]["sign"]} for unit in units if unit["path"]]
    said = [row["said"] for row in made]
    open_ = [one for one in said if one.stands or one.state is ApprovalState.WAITING]
    return path or [{"unit": unit, "sign": 0} for one in open_[:1] for unit, _ in one.units]


def _decisions_on(viewer: Viewer, told: Row) -> list[Row]:
    day = date.fromisoformat(told["clear_date"])
    return [
        {
            "said": found,
            "state": APPROVAL_STATES[_state(found)],
            "css": APPROVAL_TAGS[_state(found)],
        }
        for found in path_decisions(viewer, day=day, pass_key=told["pass_key"])
    ]


@page(Permission.REVIEW_PASSAGES)
def decide(request: HttpRequest, run_key: str, pass_key: int) -> HttpResponse:
    """Part of the passage page: the paths that could be, and the form that decides for one."""
    run = daily_run.run(run_key)
    standing = daily_run.latest_run(run.clear_date)
    if standing is None or standing.run_key != run_key:
        context = {"reason": _("这一天已重新清分，请刷新本页后再决定。")}
        return render(request, "console/passage/_decide.html", context)
    units = re.findall(r"\w+", request.POST.get("units", "").upper())
    context = {
        "address": request.path,
        "units": "\n".join(units),
        "said": request.POST.get("reason", ""),
    }
    if request.method == "POST":
        try:
            propose_path(
                day=run.clear_date, run_key=run_key, version=run.network_version,
                pass_key=pass_key, units=units, reason=context["said"], maker=request.viewer,
            )  # fmt: skip
        except Refusal as refusal:
            context["reason"] = refusal_text(refusal)
        else:
            messages.success(request, _("复核决定已提交，等待另一人审批。"))
            return HttpResponseClientRedirect(reverse("passage", args=[str(pass_key)]))
    found = candidates(run_key, run.clear_date, run.network_version, pass_key)
    context["candidates"] = [{"told": one, "roads": roads_of(one.units)} for one in found]
    return render(request, "console/passage/_decide.html", context)


def roads_of(units: Sequence[str]) -> list[str]:
    """The roads that the units lie on, in driving order: `G0030…` is on G30."""
    roads = [unit[0] + (unit[1:5].lstrip("0") or "0") for unit in units]
    return [road for road, before in zip(roads, ["", *roads], strict=False) if road != before]


def asked_path(viewer: Viewer, asked: ApprovalInfo) -> Row:
    """What a request for a decided path would do: the passage, and the units in order."""
    detail: Row = asked.detail
    version, pass_key = detail["network_version"], str(detail["pass_key"])
    names = dict(unit_names(version).values())
    try:
        passage = queries.explain_passage(pass_key, viewer)["passage"]
    except Refusal:
        passage = None
    return {
        "passage": passage,
        "pass_key": pass_key,
        "clear_date": detail["clear_date"],
        "network_version": version,
        "units": [{"id": unit, "name": names.get(unit, "")} for unit in detail["units"]],
        "roads": roads_of(detail["units"]),
        "drawn": [{"unit": unit, "sign": 1} for unit in detail["units"]],
        "map_source": map_source(version),
    }


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
