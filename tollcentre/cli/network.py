"""`tollcentre network import …`."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import click

from tollcentre.network.actions import import_network, write_report
from tollcentre.network.queries import versions

from .arguments import DAY, actor_name

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def network() -> None:
    """路网：import and list dated versions of the road network."""


@network.command("import")
@click.option("--units", type=FILE, required=True, help="收费单元 / toll units")
@click.option("--relations", type=FILE, help="节点关系 / relations of nodes")
@click.option("--stations", type=FILE, help="收费站 / stations")
@click.option("--rates", type=FILE, required=True, help="费率 / rates, or a price table")
@click.option("--gantries", type=FILE, help="门架 / gantry master")
@click.option("--roads", type=FILE, help="路段与业主 / sections and their owners")
@click.option("--discounts", type=FILE, help="优惠 / the network's own discounts")
@click.option("--version", "version", required=True, help="版本号 / version")
@click.option("--valid-from", type=DAY, required=True, help="生效日 / first day it is valid")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 报告 / report as JSON")
def import_(
    units: Path, relations: Path | None, stations: Path | None, rates: Path,
    gantries: Path | None, roads: Path | None, discounts: Path | None, version: str,
    valid_from: date, as_json: bool,
) -> None:  # fmt: skip
    """导入路网：read official files as one dated version; twice changes nothing."""
    report = import_network(
        version=version, valid_from=valid_from, units=units, relations=relations,
        stations=stations, rates=rates, gantries=gantries, roads=roads, discounts=discounts,
        actor=actor_name(),
    )  # fmt: skip
    path = write_report(report)
    reasons = dict(sorted(Counter(row.reason for row in report.refused).items()))
    answer = {
        "version": version,
        "valid_from": valid_from.isoformat(),
        "unchanged": report.unchanged,
        "counts": report.counts,
        "flagged": report.flagged,
        "refused": len(report.refused),
        "reasons": reasons,
        "report": str(path),
    }
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    state = "未变 / unchanged" if report.unchanged else "已导入 / imported"
    click.echo(f"路网 / network {version} {state}，{valid_from} 起 / from ({report.seconds:.1f} s)")
    for name, count in {**report.counts, **report.flagged}.items():
        click.echo(f"  {name:24} {count:>8,}")
    for reason, count in reasons.items():
        click.echo(f"  未收 / refused {reason} {count}")
    click.echo(f"  报告 / report {path}")


@network.command("list")
def list_() -> None:
    """路网版本：the imported versions, latest first."""
    for info in versions():
        click.echo(f"{info.version} {info.valid_from} {info.counts.get('units', 0)} units")
