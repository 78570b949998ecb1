"""The words of dispute: the trade an issuer is asked to book, what is known of it, the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from types import MappingProxyType

from tollcentre.core.refusal import Reason
from tollcentre.issuing.terms import EtcAccountState, MediumInfo
from tollcentre.ledger.terms import PostingLine


class DisputeReason(IntEnum):
    """记账结果: why a trade is not booked.

    Source: DisputedRecord/Result of the national exchange, as in public systems.
    """

    TAC_INVALID = 1
    REPEATED = 2
    LISTED = 3
    TRADE_TYPE_INVALID = 4
    OVERDUE = 5
    FIELD_MALFORMED = 6
    OVER_LIMIT = 7
    CARD_UNKNOWN = 8
    CARD_STATE_DIFFERS = 9
    CARD_EXPIRED = 10
    TRADE_NOT_ALLOWED = 11
    CSN_DIFFERS = 12
    TEST_TRADE = 13
    BALANCE_DIFFERS = 14
    CARD_TYPE_INVALID = 15
    LANE_CLOCK_WRONG = 16
    OBU_UNKNOWN = 17
    OTHER = 100


DISPUTE_TITLES: Mapping[DisputeReason, tuple[str, str]] = MappingProxyType(
    {
        DisputeReason.TAC_INVALID: ("验证未通过（TAC 错）", "TAC not verified"),
        DisputeReason.REPEATED: ("重复交易", "repeated trade"),
        DisputeReason.LISTED: ("用户状态变化（名单）", "on a status list"),
        DisputeReason.TRADE_TYPE_INVALID: ("无效交易类型", "invalid type of trade"),
        DisputeReason.OVERDUE: ("逾期", "overdue"),
        DisputeReason.FIELD_MALFORMED: ("数据域错", "malformed field"),
        DisputeReason.OVER_LIMIT: ("超限额", "over the limit"),
        DisputeReason.CARD_UNKNOWN: ("卡号不存在", "no such card"),
        DisputeReason.CARD_STATE_DIFFERS: ("卡状态不匹配", "state of the card does not allow it"),
        DisputeReason.CARD_EXPIRED: ("卡过期", "expired"),
        DisputeReason.TRADE_NOT_ALLOWED: ("不允许的交易", "trade not allowed"),
        DisputeReason.CSN_DIFFERS: ("CSN 不匹配", "serial numbers do not match"),
        DisputeReason.TEST_TRADE: ("测试交易", "test trade"),
        DisputeReason.BALANCE_DIFFERS: ("卡账不符（储值卡）", "balance differs (stored card)"),
        DisputeReason.CARD_TYPE_INVALID: ("无效卡类型", "invalid type of card"),
        DisputeReason.LANE_CLOCK_WRONG: ("车道对时错", "lane clock wrong"),
        DisputeReason.OBU_UNKNOWN: ("OBU 号不存在", "no such OBU"),
        DisputeReason.OTHER: ("其它", "other"),
    }
)
"""中文 and English of each reason."""


@dataclass(frozen=True)
class TradeToBook:
    """A trade that an issuer is asked to book; amounts in fen, the time in epoch seconds.

    `trade_key` names it in the answer. `fee_fen` is what the toll side claims, `pay_fee_fen` less
    `discount_fee_fen`; `trans_fee_fen` is what the medium signed: the same, or 0. `obu_no` is blank
    where no OBU was read, `card_no` where a single-piece OBU (单片式) pays; no balance is -1.
    """

    trade_key: str
    pass_id: str
    card_no: str
    card_type: int
    obu_no: str
    vehicle_id: str
    vehicle_type: int
    trans_time: int
    pay_fee_fen: int
    discount_fee_fen: int
    fee_fen: int
    trans_fee_fen: int
    tac: str
    trans_type: str
    terminal_no: str
    terminal_trans_no: str
    card_counter: int
    pre_balance_fen: int
    post_balance_fen: int
    algorithm_identifier: int
    key_version: int
    toll_province_id: str

    @property
    def payer_no(self) -> str:
        """The medium that signs: the card, or the single-piece OBU."""
        return self.card_no or self.obu_no

    @property
    def dedup_key(self) -> str:
        """What two records of the same charge share: payer, terminal, its counter, time."""
        parts = (self.payer_no, self.terminal_no, self.terminal_trans_no, str(self.trans_time))
        return "-".join(parts).upper()


@dataclass(frozen=True)
class BookingParameters:
    """What booking goes by on a day, out of `parameters/booking.yaml`."""

    overdue_days: int
    limit_fen: int
    clock_tolerance_s: int
    states_disputed: frozenset[EtcAccountState]
    provinces: frozenset[str]
    test_terminals: tuple[str, ...]


@dataclass(frozen=True)
class BookingFacts:
    """What the issuer knows of a trade; `states` and `listed` of its media at the trade's time."""

    tac_valid: bool
    seen_before: bool
    card: MediumInfo | None
    obu: MediumInfo | None
    states: frozenset[EtcAccountState]
    listed: frozenset[int]
    received_at: int
    parameters: BookingParameters


class Direction(StrEnum):
    """Which side of a trade we are: its exit was ours (收费方), its medium is (发行方), both, or we
    were driven through (服务方).
    """

    TOLL = "toll"
    ISSUER = "issuer"
    LOCAL = "local"
    SERVING = "serving"


class Result(IntEnum):
    """What a disputed trade is ruled to be; the national numbers."""

    PAY = 0
    BAD_DEBT = 1


