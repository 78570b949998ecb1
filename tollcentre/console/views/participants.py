"""Pages of participants: parties, what was agreed with them, sections' owners, our accounts."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.formats import account_text
from tollcentre.participants import queries
from tollcentre.participants.terms import Agreement, PartyInfo, PartyKind

from ..days import today
from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page, reads_english
from ..words import (
    AGREEMENT_STATES,
    AGREEMENT_TAGS,
    CYCLES,
    MOMENTS,
    PARTY_KINDS,
    SETTLEMENT_MODELS,
)
from .passage import choices_of

Party = tuple[PartyInfo, Agreement | None]


def _names() -> dict[str, str]:
    """Party code → name in the reader's language."""
    english = reads_english()
    return {one.code: one.name_en if english else one.name_zh for one in queries.parties()}


def _day(filters: Filters) -> date | None:
    return date.fromisoformat(filters["day"]) if filters["day"] else None


def _parties(viewer: Viewer, filters: Filters) -> list[Party]:
    found = queries.party_rows(viewer=viewer, day=_day(filters) or today())
    return [row for row in found if filters["kind"] in ("", row[0].kind)]


def _state(row: Party) -> str:
    """Whether something is agreed; only of a road owner is it missed."""
    party, agreement = row
    if agreement is not None:
        return "agreed"
    return "missing" if party.kind is PartyKind.ROAD_OWNER else ""


PARTIES = Listing(
    name="parties",
    title=gettext_lazy("参与方"),
    note=gettext_lazy("没有协议的业主不能结算，在此列明"),
    fields=(
        SearchField("kind", gettext_lazy("类型"), "select", choices_of(PARTY_KINDS)),
        SearchField("day", gettext_lazy("日期"), "date", default=lambda: today().isoformat()),
    ),
    columns=(
        Column("code", gettext_lazy("编号"), Shown.CODE, value=lambda row: row[0].code),
        Column("kind", gettext_lazy("类型"), value=lambda row: row[0].kind, labels=PARTY_KINDS),
        Column("name", gettext_lazy("名称"),
               value=lambda row: row[0].name_en if reads_english() else row[0].name_zh),
        Column("state", gettext_lazy("协议"), value=_state, labels=AGREEMENT_STATES,
               tags=AGREEMENT_TAGS),
        Column("agreement_no", gettext_lazy("协议编号"), Shown.CODE,
               value=lambda row: row[1] and row[1].agreement_no,
               link=lambda row: row[1] and f"{reverse('agreements')}?party={row[0].code}"),
    ),
    page=lambda viewer, filters, number, size: slice_of(_parties(viewer, filters), number, size),
    rows=lambda viewer, filters: iter(_parties(viewer, filters)),
    count=lambda viewer, filters: len(_parties(viewer, filters)),
    size=50,
)  # fmt: skip


def _agreements(viewer: Viewer, filters: Filters) -> list[dict[str, Any]]:
    names, model, moment = _names(), filters["model"], filters["moment"]
    return [
        {"agreement": one, "party": names.get(one.party_id, one.party_id),
         "payer": names.get(one.payer_bank, one.payer_bank)}
        for one in queries.agreement_rows(viewer=viewer, day=_day(filters))
        if one.party_id.startswith(filters["party"]) and model in ("", one.model)
        and moment in ("", one.moment)
    ]  # fmt: skip


def _of(name: str) -> Any:
    """Reads a field of the row's agreement."""
    return lambda row: getattr(row["agreement"], name)


AGREEMENTS = Listing(
    name="agreements",
    title=gettext_lazy("结算协议"),
    note=gettext_lazy("自起始日起生效，直到同一参与方的下一份协议；填写日期只看当日有效的"),
    empty=gettext_lazy("没有协议。用 tollcentre parties import 导入。"),
    fields=(
        SearchField("party", gettext_lazy("参与方编号"), hint=gettext_lazy("编号或其开头")),
        SearchField("model", gettext_lazy("结算模式"), "select", choices_of(SETTLEMENT_MODELS)),
        SearchField("moment", gettext_lazy("权属时点"), "select", choices_of(MOMENTS)),
        SearchField("day", gettext_lazy("有效日"), "date"),
    ),
    columns=(
        Column("agreement_no", gettext_lazy("协议编号"), Shown.CODE, value=_of("agreement_no")),
        Column("party", gettext_lazy("参与方名称")),
        Column("party_id", gettext_lazy("参与方编号"), Shown.CODE, on=False, value=_of("party_id")),
        Column("from_day", gettext_lazy("起始日"), Shown.DAY, value=_of("from_day")),
        Column("cycle", gettext_lazy("结算周期"), value=_of("cycle"), labels=CYCLES),
        Column("lag_days", gettext_lazy("付款间隔（天）"), Shown.COUNT, value=_of("lag_days")),
        Column("model", gettext_lazy("结算模式"), value=_of("model"), labels=SETTLEMENT_MODELS),
        Column("moment", gettext_lazy("权属时点"), value=_of("moment"), labels=MOMENTS),
        Column("payee_name", gettext_lazy("收款户名"), value=_of("payee_name")),
        Column("payee_account", gettext_lazy("收款账号"), Shown.CODE,
               value=lambda row: account_text(row["agreement"].payee_account)),
        Column("payee_bank", gettext_lazy("收款银行"), on=False, value=_of("payee_bank")),
        Column("payer", gettext_lazy("付款银行")),
        Column("template", gettext_lazy("单据模板"), Shown.CODE, on=False, value=_of("template")),
        Column("signed_on", gettext_lazy("签订日"), Shown.DAY, on=False, value=_of("signed_on")),
        Column("source", gettext_lazy("来源"), on=False, value=_of("source")),
    ),
    page=lambda viewer, filters, number, size: slice_of(_agreements(viewer, filters), number, size),
    rows=lambda viewer, filters: iter(_agreements(viewer, filters)),
    count=lambda viewer, filters: len(_agreements(viewer, filters)),
    size=50,
)  # fmt: skip


