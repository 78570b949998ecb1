"""`tollcentre completeness …`: what was declared against what arrived; missing batches chased."""

import json
from dataclasses import asdict
from datetime import datetime

import click

from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.messages.actions import moment
from tollcentre.monitoring import actions, queries

from .arguments import actor_name

JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / answer as JSON")

NAMES = (
    "pk", "device_id", "hour", "record_kind", "declared_count", "missing_count", "state",
    "first_missed_at", "asked_at", "asks", "fetched_at", "answered_at", "reason",
)  # fmt: skip


@click.group()
def completeness() -> None:
    """采集完整性：what devices declared by the hour against what arrived."""


@completeness.command("sources")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@JSON
def sources(day: datetime, as_json: bool) -> None:
    """来源完整性：each gantry and station of a day: expected, arrived, missing, late."""
    rows = queries.source_board(queries.completeness(day.date()))
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows]))
        return
    for row in rows:
        counts = (row.expected, row.arrived, row.missing, row.late)
        click.echo(f"{row.source:20} {row.record_kind:13} {row.batches_missing:>4}/{row.batches:<6}"
                   f" {' '.join(f'{count:>9,}' for count in counts)}")  # fmt: skip


@completeness.command("chase")
@JSON
def chase(as_json: bool) -> None:
    """催补：ask for missing hour batches again; answered where they have come."""
    found = actions.chase(moment())
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    click.echo(f"新缺 missed {found.missed:,}  再催 asked again {found.asked_again:,}"
               f"  已补 answered {found.answered:,}")  # fmt: skip


@completeness.command("requests")
@click.option("--state", default="open", help="open、answered、closed；空为全部 / blank for all")
@click.option("--close", "number", type=int, help="关闭一条催补 / give one up")
@click.option("--reason", default="", help="关闭原因 / why it is given up")
@JSON
def requests(state: str, number: int | None, reason: str, as_json: bool) -> None:
    """催补清单：hour batches that were missed, and how often they were asked for."""
    if number is not None:
        actions.close_request(number=number, reason=reason, actor=actor_name(), now=moment())
        return
    found = queries.requests(viewer=SHELL_VIEWER, state=state)
    rows = [{name: getattr(row, name) for name in NAMES} for row in found]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        counts = f"{row['missing_count']:,}/{row['declared_count']:,}"
        counts = counts if row["declared_count"] >= 0 else "未申报 undeclared"
        click.echo(f"{row['pk']:>6} {row['device_id']:20} {row['hour']} {row['record_kind']:13}"
                   f" {counts:>18} {row['state']:9}"
                   f" ×{row['asks']}")  # fmt: skip
