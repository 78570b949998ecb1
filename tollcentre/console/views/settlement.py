"""Pages of settlement: windows, statements with their lines, release, owners' answers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.clock import day_of as day_at
from tollcentre.core.fen import fen_from_yuan
from tollcentre.core.refusal import Refusal
from tollcentre.messages.actions import moment
from tollcentre.participants.queries import parties
from tollcentre.reporting.statements import Document, Kind, Table, pdf_of, xlsx_of
from tollcentre.settlement import actions, queries
from tollcentre.settlement.terms import StatementSide, StatementState

from ..exports import XLSX_TYPE
from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, Slice, show, slice_of
from ..pages import page, reads_english, refusal_text
from ..settlement_words import (
    CAUSES,
    COLLECT_STATES,
    CONTEST_STATES,
    MODELS,
    PAYMENT_STATES,
    PAYMENT_TAGS,
    SIDES,
    STATEMENT_STATES,
    STATEMENT_TAGS,
    WINDOW_STATES,
    WINDOW_TAGS,
)
from .ledger import day_of
from .passage import choices_of


def party_names() -> dict[str, str]:
    """Every party's name in the reader's language."""
    return {one.code: one.name_en if reads_english() else one.name_zh for one in parties()}


def party_name(code: str) -> str:
    """A party as the reader knows it, its code where it has no name."""
    return party_names().get(code) or code


def named(rows: Iterable[Any]) -> Iterator[Any]:
    """The rows with the names of their parties, as `party`."""
    names = party_names()
    for row in rows:
        row.party = names.get(row.party_id) or row.party_id
        yield row


def named_page(found: Any, number: int, size: int) -> Slice:
    """One page of rows with the names of their parties."""
    cut = slice_of(found, number, size)
    return Slice(list(named(cut.rows)), cut.total)


def told(request: HttpRequest, act: Callable[[], Any], done: str) -> bool:
    """Do it, and say what came of it; whether it was done."""
    try:
        act()
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
        return False
    except ValueError:
        messages.error(request, _("金额或日期无法识别，未作任何改动。"))
        return False
    messages.success(request, done)
    return True


WINDOWS = Listing(
    name="settle_windows",
    title=gettext_lazy("结算窗口"),
    note=gettext_lazy("按协议周期；到期后关闭即锁定，此后记入已锁定清分日的金额落入下一窗口"),
    empty=gettext_lazy("没有待关闭的窗口。没有协议或还没有记账的参与方没有窗口。"),
    size=50,
    columns=(
        Column("party_id", gettext_lazy("编号"), Shown.CODE),
        Column("party", gettext_lazy("参与方")),
        Column("side", gettext_lazy("方向"), labels=SIDES),
        Column("model", gettext_lazy("结算模式"), labels=MODELS),
        Column("start", gettext_lazy("清分日自"), Shown.DAY),
        Column("end", gettext_lazy("至"), Shown.DAY),
        Column("due_on", gettext_lazy("到期日"), Shown.DAY),
        Column("is_due", gettext_lazy("状态"), labels=WINDOW_STATES, tags=WINDOW_TAGS),
        Column("agreement_no", gettext_lazy("协议编号"), Shown.CODE),
    ),
    page=lambda viewer, filters, number, size: slice_of(_windows(), number, size),
    rows=lambda viewer, filters: _windows(),
)  # fmt: skip


def _windows() -> list[dict[str, Any]]:
    today, names = day_at(moment()), party_names()
    found = sorted(queries.windows_due(today), key=lambda one: (one.due_on, one.party_id))
    return [
        asdict(one)
        | {"party": names.get(one.party_id) or one.party_id, "is_due": one.due_on <= today}
        for one in found
    ]


def _statements(viewer: Viewer, filters: Filters) -> Any:
    return queries.statements(
        viewer=viewer, state=filters["state"], party_id=filters["party"],
        start=day_of(filters, "start"), end=day_of(filters, "end"),
        with_empty=bool(filters["state"]),
    )  # fmt: skip


def state_word(row: Any) -> Any:
    """How far a statement has come, in words of who pays."""
    words = COLLECT_STATES if row.side == StatementSide.COLLECT else STATEMENT_STATES
    return words[row.state]


STATEMENTS = Listing(
    name="settle_statements",
    title=gettext_lazy("结算单"),
    empty=gettext_lazy("没有结算单。窗口关闭后才有。"),
    fields=(
        SearchField("state", gettext_lazy("状态"), "select", choices_of(STATEMENT_STATES)),
        SearchField("party", gettext_lazy("参与方编号")),
        SearchField("start", gettext_lazy("截止日自"), "date"),
        SearchField("end", gettext_lazy("至"), "date"),
    ),
    columns=(
        Column("statement_no", gettext_lazy("结算单号"), Shown.CODE,
               link=lambda row: reverse("settle_statement", args=[row.statement_no])),
        Column("party", gettext_lazy("参与方")),
        Column("side", gettext_lazy("方向"), labels=SIDES),
        Column("model", gettext_lazy("结算模式"), labels=MODELS, on=False),
        Column("start_day", gettext_lazy("清分日自"), Shown.DAY),
        Column("end_day", gettext_lazy("至"), Shown.DAY),
        Column("carried_in_fen", gettext_lazy("上期结转"), Shown.AMOUNT),
        Column("entries_fen", gettext_lazy("本期发生"), Shown.AMOUNT),
        Column("total_fen", gettext_lazy("结算金额"), Shown.AMOUNT),
        Column("state", gettext_lazy("状态"), labels=STATEMENT_STATES, tags=STATEMENT_TAGS),
        Column("voucher_no", gettext_lazy("凭证号"), Shown.CODE),
        Column("released_on", gettext_lazy("释放日"), Shown.DAY),
        Column("paid_on", gettext_lazy("付讫日"), Shown.DAY),
        Column("is_confirmed", gettext_lazy("业主已确认"), Shown.YESNO),
        Column("open_contests", gettext_lazy("未答复异议"), Shown.COUNT),
    ),
    page=lambda viewer, filters, number, size: named_page(
        _statements(viewer, filters), number, size
    ),
    rows=lambda viewer, filters: named(_statements(viewer, filters).iterator(chunk_size=2_000)),
    count=lambda viewer, filters: _statements(viewer, filters).count(),
)  # fmt: skip
MOVEMENTS = Listing(
    name="settle_movements",
    title=gettext_lazy("结算单的记账批次"),
    size=50,
    empty=gettext_lazy("没有记账批次"),
    fields=(
        SearchField("statement", gettext_lazy("结算单号")),
        SearchField("day", gettext_lazy("清分日"), "date"),
        SearchField("cause", gettext_lazy("事由"), "select", choices_of(CAUSES)),
    ),
    columns=(
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
        Column("batch_key", gettext_lazy("记账批次"), Shown.CODE,
               link=lambda row: f"{reverse('batch')}?batch={row.batch_key}"),
        Column("entries", gettext_lazy("分录"), Shown.COUNT),
        Column("fen", gettext_lazy("金额"), Shown.AMOUNT),
    ),
    page=lambda viewer, filters, number, size: slice_of(
        _movements(viewer, filters), number, size
    ),
    rows=lambda viewer, filters: _movements(viewer, filters),
)  # fmt: skip


UNLINKED = replace(
    MOVEMENTS, columns=tuple(replace(column, link=None) for column in MOVEMENTS.columns)
)
"""The same for owners, who have no page of a batch."""


def _movements(viewer: Viewer, filters: Filters) -> list[Any]:
    if not filters["statement"]:
        return []
    return queries.statement_movements(
        filters["statement"], viewer=viewer, clear_date=day_of(filters, "day"),
        cause=filters["cause"],
    )  # fmt: skip


CONTESTS = Listing(
    name="settle_contests",
    title=gettext_lazy("业主异议"),
    empty=gettext_lazy("没有异议"),
    fields=(
        SearchField("state", gettext_lazy("状态"), "select",
                    lambda viewer: (("", gettext_lazy("全部")), ("open", CONTEST_STATES[None])),
                    default="open"),
    ),
    columns=(
        Column("pk", gettext_lazy("序号"), Shown.COUNT),
        Column("statement", gettext_lazy("结算单号"), Shown.CODE,
               value=lambda row: row.statement.statement_no,
               link=lambda row: reverse("settle_statement", args=[row.statement.statement_no])),
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
        Column("pass_id", gettext_lazy("通行标识"), Shown.CODE),
        Column("reason", gettext_lazy("理由")),
        Column("raised_by", gettext_lazy("提出人")),
        Column("raised_at", gettext_lazy("提出时间"), Shown.TIME),
        Column("state", gettext_lazy("状态"), value=lambda row: contest_state(row)),
    ),
    page=lambda viewer, filters, number, size: slice_of(_contests(viewer, filters), number, size),
    rows=lambda viewer, filters: _contests(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _contests(viewer, filters).count(),
)  # fmt: skip


def _contests(viewer: Viewer, filters: Filters) -> Any:
    return queries.contests(viewer=viewer, is_open=True if filters["state"] == "open" else None)


def contest_state(row: Any) -> Any:
    """Whether an objection was answered, and how."""
    answer = getattr(row, "answer", None)
    return CONTEST_STATES[None if answer is None else answer.is_upheld]


@page(Permission.VIEW_SETTLEMENT)
def windows(request: HttpRequest) -> HttpResponse:
    """Windows that are not closed, the first due first."""
    viewer: Viewer = request.viewer
    if request.method == "POST" and viewer.may(Permission.SETTLE):
        told(
            request,
            lambda: actions.close_windows(now=moment(), actor=viewer.name),
            _("到期的窗口已关闭，结算单已生成。"),
        )
        return redirect("settle_windows")
    return show(
        request, WINDOWS, template="console/settlement/windows.html",
        may_settle=viewer.may(Permission.SETTLE),
    )  # fmt: skip


@page(Permission.VIEW_STATEMENTS)
def statements(request: HttpRequest) -> HttpResponse:
    """Statements, newest first; an owner's reader sees the own ones."""
    return show(request, STATEMENTS)


