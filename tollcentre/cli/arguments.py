"""Parameter types and words that several verbs share."""

import getpass
import json
from datetime import date

import click

from tollcentre.core.clock import day_from
from tollcentre.core.refusal import FileReport


class DayType(click.ParamType):
    """A calendar day: `2026-11-22` or `20261122`."""

    name = "DATE"

    def convert(
        self, value: str | date, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """The day; fails naming the text where it is none."""
        if isinstance(value, date):
            return value
        try:
            return day_from(value)
        except ValueError:
            self.fail(f"不是日期 / not a date: {value!r}", param, ctx)


DAY = DayType()


def actor_name() -> str:
    """Who acts from this command line, for the trail."""
    return f"cli:{getpass.getuser()}"


def say_report(report: FileReport, *, as_json: bool) -> None:
    """Print what became of a file's lines."""
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
        return
    click.echo(
        f"读入 / rows {report.rows:,}，新增 / new {report.new:,}，已有 / known {report.known:,}，"
        f"拒绝 / refused {len(report.refused):,}"
    )
    for refused in report.refused:
        click.echo(f"  第 {refused.line} 行 / line {refused.line}: {refused.refusal.text()}")
