"""Takes in a file in a process of its own, in small pieces, so that it can be killed half way."""

import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tollcentre.config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - after Django has started

from tollcentre.messages import actions  # noqa: E402
from tollcentre.messages.codecs.definitions import limits  # noqa: E402

if __name__ == "__main__":
    limits()["block_bytes"] = 40_000
    call_command("migrate", verbosity=0)
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    report = actions.take_in_paths(paths=[Path(sys.argv[1])], now=int(sys.argv[2]))
    sys.stdout.write(f"{report.accepted} {report.quarantined} {report.duplicates}\n")
