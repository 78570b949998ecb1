"""The words of issuing: media, the states of their accounts, and why a line is refused."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tollcentre.core.refusal import Reason

MEDIUM_NO_MALFORMED = Reason(
    "medium_no_malformed",
    "介质编号 {value} 应为 16 位（OBU）或 20 位（卡）数字",
    "medium number {value} must have 16 digits (an OBU) or 20 (a card)",
)
ISSUER_ID_MALFORMED = Reason(
    "issuer_id_malformed", "发行方 {value} 应为 6 位数字", "issuer {value} must have 6 digits"
)
CARD_TYPE_UNKNOWN = Reason(
    "card_type_unknown",
    "卡类型 {value} 不存在：卡为 22 或 23，OBU 为空",
    "there is no card type {value}: 22 or 23 on a card, blank on an OBU",
)
VEHICLE_ID_MALFORMED = Reason(
    "vehicle_id_malformed",
    "车牌 {value} 应为 车牌号_颜色，如 甘A12345_0",
    "vehicle {value} must be plate_colour, as 甘A12345_0",
)
VEHICLE_TYPE_UNKNOWN = Reason(
    "vehicle_type_unknown", "没有车型 {value}", "there is no vehicle type {value}"
)
ENABLED_DAYS_MALFORMED = Reason(
    "enabled_days_malformed",
    "启用日期 {value} 应为两个日期，止不早于起",
    "enabled days {value} must be two dates, the second not before the first",
)
ACCOUNT_STATE_UNKNOWN = Reason(
    "account_state_unknown", "没有账户状态 {value}", "there is no account state {value}"
)
STATE_FROM_MALFORMED = Reason(
    "state_from_malformed",
    "账户状态的起始时间 {value} 不是时间",
    "the moment {value} from which the account state holds is no time",
)
MEDIUM_DIFFERS = Reason(
    "medium_differs",
    "介质 {medium_no} 已登记，{fields} 不同",
    "medium {medium_no} is registered with other {fields}",
)
ACCOUNT_STATE_DIFFERS = Reason(
    "account_state_differs",
    "介质 {medium_no} 自 {state_from} 起的账户状态已登记为 {standing}，不能再登记为 {state}",
    "medium {medium_no} is already {standing} from {state_from}, it cannot be {state}",
)
NO_SUCH_MEDIUM = Reason("no_such_medium", "没有介质 {medium_no}", "there is no medium {medium_no}")

STORED_CARD, POST_PAID_CARD = 22, 23
"""etcCardType: 储值卡 and 记账卡."""
OBU_DIGITS, CARD_DIGITS, NETWORK_DIGITS = 16, 20, 4


class MediumKind(StrEnum):
    """What a medium is (介质种类)."""

    OBU = "obu"
    CARD = "card"


class EtcAccountState(StrEnum):
    """How the ETC account of a medium stands (账户状态)."""

    NORMAL = "normal"
    SUSPENDED = "suspended"
    LOST = "lost"
    CANCELLED = "cancelled"
    OVERDRAWN = "overdrawn"
    UNLINKED = "unlinked"
    RESTRICTED = "restricted"


@dataclass(frozen=True)
class MediumInfo:
    """A medium and the vehicle it was issued for; valid on its enabled days, both included."""

    medium_no: str
    issuer_id: str
    card_type: int
    vehicle_id: str
    vehicle_type: int
    enabled_from: date
    enabled_to: date

    @property
    def kind(self) -> MediumKind:
        """OBU or card, by the number of digits."""
        return MediumKind.OBU if len(self.medium_no) == OBU_DIGITS else MediumKind.CARD

    @property
    def network_no(self) -> str:
        """网络编号: province and sequence, the first four digits."""
        return self.medium_no[:NETWORK_DIGITS]


@dataclass(frozen=True)
class EtcAccountChange:
    """From this moment (epoch seconds) on the medium's account stands so."""

    medium_no: str
    state_from: int
    state: EtcAccountState
