"""Reading the dated parameters of restoration; the times along a path that a person gave."""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from .terms import RestorationModel, Source


def model_at(entries: Sequence[dict[str, Any]], day: date) -> RestorationModel:
    """The model in force on the day: the entry with the latest `from` not after it."""
    in_force = [entry for entry in entries if entry["from"] <= day] or list(entries[:1])
    entry = max(in_force, key=lambda e: e["from"])
    return RestorationModel(
        drop_cost={int(Source[name.upper()]): cost for name, cost in entry["drop_cost"].items()},
        queue_below_ppm=entry["queue_below_ppm"],
        exit_wait_days=entry["exit_wait_days"],
        journey_days=entry["journey_days"],
        plain=entry["plain"],
        search=entry["search"],
        speed=entry["speed"],
    )


def times_along(
    metres: Sequence[int], known: Iterable[tuple[int, int]], otherwise: int
) -> list[int]:
    """The time at each of these metres of a path, in proportion between the known points.

    `known` are (metre, epoch second); of points that contradict each other the longest run in
    driving order counts. Before the first and after the last the nearest holds; with none,
    `otherwise`.
    """
    points = _in_order(sorted(set(known)))
    if not points:
        return [otherwise for _ in metres]
    marks = [metre for metre, _ in points]
    times = []
    for metre in metres:
        after = bisect_left(marks, metre)
        start, end = points[max(after - 1, 0)], points[min(after, len(points) - 1)]
        if start[0] >= metre or end[0] <= metre:
            times.append(end[1])
        else:
            gone = (end[1] - start[1]) * (metre - start[0]) // (end[0] - start[0])
            times.append(start[1] + gone)
    return times


def _in_order(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of points, sorted by metre, whose times rise."""
    ends: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for index, (_, time) in enumerate(points):
        place = bisect_left(ends, time)
        before.append(at[place - 1] if place else -1)
        ends[place : place + 1] = [time]
        at[place : place + 1] = [index]
    run: list[tuple[int, int]] = []
    index = at[-1] if at else -1
    while index >= 0:
        run.append(points[index])
        index = before[index]
    return run[::-1]


def decision_key(day: date, pass_key: int, number: int) -> str:
    """The approval key of the passage's decision of that number, counted from 1."""
    return f"path-{day:%Y%m%d}-{pass_key}-{number}"


def decision_digest(
    day: date, version: str, pass_key: int, units: Iterable[Sequence[str | int]]
) -> str:
    """The digest of what a decision says: whose path, under which network, which units when."""
    said = [day.isoformat(), version, pass_key, [list(unit) for unit in units]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
