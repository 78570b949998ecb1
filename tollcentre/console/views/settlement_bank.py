"""Pages of settlement's money: payments, the banks' lines, the ministry, allotted against paid."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.clock import day_of as day_at
from tollcentre.core.formats import account_text
from tollcentre.ledger.queries import chart, entries_between
from tollcentre.messages.actions import moment
from tollcentre.settlement import actions, queries
from tollcentre.settlement.terms import OVER, PaymentState

from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page, reads_english
from ..settlement_words import (
    CAUSES,
    FIGURES,
    ITEM_KINDS,
    PAYMENT_STATES,
    PAYMENT_TAGS,
    POSITION_STATES,
    POSITION_TAGS,
    UNMATCHED,
    WAITS_ON,
)
from .ledger import BATCH, day_of
from .passage import choices_of
from .settlement import named, named_page, party_name, party_names, told


def _payments(viewer: Viewer, filters: Filters) -> Any:
    return queries.instructions(
        viewer=viewer, state=filters["state"], bank_id=filters["bank"], party_id=filters["party"],
        name=filters["name"],
    )  # fmt: skip


PAYMENTS = Listing(
    name="settle_payments",
    title=gettext_lazy("付款指令"),
    empty=gettext_lazy("没有付款指令。结算单释放后才有。"),
    fields=(
        SearchField("state", gettext_lazy("状态"), "select", choices_of(PAYMENT_STATES)),
        SearchField("name", gettext_lazy("指令编号")),
        SearchField("party", gettext_lazy("参与方编号")),
        SearchField("bank", gettext_lazy("付款银行")),
    ),
    columns=(
        Column("instruction_id", gettext_lazy("指令编号"), Shown.CODE,
               link=lambda row: reverse("settle_payment", args=[row.instruction_id])),
        Column("party", gettext_lazy("参与方")),
        Column("bank_id", gettext_lazy("付款银行"), Shown.CODE),
        Column("payee_name", gettext_lazy("收款户名")),
        Column("payee_account", gettext_lazy("收款账号"), Shown.CODE,
               value=lambda row: account_text(row.payee_account)),
        Column("amount_fen", gettext_lazy("金额"), Shown.AMOUNT),
        Column("voucher_no", gettext_lazy("凭证号"), Shown.CODE),
        Column("state", gettext_lazy("状态"), labels=PAYMENT_STATES, tags=PAYMENT_TAGS),
        Column("state_since", gettext_lazy("自"), Shown.TIME),
        Column("file", gettext_lazy("付款文件"), Shown.CODE,
               value=lambda row: row.file.message_id if row.file else "",
               link=lambda row: reverse("exchange_sent_one", args=[row.file.message_id])
               if row.file else None),
    ),
    page=lambda viewer, filters, number, size: named_page(
        _payments(viewer, filters), number, size
    ),
    rows=lambda viewer, filters: named(_payments(viewer, filters).iterator(chunk_size=2_000)),
    count=lambda viewer, filters: _payments(viewer, filters).count(),
)  # fmt: skip
BANK_DAYS = Listing(
    name="settle_bank_days",
    title=gettext_lazy("银行流水"),
    note=gettext_lazy("一行一个银行日；按日衔接，专户存款始终等于最后一份流水的期末余额"),
    empty=gettext_lazy("还没有收到银行流水"),
    fields=(SearchField("bank", gettext_lazy("银行")),),
    columns=(
        Column("day", gettext_lazy("银行日"), Shown.DAY),
        Column("bank_id", gettext_lazy("银行"), Shown.CODE,
               link=lambda row: f"{reverse('settle_bank_lines')}?bank={row.bank_id}&day={row.day}"),
        Column("account", gettext_lazy("账号"), Shown.CODE,
               value=lambda row: account_text(row.account) if row.account else ""),
        Column("opening_fen", gettext_lazy("期初余额"), Shown.AMOUNT),
        Column("closing_fen", gettext_lazy("期末余额"), Shown.AMOUNT),
        Column("count", gettext_lazy("笔数"), Shown.COUNT),
        Column("waiting", gettext_lazy("未核对"), Shown.COUNT),
        Column("file_id", gettext_lazy("文件编号"), Shown.CODE),
        Column("taken_at", gettext_lazy("收到时间"), Shown.TIME),
    ),
    page=lambda viewer, filters, number, size: slice_of(
        queries.bank_statements(viewer=viewer, bank_id=filters["bank"]), number, size
    ),
    rows=lambda viewer, filters: queries.bank_statements(viewer=viewer, bank_id=filters["bank"]),
)  # fmt: skip


def _lines(viewer: Viewer, filters: Filters) -> Any:
    return queries.lines_of_banks(
        viewer=viewer, bank_id=filters["bank"], day=day_of(filters, "day"),
        reference=filters["reference"],
    )  # fmt: skip


def _matched_with(row: Any) -> str:
    """What a line was matched with, in words."""
    if row.match is None:
        return ""
    return "、".join(f"{ITEM_KINDS[item.kind]} {item.reference}" for item in row.match.items.all())


LINE_COLUMNS = (
    Column("day", gettext_lazy("银行日"), Shown.DAY, value=lambda row: row.statement.day),
    Column("bank_id", gettext_lazy("银行"), Shown.CODE, value=lambda row: row.statement.bank_id),
    Column("serial", gettext_lazy("流水号"), Shown.CODE,
           link=lambda row: reverse("settle_bank_line", args=[row.line_key])),
    Column("fen", gettext_lazy("金额"), Shown.AMOUNT),
    Column("counter_name", gettext_lazy("对方户名")),
    Column("reference", gettext_lazy("附言"), Shown.CODE),
    Column("summary", gettext_lazy("摘要")),
)  # fmt: skip
BANK_LINES = Listing(
    name="settle_bank_lines",
    title=gettext_lazy("流水明细"),
    note=gettext_lazy("收入为正，支出为负"),
    empty=gettext_lazy("没有流水"),
    fields=(
        SearchField("bank", gettext_lazy("银行")),
        SearchField("day", gettext_lazy("银行日"), "date"),
        SearchField("reference", gettext_lazy("附言")),
    ),
    columns=(*LINE_COLUMNS, Column("match", gettext_lazy("核对到"), value=_matched_with)),
    page=lambda viewer, filters, number, size: slice_of(_lines(viewer, filters), number, size),
    rows=lambda viewer, filters: _lines(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _lines(viewer, filters).count(),
)
EXCEPTIONS = Listing(
    name="settle_exceptions",
    title=gettext_lazy("对账例外"),
    note=gettext_lazy("规则不猜：附言或唯一金额对不上的，由一人核对或说明、另一人复核"),
    empty=gettext_lazy("没有例外：银行流水全部核对"),
    columns=(
        Column("day", gettext_lazy("银行日"), Shown.DAY, value=lambda row: row[0].statement.day),
        Column("bank_id", gettext_lazy("银行"), Shown.CODE,
               value=lambda row: row[0].statement.bank_id),
        Column("serial", gettext_lazy("流水号"), Shown.CODE, value=lambda row: row[0].serial,
               link=lambda row: reverse("settle_bank_line", args=[row[0].line_key])),
        Column("fen", gettext_lazy("金额"), Shown.AMOUNT, value=lambda row: row[0].fen),
        Column("counter_name", gettext_lazy("对方户名"), value=lambda row: row[0].counter_name),
        Column("reference", gettext_lazy("附言"), Shown.CODE, value=lambda row: row[0].reference),
        Column("why", gettext_lazy("待核原因"), labels=UNMATCHED, value=lambda row: row[1].value),
    ),
    page=lambda viewer, filters, number, size: slice_of(_exceptions(), number, size),
    rows=lambda viewer, filters: _exceptions(),
)  # fmt: skip


def _exceptions() -> list[Any]:
    return queries.unmatched(day_at(moment()))


POSITIONS = Listing(
    name="settle_positions",
    title=gettext_lazy("与部中心结算"),
    note=gettext_lazy("跨省应收、跨省应付与净额分列，不并入清分收入；双方一致才入账"),
    empty=gettext_lazy("部中心还没有发来清分统计"),
    columns=(
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY,
               link=lambda row: reverse("statistics_of", args=[row.clear_date])),
        Column("receivable_fen", gettext_lazy("跨省应收"), Shown.AMOUNT),
        Column("payable_fen", gettext_lazy("跨省应付"), Shown.AMOUNT),
        Column("net_fen", gettext_lazy("净额"), Shown.AMOUNT),
        Column("off_fen", gettext_lazy("相差"), Shown.AMOUNT),
        Column("state", gettext_lazy("状态"), labels=POSITION_STATES, tags=POSITION_TAGS),
        Column("bank_id", gettext_lazy("银行"), Shown.CODE),
        Column("voucher_no", gettext_lazy("凭证号"), Shown.CODE),
        Column("settled_on", gettext_lazy("结清日"), Shown.DAY),
    ),
    page=lambda viewer, filters, number, size: slice_of(queries.positions(), number, size),
    rows=lambda viewer, filters: queries.positions(),
)  # fmt: skip


def _by(filters: Filters) -> Any:
    return day_of(filters, "by") or day_at(moment())


def _allotted(viewer: Viewer, filters: Filters) -> list[dict[str, Any]]:
    names = party_names()
    return [
        {name: getattr(row, name) for name in row.__slots__}
        | {"party": names.get(row.party_id) or row.party_id, "off": row.total_fen - row.paid_fen}
        for row in queries.allotted_against_paid(_by(filters), viewer=viewer)
    ]


ALLOTTED = Listing(
    name="settle_allotted",
    title=gettext_lazy("已划拨与已付款"),
    note=gettext_lazy("划拨按释放日，付款按银行流水日：两个指标之间逐单调节"),
    empty=gettext_lazy("到该日没有已释放的结算单"),
    size=50,
    fields=(SearchField("by", gettext_lazy("截至"), "date",
                        default=lambda: day_at(moment()).isoformat()),),
    columns=(
        Column("statement_no", gettext_lazy("结算单号"), Shown.CODE,
               link=lambda row: reverse("settle_statement", args=[row["statement_no"]])),
        Column("party", gettext_lazy("参与方")),
        Column("released_on", gettext_lazy("释放日"), Shown.DAY),
        Column("voucher_no", gettext_lazy("凭证号"), Shown.CODE),
        Column("total_fen", gettext_lazy("已划拨"), Shown.AMOUNT),
        Column("paid_fen", gettext_lazy("已付款"), Shown.AMOUNT),
        Column("off", gettext_lazy("相差"), Shown.AMOUNT),
        Column("instruction_id", gettext_lazy("指令编号"), Shown.CODE,
               link=lambda row: reverse("settle_payment", args=[row["instruction_id"]])
               if row["instruction_id"] else None),
        Column("payment_state", gettext_lazy("付款状态"), labels=PAYMENT_STATES,
               tags=PAYMENT_TAGS),
        Column("waits_on", gettext_lazy("等待"), labels=WAITS_ON),
        Column("since", gettext_lazy("自"), Shown.TIME),
    ),
    page=lambda viewer, filters, number, size: slice_of(_allotted(viewer, filters), number, size),
    rows=_allotted,
)  # fmt: skip


def _entries(viewer: Viewer, filters: Filters) -> Any:
    if not filters["family"]:
        return entries_between(viewer=viewer).none()
    return entries_between(
        viewer=viewer, family=filters["family"], key_prefix=filters["key"],
        start=day_of(filters, "start"), end=day_of(filters, "end"),
    )  # fmt: skip


ENTRIES = Listing(
    name="settle_entries",
    title=gettext_lazy("科目类分录"),
    size=50,
    empty=gettext_lazy("选一类科目；这一段时间没有记账时也为空。"),
    fields=(
        SearchField("family", gettext_lazy("科目类"), "select",
                    lambda viewer: [("", gettext_lazy("请选择科目")), *_families().items()]),
        SearchField("key", gettext_lazy("批次编号前缀")),
        SearchField("start", gettext_lazy("清分日自"), "date"),
        SearchField("end", gettext_lazy("至"), "date"),
    ),
    columns=(
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY,
               value=lambda row: row.batch.clear_date),
        Column("batch_key", gettext_lazy("记账批次"), Shown.CODE,
               value=lambda row: row.batch.batch_key,
               link=lambda row: f"{reverse('batch')}?batch={row.batch.batch_key}"),
        *BATCH.without("line_no").columns,
    ),
    page=lambda viewer, filters, number, size: slice_of(_entries(viewer, filters), number, size),
    rows=lambda viewer, filters: _entries(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _entries(viewer, filters).count(),
)  # fmt: skip


def _families() -> dict[str, str]:
    return {
        name: family.en if reads_english() else family.zh
        for name, family in chart().families.items()
    }


@page(Permission.VIEW_STATEMENTS)
def payments(request: HttpRequest) -> HttpResponse:
    """Payment instructions, newest first; an owner's reader sees the own ones."""
    viewer: Viewer = request.viewer
    return show(
        request, PAYMENTS if viewer.may(Permission.VIEW_EXCHANGE) else PAYMENTS.without("file")
    )


