"""Pages of the ledger: trial balance, account statement, batches, holds."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import Permission, Viewer
from tollcentre.ledger import queries
from tollcentre.ledger.terms import Balance, StatementLine

from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, Slice, show, slice_of
from ..pages import page, reads_english
from ..words import ACCOUNT_KINDS, HOLD_STATES, HOLD_TAGS, MEDIA_TYPES


def day_of(filters: Filters, name: str) -> date | None:
    """The day of a search field, None where it is empty."""
    return date.fromisoformat(filters[name]) if filters[name] else None


def _name(row: Balance) -> str:
    return row.en if reads_english() else row.zh


def _balances(viewer: Viewer, filters: Filters) -> list[Balance]:
    found = queries.trial_balance(day_of(filters, "at"), viewer=viewer).rows
    wanted = filters["account"].casefold()
    return [row for row in found if wanted in row.account.casefold() or wanted in _name(row)]


TRIAL_BALANCE = Listing(
    name="trial_balance",
    title=gettext_lazy("试算平衡"),
    size=50,
    empty=gettext_lazy("还没有记账"),
    fields=(
        SearchField("at", gettext_lazy("截至清分日"), "date"),
        SearchField("account", gettext_lazy("科目"), hint=gettext_lazy("编号或名称")),
    ),
    columns=(
        Column(
            "account",
            gettext_lazy("科目"),
            Shown.CODE,
            link=lambda row: f"{reverse('account')}?account={row.account}",
        ),
        Column("name", gettext_lazy("名称"), value=_name),
        Column("kind", gettext_lazy("类别"), labels=ACCOUNT_KINDS),
        Column("debit_fen", gettext_lazy("借方合计"), Shown.AMOUNT),
        Column("credit_fen", gettext_lazy("贷方合计"), Shown.AMOUNT),
        Column("balance_fen", gettext_lazy("余额"), Shown.AMOUNT),
    ),
    page=lambda viewer, filters, number, size: slice_of(_balances(viewer, filters), number, size),
    rows=_balances,
)


def _lines(viewer: Viewer, filters: Filters) -> list[StatementLine]:
    if not filters["account"]:
        return []
    found = queries.account_statement(
        filters["account"],
        viewer=viewer,
        start=day_of(filters, "start"),
        end=day_of(filters, "end"),
    )
    return list(found.lines)


def _accounts(viewer: Viewer) -> list[tuple[str, Any]]:
    found = [
        (row.account, f"{row.account} {_name(row)}") for row in queries.accounts(viewer=viewer)
    ]
    return [("", gettext_lazy("请选择科目")), *found]


ACCOUNT = Listing(
    name="account",
    title=gettext_lazy("科目明细"),
    size=50,
    empty=gettext_lazy("选一个科目看明细；这一段时间没有记账时也为空。"),
    fields=(
        SearchField("account", gettext_lazy("科目"), "select", choices=_accounts),
        SearchField("start", gettext_lazy("清分日自"), "date"),
        SearchField("end", gettext_lazy("至"), "date"),
    ),
    columns=(
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
        Column(
            "batch_key",
            gettext_lazy("记账批次"),
            Shown.CODE,
            link=lambda row: f"{reverse('batch')}?batch={row.batch_key}",
        ),
        Column("issuer_id", gettext_lazy("发行方"), Shown.CODE),
        Column("province", gettext_lazy("收费省份"), Shown.CODE),
        Column("party_id", gettext_lazy("往来方"), Shown.CODE),
        Column("media_type", gettext_lazy("介质"), labels={0: "—", **MEDIA_TYPES}),
        Column("owner_id", gettext_lazy("业主编号"), Shown.CODE, on=False),
        Column("debit_fen", gettext_lazy("借方"), Shown.AMOUNT),
        Column("credit_fen", gettext_lazy("贷方"), Shown.AMOUNT),
        Column("balance_fen", gettext_lazy("余额"), Shown.AMOUNT),
        Column("memo", gettext_lazy("摘要"), on=False),
        Column("posted_at", gettext_lazy("记账时间"), Shown.TIME),
    ),
    page=lambda viewer, filters, number, size: slice_of(_lines(viewer, filters), number, size),
    rows=_lines,
)
BATCHES = Listing(
    name="batches",
    title=gettext_lazy("记账批次"),
    empty=gettext_lazy("还没有记账"),
    fields=(SearchField("day", gettext_lazy("清分日"), "date"),),
    columns=(
        Column("seq", gettext_lazy("序号"), Shown.COUNT),
        Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
        Column(
            "batch_key",
            gettext_lazy("记账批次"),
            Shown.CODE,
            link=lambda row: f"{reverse('batch')}?batch={row.batch_key}",
        ),
        Column("line_count", gettext_lazy("笔数"), Shown.COUNT),
        Column("total_fen", gettext_lazy("借贷各计"), Shown.AMOUNT),
        Column(
            "reverses",
            gettext_lazy("冲正"),
            Shown.CODE,
            value=lambda row: row.reverses.batch_key if row.reverses else "",
        ),
        Column("memo", gettext_lazy("摘要")),
        Column("actor", gettext_lazy("操作人")),
        Column("posted_at", gettext_lazy("记账时间"), Shown.TIME),
        Column("hash", gettext_lazy("链值"), Shown.CODE, on=False),
    ),
    page=lambda viewer, filters, number, size: slice_of(_batches(viewer, filters), number, size),
    rows=lambda viewer, filters: _batches(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _batches(viewer, filters).count(),
)
BATCH = Listing(
    name="batch",
    title=gettext_lazy("批次分录"),
    size=50,
    empty=gettext_lazy("没有这一批次的分录"),
    fields=(SearchField("batch", gettext_lazy("记账批次")),),
    columns=(
        Column("line_no", gettext_lazy("行"), Shown.COUNT),
        Column(
            "account",
            gettext_lazy("科目"),
            Shown.CODE,
            value=lambda row: row.account.code,
            link=lambda row: f"{reverse('account')}?account={row.account.code}",
        ),
        Column("owner_id", gettext_lazy("业主编号"), Shown.CODE),
        Column("issuer_id", gettext_lazy("发行方"), Shown.CODE),
        Column("province", gettext_lazy("收费省份"), Shown.CODE),
        Column("party_id", gettext_lazy("往来方"), Shown.CODE),
        Column("media_type", gettext_lazy("介质"), labels={0: "—", **MEDIA_TYPES}),
        Column("debit_fen", gettext_lazy("借方"), Shown.AMOUNT),
        Column("credit_fen", gettext_lazy("贷方"), Shown.AMOUNT),
    ),
    page=lambda viewer, filters, number, size: _batch_page(viewer, filters, number, size),
    rows=lambda viewer, filters: _entries(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _entries(viewer, filters).count(),
)


HOLDS = Listing(
    name="holds",
    title=gettext_lazy("暂挂"),
    note=gettext_lazy("有争议的钱：未结、已裁定或已撤销，只居其一"),
    empty=gettext_lazy("没有符合条件的暂挂"),
    fields=(
        SearchField("hold", gettext_lazy("暂挂编号")),
        SearchField(
            "state",
            gettext_lazy("状态"),
            "select",
            choices=lambda viewer: [("", gettext_lazy("全部")), *HOLD_STATES.items()],
        ),
        SearchField("start", gettext_lazy("开立清分日自"), "date"),
        SearchField("end", gettext_lazy("至"), "date"),
    ),
    columns=(
        Column(
            "hold_key",
            gettext_lazy("暂挂编号"),
            Shown.CODE,
            link=lambda row: reverse("hold", args=[row.hold_key]),
        ),
        Column("state", gettext_lazy("状态"), labels=HOLD_STATES, tags=HOLD_TAGS),
        Column(
            "opened_on",
            gettext_lazy("开立清分日"),
            Shown.DAY,
            value=lambda row: row.opened.clear_date,
        ),
        Column("receivable_fen", gettext_lazy("暂挂应收"), Shown.AMOUNT),
        Column("payable_fen", gettext_lazy("暂挂应付"), Shown.AMOUNT),
        Column("memo", gettext_lazy("摘要"), value=lambda row: row.opened.memo),
        Column("opened_by", gettext_lazy("开立人"), value=lambda row: row.opened.actor, on=False),
        Column(
            "opened_at",
            gettext_lazy("开立时间"),
            Shown.TIME,
            value=lambda row: row.opened.posted_at,
            on=False,
        ),
        Column(
            "closed_on",
            gettext_lazy("结案清分日"),
            Shown.DAY,
            value=lambda row: _closing(row, "clear_date"),
        ),
        Column("reason", gettext_lazy("理由"), value=lambda row: _closing(row, "memo")),
        Column("closed_by", gettext_lazy("结案人"), value=lambda row: _closing(row, "actor")),
        Column(
            "closed_at",
            gettext_lazy("结案时间"),
            Shown.TIME,
            value=lambda row: _closing(row, "posted_at"),
            on=False,
        ),
    ),
    page=lambda viewer, filters, number, size: slice_of(_holds(viewer, filters), number, size),
    rows=lambda viewer, filters: _holds(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _holds(viewer, filters).count(),
)
HOLD_COLUMNS = (
    Column("clear_date", gettext_lazy("清分日"), Shown.DAY),
    Column(
        "batch_key", gettext_lazy("记账批次"), Shown.CODE, value=lambda row: row.batch.batch_key
    ),
    Column("account", gettext_lazy("科目"), Shown.CODE, value=lambda row: row.account.code),
    *BATCH.without("line_no", "account").columns,
)


def _entries_of_hold(hold_key: str) -> Listing:
    """The list of the entries that opened and closed one hold."""
    return Listing(
        name="hold",
        title=gettext_lazy("暂挂分录"),
        size=50,
        columns=HOLD_COLUMNS,
        page=lambda viewer, filters, number, size: slice_of(
            queries.hold_entries(hold_key, viewer=viewer), number, size
        ),
        rows=lambda viewer, filters: queries.hold_entries(hold_key, viewer=viewer).iterator(),
    )


def _closing(row: Any, name: str) -> Any:
    """What the batch that closed the hold says; None while it is open."""
    closing = getattr(row, "closing", None)
    return None if closing is None else getattr(closing.batch, name)


def _holds(viewer: Viewer, filters: Filters) -> Any:
    return queries.holds(
        viewer=viewer,
        state=filters["state"],
        hold_key=filters["hold"],
        start=day_of(filters, "start"),
        end=day_of(filters, "end"),
    )


def _batches(viewer: Viewer, filters: Filters) -> Any:
    return queries.batches(viewer=viewer, day=day_of(filters, "day"))


def _entries(viewer: Viewer, filters: Filters) -> Any:
    return queries.entries_of(filters["batch"], viewer=viewer)


def _batch_page(viewer: Viewer, filters: Filters, number: int, size: int) -> Slice:
    return slice_of(_entries(viewer, filters), number, size)


@page(Permission.VIEW_LEDGER)
def trial_balance(request: HttpRequest) -> HttpResponse:
    """Every posted account's sums; debits equal credits over the whole ledger."""
    viewer: Viewer = request.viewer
    at = day_of(TRIAL_BALANCE.filters(request), "at")
    return show(
        request,
        TRIAL_BALANCE,
        template="console/ledger/trial_balance.html",
        whole=queries.trial_balance(at, viewer=viewer),
    )


