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
        _("缴存"),
        "deposit",
        (
            Entry("deposits", _("缴存看板"), Permission.VIEW_DEPOSITS, ("deposit_payments",)),
            Entry("deposit_shifts", _("班次"), Permission.VIEW_DEPOSITS, ("deposit_shift",)),
            Entry("deposit_channels", _("渠道账单"), Permission.VIEW_CHANNELS, ("deposit_orders",)),
            Entry(
                "deposit_differences",
                _("缴存差异"),
                Permission.VIEW_DEPOSITS,
                ("deposit_difference",),
            ),
        ),
    ),
    Section(
        _("争议"),
        "dispute",
        (
            Entry("ageing", _("交易去向"), Permission.VIEW_DISPUTES),
            Entry("disputes", _("争议交易"), Permission.VIEW_DISPUTES, ("dispute",)),
            Entry("own_disputes", _("省内裁定"), Permission.VIEW_DISPUTES, ("import_rulings",)),
            Entry("liability", _("争议责任"), Permission.VIEW_DISPUTES),
            Entry("claims", _("拆分申诉"), Permission.VIEW_DISPUTES),
            Entry("statistics", _("清分统计对照"), Permission.VIEW_DISPUTES, ("statistics_of",)),
            Entry("cross_province", _("跨省往来"), Permission.VIEW_EXCHANGE),
        ),
    ),
    Section(
        _("结算"),
        "settlement",
        (
            Entry("settle_windows", _("结算窗口"), Permission.VIEW_SETTLEMENT),
            Entry("settle_release", _("待释放结算单"), Permission.VIEW_SETTLEMENT),
            Entry(
                "settle_statements",
                _("结算单"),
                Permission.VIEW_STATEMENTS,
                ("settle_statement", "settle_movements"),
            ),
            Entry("settle_contests", _("业主异议"), Permission.VIEW_STATEMENTS),
            Entry("settle_pay", _("待发付款"), Permission.VIEW_SETTLEMENT),
            Entry(
                "settle_payments", _("付款指令"), Permission.VIEW_STATEMENTS, ("settle_payment",)
            ),
            Entry(
                "settle_bank_days",
                _("银行流水"),
                Permission.VIEW_SETTLEMENT,
                ("settle_bank_lines", "settle_bank_line"),
            ),
            Entry("settle_exceptions", _("对账例外"), Permission.VIEW_SETTLEMENT),
            Entry("settle_positions", _("与部中心结算"), Permission.VIEW_SETTLEMENT),
            Entry("settle_allotted", _("已划拨与已付款"), Permission.VIEW_STATEMENTS),
            Entry("settle_adding", _("收付平衡"), Permission.VIEW_LEDGER, ("settle_entries",)),
        ),
    ),
    Section(
        _("退费补费"),
        "refund",
        (
            Entry("refunds_found", _("未诉先办"), Permission.VIEW_REFUNDS),
            Entry("refunds", _("退补费单"), Permission.VIEW_REFUNDS, ("refund", "refund_raise")),
            Entry("refund_credits", _("客户入账"), Permission.VIEW_REFUNDS),
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
        _("发行"),
        "card",
        (
            Entry("enrol", _("开户发行"), Permission.ISSUE, ("enrol_file",)),
            Entry("customers", _("客户"), Permission.VIEW_CUSTOMERS, ("customer",)),
            Entry(
                "vehicles",
                _("车辆与介质"),
                Permission.VIEW_CUSTOMERS,
                ("vehicle", "vehicle_change"),
            ),
            Entry("plate_checks", _("全国核验"), Permission.VIEW_CUSTOMERS),
            Entry("businesses", _("业务记录"), Permission.VIEW_CUSTOMERS, ("business",)),
        ),
    ),
    Section(
        _("参与方"),
        "parties",
        (
            Entry("parties", _("参与方"), Permission.VIEW_PARTIES),
            Entry("agreements", _("结算协议"), Permission.VIEW_PARTIES),
            Entry("sections", _("路段业主"), Permission.VIEW_PARTIES),
            Entry("bank_accounts", _("本方银行账户"), Permission.VIEW_PARTIES),
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
            Entry("sources", _("来源完整性"), Permission.VIEW_COMPLETENESS),
            Entry("requests", _("催补"), Permission.VIEW_COMPLETENESS),
            Entry("quarantine", _("隔离区"), Permission.VIEW_INTAKE),
            Entry("intake", _("接收批次"), Permission.VIEW_INTAKE),
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
            Entry("channel_notices", _("付款通知"), Permission.VIEW_EXCHANGE),
            Entry("channel_bills", _("渠道账单"), Permission.VIEW_EXCHANGE, ("channel_bill",)),
            Entry("exchange_peers", _("对端"), Permission.VIEW_EXCHANGE),
            Entry("upload_proof", _("上报核对"), Permission.VIEW_EXCHANGE),
        ),
    ),
    Section(
        _("拓展"),
        "collect",
        (
            Entry("extension_fates", _("拓展交易去向"), Permission.VIEW_EXCHANGE),
            Entry("extension_trades", _("拓展交易"), Permission.VIEW_EXCHANGE),
            Entry("extension_packs", _("报文包"), Permission.VIEW_EXCHANGE),
            Entry(
                "extension_statistics",
                _("拓展清分统计对照"),
                Permission.VIEW_EXCHANGE,
                ("extension_statistics_of",),
            ),
        ),
    ),
    Section(
        _("机构"),
        "parties",
        (
            Entry("units", _("机构"), Permission.VIEW_ORGANISATION),
            Entry("posts", _("岗位"), Permission.VIEW_ORGANISATION),
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
