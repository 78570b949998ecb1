"""`tollcentre statuslist import FILE.csv`."""

from pathlib import Path

import click

from tollcentre.statuslist.actions import import_status_list

from .arguments import actor_name, say_report


@click.group()
def status_list() -> None:
    """状态名单：which media stood on a list, and when."""


@status_list.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="以 JSON 报告 / report as JSON")
def import_(file: Path, as_json: bool) -> None:
    """导入状态名单：take in entries of the status lists; twice changes nothing."""
    say_report(import_status_list(path=file, actor=actor_name()), as_json=as_json)
