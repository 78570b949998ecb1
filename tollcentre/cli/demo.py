"""`tollcentre demo`: a fictitious province, one simulated day through the main job, the console."""

from datetime import date, timedelta
from pathlib import Path

import click
from django.conf import settings

from tollcentre.access.actions import seed_demo_users
from tollcentre.access.terms import SHELL_VIEWER, Role
from tollcentre.clearing.actions import keep_trades
from tollcentre.core.clock import day_start
from tollcentre.core.formats import amount_text, count_text
from tollcentre.daily_run.actions import clear_day, plan_day
from tollcentre.daily_run.queries import latest_run, runs_before
from tollcentre.deposit.actions import take_shift_reports
from tollcentre.dispute.actions import book_here
from tollcentre.issuing.actions import import_media, load_register
from tollcentre.messages.actions import take_in_paths
from tollcentre.network.actions import import_network
from tollcentre.network.queries import province_of
from tollcentre.organisation.actions import appoint, import_units
from tollcentre.organisation.queries import tree_at
from tollcentre.organisation.terms import Scope, UnitKind
from tollcentre.participants.actions import import_parties
from tollcentre.participants.queries import parties
from tollcentre.participants.terms import PartyKind
from tollcentre.refund.actions import draft_refunds
from tollcentre.settlement.actions import advance
from tollcentre.simulation.actions import simulate_day
from tollcentre.simulation.customers import write_customers
from tollcentre.simulation.imported import imported_network
from tollcentre.simulation.province import build_province
from tollcentre.simulation.province_files import write_province
from tollcentre.simulation.terms import SimulationOptions
from tollcentre.statuslist.actions import import_status_list

from .arguments import actor_name, user_named
from .clear_day import shown_steps
from .progress import shown_progress
from .serve import serve
from .setup import setup

DEMO_DAY = date(2026, 11, 22)
VALID_FROM = date(2026, 1, 1)
SEED = 62
CUSTOMERS = 2_000
FULL_COLUMNS_UP_TO = 20_000
DEMO_OWNER = "渭武"
MORNING_S = 36_000


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
    _issue(folder / "customers.csv")
    records = folder / f"records-{passages}"
    if not (records / "truth.csv").exists():
        _simulate(records, version, passages, signed=not intake_only)
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
    _follow(records, run.run_key)
    click.echo(f"  演示账号与口令 / demo accounts: {users}")
    if not no_serve:
        ctx.invoke(serve, port=port)


def _issue(register: Path) -> None:
    """Some vehicles that were enrolled before, and the demo clerk's post at the first outlet."""
    write_customers(register, count=CUSTOMERS, seed=SEED)
    load_register(path=register, actor=actor_name(), now=day_start(DEMO_DAY))
    outlet = tree_at(DEMO_DAY, viewer=SHELL_VIEWER, kind=UnitKind.OUTLET)[0].code
    appoint(
        user=user_named("outlet"), unit=outlet, title="营业员", role=Role.OUTLET_CLERK,
        scope=Scope.OWN, from_day=DEMO_DAY, maker=SHELL_VIEWER,
    )  # fmt: skip


def _follow(records: Path, run_key: str) -> None:
    """What follows a cleared day without another centre: booked here, deposited, drafted."""
    _say("本省记账、缴存、退费、结算 / booking here, deposits, refunds, settlement")
    now, actor = day_start(DEMO_DAY + timedelta(2)) + MORNING_S, actor_name()
    for name, take in (("media.csv", import_media), ("status_list.csv", import_status_list)):
        if (records / name).exists():
            take(path=records / name, actor=actor)
    for path in sorted((records / "money").glob("shift_report_*.csv")):
        take_shift_reports(source=path, actor=actor)
    run = latest_run(DEMO_DAY)
    assert run is not None, "the day was just cleared"
    own, earlier = province_of(run.network_version), runs_before(run_key)
    keep_trades(run_key=run_key, earlier=earlier, day=DEMO_DAY, own=own)
    booked = book_here(run_key=run_key, earlier=earlier, day=DEMO_DAY, own=own, now=now)
    drafted = draft_refunds(run_key=run_key, day=DEMO_DAY, version=run.network_version, now=now)
    closed = advance(now).closed
    click.echo(
        f"  本省记账 booked here {count_text(sum(one.count for one in booked))}"
        f"  多收待核实 overcharges found {count_text(drafted.found)}"
        f"  结算单 statements {count_text(closed)}"
    )


def _say(what: str) -> None:
    click.echo(f"▸ {what}")


def _import_province(folder: Path) -> str:
    """The fictitious province's network and parties, imported; gives the network's version."""
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
    import_parties(
        parties=folder / "parties.csv",
        agreements=folder / "agreements.csv",
        accounts=folder / "accounts.csv",
        actor=actor_name(),
    )
    import_units(path=folder / "organisation.csv", actor=actor_name())
    click.echo(f"  {report.version}: {count_text(report.counts['units'])} 收费单元 / toll units")
    return report.version


def _simulate(records: Path, version: str, passages: int, *, signed: bool) -> None:
    """The demo day's records and truth, written beside and then put in place whole."""
    road_map, rates, discounts = imported_network(version, DEMO_DAY)
    partial = records.with_name(records.name + ".partial")
    options = SimulationOptions(
        day=DEMO_DAY, passages=passages, seed=SEED, out=partial,
        full_columns=passages <= FULL_COLUMNS_UP_TO,
        tac_keys=Path(settings.HOME) / "keys" / "hsm.json" if signed else None,
    )  # fmt: skip
    with shown_progress("模拟通行 / simulating passages", passages) as advance:
        simulate_day(
            options=options, road_map=road_map, rates=rates, discounts=discounts, progress=advance
        )
    partial.rename(records)
