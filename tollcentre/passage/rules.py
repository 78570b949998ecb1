"""Reading the dated parameters of restoration."""

from collections.abc import Sequence
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