@page(Permission.VIEW_SETTLEMENT)
def pay(request: HttpRequest) -> HttpResponse:
    """Instructions that are ready, chosen by one person for another to send."""
    viewer: Viewer = request.viewer
    if request.method == "POST" and viewer.may(Permission.SETTLE):
        told(
            request,
            lambda: actions.ask_payment(
                instruction_ids=request.POST.getlist("chosen"),
                reason=request.POST.get("reason", ""), maker=viewer, now=moment(),
            ),
            _("已提交复核，批准后按银行成文件发出。"),
        )  # fmt: skip
        return redirect("settle_pay")
    waiting = queries.asked_for("settlement.pay")
    rows = queries.instructions(viewer=viewer, state=PaymentState.READY).order_by("pk")
    return render(request, "console/settlement/queue.html", {
        "title": _("待发付款"),
        "note": _("一人选定提交，另一人批准后，按付款银行各成一个文件发出"),
        "heads": (_("参与方"), _("付款银行"), _("收款户名"), _("凭证号")),
        "rows": [
            {
                "name": row.instruction_id,
                "address": reverse("settle_payment", args=[row.instruction_id]),
                "cells": (row.party, row.bank_id, row.payee_name, row.voucher_no),
                "fen": row.amount_fen, "asked": waiting.get(row.instruction_id, ""),
            }
            for row in named(rows)
        ],
        "name": _("指令编号"),
        "button": _("提交付款"),
        "empty": _("没有待发出的付款指令"),
        "may_settle": viewer.may(Permission.SETTLE),
    })  # fmt: skip


