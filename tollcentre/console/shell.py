"""The shell around every page: the tree menu as data, the breadcrumb, who is signed in."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tollcentre.access.terms import ROLE_TITLES, Permission, Role, Viewer

from .pages import reads_english


@dataclass(frozen=True)
class Entry:
    """One page of the menu; `also` are pages below it that have no entry of their own."""

    name: str
    title: Any
    needs: Permission | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """One branch of the menu."""

    title: Any
    icon: str
    entries: tuple[Entry, ...]


MENU = (
    Section(
        _("工作台"),
        "desk",
        (
            Entry("inbox", _("待办")),
            Entry("approvals", _("审批"), Permission.APPROVE, ("approval",)),
        ),
    ),
    Section(
        _("清分"),
        "day",
        (
            Entry("day", _("日看板"), Permission.VIEW_BOARD, ("day_of", "plan")),
            Entry("runs", _("清分运行"), Permission.VIEW_BOARD, ("run",)),
            Entry("review", _("复核队列"), Permission.REVIEW_PASSAGES),
            Entry("decisions", _("复核决定"), Permission.VIEW_PASSAGES),
            Entry("differences", _("差异"), Permission.VIEW_PASSAGES),
        ),
    ),
    Section(
        _("争议"),
        "dispute",
        (
            Entry("ageing", _("交易去向"), Permission.VIEW_DISPUTES),
            Entry("disputes", _("争议交易"), Permission.VIEW_DISPUTES),
            Entry("claims", _("拆分申诉"), Permission.VIEW_DISPUTES),
            Entry("statistics", _("清分统计对照"), Permission.VIEW_DISPUTES, ("statistics_of",)),
        ),
    ),
    Section(
        _("通行"),
        "pass",
        (Entry("passages", _("通行查询"), Permission.VIEW_PASSAGES, ("passage",)),),
    ),
    Section(
        _("报表"),
        "report",
        (Entry("statements", _("业主清分单"), Permission.VIEW_STATEMENTS, ("statement",)),),
    ),
    Section(
        _("账务"),
        "ledger",
        (
            Entry("trial_balance", _("试算平衡"), Permission.VIEW_LEDGER),
            Entry("account", _("科目明细"), Permission.VIEW_LEDGER),
            Entry("batches", _("记账批次"), Permission.VIEW_LEDGER, ("batch",)),
            Entry("holds", _("暂挂"), Permission.VIEW_STATEMENTS, ("hold",)),
        ),
    ),
    Section(
        _("路网与费率"),
        "network",
        (
            Entry("network_map", _("路网地图"), Permission.VIEW_NETWORK),
            Entry("network_versions", _("路网版本"), Permission.VIEW_NETWORK),
            Entry("tariff", _("费率试算"), Permission.VIEW_TARIFF),
        ),
    ),
    Section(
        _("采集"),
        "collect",
        (
            Entry("completeness", _("采集完整性"), Permission.VIEW_COMPLETENESS),
            Entry("quarantine", _("隔离区"), Permission.VIEW_COMPLETENESS),
            Entry("intake", _("接收批次"), Permission.VIEW_COMPLETENESS),
        ),
    ),
    Section(
        _("报文"),
        "exchange",
        (
            Entry("exchange_sent", _("发出报文"), Permission.VIEW_EXCHANGE, ("exchange_sent_one",)),
            Entry(
                "exchange_received",
                _("收到报文"),
                Permission.VIEW_EXCHANGE,
                ("exchange_received_one",),
            ),
            Entry("exchange_arrivals", _("到达与回执"), Permission.VIEW_EXCHANGE),
        ),
    ),
    Section(_("系统"), "system", (Entry("trail", _("操作留痕"), Permission.VIEW_TRAIL),)),
)


def _role(viewer: Viewer) -> str:
    titles = [ROLE_TITLES[role] for role in Role if role in viewer.roles]
    return (
        "、".join(zh for zh, _en in titles)
        if not reads_english()
        else ", ".join(en for _zh, en in titles)
    )


def _scope(viewer: Viewer) -> str:
    """Whose rows a road owner's reader sees; empty where every owner's."""
    if viewer.owner_ids is None:
        return ""
    return ", ".join(sorted(viewer.owner_ids)) or "—"


def context(request: HttpRequest) -> dict[str, Any]:
    """The template context of the shell; nothing for readers who are not signed in."""
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        return {}
    here = request.resolver_match.url_name if request.resolver_match else ""
    sections, crumbs = [], []
    for section in MENU:
        entries = []
        for entry in section.entries:
            if entry.needs is not None and not viewer.may(entry.needs):
                continue
            current = here == entry.name or here in entry.also
            entries.append({"title": entry.title, "address": reverse(entry.name), "here": current})
            if current:
                crumbs = [section.title, entry.title]
        if entries:
            sections.append({"title": section.title, "icon": section.icon, "entries": entries})
    return {
        "shell": {
            "sections": sections,
            "crumbs": crumbs,
            "folded": request.COOKIES.get("menu_folded") == "1",
            "person": request.user.get_full_name() or request.user.get_username(),
            "role": _role(viewer),
            "scope": _scope(viewer),
        }
    }
