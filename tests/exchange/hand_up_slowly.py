"""Hands days up in a process forked for each line it is given, to be killed.

A line is the change of the database after which the process kills itself; 0 lets it live. It
answers how many changes were made, or `cut short`.
"""

import os
import signal
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tollcentre.config.settings")
django.setup()

from django.db import connection  # noqa: E402 - after Django has started

from tollcentre.gateway import exchange  # noqa: E402

NOW = 1_793_700_000


def hand_up(last: int, told: int) -> None:
    """Hand up what is to go, and tell the pipe how often the database changed."""
    done = 0

    def changed() -> None:
        nonlocal done
        done += 1
        if done == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(commit: Any) -> Any:
        def run() -> Any:
            given = commit()
            changed()
            return given

        return run

    def alone(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """A statement outside any transaction is a change of its own."""
        given = execute(sql, params, many, context)
        if connection.get_autocommit() and not sql.startswith(("SELECT", "BEGIN", "PRAGMA")):
            changed()
        return given

    connection.ensure_connection()
    connection._commit = counted(connection._commit)
    with connection.execute_wrapper(alone):
        exchange.prepare(NOW)
    os.write(told, f"{done}\n".encode())


if __name__ == "__main__":
    for line in sys.stdin:
        out, into = os.pipe()
        process = os.fork()
        if process == 0:
            hand_up(int(line), into)
            os._exit(0)
        os.close(into)
        with os.fdopen(out) as told:
            answer = told.read().strip()
        status = os.waitpid(process, 0)[1]
        print(answer if status == 0 else f"cut short {status}", flush=True)
