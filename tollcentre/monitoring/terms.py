"""The words of completeness: what a device declared to have sent, and what arrived."""

from dataclasses import dataclass
from enum import StrEnum

from tollcentre.core.refusal import Reason

STATION_WIDTH = 14
"""A lane's id begins with its station's, of so many characters; a gantry's is longer."""


LANE_KINDS = ("entry_record", "exit_record")
"""Kinds of records that lanes send; the others come from gantries."""


class CompletenessState(StrEnum):
    """How the declared batch sum and the arrived records of one device and hour compare."""

    COMPLETE = "complete"
    MISSING = "missing"
    SURPLUS = "surplus"
    FEE_DIFFERS = "fee_differs"
    UNDECLARED = "undeclared"
    SILENT = "silent"


@dataclass(frozen=True)
class DeviceHour:
    """One device, hour (yyyyMMddHH) and record kind; amounts in fen, -1 where undeclared.

    `owes_declaration`: the device is one that declares every hour, and did not declare this one.
    """

    device_id: str
    hour: str
    record_kind: str
    declared_count: int
    declared_fee: int
    arrived_count: int
    arrived_fee: int
    missing_count: int
    missing_fee: int
    late_count: int
    owes_declaration: bool
    state: CompletenessState

    @property
    def is_missed(self) -> bool:
        """Whether something of it has not come: records, or the declaration itself."""
        return self.missing_count > 0 or self.owes_declaration

    @property
    def source(self) -> str:
        """Who sends it: the gantry itself, or the station of the lane."""
        lane = self.record_kind in LANE_KINDS
        return self.device_id[:STATION_WIDTH] if lane else self.device_id


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
    silent_hours: int
    missing_fee: int
    late_count: int


@dataclass(frozen=True)
class SourceBoard:
    """A source's hour batches of a day and kind (来源完整性): what it declared and what came; fen.

    `late` records arrived, but long after their hour.
    """

    source: str
    record_kind: str
    batches: int
    batches_missing: int
    expected: int
    arrived: int
    missing: int
    late: int
    missing_fee: int


@dataclass(frozen=True)
class RequestParameters:
    """How missing batches are asked for again, out of `parameters/requests.yaml`; seconds."""

    days_back: int
    grace_s: int
    first_pause_s: int
    longest_pause_s: int
    declared_every_hour: tuple[str, ...]


class RequestState(StrEnum):
    """What has become of a missed hour batch (催补状态)."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True)
class Chased:
    """What one look for missing batches did."""

    missed: int
    asked_again: int
    answered: int


@dataclass(frozen=True)
class Completeness:
    """A day's completeness: the device hours, worst first, and a summary per record kind."""

    rows: tuple[DeviceHour, ...]
    summary: tuple[SourceSummary, ...]

    @property
    def missing_count(self) -> int:
        """Records that were declared and did not arrive."""
        return sum(entry.missing_count for entry in self.summary)


NO_SUCH_REQUEST = Reason(
    "no_such_request", "没有待补的催补 {number}", "there is no open request {number}"
)
CLOSE_REASON_MISSING = Reason(
    "close_reason_missing", "关闭催补须说明原因", "a request is closed with a reason"
)
