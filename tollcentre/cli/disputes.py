"""`tollcentre disputes …`: rulings within the province by workbook, evidence, who was liable."""

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import click

from tollcentre.access.terms import SHELL_VIEWER, Viewer
from tollcentre.core import formats
from tollcentre.dispute import actions, queries
from tollcentre.dispute.terms import Direction, Result
from tollcentre.messages.actions import moment

from .arguments import actor_name

JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer as JSON")
SIDES = (Direction.TOLL.value, Direction.ISSUER.value)
POSITIONS = {"pay": Result.PAY, "bad-debt": Result.BAD_DEBT}


@click.group()
def disputes() -> None:
    """争议：rule disputes within the province, give evidence on the others."""


def _maker() -> Viewer:
    return replace(SHELL_VIEWER, name=actor_name())


@disputes.command("list")
@click.option("--direction", default="", help="toll, issuer, local")
@click.option("--state", default="", help="open, paid, bad_debt")
@JSON
def list_(direction: str, state: str, as_json: bool) -> None:
    """列出争议：disputed trades, newest first."""
    rows = queries.disputes(viewer=_maker(), direction=direction, state=state)
    told = [
        {"transaction_id": row.transaction_id, "direction": row.direction, "reason": row.reason,
         "fee": row.fee, "opened_on": str(row.opened_on),
         "result": row.ruling.result if hasattr(row, "ruling") else None}
        for row in rows.iterator(chunk_size=2_000)
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for one in told:
        result = "—" if one["result"] is None else one["result"]
        named = f"{one['opened_on']} {one['direction']:6} {one['transaction_id']:40}"
        click.echo(f"{named} {one['reason']:>3} {result} {formats.amount_text(one['fee']):>16}")


@disputes.command("export")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--reason", default="", help="只要某一原因 / of one reason only")
def export(out: Path, reason: str) -> None:
    """导出待裁定：write the open disputes within the province as a workbook to fill in."""
    out.write_bytes(queries.rulings_workbook(viewer=_maker(), reason=reason))
    click.echo(str(out))


@disputes.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--reason", default="", help="申请理由 / why they are asked for")
@click.option("--errors", type=click.Path(path_type=Path, dir_okay=False),
              help="错误清单工作簿 / write what is wrong as a workbook")  # fmt: skip
@JSON
def import_(file: Path, reason: str, errors: Path | None, as_json: bool) -> None:
    """导入裁定：ask for the rulings of a filled-in workbook, to be approved by another person.

    Where a row is wrong, nothing is asked for, each fault is told, and the exit status is 2.
    """
    told = actions.import_rulings(
        content=file.read_bytes(), maker=_maker(), now=moment(), reason=reason
    )
    if not isinstance(told, list):
        detail = {"approval_key": told.approval_key, **told.detail}
        click.echo(json.dumps(detail, ensure_ascii=False) if as_json else
                   f"{told.approval_key}: {told.detail['count']:,}")  # fmt: skip
        return
    if errors is not None:
        errors.write_bytes(queries.faults_workbook(told))
    for fault in told:
        click.echo(f"第 {fault.line} 行 / line {fault.line}: {fault.refusal.text()}", err=True)
    sys.exit(2)


@disputes.command("submit")
@click.option("--direction", type=click.Choice(list(SIDES)), required=True,
              help="哪一侧 / on which side's disputes")  # fmt: skip
@click.option("--position", type=click.Choice(list(POSITIONS)), required=True,
              help="立场 / what we hold of them")  # fmt: skip
@click.option("--grounds", required=True, help="理由 / why")
@JSON
def submit(direction: str, position: str, grounds: str, as_json: bool) -> None:
    """举证：freeze and send what we know of every open dispute that we have said nothing of."""
    found = [row.pk for row in queries.disputes_without_evidence() if row.direction == direction]
    count = actions.submit_evidence(
        disputes=found, position=POSITIONS[position], grounds=grounds, maker=_maker(),
        now=moment(),
    ) if found else 0  # fmt: skip
    click.echo(json.dumps({"submitted": count}) if as_json else f"已举证 / submitted {count:,}")


@disputes.command("liability")
@JSON
def liability(as_json: bool) -> None:
    """争议责任：disputes within the province by who was liable and why."""
    rows = queries.liability()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return
    for row in rows:
        who = f"{row.liable:8} {row.liable_code:16} {row.reason:>3} {row.result} {row.source:8}"
        click.echo(f"{who} {row.count:>9,} {formats.amount_text(row.fee):>18}")  # fmt: skip
