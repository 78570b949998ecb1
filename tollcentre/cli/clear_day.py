"""`tollcentre clear-day DATE [--plan] [--engine duckdb|spark]`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date

import click
from rich.console import Console

from tollcentre.core.formats import amount_text, count_text
from tollcentre.daily_run.actions import Report, plan_day
from tollcentre.daily_run.actions import clear_day as clear
from tollcentre.daily_run.terms import Plan, StepInfo, StepState

from .arguments import DAY, actor_name

MONEY = (
    "collected_here",
    "receivable_from_provinces",
    "own_units_here",
    "own_units_elsewhere",
    "payable_to_provinces",
    "held_in_review",
)


@click.command("clear-day")
@click.argument("day", type=DAY)
@click.option("--plan", "plan_only", is_flag=True, help="只计划 / print what would be done")
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb")
@click.option("--network-version", help="路网版本 / instead of the one valid on the day")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 报告 / report as JSON")
def clear_day(
    day: date, plan_only: bool, engine: str, network_version: str | None, as_json: bool
) -> None:
    """清分日：restore, price, split, net and post one day, with a check after every step.

    Doing it twice changes nothing; after late records it restates the day.
    """
    plan = plan_day(day=day, engine=engine, network_version=network_version)
    if plan_only:
        _print_plan(plan, as_json)
        return
    with shown_steps(as_json) as report:
        run = clear(plan=plan, actor=actor_name(), report=report)
    answer = {
        "run_key": run.run_key,
        "clear_date": run.clear_date.isoformat(),
        "state": run.state,
        "already_done": plan.already_done,
        "supersedes": run.supersedes,
        "control_totals": run.control_totals,
    }
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    verb = "已清分过 / was cleared already" if plan.already_done else "清分完成 / cleared"
    click.echo(f"{day} {verb}: {run.run_key}")
    for name, value in run.control_totals.items():
        shown = amount_text(value) if name in MONEY else count_text(value)
        click.echo(f"  {name:28} {shown:>22}")


def _print_plan(plan: Plan, as_json: bool) -> None:
    """The plan as JSON or as a page of text; nothing is done."""
    if as_json:
        fields = asdict(plan) | {"clear_date": plan.clear_date.isoformat()}
        click.echo(json.dumps(fields, ensure_ascii=False))
        return
    state = "已完成 / done already" if plan.already_done else "将执行 / to be done"
    click.echo(f"{plan.clear_date} {plan.run_key} ({state})")
    click.echo(f"  路网 / network {plan.network_version}, 引擎 / engine {plan.engine}")
    if plan.supersedes:
        click.echo(f"  重述 / restates {plan.supersedes}: 先冲正后记账 / reversed, then posted")
    for relation, files in plan.inputs.items():
        click.echo(f"  读 / reads {relation}: {len(files)}")
    click.echo(f"  建 / builds {', '.join(plan.steps)}")


@contextmanager
def shown_steps(quiet: bool = False) -> Iterator[Report]:
    """A report of steps that keeps stderr current where a person looks on."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda step: None
        return
    with console.status("…") as status:

        def report(step: StepInfo) -> None:
            status.update(f"{step.seq} {step.name}")
            if step.state is not StepState.RUNNING:
                console.print(f"{step.seq:3} {step.name:20} {step.rows:>12,} {step.seconds:8.2f} s")

        yield report
