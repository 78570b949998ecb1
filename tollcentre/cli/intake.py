"""`tollcentre intake`: take in record files of the national formats."""

import json
from pathlib import Path

import click

from tollcentre.core.clock import epoch_of
from tollcentre.messages import actions
from tollcentre.messages.terms import IntakeReport

NEW_SENDER = "新建发送方，令牌只显示一次 / make a sender; its token is shown once"


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--replay", is_flag=True, help="重验隔离行 / validate the quarantined rows again")
@click.option("--received-at", default="", help="接收时钟 / receive clock instead of now, a time")
@click.option("--new-sender", default="", metavar="NAME", help=NEW_SENDER)
@click.option(
    "--devices", default="", help="新发送方的设备编号开头，以 | 分隔 / its devices' ids begin so"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer as JSON")
def intake(
    paths: tuple[Path, ...],
    replay: bool,
    received_at: str,
    new_sender: str,
    devices: str,
    as_json: bool,
) -> None:
    """接收记录 / take in gantry, plate, entry, exit and batch-sum records.

    PATH is a file or a folder (walked in sorted order): CSV or JSON with official field names,
    UTF-8 or GB18030, plain or gzip. Repeats are counted and not landed again; rows that cannot
    be used are kept in quarantine with their reason.
    """
    if new_sender:
        click.echo(actions.create_sender(name=new_sender, actor="cli", devices=devices))
        return
    if not paths and not replay:
        raise click.UsageError("PATH… 或 --replay / give PATH… or --replay")
    try:
        now = epoch_of(received_at) if received_at else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--received-at") from error
    report = IntakeReport()
    if paths:
        report.add(actions.take_in_paths(paths=paths, now=now))
    if replay:
        report.add(actions.replay_quarantine(now=now))
    click.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else _summary(report))


def _summary(report: IntakeReport) -> str:
    """The report as plain lines."""
    lines = [
        f"已接收 accepted {report.accepted:,}",
        f"已隔离 quarantined {report.quarantined:,}",
        f"重复 duplicates {report.duplicates:,}",
    ]
    for title, counts in (("原因 reason", report.reasons), ("异常 anomaly", report.anomalies)):
        lines += [f"  {title} {name}: {count:,}" for name, count in sorted(counts.items())]
    if report.conflicting_versions:
        lines.append(f"  版本冲突 conflicting_versions: {report.conflicting_versions:,}")
    lines += [f"  跳过 skipped {entry['file']}: {entry['what']}" for entry in report.skipped]
    return "\n".join(lines)
