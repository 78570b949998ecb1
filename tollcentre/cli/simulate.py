"""`tollcentre province` and `tollcentre simulate`: the fictitious province and its traffic."""

import json
from datetime import date
from pathlib import Path

import click

from tollcentre.simulation.actions import read_network_folder, simulate_day
from tollcentre.simulation.customers import write_customers
from tollcentre.simulation.imported import imported_network
from tollcentre.simulation.prices import DiscountRule
from tollcentre.simulation.province import build_province
from tollcentre.simulation.province_files import write_province
from tollcentre.simulation.terms import SimulationOptions

from .arguments import DAY
from .progress import shown_progress


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


def parse_settings(
    _context: click.Context, _option: click.Parameter, texts: tuple[str, ...]
) -> dict[str, float]:
    """`name=value` pairs; a usage error where one is not."""
    settings = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            settings[name.replace("-", "_")] = float(value) if "." in value else int(value)
        except ValueError as error:
            raise click.BadParameter(f"{text} is not name=number") from error
    return settings


@click.command("simulate")
@click.option("--day", type=DAY, required=True, help="Clearing day (exit day).")
@click.option("--passages", type=int, required=True, help="Passages whose exit day is the day.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same bytes.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@click.option("--network-version", help="Imported version; else the one valid on the day.")
@click.option(
    "--network-files", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Take the network from a folder of official files instead.",
)  # fmt: skip
@click.option("--noise", type=click.Choice(["default", "none"]), default="default")
@click.option("--miss-rate", type=click.FloatRange(0, 1), help="Share of missed trades.")
@click.option("--plate-reads/--no-plate-reads", default=True, help="Whether cameras work.")
@click.option("--non-least-share", type=click.FloatRange(0, 1), help="Not on the least path.")
@click.option("--set", "settings", multiple=True, callback=parse_settings,
              help="Any noise parameter, as name=value; repeatable.")  # fmt: skip
@click.option("--columns", type=click.Choice(["full", "core"]), default="full",
              help="core leaves out columns that are never filled.")  # fmt: skip
@click.option("--tac-keys", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Fictitious master keys: media sign at exits; media.csv and status_list.csv"
              " are written too.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def simulate(
    day: date, passages: int, seed: int, out: Path, network_version: str | None,
    network_files: Path | None, noise: str, miss_rate: float | None, plate_reads: bool,
    non_least_share: float | None, settings: dict[str, float], columns: str, tac_keys: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """模拟流水 / Write a simulated day: records in national format, the truth beside them."""
    if miss_rate is not None:
        settings = {**settings, "miss_rate": miss_rate}
    if not plate_reads:
        settings = {**settings, "plate_reads": 0}
    traffic: dict[str, float] = {}
    if non_least_share is not None:
        traffic = {"non_least_share": non_least_share}
        if non_least_share == 0:
            traffic["turn_back_share"] = 0.0
    options = SimulationOptions(
        day=day, passages=passages, seed=seed, out=out, quiet=noise == "none",
        noise=settings, traffic=traffic, full_columns=columns == "full",
        tac_keys=tac_keys,
    )  # fmt: skip
    discounts: list[DiscountRule] = []
    if network_files is not None:
        road_map, rates = read_network_folder(network_files)
    else:
        road_map, rates, discounts = imported_network(network_version, day)
    with shown_progress("模拟通行 / passages", passages) as advance:
        report = simulate_day(
            options=options, road_map=road_map, rates=rates, discounts=discounts,
            progress=advance,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    click.echo(f"{out}: {report['seconds']} s, 路网 / network {report['network_version']}")
    for kind, count in report["rows"].items():
        click.echo(f"  {kind}\t{count:,}")


@click.command("customers")
@click.option("--count", type=click.IntRange(1, 20_000_000), required=True, help="Vehicles.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same bytes.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV to write.")
def customers(count: int, seed: int, out: Path) -> None:
    """模拟客户：a register of fictitious customers, vehicles and media, for `issuing load`."""
    with shown_progress("模拟客户 / customers", count) as advance:
        write_customers(out, count=count, seed=seed, progress=advance)
    click.echo(f"{out}: {count:,}")
