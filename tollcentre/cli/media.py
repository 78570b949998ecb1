"""`tollcentre media import FILE.csv`."""

from pathlib import Path

import click

from tollcentre.issuing.actions import import_media

from .arguments import actor_name, say_report


@click.group()
def media() -> None:
    """发行：the register of OBUs and cards."""


@media.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="以 JSON 报告 / report as JSON")
def import_(file: Path, as_json: bool) -> None:
    """导入介质：take in a register of media and their accounts' states; twice changes nothing."""
    say_report(import_media(path=file, actor=actor_name()), as_json=as_json)
