"""`tollcentre settle …`: close windows, release statements, pay, match the bank's lines."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click

from tollcentre.access.actions import approve
from tollcentre.access.terms import SHELL_VIEWER, ApprovalInfo
from tollcentre.core.clock import day_of
from tollcentre.core.fen import fen_from_yuan
from tollcentre.core.formats import amount_text, share_text
from tollcentre.messages.actions import moment
from tollcentre.settlement import actions, queries

from .arguments import actor_name, viewer_named

JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer as JSON")
MAKER = click.option("--maker", required=True, help="经办人 / the user who asks")
CHECKER = click.option("--checker", required=True, help="复核人 / the other user, who allows it")
REASON = click.option("--reason", required=True, help="理由 / why")
DAY = click.DateTime(["%Y-%m-%d"])
STATES = ["carried", "drafted", "released", "paid"]


@click.group()
def settle() -> None:
    """结算、解缴：settle with owners, treasury, issuer and ministry; match the banks' lines."""


def _allow(asked: Iterable[ApprovalInfo], checker: str) -> None:
    """The second person approves what the first asked for, and it is done."""
    for one in asked:
        approve(approval_key=one.approval_key, checker=viewer_named(checker))
        actions.carry_out(one.approval_key, moment())
        click.echo(f"{one.approval_key} {one.subject}")


def _table(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Rows as JSON, or one line each."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for row in rows:
        click.echo("  ".join(
            amount_text(value) if name.endswith("fen") else str("—" if value is None else value)
            for name, value in row.items()
        ))  # fmt: skip


@settle.command("plan")
@JSON
def plan(as_json: bool) -> None:
    """结算窗口：windows that are not closed, and from which day they may be."""
    _table([asdict(one) for one in queries.windows_due(day_of(moment()))], as_json)


@settle.command("close")
@click.option("--party", "party_id", default="", help="只关一方的 / of one party only")
@click.option("--until", type=DAY, help="只关到该日为止的 / none that ends later")
def close(party_id: str, until: datetime | None) -> None:
    """关闭到期窗口：close what is due and draft its statements; done twice it changes nothing."""
    last = until.date() if until else None
    closed = actions.close_windows(now=moment(), actor=actor_name(), party_id=party_id, until=last)
    click.echo(f"已关闭 / closed: {closed}")


@settle.command("advance")
@JSON
def advance(as_json: bool) -> None:
    """夜间一轮：close what is due, settle agreed days, match lines, do what was approved."""
    made = asdict(actions.advance(moment()))
    click.echo(json.dumps(made) if as_json else "  ".join(f"{k} {n}" for k, n in made.items()))


@settle.command("statements")
@click.option("--state", type=click.Choice(STATES), default=None, help="状态 / state")
@click.option("--party", "party_id", default="", help="参与方编号 / party code")
@JSON
def statements(state: str | None, party_id: str, as_json: bool) -> None:
    """结算单：statements with what they come to and how far they are."""
    rows = queries.statements(viewer=SHELL_VIEWER, state=state or "", party_id=party_id)
    names = ("statement_no", "side", "state", "total_fen", "voucher_no", "released_on", "paid_on")
    _table([{name: getattr(row, name) for name in names} for row in rows], as_json)


@settle.command("statement")
@click.argument("statement_no")
@JSON
def statement(statement_no: str, as_json: bool) -> None:
    """结算单明细：one statement's lines, and the ledger's batches behind each."""
    row = queries.statement_row(statement_no, viewer=SHELL_VIEWER)
    rows = [
        {"clear_date": line.clear_date, "cause": line.cause.value, "fen": line.fen,
         "batches": [one.batch_key for one in batches]}
        for line, batches in queries.lines_with_movements(row)
    ]  # fmt: skip
    _table(rows, as_json)


@settle.command("release")
@click.argument("statement_nos", nargs=-1)
@MAKER
@CHECKER
@REASON
def release(statement_nos: tuple[str, ...], maker: str, checker: str, reason: str) -> None:
    """释放结算单：release drafted statements (all where none is named), by two persons."""
    names = list(statement_nos) or [
        row.statement_no
        for row in queries.statements(viewer=SHELL_VIEWER, state="drafted").filter(side="pay")
    ]
    if names:
        asked = actions.ask_release(
            statement_nos=names, reason=reason, maker=viewer_named(maker), now=moment()
        )
        _allow([asked], checker)


@settle.command("pay")
@click.argument("instruction_ids", nargs=-1)
@MAKER
@CHECKER
@REASON
def pay(instruction_ids: tuple[str, ...], maker: str, checker: str, reason: str) -> None:
    """付款：hand ready payments (all where none is named) to their banks, by two persons."""
    names = list(instruction_ids) or [
        row.instruction_id for row in queries.instructions(viewer=SHELL_VIEWER, state="ready")
    ]
    if names:
        asked = actions.ask_payment(
            instruction_ids=names, reason=reason, maker=viewer_named(maker), now=moment()
        )
        _allow(asked, checker)


@settle.command("reinstruct")
@click.argument("instruction_id")
@click.option("--account", required=True, help="收款账号 / payee's account")
@click.option("--name", "payee_name", required=True, help="收款户名 / payee")
@click.option("--bank", "payee_bank", required=True, help="收款银行 / payee's bank")
@MAKER
@CHECKER
@REASON
def reinstruct(
    instruction_id: str, account: str, payee_name: str, payee_bank: str, maker: str, checker: str,
    reason: str,
) -> None:  # fmt: skip
    """重发付款：pay anew what was refused or came back, by two persons."""
    asked = actions.ask_reinstruct(
        instruction_id=instruction_id, payee_account=account, payee_name=payee_name,
        payee_bank=payee_bank, reason=reason, maker=viewer_named(maker), now=moment(),
    )  # fmt: skip
    _allow([asked], checker)


@settle.command("payments")
@JSON
def payments(as_json: bool) -> None:
    """付款指令：payment instructions and where they stand."""
    names = ("instruction_id", "bank_id", "amount_fen", "state", "voucher_no")
    rows = queries.instructions(viewer=SHELL_VIEWER)
    _table([{name: getattr(row, name) for name in names} for row in rows], as_json)


@settle.command("explain")
@click.argument("instruction_id")
@JSON
def explain(instruction_id: str, as_json: bool) -> None:
    """付款来历：what a payment pays, down to the ledger's batches."""
    found = queries.explain_payment(instruction_id, viewer=SHELL_VIEWER)
    rows = [
        {"statement_no": name, "clear_date": line.clear_date, "cause": line.cause.value,
         "fen": line.fen, "batches": [one.batch_key for one in batches]}
        for name, line, batches in found.lines
    ]  # fmt: skip
    _table(rows, as_json)


@settle.command("opening")
@click.argument("bank_id")
@click.argument("day", type=DAY)
@click.argument("yuan")
def opening(bank_id: str, day: datetime, yuan: str) -> None:
    """期初余额：what stood at a bank on the day before its first statement, in yuan."""
    try:
        fen = fen_from_yuan(yuan)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="YUAN") from error
    actions.declare_opening(
        bank_id=bank_id, day=day.date(), fen=fen, actor=actor_name(), now=moment()
    )


