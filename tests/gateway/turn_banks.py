"""Turns of banks without end, in a process that a test kills: `turn_banks.py HOST_PORT HOST_KEY`.

Prints the public key of ours, then turns; a payment goes out for each number that stdin brings.
"""

import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

from tollcentre.cli.main import start_django

start_django()

from django.db import OperationalError, transaction  # noqa: E402 - once Django was started

from tollcentre.gateway import banks  # noqa: E402
from tollcentre.messages import actions  # noqa: E402
from tollcentre.messages import queries as messages  # noqa: E402
from tollcentre.messages.models import HoldingsCheck  # noqa: E402

NOW = 1_795_000_000
DAY = date(2026, 11, 18)


def act(parcel: Any, now: int) -> None:
    """One row for each file; a second one for the same file is an error."""
    HoldingsCheck.objects.create(
        message_id=parcel.envelope.message_id, peer="B01", day=DAY, count=1, unknown_here=[],
        differing=[], checked_at=now,
    )  # fmt: skip


def pay(number: str) -> None:
    with transaction.atomic():
        actions.queue_messages(
            cause=f"v{number}", kind="payment", receiver="B01", fields={}, clear_date=DAY, now=1,
            records=[{"instruction_id": f"v{number}", "payee_account": "1", "payee_name": "甲",
                      "payee_bank": "乙", "amount_fen": int(number)}],
        )  # fmt: skip


def listen() -> None:
    for line in sys.stdin:
        pay(line.strip())
        print(f"paid {line.strip()}", flush=True)


def main(address: str, host_key: bytes) -> None:
    """Register the bank the first time, then turn, the clock far ahead each time."""
    if not messages.peers().exists():
        told = banks.register(
            code="B01", own_code="620201", address=address, user="centre", host_key=host_key,
            actor="t", now=0,
        )  # fmt: skip
        print(told, flush=True)
    banks.ACTS["payment_return"] = act
    threading.Thread(target=listen, daemon=True).start()
    clock = Path(sys.argv[3])
    while True:
        now = (int(clock.read_text()) if clock.exists() else NOW) + 10_000
        waiting = clock.with_suffix(".next")
        waiting.write_text(str(now))
        waiting.replace(clock)
        try:
            banks.turn(now)
        except OperationalError:
            continue


main(sys.argv[1], Path(sys.argv[2]).read_bytes())
