"""How fast a province's vehicles are taken over, and found again among all of them."""

import csv
import random
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from tollcentre.access.terms import Role
from tollcentre.issuing.actions import load_register
from tollcentre.messages.actions import moment

ACTOR = "bench"
SEARCHES = 200
SKIPPED = 97
PAGES = ("customers", "vehicles", "businesses")


def bench_issuing(register: Path, progress: Callable[[int], None]) -> dict[str, Any]:
    """Seconds to take a register over, and milliseconds of pages that search it or list it.

    A page's time is the server's, from the request to its last byte; the 95th percentile of it.
    """
    began = time.perf_counter()
    report = load_register(path=register, actor=ACTOR, now=moment(), progress=progress)
    seconds = time.perf_counter() - began
    client = _manager()
    rows = random.Random(1).sample(list(islice(_rows(register), SEARCHES * SKIPPED)), SEARCHES)
    asked: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "plate": [("vehicles", {"vehicle_id": f"{row['plate']}_{row['colour']}"}) for row in rows],
        "obu": [("vehicles", {"medium_no": row["obu_no"]}) for row in rows],
        "card": [("vehicles", {"medium_no": row["card_no"]}) for row in rows],
        "phone": [("customers", {"phone": row["phone"]}) for row in rows],
        "list": [(name, {"page": number}) for name in PAGES for number in range(1, 21)],
    }  # fmt: skip
    return {
        "vehicles": report.new,
        "refused": len(report.refused),
        "load_seconds": round(seconds, 1),
        "vehicles_per_second": round(report.new / seconds) if report.new else 0,
        **{f"{name}_p95_ms": _p95(client, pages) for name, pages in asked.items()},
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _rows(register: Path) -> Iterator[dict[str, str]]:
    with register.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _manager() -> Client:
    user, _is_new = get_user_model().objects.get_or_create(username=ACTOR)
    user.groups.set([Group.objects.get(name=Role.MANAGER.value)])
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def _p95(client: Client, pages: list[tuple[str, dict[str, Any]]]) -> float:
    """The 95th percentile of the pages' times; a page that does not answer is an error."""
    times = []
    client.get(reverse(pages[0][0]))
    for name, asked in pages:
        began = time.perf_counter()
        answer = client.get(reverse(name), asked)
        times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{name} {asked}: {answer.status_code}")
    return round(statistics.quantiles(times, n=20)[-1], 1)
