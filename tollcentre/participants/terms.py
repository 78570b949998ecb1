"""The words of participants."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tollcentre.core.refusal import Reason

OWNERSHIP_CONTRADICTS = Reason(
    "ownership_contradicts",
    "路段 {section} 自 {moment} 起已登记业主 {standing}，不能再登记为 {owner}",
    "section {section} already belongs to {standing} from {moment}, it cannot be given to {owner}",
)
AGREEMENT_CONTRADICTS = Reason(
    "agreement_contradicts",
    "{party} 自 {day} 起已有协议 {standing}，条款与 {agreement} 不同",
    "{party} already has agreement {standing} from {day}, with other terms than {agreement}",
)
AGREEMENT_BEFORE_STANDING = Reason(
    "agreement_before_standing",
    "{party} 已有自 {standing} 起的协议，不能再登记更早的（{day}）",
    "{party} already has an agreement from {standing}; one from {day} would reach back past it",
)
AGREEMENT_NO_TAKEN = Reason(
    "agreement_no_taken",
    "协议编号 {agreement} 已用于 {party} 自 {day} 起的协议",
    "agreement number {agreement} already names the one of {party} from {day}",
)
PARTY_UNKNOWN = Reason("party_unknown", "没有登记参与方 {party}", "there is no party {party}")
NOT_A_BANK = Reason("not_a_bank", "{party} 不是登记的银行", "{party} is not a known bank")
BANK_ACCOUNT_CONTRADICTS = Reason(
    "bank_account_contradicts",
    "银行 {bank} 自 {day} 起已登记账户 {standing}",
    "account {standing} already stands at bank {bank} from {day}",
)
LAG_NEGATIVE = Reason(
    "lag_negative", "付款间隔天数不能为负：{value}", "days to payment may not be negative: {value}"
)
TEXT_UNFIT = Reason(
    "text_unfit",
    "不能为空，也不能含竖线或换行：{value!r}",
    "may not be empty, nor hold a bar or a line end: {value!r}",
)
MOMENT_UNREADABLE = Reason(
    "moment_unreadable", "不是日期或时刻：{value}", "neither a day nor a time: {value}"
)
LAG_UNREADABLE = Reason("lag_unreadable", "不是天数：{value}", "not a number of days: {value}")

ENDLESS = 2**40
"""Later than any time, in epoch seconds."""


class PartyKind(StrEnum):
    """What a party is (参与方类型)."""

    ROAD_OWNER = "road_owner"
    ISSUER = "issuer"
    CENTRE = "centre"
    BANK = "bank"
    TREASURY = "treasury"
    CHANNEL = "channel"


class Cycle(StrEnum):
    """How many days one settlement of an agreement takes together (结算周期)."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class SettlementModel(StrEnum):
    """Whose money a toll is (结算模式): the owner's, or the public purse's."""

    ALLOT = "allot"
    REMIT = "remit"


class OwnershipMoment(StrEnum):
    """Which moment of a passage decides who owned the road (权属时点)."""

    GANTRY = "gantry"
    EXIT = "exit"
    CLEAR_DAY = "clear_day"


@dataclass(frozen=True)
class Owned:
    """A section's legal owner from a moment on (epoch s), until another row of it follows."""

    section_id: str
    owner_id: str
    from_time: int


@dataclass(frozen=True)
class Handover:
    """An owner's beginning at a section, and which moment of a passage it is held against."""

    owner_id: str
    from_time: int
    moment: OwnershipMoment


@dataclass(frozen=True)
class Tenure:
    """An owner of a section, and the passages whose money is the owner's there.

    It is theirs where the unit's own time lies in [unit_from, unit_to) and the exit's in
    [exit_from, exit_to), all in epoch seconds; of a section's tenures exactly one fits.
    """

    owner_id: str
    unit_from: int
    unit_to: int
    exit_from: int
    exit_to: int


@dataclass(frozen=True)
class PartyInfo:
    """A party and its names."""

    code: str
    kind: PartyKind
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Agreement:
    """What was agreed with a party from a day on, until its next agreement.

    `lag_days` lie between the end of a window and its payment; `payee_…` is where money goes (the
    treasury's account under remit), `payer_bank` the bank that we pay from.
    """

    agreement_no: str
    party_id: str
    from_day: date
    cycle: Cycle
    lag_days: int
    model: SettlementModel
    moment: OwnershipMoment
    payee_account: str
    payee_name: str
    payee_bank: str
    payer_bank: str
    template: str
    signed_on: date
    source: str


@dataclass(frozen=True)
class BankAccount:
    """The account of ours that stands at a bank from a day on, until another row of the bank."""

    bank_id: str
    account: str
    name: str
    from_day: date
