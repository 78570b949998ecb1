"""The plan of a run: how the ministry's centre behaves and what goes wrong; from files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..counterpart.plan import Ends, frozen, read_values, wrong
from .terms import Planted, Receiving, Sending

FILES = ("exchange_ministry_2026.yaml", "exchange_faults_2026.yaml")
TRADES_A_MESSAGE_MAX = 10_000


@dataclass(frozen=True)
class Plan:
    """Every value of a run; shares in millionths, spans in seconds or days as their names say."""

    booking_after_s: Ends
    dispute_ppm: int
    dispute_reasons: Mapping[int, int]
    ruling_after_days: Ends
    bad_debt_ppm: int
    bad_debt_with_evidence_ppm: int
    ruling_at_s: int
    split_after_days: Ends
    split_at_s: int
    split_differs_ppm: int
    split_difference_fen: Ends
    change_after_s: Ends
    change_reject_ppm: int
    credit_after_s: Ends
    changes_at_s: int
    plate_held_ppm: int
    plate_silence_ppm: int
    change_ppm: int
    faulty_change_ppm: int
    statistics_at_s: int
    holdings_at_s: int
    pay_net_at_s: int
    trades_per_day: int
    messages_per_day: int
    sm4_ppm: int
    faulty_ppm: int
    faulty_kinds: Mapping[Planted, int]
    overdue_days: int
    provinces: tuple[int, ...]
    receiving: Mapping[Receiving, int]
    sending: Mapping[Sending, int]
    delay_s: Ends
    reorder_s: int


def read_plan(given: Path | None = None, *, faults: bool = True) -> Plan:
    """The plan of the house, with the values of a file in place of its own.

    Refuses a file that is no mapping, a name that is not known, and a value of another shape.
    """
    values = read_values(FILES, given)
    if not faults:
        values["receiving"] = dict.fromkeys(values["receiving"], 0)
        values["sending"] = dict.fromkeys(values["sending"], 0)
        values["plate_silence_ppm"] = 0
    most = values["messages_per_day"] * TRADES_A_MESSAGE_MAX
    if values["trades_per_day"] > most:
        raise wrong("trades_per_day", values["trades_per_day"], f"至多 {most}", f"at most {most}")
    for name in ("dispute_reasons", "faulty_kinds"):
        if not any(values[name].values()):
            raise wrong(name, values[name], "至少一个权重大于 0", "given a weight above 0")
    return Plan(**{name: frozen(value) for name, value in values.items()})
