"""`tollcentre setup`: make the home's database and seed it; repeating it changes nothing."""

import json
from collections.abc import Callable

import click
from django.conf import settings
from django.core.management import call_command

from tollcentre.access.actions import seed_roles
from tollcentre.participants.actions import seed_parties

SEEDS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("roles", seed_roles),
    ("parties", seed_parties),
)
"""What is seeded, in order: its name, and the domain's own repeatable action."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 报告 / report as JSON")
def setup(as_json: bool) -> None:
    """建库并播种：migrate the database of TOLLCENTRE_HOME and seed it; repeatable."""
    call_command("migrate", interactive=False, verbosity=0)
    for _name, seed in SEEDS:
        seed()
    seeded = [name for name, _seed in SEEDS]
    if as_json:
        report = {"home": str(settings.HOME), "seeded": seeded}
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    click.echo(f"已就绪 / ready: {settings.HOME}")
