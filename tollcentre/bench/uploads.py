"""How fast a cleared day is made into messages for the ministry's centre, and handed over to it."""

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import transaction
from django.db.models import Sum

from tollcentre.clearing.terms import MINISTRY
from tollcentre.core.clock import day_start
from tollcentre.gateway.exchange import client, prepare, token_path, turn
from tollcentre.messages.actions import add_peer
from tollcentre.messages.queries import has_peer, outbox

ACTOR = "bench"
NOBODY = "http://127.0.0.1:1"
RETRY_S = 60


def bench_uploads(day: date, *, hand_over: bool) -> dict[str, Any]:
    """Seconds to queue all that a cleared day hands up, which is taken back at the end.

    Records by kind of message; memory is the process's peak. With `hand_over` also the seconds in
    which a simulated ministry without faults reads, checks, keeps and receipts every message.
    """
    now = day_start(day + timedelta(days=1))
    with _ministry(hand_over) as address, transaction.atomic():
        if not has_peer(MINISTRY):
            add_peer(code=MINISTRY, own_code="620201", address=address, actor=ACTOR, now=now)
        began, worked = time.perf_counter(), _worked()
        messages = prepare(now)
        seconds, worked = time.perf_counter() - began, _worked() - worked
        sent = outbox().order_by()
        records = dict(sent.values_list("kind").annotate(n=Sum("count")).order_by("kind"))
        size = sent.aggregate(size=Sum("body__size_bytes"))["size"] or 0
        handed = _handed_over(now, messages) if hand_over else {}
        transaction.set_rollback(True)
    return {
        "messages": messages,
        "records": records,
        "body_mb": size // 2**20,
        "seconds": round(seconds, 1),
        "processor_seconds": round(worked, 1),
        **handed,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


@contextmanager
def _ministry(wanted: bool) -> Iterator[str]:
    """The address of a simulated ministry that runs meanwhile; of nobody where none is wanted."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    if not wanted:
        yield address
        return
    with TemporaryDirectory(prefix="tollcentre-bench-") as folder:
        token = Path(folder) / "token"
        kept = token_path(MINISTRY)
        kept.parent.mkdir(exist_ok=True)
        for path in (token, kept):
            path.write_text(ACTOR, encoding="utf-8")
        words = ["counterpart", "ministry", "--port", port, "--state", folder, "--ours", NOBODY,
                 "--token-file", token, "--seed", 1, "--no-faults"]  # fmt: skip
        command = [sys.executable, "-m", "tollcentre.cli.main", *map(str, words)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                yield address
            finally:
                process.kill()
                kept.unlink()


def _handed_over(now: int, messages: int) -> dict[str, Any]:
    """Seconds until every message has its receipt, this process's share of them, and how many."""
    began, worked, taken = time.perf_counter(), _worked(), 0
    with client() as carrier:
        while taken < messages:
            made = turn(now, carrier)
            if made.refused:
                raise RuntimeError("a message was refused / 报文被拒")
            taken += made.sent
            now += not made.sent and RETRY_S
    return {
        "handed_over": taken,
        "hand_over_seconds": round(time.perf_counter() - began, 1),
        "hand_over_processor_seconds": round(_worked() - worked, 1),
    }


def _worked() -> float:
    """Processor seconds of this process so far."""
    times = os.times()
    return times.user + times.system
