"""The plan of a channel's run: how it behaves and what goes wrong; from files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..counterpart.plan import Ends, frozen, read_values
from .terms import Billing, Noticing

FILES = ("channel_2026.yaml",)


@dataclass(frozen=True)
class Plan:
    """Every value of a run; shares in millionths, spans in seconds as their names say."""

    notice_after_s: Ends
    bill_at_s: int
    bill_late_s: Ends
    noticing: Mapping[Noticing, int]
    billing: Mapping[Billing, int]
    delay_s: Ends
    reorder_s: int


def read_plan(given: Path | None = None, *, faults: bool = True) -> Plan:
    """The plan of the house, with the values of a file in place of its own."""
    values = read_values(FILES, given)
    if not faults:
        for name in ("noticing", "billing"):
            values[name] = dict.fromkeys(values[name], 0)
    return Plan(**{name: frozen(value) for name, value in values.items()})
