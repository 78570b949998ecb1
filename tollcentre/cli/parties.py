"""`tollcentre parties import …`."""

import json
from pathlib import Path

import click

from tollcentre.participants.actions import import_parties

from .arguments import actor_name

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def parties() -> None:
    """参与方：owners, banks, channels; what was agreed with them; our accounts at banks."""


@parties.command("import")
@click.option("--parties", type=FILE, help="参与方 / parties")
@click.option("--sections", type=FILE, help="路段业主 / who owns a section from when")
@click.option("--agreements", type=FILE, help="结算协议 / agreements")
@click.option("--accounts", type=FILE, help="本方银行账户 / accounts of ours at banks")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 报告 / report as JSON")
def import_(
    parties: Path | None, sections: Path | None, agreements: Path | None, accounts: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """导入登记：take in registers as one act, whole or not at all; twice changes nothing."""
    new = import_parties(
        parties=parties, sections=sections, agreements=agreements, accounts=accounts,
        actor=actor_name(),
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(new))
        return
    for kind, count in new.items():
        click.echo(f"  新增 / new {kind:12} {count:>6,}")