@page(Permission.VIEW_LEDGER)
def account(request: HttpRequest) -> HttpResponse:
    """One account's entries with the running balance."""
    return show(request, ACCOUNT)


@page(Permission.VIEW_LEDGER)
def batches(request: HttpRequest) -> HttpResponse:
    """Posting batches, newest first."""
    return show(request, BATCHES)


@page(Permission.VIEW_LEDGER)
def batch(request: HttpRequest) -> HttpResponse:
    """The entries of one batch."""
    return show(request, BATCH)


@page(Permission.VIEW_STATEMENTS)
def holds(request: HttpRequest) -> HttpResponse:
    """Money in dispute, the newest hold first; a road owner sees what is held of their own."""
    viewer: Viewer = request.viewer
    return show(request, HOLDS if viewer.owner_ids is None else HOLDS.without("receivable_fen"))


@page(Permission.VIEW_STATEMENTS)
def hold(request: HttpRequest, hold_key: str) -> HttpResponse:
    """One hold: where it stands, and the entries that opened and closed it."""
    found = queries.hold(hold_key, viewer=request.viewer)
    return show(
        request,
        _entries_of_hold(hold_key),
        template="console/ledger/hold.html",
        hold=found,
        state=HOLD_STATES[found.state],
        tag=HOLD_TAGS[found.state],
    )