@page(Permission.VIEW_STATEMENTS)
def movements(request: HttpRequest) -> HttpResponse:
    """The ledger's batches behind a statement or one of its lines."""
    viewer: Viewer = request.viewer
    return show(request, MOVEMENTS if viewer.may(Permission.VIEW_LEDGER) else UNLINKED)


@page(Permission.VIEW_STATEMENTS)
def contests(request: HttpRequest) -> HttpResponse:
    """What owners object to; open ones first asked for."""
    return show(request, CONTESTS)


@page(Permission.VIEW_STATEMENTS)
def statement(request: HttpRequest, statement_no: str) -> HttpResponse:
    """One statement: its lines, payment, and what its owner says of it."""
    viewer: Viewer = request.viewer
    row = queries.statement_row(statement_no, viewer=viewer)
    lines = queries.statement_lines(statement_no, viewer=viewer)
    raised = list(queries.contests(viewer=viewer, statement_no=statement_no))
    return render(request, "console/settlement/statement.html", {
        "title": _("结算单"),
        "statement": row,
        "party": party_name(row.party_id),
        "side": SIDES[row.side],
        "model": MODELS.get(row.model, row.model),
        "state": state_word(row),
        "state_css": STATEMENT_TAGS[row.state],
        "pays": row.side == StatementSide.PAY,
        "lines": [{"line": line, "cause": CAUSES[line.cause]} for line in lines],
        "payments": [
            {"row": one, "state": PAYMENT_STATES[one.state], "css": PAYMENT_TAGS[one.state]}
            for one in queries.instructions(viewer=viewer).filter(statement=row).order_by("attempt")
        ],
        "contests": [{"row": one, "state": contest_state(one),
                      "answer": getattr(one, "answer", None)} for one in raised],
        "confirmation": queries.confirmation_of(statement_no),
        "may_answer": viewer.may(Permission.ANSWER_STATEMENTS),
        "may_settle": viewer.may(Permission.SETTLE),
        "may_see_passages": viewer.may(Permission.VIEW_PASSAGES),
        "days": sorted({line.clear_date for line in lines}),
    })  # fmt: skip


