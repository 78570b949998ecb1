"""`tollcentre counterpart channel`: a payment channel as a process of its own."""

from pathlib import Path

import click

from tollcentre.simulation.channel.desk import Parties
from tollcentre.simulation.channel.plan import read_plan
from tollcentre.simulation.channel.server import listen, run
from tollcentre.simulation.channel.service import FILE as STORE
from tollcentre.simulation.channel.service import SCHEMA, Channel
from tollcentre.simulation.counterpart.chance import Chance
from tollcentre.simulation.counterpart.store import Store

from .processes import (
    FILE,
    FOLDER,
    HOST,
    cannot_listen,
    clock_of,
    leave,
    read_secret,
    stopped_by_signal,
)


@click.command("channel")
@click.option("--code", required=True, help="wechat, alipay, unionpay: as the road names it.")
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="On 127.0.0.1.")
@click.option("--state", type=FOLDER, required=True, help="Folder of its own SQLite file.")
@click.option("--ours", required=True, help="Our address, up to before /channels/CODE/notices.")
@click.option("--key-file", type=FILE, required=True, help="The key that both sides sign with.")
@click.option("--seed", type=int, required=True, help="Same seed and orders, same decisions.")
@click.option("--own", default="620201", show_default=True, help="The customer's id.")
@click.option("--road", type=FOLDER, help="Folder below which simulated days lay their money.")
@click.option("--faults", type=FILE, help="YAML of values that differ from the house's plan.")
@click.option("--no-faults", is_flag=True, help="Nothing goes wrong on the way.")
@click.option("--clock", type=FILE, help="File of the present moment, epoch seconds.")
def channel(
    code: str, port: int, state: Path, ours: str, key_file: Path, seed: int, own: str,
    road: Path | None, faults: Path | None, no_faults: bool, clock: Path | None,
) -> None:  # fmt: skip
    """支付渠道 / Run a simulated payment channel until Ctrl-C; kill it, and it goes on.

    A crash that the plan asks for ends it with status 70: start it again as it was.
    """
    key = read_secret(key_file, "key_file").encode()
    running = Channel(
        store=Store.open(state, seed, STORE, SCHEMA), plan=read_plan(faults, faults=not no_faults),
        chance=Chance(seed), parties=Parties(code, own, key), clock=clock_of(clock), road=road,
        leave=leave,
    )  # fmt: skip
    running.begin()
    try:
        server = listen(running, port)
    except OSError as error:
        raise cannot_listen(port, error) from error
    stopped = stopped_by_signal()
    click.echo(f"支付渠道已就绪 / the channel is ready: http://{HOST}:{port}")
    run(running, server, ours, stopped)
    click.echo("已停止 / stopped")
