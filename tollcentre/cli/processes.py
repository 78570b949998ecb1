"""What the simulated counterparts have in common as processes."""

import os
import signal
import threading
import time
from pathlib import Path
from typing import NoReturn

import click

from tollcentre.core.refusal import Reason, Refusal
from tollcentre.simulation.counterpart.clock import Clock

CRASHED = 70
"""Exit status of a crash that the plan asked for; whoever started the process starts it again."""
HOST = "127.0.0.1"
ADDRESS_TAKEN = Reason(
    "address_not_available",
    "无法监听 {address}：{why}",
    "cannot listen on {address}: {why}",
)
SECRET_MISSING = Reason(
    "token_missing",
    "令牌文件 {path} 为空或含空白",
    "the token file {path} is empty or holds a blank",
)
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


def leave() -> NoReturn:
    """Ends the process at once, as a crash."""
    os._exit(CRASHED)


def clock_of(path: Path | None) -> Clock:
    """The moment: of a file where one is named, else of this machine."""
    return Clock(lambda: int(time.time()), path)


def stopped_by_signal() -> threading.Event:
    """Set by Ctrl-C or a polite kill."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped


def cannot_listen(port: int, error: OSError) -> Refusal:
    """The refusal of an address that is not to be had."""
    return Refusal(ADDRESS_TAKEN, address=f"{HOST}:{port}", why=error.strerror or str(error))


def read_secret(path: Path, field: str = "token_file") -> str:
    """The token or key in a file; refused where it is none."""
    secret = path.read_text(encoding="utf-8").strip()
    if not secret or any(letter.isspace() for letter in secret):
        raise Refusal(SECRET_MISSING, field=field, path=path)
    return secret
