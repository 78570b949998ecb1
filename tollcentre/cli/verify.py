"""`tollcentre verify [--json]`: re-check every law; exit 1 on the first that fails, naming it."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

import click
import duckdb

from tollcentre.access.queries import verify_trail
from tollcentre.clearing.queries import verify_uploads
from tollcentre.core.law import Law
from tollcentre.daily_run.queries import finished_runs, run_laws
from tollcentre.deposit.queries import verify_deposits
from tollcentre.dispute.queries import verify_disputes
from tollcentre.issuing.queries import customer_count, verify_issuing
from tollcentre.lake.queries import files, verify_files
from tollcentre.ledger.queries import verify_ledger
from tollcentre.messages.queries import key_collisions, landed_days, verify_messages
from tollcentre.parking.queries import verify_extension
from tollcentre.passage.queries import verify_decisions
from tollcentre.refund.queries import verify_refunds
from tollcentre.settlement.queries import verify_settlement

from .progress import Advance, shown_progress
from .serve import require_set_up

TITLES = {
    "ledger_batches_balance": ("每批借贷相等", "debits equal credits in every batch"),
    "ledger_debits_equal_credits": ("总借贷相等", "debits equal credits in all"),
    "ledger_accounts_in_chart": ("科目都在科目表中", "every account is in the chart"),
    "ledger_batches_say_what_was_posted": (
        "批次摘要与分录一致",
        "every batch's digest is that of its entries",
    ),
    "ledger_chain": ("账本哈希链完整", "the ledger's hash chain is whole"),
    "ledger_reversals_mirror": ("冲正与原批次互为镜像", "reversals mirror what they reverse"),
    "ledger_holds_are_open_posted_or_voided": (
        "每笔暂挂未结、已裁定或已撤销，只居其一",
        "every hold is open, posted or voided, exactly one",
    ),
    "ledger_closings_clear_their_holds": (
        "结案恰好结清其暂挂",
        "every closing clears its hold exactly",
    ),
    "ledger_hold_accounts_are_their_open_holds": (
        "暂挂科目余额 = 未结暂挂合计",
        "the balance of accounts for holds = the sum of open holds",
    ),
    "ledger_agrees_with_trail": ("账本与留痕一致", "the ledger agrees with the trail"),
    "trail_chain": ("留痕哈希链完整", "the trail's hash chain is whole"),
    "decided_paths_are_as_asked": (
        "复核决定与其审批、留痕一致",
        "decisions on paths are what was asked, approved and trailed",
    ),
    "messages_say_what_they_said": (
        "往来报文与收发时一致",
        "every message says what it said when it was sent or taken",
    ),
    "booked_messages_are_their_messages": (
        "已记账报文的笔数金额 = 原报文",
        "count and amount of a booked message = its message's",
    ),
    "disputes_are_what_was_not_confirmed": (
        "争议明细合计 = 记账结果的争议数",
        "disputed trades = what the booking result disputed",
    ),
    "disputed_money_is_held_until_ruled": (
        "争议款未裁定即暂挂，裁定后恰好结清",
        "disputed money is held until it is ruled, then posted or voided",
    ),
    "ministry_accounts_are_confirmed_trades": (
        "应收应付部中心 = 已确认 + 裁定应付 + 已统计的跨省分摊",
        "due from and to the ministry = confirmed + ruled payable + provinces' parts counted",
    ),
    "provinces_parts_are_what_was_counted": (
        "已转部中心的跨省分摊 = 部统计所列报文中的分摊",
        "provinces' parts booked = the parts in the messages that the statistics name",
    ),
    "own_rulings_are_what_was_approved": (
        "省内裁定与其审批一致",
        "rulings within the province are what was asked and approved",
    ),
    "uploads_are_their_messages": (
        "每批上报的记录与金额 = 其报文",
        "records and amount of an upload = its messages'",
    ),
    "records_went_up_once": (
        "上报的记录都已落湖，且只上报一次",
        "every record that went up had landed, and went up once",
    ),
    "ministry_holds_what_it_took": (
        "部中心已收的上报报文都在其对账清单中",
        "what the ministry took of uploads is in its holdings",
    ),
    "toll_change_lines_are_its_fee": (
        "退补费各方份额合计 = 退补金额",
        "the lines of a toll change = its fee",
    ),
    "refunds_are_within_what_was_paid": (
        "每笔通行的退费合计不超过已付金额",
        "the refunds of a passage are within what was paid",
    ),
    "toll_changes_are_posted_as_they_stand": (
        "退补费的记账与其状态一致",
        "toll changes are posted as they stand",
    ),
    "customers_are_credited_as_posted": (
        "客户入账与记账一致",
        "customers are credited as posted",
    ),
    "lane_payments_are_what_clearing_collected": (
        "车道现收合计 = 清分记入应收车道",
        "payments at lanes = what clearing debited the collector",
    ),
    "lane_cash_is_credited_waiting_or_short": (
        "班次现金 = 已入账 + 在途 + 短款",
        "a shift's cash = credited + on its way + short",
    ),
    "mobile_payments_are_matched_waiting_or_differ": (
        "移动支付 = 已对账 + 等待账单 + 有名差异",
        "mobile payments = matched + waiting for a bill + differing by name",
    ),
    "deposit_slips_and_orders_pay_once": (
        "每张缴款单、每笔订单只抵一次",
        "every slip and order pays once",
    ),
    "deposit_accounts_are_where_money_stands": (
        "缴存各科目余额 = 逐班次、逐账单之和",
        "the accounts of deposit = the sum over shifts and bills",
    ),
    "statements_are_their_windows_entries": (
        "结算单 = 其窗口内的分录，一笔分录只入一个窗口",
        "statements = the entries of their windows, each entry in one",
    ),
    "windows_follow_each_other": (
        "结算窗口首尾相接，锁定点只进不退",
        "windows follow each other without gap or overlap",
    ),
    "settled_is_released_less_paid": (
        "已结待付 = 已释放 − 已付",
        "settled and not paid = released − paid",
    ),
    "payments_are_paid_once": ("付款只付一次", "what is paid is paid once"),
    "vouchers_have_no_gap": ("凭证号逐年连续", "voucher numbers have no gap"),
    "bank_balance_is_its_statement": (
        "专户存款 = 银行流水期末余额",
        "the balance at a bank = what its statement closes at",
    ),
    "held_at_bank_is_unmatched": (
        "银行流水待核 = 未核对流水合计",
        "held at the bank = the lines that are not matched",
    ),
    "collected_less_allotted_adds_up": (
        "收取 − 划拨 = 解缴 + 留存 + 争议",
        "collected − allotted = remitted + held + in dispute",
    ),
    "extension_packs_are_their_trades": (
        "报文包 = 其交易 = 报文，已记账的 = 未争议的",
        "a pack = its trades = its message; booked = not disputed",
    ),
    "extension_disputes_are_held_until_ruled": (
        "拓展争议款未裁定即暂挂，裁定后恰好结清",
        "disputed money of providers is held until it is ruled, then posted or voided",
    ),
    "extension_accounts_are_confirmed_trades": (
        "应收拓展清分款、应付服务方 = 已确认 + 裁定应付",
        "due from the extension centre and to providers = confirmed + ruled payable",
    ),
    "media_are_their_vehicles": (
        "介质登记的车辆就是持有它的车辆",
        "a medium bears the vehicle that holds it",
    ),
    "held_media_are_open": ("在用介质都未注销", "no medium in use is cancelled"),
    "ended_media_are_cancelled": (
        "停用的介质在停用时注销",
        "a medium that is held no more was cancelled at that moment",
    ),
    "sealed_data_opens_to_its_digest": (
        "加密的客户资料都能解开，且与检索摘要一致",
        "sealed data of customers opens, and is what its digest was made of",
    ),
    "lake_files_present": ("登记的数据文件都在", "every registered lake file is there"),
    "lake_files_unchanged": ("数据文件摘要相符", "every lake file has its SHA-256"),
    "lake_files_row_counts": ("数据文件行数相符", "every lake file has its row count"),
    "keys_are_one_to_one": ("主键与标识一一对应", "interned keys are one to one with their ids"),
    "run_files_readable": ("运行结果可读", "the run's results can be read"),
    "collected_is_own_plus_others_plus_held": (
        "本省收取 = 本省单元 + 应付外省 + 留待复核",
        "collected here = own units + payable to other provinces + held in review",
    ),
    "receivable_from_provinces_is_own_units": (
        "外省出口：应收外省 = 本省单元",
        "exits elsewhere: receivable from the exit province = own units",
    ),
    "unit_shares_are_owner_shares": ("单元份额合计 = 业主份额合计", "unit shares = owner shares"),
    "unit_shares_are_passage_amounts": (
        "单元份额合计 = 通行金额合计",
        "unit shares = amounts of the passages",
    ),
    "pay_fee_is_fee_plus_discount": (
        "应收 = 实收 + 优惠",
        "pay_fee = fee + discount_fee",
    ),
    "posted_is_netted": ("逐科目已记账 = 已轧差", "posted = netted, account by account"),
}
"""What each law says, 中文 and English; a law of a run is `name:run_key`."""


@dataclass(frozen=True)
class Check:
    """One group of laws: its title, how many steps it takes if that is known, and the work."""

    title: str
    steps: Callable[[], int | None]
    laws: Callable[[Advance], Iterable[Law]]


def title_of(law: Law) -> tuple[str, str]:
    """What the law says, 中文 and English."""
    name, _, run_key = law.name.partition(":")
    zh, en = TITLES.get(name, (name, name))
    return (f"{zh}（{run_key}）", f"{en} ({run_key})") if run_key else (zh, en)


def _ledger(advance: Advance) -> Iterable[Law]:
    return verify_ledger(advance)


def _trail(advance: Advance) -> Iterable[Law]:
    return [verify_trail(advance)]


def _decisions(advance: Advance) -> Iterable[Law]:
    return [verify_decisions()]


def _messages(advance: Advance) -> Iterable[Law]:
    return verify_messages()


def _uploads(advance: Advance) -> Iterable[Law]:
    return verify_uploads()


def _disputes(advance: Advance) -> Iterable[Law]:
    return verify_disputes()


def _refunds(advance: Advance) -> Iterable[Law]:
    return verify_refunds()


def _deposits(advance: Advance) -> Iterable[Law]:
    return verify_deposits()


def _settlement(advance: Advance) -> Iterable[Law]:
    return verify_settlement()


def _extension(advance: Advance) -> Iterable[Law]:
    return verify_extension()


def _issuing(advance: Advance) -> Iterable[Law]:
    return verify_issuing(advance)


def _lake(advance: Advance) -> Iterable[Law]:
    return verify_files(advance)


def _runs(advance: Advance) -> Iterator[Law]:
    """The laws of every finished run: unit shares = owner shares = posted, and conservation."""
    for run_key in finished_runs():
        try:
            yield from run_laws(run_key)
        except (duckdb.Error, OSError) as error:
            line = str(error).partition("\n")[0]
            yield Law(f"run_files_readable:{run_key}", False, line)
        advance(1)


def _keys(advance: Advance) -> Iterator[Law]:
    """Interned keys are one to one with their ids, day by day of what has landed."""
    for day in sorted(landed_days()):
        found = key_collisions(day)
        detail = f"{found[0].column} {', '.join(found[0].ids)}" if found else str(day)
        yield Law(f"keys_are_one_to_one:{day}", not found, detail)
        advance(1)


CHECKS = (
    Check("账本 / ledger", lambda: None, _ledger),
    Check("留痕 / trail", lambda: None, _trail),
    Check("复核决定 / path decisions", lambda: None, _decisions),
    Check("报文 / messages", lambda: None, _messages),
    Check("争议 / disputes", lambda: None, _disputes),
    Check("上报 / uploads", lambda: None, _uploads),
    Check("退补费 / refunds", lambda: None, _refunds),
    Check("缴存 / deposits", lambda: None, _deposits),
    Check("结算 / settlement", lambda: None, _settlement),
    Check("拓展 / extension", lambda: None, _extension),
    Check("发行 / issuing", customer_count, _issuing),
    Check("数据湖 / lake", lambda: len(files()), _lake),
    Check("主键 / keys", lambda: len(landed_days()), _keys),
    Check("清分运行 / runs", lambda: len(finished_runs()), _runs),
)
"""Everything that is re-checked, in order; a new domain's laws are one more line here."""