@page(Permission.VIEW_STATEMENTS)
def payment(request: HttpRequest, instruction_id: str) -> HttpResponse:
    """One payment: what it pays down to the ledger's batches, and what became of it."""
    viewer: Viewer = request.viewer
    if request.method == "POST" and viewer.may(Permission.SETTLE):
        said = request.POST
        told(
            request,
            lambda: actions.ask_reinstruct(
                instruction_id=instruction_id, payee_account=said.get("account", ""),
                payee_name=said.get("name", ""), payee_bank=said.get("bank", ""),
                reason=said.get("reason", ""), maker=viewer, now=moment(),
            ),
            _("已提交复核，批准后生成新的付款指令。"),
        )  # fmt: skip
        return redirect("settle_payment", instruction_id=instruction_id)
    found = queries.explain_payment(instruction_id, viewer=viewer)
    row = found.instruction
    return render(request, "console/settlement/payment.html", {
        "title": _("付款指令"),
        "payment": row,
        "party": party_name(row.party_id),
        "account": account_text(row.payee_account),
        "state": PAYMENT_STATES[row.state],
        "state_css": PAYMENT_TAGS[row.state],
        "found": found,
        "lines": [
            {"statement_no": name, "line": line, "cause": CAUSES[line.cause], "batches": batches}
            for name, line, batches in found.lines
        ],
        "may_follow": viewer.may(Permission.VIEW_LEDGER),
        "may_reinstruct": row.state in OVER and viewer.may(Permission.SETTLE),
    })  # fmt: skip


