"""Pages of single disputes: what is known, what is held, who rules; rulings within the province."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.access.queries import shown_plate
from tollcentre.access.terms import ApprovalInfo, Permission, Viewer
from tollcentre.core import formats
from tollcentre.core.refusal import Refusal
from tollcentre.dispute import actions, queries
from tollcentre.dispute.terms import Direction, Liable, OwnRuling, Result
from tollcentre.messages.actions import moment

from ..days import today
from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page, refusal_text
from ..words import (
    DIRECTIONS,
    DISPUTE_FACTS,
    DISPUTE_REASONS,
    DISPUTE_STATES,
    DISPUTE_TAGS,
    FACT_AMOUNTS,
    FACT_VALUES,
    LIABLES,
    RULING_RESULTS,
    RULING_SOURCES,
)
from .dispute import state_of
from .passage import choices_of

WORKBOOK_BYTES_MAX = 20 << 20
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_SHOWN = 200


def _days_left(row: Any) -> int:
    return queries.days_left(today(), queries.deadlines_of(row.opened_on).ruling)


def _own(viewer: Viewer, filters: Filters) -> Any:
    return queries.open_own_disputes(viewer=viewer, **filters)


OWN_DISPUTES = Listing(
    name="own_disputes",
    title=gettext_lazy("省内裁定"),
    note=gettext_lazy("本省发行方在本省出口的争议由本中心两人裁定；逾期未裁定视同应付"),
    empty=gettext_lazy("没有待裁定的省内争议"),
    fields=(
        SearchField("reason", gettext_lazy("争议原因"), "select", choices_of(DISPUTE_REASONS)),
    ),
    columns=(
        Column("opened_on", gettext_lazy("争议日"), Shown.DAY),
        Column("ruling_by", gettext_lazy("裁定期限"), Shown.DAY,
               value=lambda row: queries.deadlines_of(row.opened_on).ruling),
        Column("days_left", gettext_lazy("剩余工作日"), Shown.COUNT, value=_days_left),
        Column("transaction_id", gettext_lazy("交易编号"), Shown.CODE,
               link=lambda row: reverse("dispute", args=[row.pk])),
        Column("pass_id", gettext_lazy("通行标识"), Shown.CODE, on=False,
               link=lambda row: reverse("passage", args=[row.pass_id]) if row.pass_id else None),
        Column("issuer_id", gettext_lazy("发行方"), Shown.CODE),
        Column("fee", gettext_lazy("金额"), Shown.AMOUNT),
        Column("reason", gettext_lazy("争议原因"), labels=DISPUTE_REASONS),
    ),
    page=lambda viewer, filters, number, size: slice_of(_own(viewer, filters), number, size),
    rows=lambda viewer, filters: _own(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _own(viewer, filters).count(),
)  # fmt: skip

LIABILITY = Listing(
    name="liability",
    title=gettext_lazy("争议责任"),
    note=gettext_lazy("已裁定的省内争议，按责任方与争议原因统计"),
    empty=gettext_lazy("还没有裁定过省内争议"),
    columns=(
        Column("liable", gettext_lazy("责任方"), labels=LIABLES),
        Column("liable_code", gettext_lazy("业主或路段"), Shown.CODE),
        Column("reason", gettext_lazy("争议原因"), labels=DISPUTE_REASONS),
        Column("result", gettext_lazy("裁定结果"), labels=RULING_RESULTS),
        Column("source", gettext_lazy("裁定方式"), labels=RULING_SOURCES),
        Column("count", gettext_lazy("笔数"), Shown.COUNT),
        Column("fee", gettext_lazy("金额"), Shown.AMOUNT),
    ),
    page=lambda viewer, filters, number, size: slice_of(
        queries.liability(viewer=viewer), number, size
    ),
    rows=lambda viewer, filters: iter(queries.liability(viewer=viewer)),
    count=lambda viewer, filters: len(queries.liability(viewer=viewer)),
)


@page(Permission.VIEW_DISPUTES)
def own_disputes(request: HttpRequest) -> HttpResponse:
    """Disputes within the province that wait for a ruling, and the workbook to rule many."""
    may_rule = request.viewer.may(Permission.RULE_DISPUTES)
    return show(
        request, OWN_DISPUTES, template="console/dispute/own.html", may_rule=may_rule,
        reason_asked=OWN_DISPUTES.filters(request)["reason"],
    )  # fmt: skip


@page(Permission.VIEW_DISPUTES)
def liability(request: HttpRequest) -> HttpResponse:
    """Who was liable for disputes within the province, and for which reasons."""
    return show(request, LIABILITY)


@page(Permission.RULE_DISPUTES)
def export_rulings(request: HttpRequest) -> HttpResponse:
    """The open disputes within the province as a workbook to fill in."""
    reason = OWN_DISPUTES.filters(request)["reason"]
    content = queries.rulings_workbook(viewer=request.viewer, reason=reason)
    answer = HttpResponse(content, content_type=WORKBOOK_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="disputes-{today():%Y%m%d}.xlsx"'
    return answer


@page(Permission.RULE_DISPUTES)
def import_rulings(request: HttpRequest) -> HttpResponse:
    """A filled-in workbook: one request for approval, or what is wrong row by row."""
    uploaded = request.FILES.get("workbook")
    if uploaded is None or uploaded.size > WORKBOOK_BYTES_MAX:
        messages.error(request, _("请选择不超过 20 MB 的工作簿。"))
        return redirect("own_disputes")
    try:
        told = actions.import_rulings(
            content=uploaded.read(), maker=request.viewer, now=moment(),
            reason=request.POST.get("reason", "").strip(),
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("own_disputes")
    if isinstance(told, ApprovalInfo):
        messages.success(
            request, _("已申请裁定 %(count)s 笔，待另一人复核。") % {"count": told.detail["count"]}
        )
        return redirect("own_disputes")
    context = {
        "title": _("工作簿有误"),
        "faults": [(one.line, one.refusal.field, refusal_text(one.refusal)) for one in told],
    }
    return render(request, "console/dispute/faults.html", context, status=422)


@page(Permission.VIEW_DISPUTES)
def dispute(request: HttpRequest, key: int) -> HttpResponse:
    """One dispute: the trade, what is known of it, its money, evidence, ruling and deadlines."""
    viewer: Viewer = request.viewer
    found = queries.dispute_named(key)
    if request.method == "POST" and viewer.may(Permission.RULE_DISPUTES):
        return _said(request, found)
    deadlines = queries.deadlines_of(found.opened_on)
    state = state_of(found)
    local = found.direction == Direction.LOCAL
    waits = queries.waiting_proposals([found.pk]).get(found.pk, "")
    hold = queries.hold_of(found)
    context = {
        "title": _("争议"),
        "dispute": found,
        "direction": DIRECTIONS[found.direction],
        "reason": DISPUTE_REASONS.get(found.reason, found.reason),
        "state": DISPUTE_STATES[state],
        "tag": DISPUTE_TAGS[state],
        "ruling": _ruling(found) if state != "open" else None,
        "facts": _facts(queries.evidence_facts([found], moment())[found.pk], viewer),
        "evidence": [
            {"row": row, "position": RULING_RESULTS[row.position],
             "facts": _facts(row.facts, viewer)}
            for row in queries.evidence_of(found)
        ],
        "hold_key": hold.hold_key,
        "held": hold.lines,
        "deadlines": deadlines,
        "evidence_left": queries.days_left(today(), deadlines.evidence),
        "ruling_left": queries.days_left(today(), deadlines.ruling),
        "local": local,
        "waits": waits,
        "may_say": state == "open" and viewer.may(Permission.RULE_DISPUTES),
        "results": RULING_RESULTS,
        "liables": LIABLES,
    }  # fmt: skip
    return render(request, "console/dispute/dispute.html", context)


def _ruling(found: Any) -> dict[str, Any]:
    ruling = found.ruling
    return {
        "row": ruling,
        "result": RULING_RESULTS[ruling.result],
        "source": RULING_SOURCES[ruling.source],
        "liable": LIABLES[ruling.liable] if ruling.liable else "",
    }


def _facts(facts: Sequence[str], viewer: Viewer) -> list[tuple[Any, str]]:
    """Facts by their names in the reader's language; the plate as this reader may see it."""
    told = []
    for fact in facts:
        name, _sign, value = fact.partition("=")
        kind, _line, rest = name.partition("_")
        title = DISPUTE_FACTS.get(name, name)
        if name == "vehicle":
            value = shown_plate(value, viewer=viewer)
        elif kind == "reads" and rest:
            title = _("门架读取 %(number)s") % {"number": rest}
        elif kind == "share":
            title = _("拆分给 %(party)s") % {"party": rest}
        if kind == "share" or name in FACT_AMOUNTS:
            value = formats.amount_text(int(value))
        elif name == "checked_now" and value.isdecimal():
            value = str(DISPUTE_REASONS[int(value)])
        told.append((title, str(FACT_VALUES.get(value, value))))
    return told


