"""The words of completeness: what a device declared to have sent, and what arrived."""

from dataclasses import dataclass
from enum import StrEnum


class CompletenessState(StrEnum):
    """How the declared batch sum and the arrived records of one device and hour compare."""

    COMPLETE = "complete"
    MISSING = "missing"
    SURPLUS = "surplus"
    FEE_DIFFERS = "fee_differs"
    UNDECLARED = "undeclared"


@dataclass(frozen=True)
class DeviceHour:
    """One device, hour (yyyyMMddHH) and record kind; amounts in fen, -1 where undeclared."""

    device_id: str
    hour: str
    record_kind: str
    declared_count: int
    declared_fee: int
    arrived_count: int
    arrived_fee: int
    missing_count: int
    missing_fee: int
    state: CompletenessState


@dataclass(frozen=True)
class SourceSummary:
    """One record kind of a day over all devices."""

    record_kind: str
    devices: int
    device_hours: int
    declared_count: int
    arrived_count: int
    missing_count: int
    surplus_count: int
    undeclared_hours: int
    missing_fee: int


@dataclass(frozen=True)
class Completeness:
    """A day's completeness: the device hours, worst first, and a summary per record kind."""

    rows: tuple[DeviceHour, ...]
    summary: tuple[SourceSummary, ...]

    @property
    def missing_count(self) -> int:
        """Records that were declared and did not arrive."""
        return sum(entry.missing_count for entry in self.summary)
