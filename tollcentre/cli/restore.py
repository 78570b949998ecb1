"""`tollcentre restore READS.csv --at DATE --out OUT.csv`."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click
import pyarrow.csv as pa_csv

from tollcentre.network.queries import version_at
from tollcentre.passage.queries import restore_file

from .arguments import DAY


@click.command()
@click.argument("reads", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--at", "day", type=DAY, required=True, help="通行日期 / day of the journeys")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--network-version", help="路网版本 / instead of the one valid on the day")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 报告 / report as JSON")
def restore(reads: Path, day: date, out: Path, network_version: str | None, as_json: bool) -> None:
    """路径还原：restore the journeys of a file of reads.

    In: pass_id,node_id,time,source[,vehicle_id]; source is trade, plate, entry or exit.
    Out: pass_id,seq,toll_interval_id,sign,confidence; seq 0 and a reason where not restored.
    """
    version = network_version or version_at(day)
    rows, report = restore_file(reads, version, day)
    pa_csv.write_csv(rows, out, pa_csv.WriteOptions(quoting_style="needed"))
    if as_json:
        click.echo(json.dumps({"network_version": version, **asdict(report)}, ensure_ascii=False))
        return
    click.echo(
        f"通行 {report.passages} 次，还原 {report.restored}，待复核 {report.queued}，"
        f"未还原 {report.unrestored} / {report.restored} of {report.passages} journeys restored"
    )
    for reason, count in report.refused.items():
        click.echo(f"  未采用的行 / rows not used: {reason} {count}")
