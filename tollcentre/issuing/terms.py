"""The words of issuing: media, the states of their accounts, and why a line is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

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
SIZE_MISSING = Reason(
    "size_missing",
    "{kind}的车型须有 {name} 才能算出",
    "the vehicle type of a {kind} cannot be computed without {name}",
)
SIZE_IMPOSSIBLE = Reason(
    "size_impossible",
    "{name} 为 {value} 不可能：应在 {least} 与 {most} 之间",
    "{name} cannot be {value}: it lies between {least} and {most}",
)
VEHICLE_TYPE_DIFFERS = Reason(
    "vehicle_type_differs",
    "按行驶证算得车型 {computed}，不能登记为 {wanted}",
    "by its licence the vehicle is of type {computed}, it cannot be registered as {wanted}",
)
CUSTOMER_FIELD_MISSING = Reason(
    "customer_field_missing", "客户资料缺 {name}", "the customer's {name} is missing"
)
ID_TYPE_UNKNOWN = Reason(
    "id_type_unknown",
    "证件类型 {value} 不适用于此类客户",
    "there is no document type {value} for such a customer",
)
ID_NUMBER_WRONG = Reason(
    "id_number_wrong",
    "证件号码不合其类型的规则（校验码、日期或行政区划）",
    "the document number breaks the rules of its type (check digit, date or place)",
)
PHONE_WRONG = Reason(
    "phone_wrong",
    "手机号应为 1 开头的 11 位数字，或带区号的固定电话",
    "a phone has 11 digits beginning with 1, or is a landline with its area code",
)
CUSTOMER_DIFFERS = Reason(
    "customer_differs",
    "该证件已登记为客户 {customer_no}，{fields} 不同；请先办理客户资料变更",
    "the document belongs to customer {customer_no} with other {fields}; change the customer first",
)
VEHICLE_OF_OTHER = Reason(
    "vehicle_of_other",
    "车辆 {vehicle_id} 属于另一客户；请先办理过户",
    "vehicle {vehicle_id} is another customer's; transfer it first",
)
VEHICLE_HAS_MEDIUM = Reason(
    "vehicle_has_medium",
    "车辆 {vehicle_id} 已有在用{kind} {medium_no}，不能再发",
    "vehicle {vehicle_id} already holds the {kind} {medium_no}",
)
VEHICLE_HAS_NO_MEDIUM = Reason(
    "vehicle_has_no_medium",
    "车辆 {vehicle_id} 没有在用{kind}",
    "vehicle {vehicle_id} holds no {kind}",
)
MEDIUM_ISSUED = Reason(
    "medium_issued",
    "介质 {medium_no} 已经发行过",
    "medium {medium_no} was issued before",
)
MEDIUM_OF_OTHER_ISSUER = Reason(
    "medium_of_other_issuer",
    "介质 {medium_no} 的网络编号不是本省发行方的",
    "medium {medium_no} does not bear this province's network number",
)
NO_SUCH_VEHICLE = Reason(
    "no_such_vehicle", "没有登记车辆 {vehicle_id}", "vehicle {vehicle_id} is not registered"
)
NO_SUCH_CUSTOMER = Reason(
    "no_such_customer", "没有客户 {customer_no}", "there is no customer {customer_no}"
)
STATE_FORBIDS = Reason(
    "state_forbids",
    "介质 {medium_no} 为{state}，不能办理{business}",
    "medium {medium_no} is {state}: {business} cannot be done",
)
BUSINESS_DIFFERS = Reason(
    "business_differs",
    "表单 {key} 已办理过其他内容（业务 {business_no}）",
    "form {key} was already used for other content (business {business_no})",
)
REASON_MISSING = Reason("reason_missing", "须写明办理原因", "say why this is done")
BANK_ACCOUNT_MISSING = Reason(
    "bank_account_missing",
    "银行签约须有银行和账号",
    "a contract with a bank needs the bank and the account",
)

CONTRACT_UNFIT = Reason(
    "contract_unfit",
    "卡类型 {card_type} 与扣款方式 {contract} 不符：记账卡由银行付，储值卡预存",
    "card type {card_type} does not go with {contract}: a bank pays for 23, 22 is prepaid",
)
FIELD_UNREADABLE = Reason(
    "field_unreadable", "{name} 的内容 {value} 不能用", "{value} cannot be used as {name}"
)
SHEET_UNREADABLE = Reason(
    "sheet_unreadable",
    "不是可用的开户工作簿：{why}",
    "this is no workbook of enrolments: {why}",
)
PLATE_HELD_ELSEWHERE = Reason(
    "plate_held_elsewhere",
    "车辆 {vehicle_id} 在全国已有在用介质（发行方 {issuer_id}），须先在原发行方注销",
    "vehicle {vehicle_id} holds media of issuer {issuer_id} already; they must be cancelled there",
)
DOCUMENT_TAKEN = Reason(
    "document_taken",
    "该证件已登记为另一客户 {customer_no}",
    "the document belongs to another customer, {customer_no}",
)
TRANSFER_TO_SAME = Reason(
    "transfer_to_same",
    "车辆 {vehicle_id} 已属于客户 {customer_no}",
    "vehicle {vehicle_id} is customer {customer_no}'s already",
)
CHECK_WAITING = Reason(
    "check_waiting",
    "车辆 {vehicle_id} 的全国核验尚无答复，介质挂起，不能解挂",
    "the nationwide check of {vehicle_id} has no answer yet: its media stay suspended",
)
UNIT_NOT_YOURS = Reason(
    "unit_not_yours",
    "机构 {unit} 不在您的数据范围内",
    "unit {unit} is outside your scope",
)

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


class VehicleKind(StrEnum):
    """What a vehicle is by its driving licence (车辆种类): 客车, 货车, 专项作业车."""

    PASSENGER = "passenger"
    TRUCK = "truck"
    SPECIAL = "special"


@dataclass(frozen=True)
class VehicleSize:
    """What the type of a vehicle depends on; lengths in mm, masses in kg, 0 where not told.

    Axles are those of the whole train where a licence describes one; `car_train` is 乘用车列车.
    """

    kind: VehicleKind
    seats: int
    length_mm: int
    total_mass: int
    axles: int
    width_mm: int = 0
    height_mm: int = 0
    car_train: bool = False


class CustomerKind(StrEnum):
    """Who a customer is (客户类型): a person or a company."""

    PERSON = "person"
    COMPANY = "company"


class NationalState(StrEnum):
    """What the ministry says of a plate (全国核验): free, held elsewhere, or nothing yet."""

    FREE = "free"
    HELD = "held"
    SILENT = "silent"


@dataclass(frozen=True)
class NationalAnswer:
    """The ministry's word on a plate: who holds it, or why it said nothing."""

    state: NationalState
    issuer_id: str = ""
    fault: str = ""