@settle.command("banks")
@JSON
def banks(as_json: bool) -> None:
    """银行余额：the last statement taken of each bank, and what it closed at."""
    found = {
        row.bank_id: {"day": str(row.day), "closing_fen": row.closing_fen}
        for row in queries.bank_statements(viewer=SHELL_VIEWER).order_by("day")
    }
    if as_json:
        click.echo(json.dumps(found))
        return
    for bank_id, row in found.items():
        click.echo(f"{bank_id}  {row['day']}  {amount_text(row['closing_fen'])}")


@settle.command("exceptions")
@JSON
def exceptions(as_json: bool) -> None:
    """对账例外：lines of the banks that nothing matches, and why."""
    rows = [
        {"line": row.line_key, "day": row.statement.day, "fen": row.fen,
         "reference": row.reference, "why": why.value}
        for row, why in queries.unmatched(day_of(moment()))
    ]  # fmt: skip
    _table(rows, as_json)


@settle.command("positions")
@JSON
def positions(as_json: bool) -> None:
    """与部中心结算：each clear day with the ministry: to receive, to pay, net, and its state."""
    rows = [
        {"clear_date": one.clear_date, "receivable_fen": one.receivable_fen,
         "payable_fen": one.payable_fen, "net_fen": one.net_fen, "off_fen": one.off_fen,
         "state": one.state}
        for one in queries.positions()
    ]  # fmt: skip
    _table(rows, as_json)


@settle.command("status")
@click.option("--by", type=DAY, help="截至 / by which day")
@JSON
def status(by: datetime | None, as_json: bool) -> None:
    """收付平衡与解缴率：allotted against paid by a day, and the figures that add up."""
    day: date = by.date() if by else day_of(moment())
    told = queries.remittance(day, viewer=SHELL_VIEWER)
    figures = queries.figures_of(queries.adding(viewer=SHELL_VIEWER, end=day))
    if as_json:
        answer = figures | {"allotted_by": told.allotted_fen, "paid_by": told.paid_fen,
                            "rate_ppm": told.rate_ppm}  # fmt: skip
        click.echo(json.dumps(answer))
        return
    click.echo(f"解缴率 / remittance rate: {share_text(told.rate_ppm)}"
               f" ({amount_text(told.paid_fen)} / {amount_text(told.allotted_fen)})")  # fmt: skip
    for name, fen in figures.items():
        click.echo(f"{name:12} {amount_text(fen):>20}")
