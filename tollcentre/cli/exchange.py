"""`tollcentre exchange …`: exchange messages with the ministry's centre."""

import json
import time
from dataclasses import asdict
from pathlib import Path

import click

from tollcentre.clearing.queries import split_claims, statistic_days
from tollcentre.core import formats
from tollcentre.dispute.queries import compared, fates
from tollcentre.gateway import exchange as gateway
from tollcentre.messages import actions
from tollcentre.messages import queries as messages

from .arguments import actor_name

JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer as JSON")
NEW_TOKEN = "对端须出示的令牌，只显示一次 / the token that the peer is to show us, told this once"


@click.group()
def exchange() -> None:
    """中心间报文：exchange messages with the ministry's centre; docs/exchange.md says how."""


@exchange.command("peer")
@click.argument("code")
@click.option("--address", required=True, help="对端地址 / where the peer listens")
@click.option("--own", "own_code", default="", help="本方编号 / as whom we speak to it")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="对端给我方的令牌文件 / file with the token that the peer gave us",
)
@click.option("--move", is_flag=True, help="只改地址 / the peer listens elsewhere from now on")
def peer(code: str, address: str, own_code: str, token_file: Path | None, move: bool) -> None:
    """登记对端中心：register a centre; prints the token that it is to show us, this once."""
    if token_file is not None:
        path = gateway.token_path(code)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(token_file.read_text(encoding="utf-8").strip() + "\n", encoding="utf-8")
    if move:
        actions.move_peer(code=code, address=address, actor=actor_name())
        return
    if not own_code:
        raise click.UsageError("缺少 --own / --own is missing")
    click.echo(
        actions.add_peer(
            code=code, own_code=own_code, address=address, actor=actor_name(), now=actions.moment()
        )
    )


@exchange.command("run")
@click.option("--once", is_flag=True, help="只做一轮 / one turn only")
@click.option("--every", default=5.0, show_default=True, help="秒 / seconds between turns")
@JSON
def run(once: bool, every: float, as_json: bool) -> None:
    """收发报文：queue what is due to go up, act on what came, send; until Ctrl-C."""
    with gateway.client() as carrier:
        while True:
            made = gateway.turn(actions.moment(), carrier)
            if as_json:
                click.echo(json.dumps(asdict(made)))
            elif made or once:
                click.echo(_told(made))
            if once:
                return
            time.sleep(every)


def _told(made: gateway.Turn) -> str:
    names = {"queued": "新报文 queued", "sent": "已送达 sent", "refused": "被拒 refused",
             "unknown": "未知 not known", "done": "已处理 done", "waiting": "等待 waiting",
             "failed": "出错 failed"}  # fmt: skip
    return "  ".join(f"{names[name]} {count:,}" for name, count in asdict(made).items())


@exchange.command("status")
@JSON
def status(as_json: bool) -> None:
    """收发情况：how many messages of each kind stand where."""
    found = messages.exchange_counts()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for way, kinds in found.items():
        for kind, states in kinds.items():
            for state, (count, amount) in states.items():
                click.echo(f"{way:9} {kind:22} {state:8} {count:>8,} {amount:>20,}")


@exchange.command("fates")
@JSON
def fates_(as_json: bool) -> None:
    """交易去向：what has become of every electronic trade, and whom it waits on."""
    rows = fates()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, default=str))
        return
    for row in rows:
        click.echo(f"{row.direction:7} {row.fate:10} {row.waits_on:8} {row.since or '—'!s:10}"
                   f" {row.count:>9,} {formats.amount_text(row.fee):>18}")  # fmt: skip


@exchange.command("claims")
@JSON
def claims(as_json: bool) -> None:
    """拆分申诉：journeys that the ministry split otherwise than we did, a claim each."""
    rows = split_claims()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, default=str))
        return
    for row in rows:
        amounts = (f"{formats.amount_text(fen):>14}" for fen in
                   (row.our_fee, row.their_fee, row.claimed))  # fmt: skip
        click.echo(f"{row.clear_date} {row.pass_id:36} {row.toll_province} {' '.join(amounts)}")


@exchange.command("statistics")
@JSON
def statistics(as_json: bool) -> None:
    """清分统计对照：each clear day by counterparty, our figure and the ministry's."""
    told = {str(day): [asdict(row) for row in compared(day)] for day in statistic_days()}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for day, rows in told.items():
        for row in rows:
            off = row["their_fee"] - row["our_fee"]
            click.echo(f"{day} {row['side']:10} {row['party']:8} {row['our_count']:>8,}"
                       f" {formats.amount_text(row['our_fee']):>18}"
                       f" {formats.amount_text(row['their_fee']):>18}"
                       f" {formats.amount_text(off) if off else '='}")  # fmt: skip