class ContractKind(StrEnum):
    """How the tolls of a card are paid (扣款方式)."""

    BANK = "bank"
    PREPAID = "prepaid"


class BusinessKind(StrEnum):
    """What is done at a counter (业务类型)."""

    ENROL = "enrol"
    CHANGE_CUSTOMER = "change_customer"
    CHANGE_VEHICLE = "change_vehicle"
    REPLACE = "replace"
    SUSPEND = "suspend"
    RESUME = "resume"
    REPORT_LOST = "report_lost"
    FOUND = "found"
    REACTIVATE = "reactivate"
    CANCEL = "cancel"
    TRANSFER = "transfer"


TRANSITIONS: Mapping[BusinessKind, tuple[frozenset[EtcAccountState], EtcAccountState]] = (
    MappingProxyType(
        {
            BusinessKind.SUSPEND: (
                frozenset({EtcAccountState.NORMAL}), EtcAccountState.SUSPENDED,
            ),
            BusinessKind.RESUME: (
                frozenset({EtcAccountState.SUSPENDED}), EtcAccountState.NORMAL,
            ),
            BusinessKind.REPORT_LOST: (
                frozenset({EtcAccountState.NORMAL, EtcAccountState.SUSPENDED}),
                EtcAccountState.LOST,
            ),
            BusinessKind.FOUND: (frozenset({EtcAccountState.LOST}), EtcAccountState.NORMAL),
            BusinessKind.REACTIVATE: (
                frozenset({EtcAccountState.NORMAL}), EtcAccountState.NORMAL,
            ),
            BusinessKind.REPLACE: (
                frozenset(
                    {EtcAccountState.NORMAL, EtcAccountState.SUSPENDED, EtcAccountState.LOST}
                ),
                EtcAccountState.CANCELLED,
            ),
            BusinessKind.CANCEL: (
                frozenset(
                    {EtcAccountState.NORMAL, EtcAccountState.SUSPENDED, EtcAccountState.LOST}
                ),
                EtcAccountState.CANCELLED,
            ),
            BusinessKind.TRANSFER: (
                frozenset(
                    {EtcAccountState.NORMAL, EtcAccountState.SUSPENDED, EtcAccountState.LOST}
                ),
                EtcAccountState.CANCELLED,
            ),
        }
    )
)  # fmt: skip
"""Business → the states that a medium may be in before it, and the state it is in after it.

Who owes (overdrawn, unlinked, restricted) pays first; nothing follows a cancelled medium.
"""


@dataclass(frozen=True)
class CustomerGiven:
    """A customer as a form gives it, in clear; `id_type` by the national codes (101, 201, …)."""

    kind: CustomerKind
    name: str
    id_type: str
    id_number: str
    phone: str
    address: str = ""


@dataclass(frozen=True)
class VehicleGiven:
    """A vehicle as its driving licence says; `wanted_type` is a type somebody asks for."""

    vehicle_id: str
    size: VehicleSize
    use_character: str = ""
    vin: str = ""
    licensed_on: date | None = None
    wanted_type: int | None = None


@dataclass(frozen=True)
class ContractGiven:
    """How tolls are to be paid, in clear; bank and account are blank of a prepaid one."""

    kind: ContractKind
    bank: str = ""
    account: str = ""


@dataclass(frozen=True)
class Counter:
    """Where and by whom a business is done, and the key of its form."""

    business_key: str
    unit_code: str
    reason: str = ""


@dataclass(frozen=True)
class Receipt:
    """What a business gives to take home (业务回执)."""

    business_no: str
    kind: BusinessKind
    at: int
    customer_no: str
    vehicle_id: str
    vehicle_type: int
    obu: str
    card: str
