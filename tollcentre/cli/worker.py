"""The process beside `serve` that does what people start on pages: runs, exports.

It watches its standard input: when the server that started it is gone, however it went, the
input closes and the worker stops after the job in hand.
"""

import os
import signal
import threading

from django.core.management import call_command

from .main import start_django


def stop_with_parent() -> None:
    """Wait until standard input closes, then ask this process to stop."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Take jobs from the database until told to stop."""
    start_django()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=stop_with_parent, daemon=True).start()
    call_command("db_worker", queue_name="*", interval=0.5, startup_delay=False, verbosity=0)


if __name__ == "__main__":
    main()
