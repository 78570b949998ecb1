"""Parameter types and words that several verbs share."""

import getpass
import json
from datetime import date
from typing import Any

import click
from django.contrib.auth import get_user_model

from tollcentre.access.terms import NO_SUCH_USER, Viewer
from tollcentre.core.clock import day_from, day_of
from tollcentre.core.refusal import FileReport, Refusal
from tollcentre.messages.actions import moment
from tollcentre.organisation.queries import viewer_of


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


def user_named(name: str) -> Any:
    """The user of that name; Refusal where there is none."""
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise Refusal(NO_SUCH_USER, "user_name", user=name)
    return user


def viewer_named(name: str) -> Viewer:
    """The viewer that a user is today, by roles and posts; Refusal where there is no such user."""
    return viewer_of(user_named(name), day_of(moment()))


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