def check_all(checks: Iterable[Check], told: Callable[[Law], None]) -> Law | None:
    """Tell every law as it is found to hold; stop at the first that fails and return it."""
    for check in checks:
        with shown_progress(check.title, check.steps()) as advance:
            for law in check.laws(advance):
                told(law)
                if not law.holds:
                    return law
    return None


@click.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 报告 / report as JSON")
def verify(as_json: bool) -> None:
    """核验：re-check every law of ledger, trail, lake and runs.

    Exits 0 where all hold; 1 on the first that fails, naming it; nothing is changed.
    """
    require_set_up()
    laws: list[Law] = []

    def told(law: Law) -> None:
        laws.append(law)
        if not as_json and law.holds:
            zh, en = title_of(law)
            click.echo(f"✓ {zh} / {en}" + (f"  [{law.detail}]" if law.detail else ""))

    failed = check_all(CHECKS, told)
    if as_json:
        click.echo(json.dumps(_answer(laws, failed), ensure_ascii=False))
    elif failed is None:
        click.echo(f"全部成立 / all {len(laws)} laws hold")
    if failed is not None:
        zh, en = title_of(failed)
        click.echo(f"tollcentre: {failed.name}: {zh} / {en}: {failed.detail}", err=True)
        sys.exit(1)


def _answer(laws: list[Law], failed: Law | None) -> dict[str, object]:
    told = []
    for law in laws:
        zh, en = title_of(law)
        told.append({**asdict(law), "zh": zh, "en": en})
    return {"holds": failed is None, "failed": failed.name if failed else None, "laws": told}
