"""`tollcentre counterpart`: ministry, bank and channel as processes, and their figures."""

import json
from pathlib import Path
from typing import Any

import click

from tollcentre.simulation.bank import report as bank_report
from tollcentre.simulation.channel import report as channel_report
from tollcentre.simulation.counterpart.chance import Chance
from tollcentre.simulation.counterpart.store import Store
from tollcentre.simulation.extension import report as extension_report
from tollcentre.simulation.ministry.desk import Parties
from tollcentre.simulation.ministry.media import Media, read_media, signer
from tollcentre.simulation.ministry.plan import read_plan
from tollcentre.simulation.ministry.report import report
from tollcentre.simulation.ministry.server import HOST, listen, run
from tollcentre.simulation.ministry.service import FILE as STORE
from tollcentre.simulation.ministry.service import SCHEMA, Ministry

from .counterpart_bank import bank
from .counterpart_channel import channel
from .counterpart_extension import extension
from .processes import (
    CRASHED,
    FILE,
    FOLDER,
    cannot_listen,
    clock_of,
    leave,
    read_secret,
    stopped_by_signal,
)

__all__ = ["CRASHED", "counterpart"]


@click.group("counterpart")
def counterpart() -> None:
    """对端 / The other side of an exchange, simulated: answers, sends, goes wrong by seed."""


counterpart.add_command(bank)
counterpart.add_command(channel)
counterpart.add_command(extension)


@counterpart.command("ministry")
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="On 127.0.0.1.")
@click.option("--state", type=FOLDER, required=True, help="Folder of its own SQLite file.")
@click.option("--ours", required=True, help="Our address, up to before /exchange/messages.")
@click.option("--token-file", type=FILE, required=True, help="The token both sides send.")
@click.option("--seed", type=int, required=True, help="Same seed and messages, same decisions.")
@click.option("--faults", type=FILE, help="YAML of values that differ from the house's plan.")
@click.option("--no-faults", is_flag=True, help="Nothing goes wrong on the way.")
@click.option("--clock", type=FILE, help="File of the present moment, epoch seconds.")
@click.option("--media", type=FILE, help="CSV of our issuers' media that drive elsewhere.")
@click.option(
    "--tac-keys", type=FILE, help="Master keys as a home keeps them; else no TAC is right."
)
@click.option("--bank-folder", type=FOLDER, help="Where a bank takes credits; for our net.")
@click.option(
    "--paid",
    "paid_folders",
    type=FOLDER,
    multiple=True,
    help="Where a bank lists what was paid to others; for what we are paid.",
)
@click.option("--own-province", type=click.IntRange(11, 82), default=62, show_default=True)
def ministry(
    port: int, state: Path, ours: str, token_file: Path, seed: int, faults: Path | None,
    no_faults: bool, clock: Path | None, media: Path | None, tac_keys: Path | None,
    bank_folder: Path | None, paid_folders: tuple[Path, ...], own_province: int,
) -> None:  # fmt: skip
    """部联网中心 / Run the simulated ministry's centre until Ctrl-C; kill it, and it goes on.

    A crash that the plan asks for ends it with status 70: start it again as it was.
    """
    by_issuer = read_media(media) if media else {}
    sign = signer(tac_keys, by_issuer) if tac_keys else None
    centre = Ministry(
        store=Store.open(state, seed, STORE, SCHEMA), plan=read_plan(faults, faults=not no_faults),
        chance=Chance(seed), parties=Parties(own_province), media=Media(by_issuer, sign),
        clock=clock_of(clock), leave=leave, bank_folder=bank_folder,
        paid_folders=paid_folders,
    )  # fmt: skip
    token = read_secret(token_file)
    try:
        server = listen(centre, port, token)
    except OSError as error:
        raise cannot_listen(port, error) from error
    stopped = stopped_by_signal()
    click.echo(f"部联网中心已就绪 / the ministry's centre is ready: http://{HOST}:{port}")
    run(centre, server, ours, token, stopped)
    click.echo("已停止 / stopped")


@counterpart.command("report")
@click.option("--state", type=FOLDER, required=True, help="Folder of a run.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def report_on(state: Path, as_json: bool) -> None:
    """对端数字 / Its figures by clear day, messages, and the truth of what it put in."""
    found = report_of(state)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    lines = shown(found) if "waiting_for_our_booking" in found else listed(found)
    for line in lines:
        click.echo(line)


def report_of(state: Path) -> dict[str, Any]:
    """The report of whoever left its state in the folder; refused where nobody has."""
    for one in (bank_report, channel_report, extension_report):
        if (state / one.FILE).is_file():
            return one.report(state)
    return report(Store.of_run(state, STORE))


def listed(found: dict[str, Any]) -> list[str]:
    """A bank's or a channel's report in lines for people."""
    faults = [f"fault\t{name}\t{count}" for name, count in found.pop("faults").items()]
    lines = []
    for name, value in found.items():
        for row in value if isinstance(value, list) else [value]:
            figures = row.values() if isinstance(row, dict) else [row]
            lines.append("\t".join(str(part) for part in (name, *figures)))
    return lines + faults


def shown(found: dict[str, Any]) -> list[str]:
    """The report in lines for people: one a day and counterparty, then what is open."""
    lines = [f"已关闭至 / closed through {found['closed_through']}"]
    for side, rows in found["days"].items():
        for row in rows:
            figures = "\t".join(str(value) for value in row.values())
            lines.append(f"{side}\t{figures}")
    for name in ("unacknowledged", "to_be_done", "waiting_for_our_booking", "findings"):
        lines.append(f"{name}\t{len(found[name])}")
    lines += [f"fault\t{name}\t{count}" for name, count in found["faults"].items()]
    return lines
