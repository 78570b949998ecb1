"""Takes a file in, in small pieces, in a process forked for each line it is given, to be killed.

A line is the number of the step (a file of the home opened, moved or made) before which the process
kills itself; 0 lets it live.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tollcentre.config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - after Django has started
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from tollcentre.messages import actions  # noqa: E402
from tollcentre.messages.codecs.definitions import limits  # noqa: E402

STEPS = ("open", "os.rename", "os.mkdir")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def take_in(last: int) -> None:
    """Take the file in, and tell a file of its own how many steps it took."""
    done = 0

    def count(event: str, given: tuple[Any, ...]) -> None:
        nonlocal done
        if event in STEPS and str(given[0]).startswith(str(settings.HOME)):
            done += 1
            if done == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    actions.take_in_paths(paths=[Path(sys.argv[1])], now=int(sys.argv[2]))
    Path(sys.argv[3]).write_text(str(done))


if __name__ == "__main__":
    limits()["block_bytes"] = 40_000
    call_command("migrate", verbosity=0)
    # Forked before any thread or connection is there: each process has its own.
    connection.close()
    say("ready")
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            take_in(int(line))
            os._exit(0)
        say(str(process))
        say("cut short" if os.waitpid(process, 0)[1] else "finished")
