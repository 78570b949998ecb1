"""`tollcentre counterpart extension`: the extension centre as a process of its own."""

from pathlib import Path

import click

from tollcentre.simulation.counterpart.chance import Chance
from tollcentre.simulation.counterpart.store import Store
from tollcentre.simulation.extension.desk import Parties, read_plan
from tollcentre.simulation.extension.server import listen, run
from tollcentre.simulation.extension.service import FILE as STATE_FILE
from tollcentre.simulation.extension.service import SCHEMA, ExtensionCentre

from .processes import FILE, FOLDER, HOST, cannot_listen, clock_of, leave, stopped_by_signal


@click.command("extension")
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="On 127.0.0.1.")
@click.option("--state", type=FOLDER, required=True, help="Folder of its own SQLite file.")
@click.option("--ours", type=click.IntRange(1, 65535), required=True, help="Our port for packs.")
@click.option("--code", default="00000000000000FE", show_default=True, help="Its own code.")
@click.option("--platform", default="0000000000620201", show_default=True, help="Our code.")
@click.option("--seed", type=int, required=True, help="Same seed and messages, same decisions.")
@click.option("--no-faults", is_flag=True, help="Nothing goes wrong on the way.")
@click.option("--clock", type=FILE, help="File of the present moment, epoch seconds.")
def extension(
    port: int, state: Path, ours: int, code: str, platform: str, seed: int, no_faults: bool,
    clock: Path | None,
) -> None:  # fmt: skip
    """拓展中心 / Run the simulated extension centre until Ctrl-C; kill it, and it goes on.

    A crash that the plan asks for ends it with status 70: start it again as it was.
    """
    centre = ExtensionCentre(
        store=Store.open(state, seed, STATE_FILE, SCHEMA), plan=read_plan(faults=not no_faults),
        chance=Chance(seed), parties=Parties(code, platform), clock=clock_of(clock), leave=leave,
    )  # fmt: skip
    try:
        server = listen(centre, port)
    except OSError as error:
        raise cannot_listen(port, error) from error
    stopped = stopped_by_signal()
    click.echo(f"拓展中心已就绪 / the extension centre is ready: {HOST}:{port}")
    run(centre, server, (HOST, ours), stopped)
    click.echo("已停止 / stopped")
