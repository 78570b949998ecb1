"""The plan of a bank's run: how it behaves and what goes wrong; from files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..counterpart.plan import Ends, frozen, read_values
from .terms import Booking, Receiving, Sending

FILES = ("bank_2026.yaml",)


@dataclass(frozen=True)
class Plan:
    """Every value of a run; shares in millionths, spans in seconds as their names say."""

    opening_wan_yuan: int
    pay_after_s: Ends
    parts_a_file: Ends
    account_closed_ppm: int
    name_disagrees_ppm: int
    rejected_ppm: int
    refused_after_debit_ppm: int
    return_ppm: int
    return_after_s: Ends
    publish_every_s: int
    statement_at_s: int
    receiving: Mapping[Receiving, int]
    sending: Mapping[Sending, int]
    booking: Mapping[Booking, int]
    delay_s: Ends
    reorder_s: int

    @property
    def opening_fen(self) -> int:
        """What the account holds when a run begins."""
        return self.opening_wan_yuan * 1_000_000


def read_plan(given: Path | None = None, *, faults: bool = True) -> Plan:
    """The plan of the house, with the values of a file in place of its own."""
    values = read_values(FILES, given)
    if not faults:
        for name in ("receiving", "sending", "booking"):
            values[name] = dict.fromkeys(values[name], 0)
    return Plan(**{name: frozen(value) for name, value in values.items()})
