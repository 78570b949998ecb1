"""`tollcentre refunds …`: tolls given back or paid afterwards, and the search for overcharges."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import click

from tollcentre.access.actions import approve
from tollcentre.access.terms import SHELL_VIEWER, Viewer
from tollcentre.core import formats
from tollcentre.core.refusal import Refusal
from tollcentre.daily_run.queries import latest_run
from tollcentre.daily_run.terms import RunInfo
from tollcentre.messages.actions import moment
from tollcentre.refund import actions, queries
from tollcentre.refund.terms import ChangeCause, ChangeKind, ChangeState, InvoiceFlag
from tollcentre.reporting.terms import DAY_NOT_CLEARED

from .arguments import DAY, actor_name

JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer as JSON")
REASON = click.option("--reason", required=True, help="理由 / the reason")
STATE = click.option(
    "--state", type=click.Choice([state.value for state in ChangeState]), default=None,
    help="状态 / state",
)  # fmt: skip
ROW = ("change_id", "kind", "cause", "route", "state", "pass_id", "transaction_id", "issuer_id",
       "original_fee", "fee", "passage_day", "clear_date", "since", "raised_by")  # fmt: skip


@click.group()
def refunds() -> None:
    """退费补费：tolls given back or paid afterwards, by the original split."""


@refunds.command("list")
@STATE
@JSON
def list_(state: str | None, as_json: bool) -> None:
    """退补费单：every change, newest first."""
    found = queries.changes(viewer=SHELL_VIEWER, state=state or "")
    for row in found.iterator(chunk_size=2_000):
        told = {name: getattr(row, name) for name in ROW}
        if as_json:
            click.echo(json.dumps(told, ensure_ascii=False, default=str))
        else:
            click.echo(f"{row.change_id} {row.kind:10} {row.cause:16} {row.state:10}"
                       f" {formats.amount_text(row.fee):>12} {row.pass_id}")  # fmt: skip


@refunds.command("sums")
@JSON
def sums(as_json: bool) -> None:
    """退补费汇总：changes by kind and state; what our issuer made of others' changes."""
    told = {
        "changes": [asdict(row) for row in queries.state_sums()],
        "credits": [asdict(row) for row in queries.credit_sums()],
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    for rows in told.values():
        for row in rows:
            click.echo("  ".join(formats.amount_text(value) if name == "fee" else str(value)
                                 for name, value in row.items()))  # fmt: skip


@refunds.command("find")
@click.argument("day", type=DAY)
@JSON
def find(day: date, as_json: bool) -> None:
    """未诉先办：draft a refund of every overcharge of a cleared day; twice changes nothing."""
    run = run_of(day)
    report = actions.draft_refunds(
        run_key=run.run_key, day=day, version=run.network_version, now=moment()
    )
    if as_json:
        click.echo(json.dumps(asdict(report), default=str))
        return
    click.echo(f"{report.run_key}: 多收 overcharges {report.found:,}"
               f" {formats.amount_text(report.fee)}  新拟 drafted {report.drafted:,}"
               f"  撤回 withdrawn {report.withdrawn:,}")  # fmt: skip


@refunds.command("raise")
@click.argument("day", type=DAY)
@click.argument("pass_id")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in ChangeKind]),
    default=ChangeKind.REFUND.value,
)
@click.option(
    "--cause",
    type=click.Choice([cause.value for cause in ChangeCause]),
    default=ChangeCause.COMPLAINT.value,
)
@click.option("--fee", type=int, required=True, help="分 / fen")
@click.option("--invoiced", is_flag=True, help="已开票 / an invoice was issued")
@REASON
def raise_(
    day: date, pass_id: str, kind: str, cause: str, fee: int, invoiced: bool, reason: str
) -> None:  # fmt: skip
    """提出退补费：raise a change of a cleared passage, for a second person to approve."""
    run = run_of(day)
    made = actions.raise_change(
        run_key=run.run_key, day=day, version=run.network_version, pass_id=pass_id,
        kind=ChangeKind(kind), cause=ChangeCause(cause), fee=fee, reason=reason, maker=_shell(),
        now=moment(),
        invoice_flag=InvoiceFlag.ISSUED if invoiced else InvoiceFlag.NOT_ISSUED,
    )  # fmt: skip
    click.echo(made.change_id)


@refunds.command("propose")
@click.argument("change_ids", nargs=-1)
@REASON
def propose(change_ids: Sequence[str], reason: str) -> None:
    """送审：accept drafts for approval; all of the engine's where none is named."""
    wanted = change_ids or [row.change_id for row in queries.changes_in(ChangeState.DRAFTED)]
    actions.propose(change_ids=wanted, reason=reason, maker=_shell(), now=moment())
    click.echo(len(wanted))


@refunds.command("approve")
@click.argument("change_ids", nargs=-1)
@click.option("--as", "checker", required=True, help="复核人 / who approves, not who proposed")
def approve_(change_ids: Sequence[str], checker: str) -> None:
    """批准：approve proposed changes as a second person; all of them where none is named."""
    wanted = change_ids or [row.change_id for row in queries.changes_in(ChangeState.PROPOSED)]
    viewer = Viewer(checker, SHELL_VIEWER.roles, None)
    for change_id in wanted:
        approve(approval_key=actions.approval_key(change_id), checker=viewer)
    actions.carry_out(moment())
    click.echo(len(wanted))


def _shell() -> Viewer:
    """Who works at the command line, under the own name."""
    return Viewer(actor_name(), SHELL_VIEWER.roles, None)


def run_of(day: date) -> RunInfo:
    """The run that stands of a day; Refusal where it was not cleared."""
    run = latest_run(day)
    if run is None:
        raise Refusal(DAY_NOT_CLEARED, "day", day=day)
    return run
