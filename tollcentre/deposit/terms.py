"""The words of deposit: shifts, slips, bills, what becomes of each payment at a lane, refusals."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tollcentre.core.refusal import Reason

LANE_PAYMENTS = "lane_payment"
"""Lake relation of a run's payments at lanes: everything collected that no issuer books."""
CHANNEL_ORDERS = "channel_order"
"""Lake relation of the orders of channels' bills, one file a bill."""
RULE_DIFFERENCE = "deposit.rule"
"""Act of deciding on a difference that another person approves."""


class Means(StrEnum):
    """By what a passage was paid at the lane (支付方式)."""

    CASH = "cash"
    MOBILE = "mobile"
    CARD = "card"
    UNKNOWN = "unknown"


class ShiftState(StrEnum):
    """What a shift's cash waits for, or how it ended (缴存状态); the first that applies."""

    TO_REPORT = "to_report"
    TO_DEPOSIT = "to_deposit"
    TO_CREDIT = "to_credit"
    SHORT = "short"
    OVER = "over"
    SETTLED = "settled"


class DepositDifferenceKind(StrEnum):
    """What does not agree between lanes, reports, slips and bills (缴存差异)."""

    SHORT = "short"
    OVER = "over"
    BILL_ONLY = "bill_only"
    LANE_ONLY = "lane_only"
    AMOUNT_DIFFERS = "amount_differs"
    PAID_TWICE = "paid_twice"
    REFUNDED = "refunded"
    ORDER_REUSED = "order_reused"
    NO_ORDER = "no_order"
    MEANS_UNKNOWN = "means_unknown"


class DepositRulingKind(StrEnum):
    """What a person decides of a difference: who paid a lane record, or that an overage is kept."""

    PAID_IN_CASH = "paid_in_cash"
    PAID_BY_ORDER = "paid_by_order"
    KEPT = "kept"


@dataclass(frozen=True)
class LaneStanding:
    """Lane records of a clear day that wait on one party since a day, or are credited; fen."""

    clear_date: date
    waits_on: str
    since: date | None
    count: int
    fen: int


@dataclass(frozen=True, order=True, slots=True)
class ShiftKey:
    """A shift of a station (班次): the day it belongs to need not be that of an exit."""

    station_id: str
    shift_day: date
    shift: str

    @property
    def text(self) -> str:
        """How a posting and a difference name it."""
        return f"{self.station_id}:{self.shift_day}:{self.shift}"


@dataclass(frozen=True, slots=True)
class ReportedShift:
    """A shift report as a station hands it in; amounts in fen, the time in epoch seconds."""

    key: ShiftKey
    operator_id: str
    cash_fen: int
    mobile_fen: int
    slips: tuple[str, ...]
    closed_at: int


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """What is known of a shift's cash in fen; `declared_fen` None until its report has come."""

    lane_fen: int
    declared_fen: int | None
    slips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """A deposit slip in fen: when it was paid in, and whether the bank's statement shows it."""

    slip_no: str
    key: ShiftKey
    amount_fen: int
    deposited_at: int
    credited: bool


@dataclass(frozen=True, slots=True)
class SlipShare:
    """The part of a slip that pays for a shift, in fen."""

    slip_no: str
    key: ShiftKey
    fen: int


@dataclass(frozen=True, slots=True)
class CashPosition:
    """Where every fen of a shift's cash is: lane = paid + at bank + at station + short."""

    paid_fen: int
    bank_fen: int
    station_fen: int
    short_fen: int
    over_fen: int
    declared_over_fen: int
    state: ShiftState


@dataclass(frozen=True)
class Expected:
    """A credit that a bank's statement should show; fen. `reference` is what it is known by."""

    key: str
    kind: str
    bank_id: str
    reference: str
    amount_fen: int
    since: date


@dataclass(frozen=True)
class BoardRow:
    """A station's day (缴存日): cash and mobile payments in fen; its worst state."""

    station_id: str
    shift_day: date
    shifts: int
    due_fen: int
    declared_fen: int
    deposited_fen: int
    credited_fen: int
    waiting_fen: int
    late_fen: int
    short_fen: int
    over_fen: int
    mobile_fen: int
    matched_fen: int
    mobile_waiting_fen: int
    mobile_differs_fen: int
    other_fen: int
    state: ShiftState


SHIFT_FIELD_MISFORMED = Reason(
    "shift_field_misformed",
    "{name} 的值 {value} 不符合要求：{wanted_zh}",
    "the value {value} of {name} does not fit: {wanted_en}",
)
SHIFT_TWICE_IN_FILE = Reason(
    "shift_twice_in_file",
    "班次 {shift} 在文件中有两份同一时刻而内容不同的报告",
    "shift {shift} has two reports of one moment in the file that differ",
)
SLIP_DIFFERS = Reason(
    "deposit_slip_differs",
    "缴款单 {slip_no} 已登记为另一内容",
    "deposit slip {slip_no} was already taken with other content",
)
BILL_KNOWN_OTHERWISE = Reason(
    "channel_bill_known_otherwise",
    "渠道 {channel} {day} 的账单已按另一内容接收",
    "the bill of channel {channel} for {day} was already taken with other content",
)
NO_SUCH_EXPECTED = Reason(
    "no_such_expected_credit", "没有待入账款项 {key}", "no credit {key} is expected"
)
CREDITED_OTHERWISE = Reason(
    "credited_otherwise",
    "{key} 已由 {cause} 入账",
    "{key} was already credited by {cause}",
)
NO_SUCH_DIFFERENCE = Reason(
    "no_such_deposit_difference",
    "没有缴存差异 {key}",
    "there is no deposit difference {key}",
)
NO_SUCH_SHIFT = Reason("no_such_shift", "没有班次 {shift}", "there is no shift {shift}")
RULING_DOES_NOT_FIT = Reason(
    "deposit_ruling_does_not_fit",
    "差异 {key} 不能这样处理：{why_zh}",
    "difference {key} cannot be ruled so: {why_en}",
)
RULING_WAITS = Reason(
    "deposit_ruling_waits",
    "差异 {key} 已有 {maker} 的处理待复核",
    "{maker}'s ruling on difference {key} waits for approval",
)
RULING_REASON_MISSING = Reason(
    "deposit_ruling_reason_missing", "请写明处理理由", "say why it is ruled so"
)