def _sections(viewer: Viewer, filters: Filters) -> list[dict[str, Any]]:
    names = _names()
    found = queries.ownership_rows(
        viewer=viewer, section_id=filters["section"], owner_id=filters["owner"]
    )
    return [{**row, "owner": names.get(row["owner_id"], "")} for row in found.values()]


SECTIONS = Listing(
    name="sections",
    title=gettext_lazy("路段业主"),
    note=gettext_lazy("每行自其时刻起生效；移交按接手业主协议的权属时点拆分"),
    empty=gettext_lazy("没有登记的路段业主"),
    fields=(
        SearchField("section", gettext_lazy("路段编号"), hint=gettext_lazy("编号或其开头")),
        SearchField("owner", gettext_lazy("业主编号"), hint=gettext_lazy("编号或其开头")),
    ),
    columns=(
        Column("section_id", gettext_lazy("路段编号"), Shown.CODE),
        Column("owner_id", gettext_lazy("业主编号"), Shown.CODE,
               link=lambda row: f"{reverse('agreements')}?party={row['owner_id']}"),
        Column("owner", gettext_lazy("业主")),
        Column("from_time", gettext_lazy("自"), Shown.TIME),
        Column("source", gettext_lazy("来源")),
    ),
    page=lambda viewer, filters, number, size: slice_of(_sections(viewer, filters), number, size),
    rows=lambda viewer, filters: iter(_sections(viewer, filters)),
    count=lambda viewer, filters: len(_sections(viewer, filters)),
    size=50,
)  # fmt: skip


def _accounts(viewer: Viewer) -> list[dict[str, Any]]:
    names = _names()
    return [
        {"account": one, "bank": names.get(one.bank_id, one.bank_id)}
        for one in queries.account_rows(viewer=viewer)
    ]


ACCOUNTS = Listing(
    name="bank_accounts",
    title=gettext_lazy("本方银行账户"),
    note=gettext_lazy("账号只显示末四位"),
    empty=gettext_lazy("没有登记的银行账户"),
    columns=(
        Column("bank_id", gettext_lazy("编号"), Shown.CODE,
               value=lambda row: row["account"].bank_id),
        Column("bank", gettext_lazy("银行")),
        Column("account", gettext_lazy("账号"), Shown.CODE,
               value=lambda row: account_text(row["account"].account)),
        Column("name", gettext_lazy("户名"), value=lambda row: row["account"].name),
        Column("from_day", gettext_lazy("起始日"), Shown.DAY,
               value=lambda row: row["account"].from_day),
    ),
    page=lambda viewer, filters, number, size: slice_of(_accounts(viewer), number, size),
    rows=lambda viewer, filters: iter(_accounts(viewer)),
    count=lambda viewer, filters: len(_accounts(viewer)),
)  # fmt: skip


@page(Permission.VIEW_PARTIES)
def parties(request: HttpRequest) -> HttpResponse:
    """Every party, and whether something is agreed with it."""
    return show(request, PARTIES)


@page(Permission.VIEW_PARTIES)
def agreements(request: HttpRequest) -> HttpResponse:
    """What was agreed with whom, from which day on."""
    return show(request, AGREEMENTS)


@page(Permission.VIEW_PARTIES)
def sections(request: HttpRequest) -> HttpResponse:
    """Which section belongs to whom, since when."""
    return show(request, SECTIONS)


@page(Permission.VIEW_PARTIES)
def bank_accounts(request: HttpRequest) -> HttpResponse:
    """Our own accounts at banks."""
    return show(request, ACCOUNTS)
