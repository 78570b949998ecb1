"""`tollcentre province` and `tollcentre simulate`: the fictitious province and its traffic."""

import json
from pathlib import Path

import click

from tollcentre.simulation.province import build_province
from tollcentre.simulation.province_files import write_province


@click.command("province")
@click.option("--seed", type=int, default=62, show_default=True, help="Decides fees and dates.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def province(seed: int, out: Path, as_json: bool) -> None:
    """模拟路网 / Write a fictitious, Gansu-shaped province as official network files."""
    built = build_province(seed)
    rows = write_province(built, out)
    if as_json:
        click.echo(json.dumps({"version": built.version, "rows": rows}, ensure_ascii=False))
        return
    click.echo(f"{out}: {built.version}（模拟 / fictitious）")
    for name, count in rows.items():
        click.echo(f"  {name}\t{count:,}")
