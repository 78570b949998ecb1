"""How fast a cleared day is made into the messages that hand it up to the ministry's centre."""

import os
import resource
import time
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum

from tollcentre.clearing.terms import MINISTRY
from tollcentre.core.clock import day_start
from tollcentre.gateway.exchange import prepare
from tollcentre.messages.actions import add_peer
from tollcentre.messages.queries import has_peer, outbox

ACTOR = "bench"


def bench_uploads(day: date) -> dict[str, Any]:
    """Seconds to queue all that a cleared day hands up, which is taken back at the end.

    Records by kind of message; memory is the process's peak.
    """
    now = day_start(day + timedelta(days=1))
    with transaction.atomic():
        if not has_peer(MINISTRY):
            add_peer(code=MINISTRY, own_code="620201", address="http://127.0.0.1:1", actor=ACTOR,
                     now=now)  # fmt: skip
        began, worked = time.perf_counter(), _worked()
        messages = prepare(now)
        seconds, worked = time.perf_counter() - began, _worked() - worked
        sent = outbox().order_by()
        records = dict(sent.values_list("kind").annotate(n=Sum("count")).order_by("kind"))
        size = sent.aggregate(size=Sum("body__size_bytes"))["size"] or 0
        transaction.set_rollback(True)
    return {
        "messages": messages,
        "records": records,
        "body_mb": size // 2**20,
        "seconds": round(seconds, 1),
        "processor_seconds": round(worked, 1),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _worked() -> float:
    """Processor seconds of this process so far."""
    times = os.times()
    return times.user + times.system
