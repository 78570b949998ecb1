"""Parameter types that several verbs share."""

import getpass
from datetime import date

import click

from tollcentre.core.clock import day_from


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
