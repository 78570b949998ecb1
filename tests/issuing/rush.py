"""So many clerks enrol the same few plates at once, each in a process of its own.

Prints, as JSON, what every attempt came to: `done`, or the code of its refusal.
"""

import json
import os
import random
import sys
from collections import Counter
from dataclasses import replace

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tollcentre.config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - after Django has started
from django.db import connection  # noqa: E402

from tests.issuing.counter import CAR, PERSON, counter, enrol  # noqa: E402
from tollcentre.core.refusal import Refusal  # noqa: E402
from tollcentre.issuing.models import Business, Holding  # noqa: E402
from tollcentre.privacy.actions import make_sealing_keys  # noqa: E402

CLERKS, PLATES = 50, 10


def work(clerk: int, go: int, told: int) -> None:
    """Enrol every plate in an order of one's own, once all clerks are there."""
    os.read(go, 1)
    chance, came = random.Random(clerk), []
    for plate in chance.sample(range(PLATES), PLATES):
        serial = clerk * PLATES + plate
        customer = replace(PERSON, id_type="102", id_number=f"E{clerk:08d}")
        try:
            enrol(
                customer=customer, vehicle=replace(CAR, vehicle_id=f"甘A{plate:05d}_0"),
                obu_no=f"6201{serial:012d}", card_no=f"6201{serial:016d}",
                counter=counter(key=f"{clerk}-{plate}"),
            )  # fmt: skip
        except Refusal as refusal:
            came.append([refusal.code, refusal.text_zh()])
        else:
            came.append(["done", ""])
    os.write(told, (json.dumps(came) + "\n").encode())


def main() -> None:
    call_command("migrate", verbosity=0)
    make_sealing_keys()
    connection.close()
    gate, open_gate = os.pipe()
    pipes = []
    for clerk in range(CLERKS):
        out, into = os.pipe()
        if os.fork() == 0:
            os.close(open_gate)
            work(clerk, gate, into)
            os._exit(0)
        os.close(into)
        pipes.append(out)
    os.write(open_gate, b"x" * CLERKS)
    came = []
    for out in pipes:
        with os.fdopen(out) as told:
            came += json.loads(told.read())
    open_ones = Holding.objects.filter(held_to=None).values_list("vehicle_id", "kind")
    print(json.dumps({
        "came": Counter(code for code, _ in came),
        "untold": sum(1 for code, text in came if code != "done" and "甘A" not in text),
        "businesses": Business.objects.count(),
        "open": len(open_ones),
        "different": len(set(open_ones)),
    }))  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
