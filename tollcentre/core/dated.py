"""Rules are dated: a value is always read by the day, never as the current one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any


def value_at(entries: Sequence[Mapping[str, Any]], day: date) -> Any:
    """The value of the last entry that began by the day; of the first for days before all."""
    begun = [entry for entry in entries if entry["from"] <= day] or entries[:1]
    return max(begun, key=lambda entry: entry["from"])["value"]