class RulingSource(StrEnum):
    """Who ruled a dispute: the clearing operator, our own two people, or its deadline (视同)."""

    MINISTRY = "ministry"
    OWN = "own"
    DEEMED = "deemed"


class Liable(StrEnum):
    """Who is to blame for a trade within the province that was disputed (责任方)."""

    ISSUER = "issuer"
    OWNER = "owner"
    CUSTOMER = "customer"
    NOBODY = "nobody"


RULE_DISPUTES = "dispute.rule"
"""Name of the act that one person asks for and another approves: rulings within the province."""


@dataclass(frozen=True)
class OwnRuling:
    """What a clerk proposes of one dispute within the province.

    `liable_code` names the road owner or section where `liable` is the owner; `grounds` say why.
    """

    dispute: int
    result: Result
    liable: Liable
    liable_code: str
    grounds: str


@dataclass(frozen=True)
class DisputeDeadlines:
    """The last days for a dispute's evidence and for its ruling (争议期限)."""

    evidence: date
    ruling: date


@dataclass(frozen=True)
class HeldMoney:
    """The ledger's hold of a dispute: its key, and the lines that opened it (争议款)."""

    hold_key: str
    lines: tuple[PostingLine, ...]


@dataclass(frozen=True)
class WorkingCalendar:
    """Days on which the offices rest though it is no weekend, or work though it is one."""

    rests: frozenset[date]
    works: frozenset[date]


@dataclass(frozen=True)
class LiabilityRow:
    """Disputes within the province by who is liable and why they were disputed; fee in fen."""

    liable: str
    liable_code: str
    reason: int
    result: int
    source: str
    count: int
    fee: int


class Fate(StrEnum):
    """What has become of a trade (交易去向)."""

    TO_SEND = "to_send"
    SENT = "sent"
    HERE = "here"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    BAD_DEBT = "bad_debt"
    CLEARED = "cleared"
    LANE = "lane"
    CREDITED = "credited"
    FREE = "free"
    PART = "part"
    SERVED = "served"


@dataclass(frozen=True)
class FateRow:
    """Trades of one fate that wait on one party since one day; fee in fen."""

    direction: Direction
    fate: Fate
    waits_on: str
    since: date | None
    count: int
    fee: int


@dataclass(frozen=True)
class StatisticRow:
    """A counterparty's trades or parts of a clear day: our figure and the ministry's, fen.

    `booked_fee` is what stands on our accounts by it: of parts that we claim, the ministry's.
    """

    side: str
    kind: str
    party: str
    our_count: int
    our_fee: int
    their_count: int
    their_fee: int
    booked_fee: int


BOOKED_BEFORE = Reason(
    "message_booked_before",
    "报文 {message_id} 已有记账结果",
    "message {message_id} has a booking result already",
)
BOOKING_MISFIT = Reason(
    "booking_result_misfit",
    "记账结果的 {name} 为 {stated}，原报文为 {own}",
    "the booking result says {name} {stated}, the message has {own}",
)
DISPUTE_UNKNOWN = Reason(
    "dispute_unknown",
    "交易 {transaction_id} 不在争议中",
    "trade {transaction_id} is not in dispute",
)
RULED_BEFORE = Reason(
    "dispute_ruled_before",
    "交易 {transaction_id} 已裁定为 {ruled}",
    "trade {transaction_id} was already ruled {ruled}",
)
RULING_MISFIT = Reason(
    "ruling_misfit",
    "交易 {transaction_id} 争议金额为 {own} 分，裁定为 {stated} 分",
    "trade {transaction_id} is disputed for {own} fen, the ruling says {stated}",
)
NOT_RULED_HERE = Reason(
    "dispute_not_ruled_here",
    "争议 {dispute} 不由本中心裁定",
    "dispute {dispute} is not for this centre to rule",
)
RULING_WAITS = Reason(
    "ruling_waits",
    "交易 {transaction_id} 的裁定正等待复核",
    "a ruling of trade {transaction_id} waits for approval already",
)
RULINGS_MISSING = Reason("rulings_missing", "没有填写任何裁定", "no ruling was filled in")
RULED_TWICE_AT_ONCE = Reason(
    "ruled_twice_at_once",
    "交易 {transaction_id} 在同一申请中出现两次",
    "trade {transaction_id} stands twice in one request",
)
GROUNDS_MISSING = Reason("grounds_missing", "须写明理由", "say why")
GROUNDS_TOO_LONG = Reason(
    "grounds_too_long", "理由超过 {width} 个字", "the reason is over {width} characters"
)
LIABLE_CODE_MISFIT = Reason(
    "liable_code_misfit",
    "责任方为业主时须填业主或路段编号，其它责任方不填",
    "name the road owner or section where the owner is liable, and nothing where it is another",
)
NO_SUCH_DISPUTE = Reason("no_such_dispute", "没有争议 {dispute}", "there is no dispute {dispute}")
RULING_NOT_APPROVED = Reason(
    "ruling_not_approved",
    "申请 {key} 尚未批准",
    "request {key} is not approved",
)
WORKBOOK_UNREADABLE = Reason(
    "workbook_unreadable", "无法读取工作簿：{why}", "cannot read the workbook: {why}"
)
WORKBOOK_ALTERED = Reason(
    "workbook_altered",
    "该行的争议内容被改动过或不是本系统导出的",
    "the dispute of this row was altered, or was not exported here",
)
VALUE_UNKNOWN = Reason(
    "ruling_value_unknown", "不能是 {value}，应为：{known}", "{value} is none of: {known}"
)