def _said(request: HttpRequest, found: Any) -> HttpResponse:
    """Propose a ruling of our own, or freeze and send evidence, as the form says."""
    result = Result(int(request.POST.get("result") == "1"))
    grounds = request.POST.get("grounds", "").strip()
    try:
        if request.POST.get("act") == "rule":
            liable = Liable(request.POST.get("liable") or Liable.NOBODY)
            code = request.POST.get("liable_code", "").strip()
            actions.propose_rulings(
                rulings=[OwnRuling(found.pk, result, liable, code, grounds)],
                maker=request.viewer, now=moment(),
            )  # fmt: skip
            messages.success(request, _("已申请裁定，待另一人复核。"))
        else:
            actions.submit_evidence(
                disputes=[found.pk], position=result, grounds=grounds, maker=request.viewer,
                now=moment(),
            )  # fmt: skip
            messages.success(request, _("证据已固定。"))
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
    return redirect("dispute", key=found.pk)


def asked_rulings(viewer: Viewer, asked: ApprovalInfo) -> dict[str, Any]:
    """What a request for rulings would do: its sums, and the first of its disputes."""
    rows = queries.proposed_rulings(asked.approval_key)
    return {
        "detail": asked.detail,
        "more": max(0, rows.count() - ROWS_SHOWN),
        "rows": [
            {"row": row, "result": RULING_RESULTS[row.result], "liable": LIABLES[row.liable],
             "reason": DISPUTE_REASONS.get(row.dispute.reason, row.dispute.reason)}
            for row in rows[:ROWS_SHOWN]
        ],
    }  # fmt: skip