@page(Permission.VIEW_SETTLEMENT)
def bank_days(request: HttpRequest) -> HttpResponse:
    """The banks' statements, newest first."""
    return show(request, BANK_DAYS)


@page(Permission.VIEW_SETTLEMENT)
def bank_lines(request: HttpRequest) -> HttpResponse:
    """The lines of the banks' statements with what they were matched with."""
    return show(request, BANK_LINES)


@page(Permission.VIEW_SETTLEMENT)
def exceptions(request: HttpRequest) -> HttpResponse:
    """Lines that the rule matches with nothing, and why."""
    return show(request, EXCEPTIONS)


@page(Permission.VIEW_SETTLEMENT)
def bank_line(request: HttpRequest, line_key: str) -> HttpResponse:
    """One line: its match, or what a person may match it with or explain it to."""
    viewer: Viewer = request.viewer
    if request.method == "POST" and viewer.may(Permission.SETTLE):
        return _settle_line(request, line_key)
    row = queries.bank_line(line_key, viewer=viewer)
    items = [] if row.match else queries.items_for(row)
    names = _families()
    return render(request, "console/settlement/bank_line.html", {
        "title": _("银行流水"),
        "row": row,
        "account": account_text(row.counter_account) if row.counter_account else "",
        "items": [{"item": item, "kind": ITEM_KINDS[item.kind]} for item in items],
        "matched": [] if row.match is None else [
            {"item": item, "kind": ITEM_KINDS[item.kind]} for item in row.match.items.all()
        ],
        "with_it": [] if row.match is None else list(row.match.lines.exclude(pk=row.pk)),
        "accounts": [(one, names.get(one, one))
                     for one in queries.parameter("explained_to", day_at(moment()))],
        "may_settle": viewer.may(Permission.SETTLE),
    })  # fmt: skip


