"""`tollcentre parking …`: service providers, their trades, and what became of them."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from tollcentre.core import formats
from tollcentre.gateway.bodies import parsed
from tollcentre.messages.actions import moment
from tollcentre.parking import actions, queries

from .arguments import actor_name

JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer as JSON")


@click.group()
def parking() -> None:
    """ETC 拓展：trades of car parks and other service providers, sent in packs.

    docs/exchange.md says how; `tollcentre exchange run` packs and sends.
    """


@parking.command("provider")
@click.argument("code", metavar="CODE16HEX")
@click.option("--name", required=True, help="服务方名称 / its name")
def provider(code: str, name: str) -> None:
    """登记服务方：register a provider; prints the token that it is to show us, this once."""
    click.echo(actions.add_provider(code=code, name=name, actor=actor_name(), now=moment()))


@parking.command("take")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--provider", "code", required=True, help="服务方编号 / whose trades they are")
@JSON
def take(file: Path, code: str, as_json: bool) -> None:
    """收取交易：take `{"trades": […]}` of a provider from a file, all or none, each once."""
    trades = parsed(file.read_bytes()).get("trades")
    made = actions.take_trades(code=code, trades=trades, actor=actor_name(), now=moment())
    if as_json:
        click.echo(json.dumps(asdict(made)))
        return
    click.echo(f"新增 / new {made.taken:,}，已有 / known {made.known:,}")


@parking.command("fates")
@JSON
def fates(as_json: bool) -> None:
    """交易去向：what has become of every trade of every provider."""
    rows = queries.fates()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return
    for row in rows:
        click.echo(
            f"{row.provider} {row.fate:10} {row.count:>9,} {formats.amount_text(row.fee):>18}"
        )


@parking.command("statistics")
@JSON
def statistics(as_json: bool) -> None:
    """清分统计对照：each clear day, our figure and the extension centre's."""
    days = [queries.compared(day) for day in queries.statistic_days()]
    if as_json:
        told = [asdict(day) | {"agrees": day.agrees} for day in days]
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    for day in days:
        click.echo(f"{day.day} {day.our_count:>8,} {formats.amount_text(day.our_fee):>18}"
                   f" {day.their_count:>8,} {formats.amount_text(day.their_fee):>18}"
                   f" {('=' if day.agrees else '≠') if day.message_id else '—'}")  # fmt: skip
