"""`tollcentre setup`: make the home's database and seed it; repeating it changes nothing."""

import json
from collections.abc import Callable

import click
from django.conf import settings
from django.core.management import call_command

from tollcentre.access.actions import SYSTEM, record_trail, seed_roles
from tollcentre.hsm.actions import make_master_keys
from tollcentre.issuing.queries import customer_count
from tollcentre.participants.actions import seed_parties
from tollcentre.participants.queries import parties
from tollcentre.participants.terms import PartyKind
from tollcentre.privacy.actions import make_sealing_keys


def seed_master_keys() -> None:
    """The master keys of the home's issuers; the trail says which were made."""
    made = make_master_keys(issuer_ids=[party.code for party in parties(PartyKind.ISSUER)])
    if made:
        record_trail(
            actor=SYSTEM,
            act="hsm.make_master_keys",
            subject="hsm",
            detail={"made": [[n.issuer_id, n.algorithm, n.key_version] for n in made]},
        )


def seed_sealing_keys() -> None:
    """The keys of personal data; the trail says when they were made."""
    if make_sealing_keys(sealed_already=customer_count() > 0):
        record_trail(actor=SYSTEM, act="privacy.make_sealing_keys", subject="privacy", detail={})


SEEDS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("roles", seed_roles),
    ("parties", seed_parties),
    ("master keys", seed_master_keys),
    ("keys of personal data", seed_sealing_keys),
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
