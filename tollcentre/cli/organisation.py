"""`tollcentre organisation …`: the register of units, the tree of a day, posts."""

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from tollcentre.access.terms import SHELL_VIEWER, Role
from tollcentre.core.clock import day_of
from tollcentre.messages.actions import moment
from tollcentre.organisation import actions, queries
from tollcentre.organisation.terms import Scope

from .arguments import actor_name, user_named

DAY = click.DateTime(["%Y-%m-%d"])
JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer as JSON")


@click.group()
def organisation() -> None:
    """机构人员：units and where they belong from when; who holds which post."""


@organisation.command("import")
@click.argument("register", type=click.Path(dir_okay=False, path_type=Path))
def import_(register: Path) -> None:
    """导入机构登记：take in a register of units, whole or not at all; twice changes nothing."""
    new = actions.import_units(path=register, actor=actor_name())
    click.echo(f"  新增 / new {new:>6,}")


@organisation.command("tree")
@click.option("--day", type=DAY, help="日期 / as of this day instead of today")
@click.option("--kind", default="", help="机构类型 / of this kind alone")
@JSON
def tree(day: datetime | None, kind: str, as_json: bool) -> None:
    """机构树：the units that stand on a day, each below its parent."""
    rows = queries.tree_at(_day(day), viewer=SHELL_VIEWER, kind=kind)
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], default=str, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{'  ' * row.depth}{row.code} {row.name_zh} {row.kind} {row.below:,}")


@organisation.command("appoint")
@click.argument("user_name")
@click.argument("unit")
@click.argument("title")
@click.option("--role", type=click.Choice([one.value for one in Role]), required=True)
@click.option(
    "--scope",
    type=click.Choice([one.value for one in Scope]),
    required=True,
    help="数据范围 / whose rows",
)
@click.option("--from", "from_day", type=DAY, help="自 / from this day instead of today")
def appoint(
    user_name: str, unit: str, title: str, role: str, scope: str, from_day: datetime | None
) -> None:
    """任岗：give a person a post in a unit; prints its number."""
    click.echo(actions.appoint(
        user=user_named(user_name), unit=unit, title=title, role=Role(role), scope=Scope(scope),
        from_day=_day(from_day), maker=SHELL_VIEWER,
    ))  # fmt: skip


@organisation.command("end-post")
@click.argument("post", type=int)
@click.option("--to", "to_day", type=DAY, help="至 / its last day instead of today")
def end_post(post: int, to_day: datetime | None) -> None:
    """离岗：end a post after a day."""
    actions.end_post(post_id=post, to_day=_day(to_day), maker=SHELL_VIEWER)


@organisation.command("posts")
@click.option("--day", type=DAY, help="日期 / held on this day instead of today")
@click.option("--unit", default="", help="机构编号或其开头 / unit code or its beginning")
@JSON
def posts(day: datetime | None, unit: str, as_json: bool) -> None:
    """岗位：who holds which post on a day."""
    found = queries.posts(viewer=SHELL_VIEWER, day=_day(day), unit=unit)
    rows = [
        {"post": row.pk, "user": row.user.get_username(), "unit": row.unit.code,
         "title": row.title, "role": row.role, "scope": row.scope, "from_day": row.from_day,
         "to_day": row.to_day}
        for row in found
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps(rows, default=str, ensure_ascii=False))
        return
    for row in rows:
        click.echo("  ".join(str("—" if value is None else value) for value in row.values()))


def _day(given: datetime | None) -> date:
    return given.date() if given else day_of(moment())