def _settle_line(request: HttpRequest, line_key: str) -> HttpResponse:
    """Ask another person to match the line, or to explain it, as the form says."""
    said, viewer = request.POST, request.viewer
    if said.get("account"):
        told(
            request,
            lambda: actions.ask_explain(
                line_key=line_key, account=said["account"], reason=said.get("reason", ""),
                maker=viewer, now=moment(),
            ),
            _("已提交复核。"),
        )  # fmt: skip
    else:
        told(
            request,
            lambda: actions.ask_match(
                line_keys=[line_key, *said.get("more", "").split()],
                item_keys=said.getlist("chosen"), reason=said.get("reason", ""), maker=viewer,
                now=moment(),
            ),
            _("已提交复核。"),
        )  # fmt: skip
    return redirect("settle_bank_line", line_key=line_key)


@page(Permission.VIEW_SETTLEMENT)
def positions(request: HttpRequest) -> HttpResponse:
    """Each clear day with the ministry's centre: to receive, to pay, net."""
    return show(request, POSITIONS)


@page(Permission.VIEW_STATEMENTS)
def allotted(request: HttpRequest) -> HttpResponse:
    """Allotted against paid by a day, statement by statement, with the rate."""
    by = _by(ALLOTTED.filters(request))
    return show(
        request, ALLOTTED, template="console/settlement/allotted.html",
        told=queries.remittance(by, viewer=request.viewer),
    )  # fmt: skip


@page(Permission.VIEW_LEDGER)
def entries(request: HttpRequest) -> HttpResponse:
    """Entries of one family of accounts in a period."""
    return show(request, ENTRIES)


def _asked_day(request: HttpRequest, name: str) -> date | None:
    """A day that the address asks for; None where it is none."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


@page(Permission.VIEW_LEDGER)
def adding(request: HttpRequest) -> HttpResponse:
    """The page that adds up: collected − allotted = remitted + held + in dispute."""
    span = {name: _asked_day(request, name) for name in ("start", "end")}
    rows = queries.adding(viewer=request.viewer, **span)
    sums, names = queries.figures_of(rows), _families()
    left = sums["collected"] - sums["allotted"]
    right = sums["remitted"] + sums["held"] + sums["in_dispute"]
    query = "".join(f"&{name}={on}" for name, on in span.items() if on)
    return render(request, "console/settlement/adding.html", {
        "title": _("收付平衡"),
        "span": span,
        "sums": [(FIGURES[name], sums[name]) for name in queries.FIGURES],
        "left": left,
        "right": right,
        "parts": [
            {
                "figure": FIGURES[name], "fen": sums[name],
                "rows": [
                    {"row": row, "title": names[row.family],
                     "address": f"{reverse('settle_entries')}?family={row.family}"
                                f"&key={row.key_prefix}{query}"}
                    for row in rows if row.figure == name
                ],
            }
            for name in queries.FIGURES
        ],
    })  # fmt: skip
