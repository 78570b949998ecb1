"""`tollcentre counterpart bank`: a bank as a process of its own."""

from pathlib import Path

import click

from tollcentre.simulation.bank.desk import Parties
from tollcentre.simulation.bank.plan import read_plan
from tollcentre.simulation.bank.server import SftpServer, host_key, run
from tollcentre.simulation.bank.service import FILE as STORE
from tollcentre.simulation.bank.service import SCHEMA, Bank, Folders
from tollcentre.simulation.counterpart.chance import Chance
from tollcentre.simulation.counterpart.store import Store

from .processes import FILE, FOLDER, HOST, cannot_listen, clock_of, leave, stopped_by_signal


@click.command("bank")
@click.option("--code", required=True, help="Its code, such as bank-a; in every file's name.")
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="On 127.0.0.1.")
@click.option("--state", type=FOLDER, required=True, help="Folder of its files and host key.")
@click.option("--client-keys", type=FILE, required=True, help="Public keys that are let in.")
@click.option("--user", default="tollcentre", show_default=True, help="The user they let in.")
@click.option("--seed", type=int, required=True, help="Same seed and files, same decisions.")
@click.option("--own", default="620201", show_default=True, help="The customer's id.")
@click.option("--account", help="Number of the customer's account; else by code and customer.")
@click.option("--road", type=FOLDER, help="Folder below which simulated days lay their money.")
@click.option("--incoming", type=FOLDER, help="Folder of CSV files of credits that others drop.")
@click.option("--faults", type=FILE, help="YAML of values that differ from the house's plan.")
@click.option("--no-faults", is_flag=True, help="Nothing goes wrong on the way.")
@click.option("--clock", type=FILE, help="File of the present moment, epoch seconds.")
def bank(
    code: str, port: int, state: Path, client_keys: Path, user: str, seed: int, own: str,
    account: str | None, road: Path | None, incoming: Path | None, faults: Path | None,
    no_faults: bool, clock: Path | None,
) -> None:  # fmt: skip
    """银行 / Run a simulated bank (SFTP) until Ctrl-C; kill it, and it goes on.

    A crash that the plan asks for ends it with status 70: start it again as it was.
    """
    running = Bank(
        store=Store.open(state, seed, STORE, SCHEMA), plan=read_plan(faults, faults=not no_faults),
        chance=Chance(seed), parties=Parties(code, own, account or f"{own}-{code}"),
        clock=clock_of(clock), folders=Folders(state, road, incoming), leave=leave,
    )  # fmt: skip
    running.begin()
    server = SftpServer(running.folders.sftp, host_key(state), user, client_keys, port)
    try:
        server.start()
    except OSError as error:
        raise cannot_listen(port, error) from error
    stopped = stopped_by_signal()
    click.echo(f"银行已就绪 / the bank is ready: sftp://{user}@{HOST}:{port}")
    run(running, server, stopped)
    click.echo("已停止 / stopped")
