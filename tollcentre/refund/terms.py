"""The words of refund: a change of a toll that was paid, why it is due, where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from types import MappingProxyType

from tollcentre.core.refusal import Reason

APPROVE_CHANGE = "refund.approve_change"
"""The act that a second person allows."""
ENGINE = "engine"
"""Who raises what nobody has complained of yet (未诉先办)."""


CENTRE = "0201"
"""What follows the province in a centre's code."""


class ChangeKind(StrEnum):
    """退费 or 补费: a toll given back, or paid afterwards."""

    REFUND = "refund"
    SUPPLEMENT = "supplement"


class ChangeCause(StrEnum):
    """Why a toll changes (退补费原因); the first four are what the engine itself finds."""

    REPEATED_UNIT = "repeated_unit"
    SECOND_EXIT = "second_exit"
    UNIT_NOT_DRIVEN = "unit_not_driven"
    ABOVE_TARIFF = "above_tariff"
    WRONG_CLASS = "wrong_class"
    COMPLAINT = "complaint"
    BELOW_TARIFF = "below_tariff"


class ChangeRoute(StrEnum):
    """Whom a change needs: the ministry, or nobody outside this province (本地)."""

    MINISTRY = "ministry"
    HERE = "here"


class ChangeState(StrEnum):
    """Where a change stands (退补费状态)."""

    DRAFTED = "drafted"
    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CREDITED = "credited"
    CLOSED = "closed"


TRANSITIONS: Mapping[ChangeState, frozenset[ChangeState]] = MappingProxyType(
    {
        ChangeState.DRAFTED: frozenset({ChangeState.PROPOSED, ChangeState.WITHDRAWN}),
        ChangeState.PROPOSED: frozenset({ChangeState.APPROVED, ChangeState.WITHDRAWN}),
        ChangeState.APPROVED: frozenset({ChangeState.SENT, ChangeState.ACCEPTED}),
        ChangeState.SENT: frozenset({ChangeState.ACCEPTED, ChangeState.REJECTED}),
        ChangeState.ACCEPTED: frozenset({ChangeState.CREDITED}),
        ChangeState.CREDITED: frozenset({ChangeState.CLOSED}),
        ChangeState.WITHDRAWN: frozenset(),
        ChangeState.REJECTED: frozenset(),
        ChangeState.CLOSED: frozenset(),
    }
)
"""State → the states that may follow it. A local change goes from approved to accepted."""
NOT_COUNTED = frozenset({ChangeState.WITHDRAWN, ChangeState.REJECTED})
"""States in which a change takes nothing of what was paid."""
IN_EFFECT = frozenset({ChangeState.ACCEPTED, ChangeState.CREDITED, ChangeState.CLOSED})
"""States in which the owners' shares have been moved."""
PAID = frozenset({ChangeState.CREDITED, ChangeState.CLOSED})


class InvoiceFlag(IntEnum):
    """开票标志: whether an invoice was issued for the toll; the national numbers."""

    ISSUED = 1
    NOT_ISSUED = 2


class ChangeResult(IntEnum):
    """What the ministry says of a change: 1 accepted, 2 rejected, 3 the customer is credited."""

    ACCEPTED = 1
    REJECTED = 2
    CREDITED = 3


class CreditResult(IntEnum):
    """What the issuer makes of a change that it is to credit (入账结果)."""

    CREDITED = 0
    MEDIUM_UNKNOWN = 1
    TRADE_UNKNOWN = 2
    ABOVE_ORIGINAL = 3
    REPEATED = 4


@dataclass(frozen=True)
class RefundParameters:
    """What the search for overcharges goes by on a day; amounts in fen."""

    tolerance: int
    tolerance_whole_yuan: int
    least_fee: int
    confidence_ppm: int


@dataclass(frozen=True)
class PaidPassage:
    """A passage at our exit that paid more than its path costs, or paid twice; amounts in fen.

    `own_fee` is what it paid for our units, `expected_fee` what they cost. `repeated_fee` is what
    gantries charged twice, `not_driven_fee` what was charged for units off the path. `second_fee`
    is what a second exit record collected, under `second_transaction`.
    """

    pass_key: int
    pass_id: str
    transaction_id: str
    issuer_id: str
    media_type: int
    medium_no: str
    multi_province: bool
    collected: int
    own_fee: int
    expected_fee: int
    confidence_ppm: int
    repeated_fee: int = 0
    not_driven_fee: int = 0
    second_transaction: str = ""
    second_fee: int = 0


@dataclass(frozen=True)
class Overcharge:
    """An overcharge that the engine found: the passage, by which rule, and how much; fen."""

    passage: PaidPassage
    cause: ChangeCause
    fee: int

    @property
    def name(self) -> str:
        """What a draft of it is known by: passage, rule, and the second exit record if any."""
        return f"{self.passage.pass_key}:{self.cause}:{self.passage.second_transaction}"


@dataclass(frozen=True)
class SearchSum:
    """What a search of a run's passages gave: overcharges found, drafted, withdrawn; fee in fen."""

    run_key: str
    clear_date: date
    found: int
    drafted: int
    withdrawn: int
    fee: int


@dataclass(frozen=True)
class ChangeSum:
    """Changes of one kind in one state and since when the oldest waits; fee in fen."""

    kind: ChangeKind
    state: ChangeState
    count: int
    fee: int
    since: date


@dataclass(frozen=True)
class CreditSum:
    """Changes of one party by what our issuer made of them; fee in fen."""

    toll_party: str
    kind: ChangeKind
    result: CreditResult
    count: int
    fee: int


NO_SUCH_CHANGE = Reason(
    "toll_change_unknown", "没有退补费单 {change_id}", "there is no toll change {change_id}"
)
NO_SUCH_PASSAGE = Reason(
    "refund_passage_unknown",
    "清分日 {day} 没有本省出口的通行 {passage}",
    "clear day {day} has no passage {passage} that left here",
)
FEE_NOT_POSITIVE = Reason(
    "toll_change_fee_not_positive", "退补费金额须大于 0", "the change must be of more than 0 fen"
)
ABOVE_PAID = Reason(
    "refund_above_paid",
    "退费 {fee} 分超过可退的 {left} 分",
    "a refund of {fee} fen is above the {left} fen that are left of what was paid",
)
NOTHING_TO_SPLIT_BY = Reason(
    "toll_change_without_shares",
    "通行 {passage} 没有可依据的份额",
    "passage {passage} has no shares to split a change by",
)
REASON_MISSING = Reason("toll_change_reason_missing", "请写明理由", "say the reason")
NOT_IN_STATE = Reason(
    "toll_change_not_in_state",
    "退补费单 {change_id} 当前为 {state}，不能转为 {wanted}",
    "toll change {change_id} is {state} and cannot become {wanted}",
)
NOT_ACCEPTED_YET = Reason(
    "toll_change_not_accepted_yet",
    "退补费单 {change_id} 尚未接受，先等待",
    "toll change {change_id} is not accepted yet",
)
RESULT_MISFIT = Reason(
    "toll_change_result_misfit",
    "退补费单 {change_id} 金额为 {own} 分，结果为 {stated} 分",
    "toll change {change_id} is of {own} fen, the result says {stated}",
)
ISSUER_CREDITS = Reason(
    "issuer_credits_itself",
    "退补费单 {change_id} 由发行方入账，不能登记付款",
    "toll change {change_id} is credited by its issuer, it cannot be paid out here",
)