@page(Permission.VIEW_STATEMENTS)
def statement_file(request: HttpRequest, statement_no: str, suffix: str) -> HttpResponse:
    """The same statement as a workbook or a PDF."""
    if suffix not in ("pdf", "xlsx"):
        raise Http404
    document = document_of(request.viewer, statement_no)
    if suffix == "pdf":
        answer = HttpResponse(pdf_of(document), content_type="application/pdf")
    else:
        answer = HttpResponse(xlsx_of(document), content_type=XLSX_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="settlement-{statement_no}.{suffix}"'
    return answer


def document_of(viewer: Viewer, statement_no: str) -> Document:
    """The statement as a document in the reader's language."""
    row = queries.statement_row(statement_no, viewer=viewer)
    lines = queries.statement_lines(statement_no, viewer=viewer)
    carried: list[tuple[str | int, ...]] = (
        [("—", _("上期结转"), 0, row.carried_in_fen)] if row.carried_in_fen else []
    )
    columns = (
        (_("清分日"), Kind.CODE), (_("事由"), Kind.TEXT), (_("分录"), Kind.COUNT),
        (_("金额"), Kind.AMOUNT),
    )  # fmt: skip
    rows = [
        (line.clear_date.isoformat(), str(CAUSES[line.cause]), line.entries, line.fen)
        for line in lines
    ]
    return Document(
        title=_("结算单"),
        facts=(
            (_("结算单号"), row.statement_no),
            (_("参与方"), party_name(row.party_id)),
            (_("协议编号"), row.agreement_no),
            (_("结算期间"), f"{row.start_day} – {row.end_day}"),
            (_("结算模式"), str(MODELS.get(row.model, row.model))),
            (_("状态"), str(state_word(row))),
            (_("凭证号"), row.voucher_no or "—"),
        ),
        tables=(Table(_("明细"), columns, (*carried, *rows), _("合计")),),
        note=_("金额单位：元。每行可追溯到记账批次，直至通行与门架记录。"),
        page_words=_("第 {page} 页 / 共 {pages} 页"),
        language="en" if reads_english() else "zh",
    )


@require_POST
@page(Permission.ANSWER_STATEMENTS)
def confirm(request: HttpRequest, statement_no: str) -> HttpResponse:
    """The owner confirms a statement."""
    told(
        request,
        lambda: actions.confirm_statement(
            statement_no=statement_no, viewer=request.viewer, now=moment()
        ),
        _("已确认。"),
    )
    return redirect("settle_statement", statement_no=statement_no)


@require_POST
@page(Permission.ANSWER_STATEMENTS)
def contest(request: HttpRequest, statement_no: str) -> HttpResponse:
    """The owner objects to a day of a statement, or to one passage of it."""
    said = request.POST
    told(
        request,
        lambda: actions.contest_statement(
            statement_no=statement_no, clear_date=date.fromisoformat(said.get("day", "")),
            pass_id=said.get("pass_id", ""), reason=said.get("reason", ""),
            viewer=request.viewer, now=moment(),
        ),
        _("异议已提交，等待清分员答复。"),
    )  # fmt: skip
    return redirect("settle_statement", statement_no=statement_no)


@require_POST
@page(Permission.SETTLE)
def answer(request: HttpRequest, statement_no: str, number: int) -> HttpResponse:
    """The clerk answers an objection: rejects it, or asks another to uphold it."""
    viewer: Viewer = request.viewer
    said, reason = request.POST, request.POST.get("reason", "")
    if said.get("answer") == "uphold":
        told(
            request,
            lambda: actions.ask_uphold(
                number=number, fen=fen_from_yuan(said.get("yuan") or "0"), reason=reason,
                maker=viewer, now=moment(),
            ),
            _("已提交复核，批准后在下一窗口调整。"),
        )  # fmt: skip
    else:
        told(
            request,
            lambda: actions.reject_contest(
                number=number, reason=reason, viewer=viewer, now=moment()
            ),
            _("已答复。"),
        )
    return redirect("settle_statement", statement_no=statement_no)


@page(Permission.VIEW_SETTLEMENT)
def release(request: HttpRequest) -> HttpResponse:
    """Drafted statements, chosen by one person for another to release."""
    viewer: Viewer = request.viewer
    if request.method == "POST" and viewer.may(Permission.SETTLE):
        told(
            request,
            lambda: actions.ask_release(
                statement_nos=request.POST.getlist("chosen"),
                reason=request.POST.get("reason", ""), maker=viewer, now=moment(),
            ),
            _("已提交复核，批准后即释放。"),
        )  # fmt: skip
        return redirect("settle_release")
    waiting = queries.asked_for("settlement.release")
    rows = queries.statements(viewer=viewer, state=StatementState.DRAFTED).filter(
        side=StatementSide.PAY
    )
    return render(request, "console/settlement/queue.html", {
        "title": _("待释放结算单"),
        "note": _("一人选定提交，另一人批准后释放：记账、给凭证号、生成付款指令"),
        "heads": (_("参与方"), _("清分日自"), _("至")),
        "rows": [
            {
                "name": row.statement_no, "address": reverse("settle_statement",
                                                             args=[row.statement_no]),
                "cells": (row.party, row.start_day, row.end_day), "fen": row.total_fen,
                "asked": waiting.get(row.statement_no, ""),
            }
            for row in named(rows.order_by("end_day", "party_id"))
        ],
        "name": _("结算单号"),
        "button": _("提交释放"),
        "empty": _("没有待释放的结算单"),
        "may_settle": viewer.may(Permission.SETTLE),
    })  # fmt: skip
