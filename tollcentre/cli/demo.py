"""`tollcentre demo`: a fictitious province, one simulated day through the main job, the console."""

from datetime import date
from pathlib import Path

import click
from django.conf import settings

from tollcentre.access.actions import seed_demo_users
from tollcentre.core.formats import amount_text, count_text
from tollcentre.daily_run.actions import clear_day, plan_day
from tollcentre.messages.actions import take_in_paths
from tollcentre.network.actions import import_network
from tollcentre.participants.queries import parties
from tollcentre.participants.terms import PartyKind
from tollcentre.simulation.actions import simulate_day
from tollcentre.simulation.imported import imported_network
from tollcentre.simulation.province import build_province
from tollcentre.simulation.province_files import write_province
from tollcentre.simulation.terms import SimulationOptions

from .arguments import actor_name
from .clear_day import shown_steps
from .progress import shown_progress
from .serve import serve
from .setup import setup

DEMO_DAY = date(2026, 11, 22)
VALID_FROM = date(2026, 1, 1)
SEED = 62
FULL_COLUMNS_UP_TO = 20_000
DEMO_OWNER = "渭武"


@click.command()
@click.option("--no-serve", is_flag=True, help="不启动控制台 / stop when the day is cleared")
@click.option("--passages", default=60_000, show_default=True, help="通行量 / passages of the day")
@click.option("--intake-only", is_flag=True, help="只到接收 / stop before the clearing")
@click.option("--port", default=8000, show_default=True, help="端口 / port of the console")
@click.pass_context
def demo(ctx: click.Context, no_serve: bool, passages: int, intake_only: bool, port: int) -> None:
    """演示：set up, simulate a day, take it in, clear it, and serve the console.

    All figures are fictitious. Doing it again finds what is there and goes on.
    """
    ctx.invoke(setup, as_json=False)
    folder = Path(settings.HOME) / "demo"
    _say("路网 / network")
    version = _import_province(folder / "province")
    joined = [party.code for party in parties(PartyKind.ROAD_OWNER) if DEMO_OWNER in party.name_zh]
    users = seed_demo_users(Path(settings.HOME), owner_ids=joined)
    records = folder / f"records-{passages}"
    if not (records / "truth.csv").exists():
        _simulate(records, version, passages)
    _say("接收 / intake")
    taken = take_in_paths(paths=(records,), now=None)
    click.echo(
        f"  已接收 accepted {count_text(taken.accepted)}"
        f"  已隔离 quarantined {count_text(taken.quarantined)}"
        f"  重复 duplicates {count_text(taken.duplicates)}"
    )
    if intake_only:
        return
    _say(f"清分 / clearing {DEMO_DAY}")
    with shown_steps() as report:
        run = clear_day(plan=plan_day(day=DEMO_DAY), actor=actor_name(), report=report)
    totals = run.control_totals
    click.echo(
        f"  通行 passages {count_text(totals['passages'])}"
        f"  收取 collected {amount_text(totals['collected_here'])}"
        f"  本省单元 own units {amount_text(totals['own_units_here'])}"
    )
    click.echo(f"  演示账号与口令 / demo accounts: {users}")
    if not no_serve:
        ctx.invoke(serve, port=port)


def _say(what: str) -> None:
    click.echo(f"▸ {what}")


def _import_province(folder: Path) -> str:
    """The fictitious province's network, imported; gives its version."""
    built = build_province(SEED)
    write_province(built, folder)
    report = import_network(
        version=built.version,
        valid_from=VALID_FROM,
        units=folder / "units.csv",
        relations=folder / "relations.csv",
        stations=folder / "stations.csv",
        rates=folder / "rates.csv",
        gantries=folder / "gantries.csv",
        roads=folder / "roads.csv",
        discounts=folder / "discounts.csv",
        actor=actor_name(),
    )
    click.echo(f"  {report.version}: {count_text(report.counts['units'])} 收费单元 / toll units")
    return report.version


def _simulate(records: Path, version: str, passages: int) -> None:
    """The demo day's records and truth, written beside and then put in place whole."""
    road_map, rates, discounts = imported_network(version, DEMO_DAY)
    partial = records.with_name(records.name + ".partial")
    options = SimulationOptions(
        day=DEMO_DAY, passages=passages, seed=SEED, out=partial,
        full_columns=passages <= FULL_COLUMNS_UP_TO,
    )  # fmt: skip
    with shown_progress("模拟通行 / simulating passages", passages) as advance:
        simulate_day(
            options=options, road_map=road_map, rates=rates, discounts=discounts, progress=advance
        )
    partial.rename(records)
