"""`tollcentre deposit …`: what lanes took beside ETC, and what became of it (统一缴存)."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.core import formats
from tollcentre.deposit import queries
from tollcentre.deposit.actions import take_shift_reports
from tollcentre.deposit.terms import DepositDifferenceKind, ShiftState
from tollcentre.messages.actions import moment

from .arguments import DAY, actor_name, say_report

JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer as JSON")
SHOWN = ("due_fen", "declared_fen", "deposited_fen", "credited_fen", "late_fen", "short_fen",
         "over_fen", "mobile_fen", "matched_fen")  # fmt: skip


@click.group()
def deposit() -> None:
    """统一缴存：cash, slips and channels' bills against what the lanes took."""


@deposit.command("shifts")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@JSON
def shifts(file: Path, as_json: bool) -> None:
    """接收班次报告：take in stations' shift reports; twice changes nothing."""
    say_report(take_shift_reports(source=file, actor=actor_name()), as_json=as_json)


@deposit.command("board")
@click.option("--day", type=DAY, help="班次日，默认最近一日 / day of the shifts, else the newest")
@click.option("--station", default="", help="站码或其开头 / a station, or how its code begins")
@click.option("--state", type=click.Choice(list(ShiftState)), help="状态 / state")
@JSON
def board(day: date | None, station: str, state: str | None, as_json: bool) -> None:
    """缴存看板：each station of a day: due, declared, deposited, credited, late, short, over."""
    days = queries.shift_days()
    day = day or (days[0] if days else None)
    rows = []
    if day:
        rows = queries.board(
            viewer=SHELL_VIEWER, day=day, now=moment(), station_id=station, state=state or ""
        )
    if as_json:
        told = {"day": day, "totals": queries.totals(rows), "stations": [asdict(r) for r in rows]}
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    click.echo(f"{'站 station':14}  {'状态 state':10}" + "".join(f"{n[:-4]:>16}" for n in SHOWN))
    for row in rows:
        figures = "".join(f"{formats.amount_text(getattr(row, name)):>16}" for name in SHOWN)
        click.echo(f"{row.station_id:14}  {row.state:10}{figures}")
    sums = queries.totals(rows)
    figures = "".join(f"{formats.amount_text(sums.get(name, 0)):>16}" for name in SHOWN)
    click.echo(f"{'合计 total':14}  {'':10}{figures}")


@deposit.command("differences")
@click.option("--day", type=DAY, help="日期 / of one day only")
@click.option("--kind", type=click.Choice(list(DepositDifferenceKind)), help="差异 / kind")
@JSON
def differences(day: date | None, kind: str | None, as_json: bool) -> None:
    """缴存差异：what does not agree between lanes, reports, slips and bills, by name."""
    names = ("key", "kind", "day", "station_id", "shift_day", "shift", "channel", "order_no",
             "pass_id", "count", "lane_fen", "other_fen", "state")  # fmt: skip
    rows = list(queries.differences(viewer=SHELL_VIEWER, day=day, kind=kind or "").values(*names))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for row in rows:
        amounts = "".join(f"{formats.amount_text(row[name]):>15}" for name in names[-3:-1])
        named = row["pass_id"] or row["order_no"] or row["shift"]
        click.echo(f"{row['day']} {row['kind']:14} {row['station_id']:14} {row['channel']:9}"
                   f" {named:36} {row['count']:>6,}{amounts} {row['state']}")  # fmt: skip
