"""Settlement's words: windows, statements, payments, the bank's lines, and what is refused."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tollcentre.core.refusal import Reason

OWN_BATCHES = "settlement:"
"""How the keys of settlement's own batches begin; no window counts them."""
RELEASE_BATCHES = f"{OWN_BATCHES}release:"
MATCH_BATCHES = f"{OWN_BATCHES}match:"
BANK_BATCHES = f"{OWN_BATCHES}bank:"
POSITION_BATCHES = f"{OWN_BATCHES}position:"
CONTEST_BATCHES = "contest:"
"""Money moved by an upheld contest: the next window counts it as an adjustment."""
OPENING = "opening"
"""Serial of the line by which a bank account's balance came into these books."""


class StatementSide(StrEnum):
    """Who pays by a statement: we the party (应付结算), or the party us (应收结算)."""

    PAY = "pay"
    COLLECT = "collect"


class Cause(StrEnum):
    """Why a statement's line has its amount (结算事由)."""

    CLEAR_DAY = "clear_day"
    DISPUTE = "dispute"
    RULING = "ruling"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"


class StatementState(StrEnum):
    """How far a statement has come (结算单状态)."""

    CARRIED = "carried"
    DRAFTED = "drafted"
    RELEASED = "released"
    PAID = "paid"


class PaymentState(StrEnum):
    """How far a payment instruction has come (付款状态)."""

    READY = "ready"
    SENT = "sent"
    ANSWERED = "answered"
    PAID = "paid"
    REFUSED = "refused"
    RETURNING = "returning"
    RETURNED = "returned"


OVER = frozenset({PaymentState.REFUSED, PaymentState.RETURNED})
"""The money is with us again: only then may it be instructed anew."""


class ReportKind(StrEnum):
    """What a bank tells of a payment: how it ended, or that it came back (退汇)."""

    RESULT = "result"
    RETURN = "return"


class RequestKind(StrEnum):
    """What one person of settlement asks another to allow (结算申请)."""

    RELEASE = "settlement.release"
    PAY = "settlement.pay"
    REINSTRUCT = "settlement.reinstruct"
    MATCH = "settlement.match"
    EXPLAIN = "settlement.explain"
    UPHOLD = "settlement.uphold"


class ItemKind(StrEnum):
    """What movement at a bank is expected (预期收付)."""

    PAYMENT = "payment"
    RETURN = "return"
    UNDONE = "undone"
    STATEMENT = "statement"
    POSITION = "position"
    DEPOSIT = "deposit"
    EXPLAINED = "explained"


class Unmatched(StrEnum):
    """Why a bank's line is matched with nothing (待核原因)."""

    REFERENCE_UNKNOWN = "reference_unknown"
    ALREADY_MATCHED = "already_matched"
    PART_OF_IT = "part_of_it"
    AMOUNT_DIFFERS = "amount_differs"
    AMBIGUOUS = "ambiguous"
    NOTHING_FITS = "nothing_fits"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class Window:
    """A closed window: clear days `start`–`end`, and the last batch that it could count."""

    start: date
    end: date
    cut_seq: int


@dataclass(frozen=True, slots=True)
class DueWindow:
    """A window that is not closed yet, and the day from which it may be."""

    party_id: str
    agreement_no: str
    model: str
    side: StatementSide
    start: date
    end: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Movement:
    """What one batch moved on a party's account on one clear day, in fen towards the party."""

    clear_date: date
    batch_key: str
    seq: int
    fen: int
    entries: int


@dataclass(frozen=True, slots=True)
class LineOfStatement:
    """One line of a statement: a clear day and why; fen towards the party, negative takes back."""

    clear_date: date
    cause: Cause
    fen: int
    entries: int


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """What is known of an instruction, whatever came first: sent, told of by its bank, moved.

    `result` is the bank's own code: 0 paid, any other why not, None nothing told.
    """

    is_sent: bool = False
    result: int | None = None
    is_returned: bool = False
    is_debited: bool = False
    is_credited: bool = False


@dataclass(frozen=True, slots=True)
class LineToMatch:
    """A line of a bank's statement; fen, in is positive; `booked_at` in epoch seconds."""

    key: str
    day: date
    booked_at: int
    fen: int
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpectedItem:
    """A movement that a bank's statement should show; fen, in is positive."""

    key: str
    kind: ItemKind
    bank_id: str
    reference: str
    fen: int
    since: date


@dataclass(frozen=True, slots=True)
class MatchGroup:
    """Lines and items that belong together: their amounts are equal."""

    lines: tuple[LineToMatch, ...]
    items: tuple[ExpectedItem, ...]


@dataclass(frozen=True, slots=True)
class AddingRow:
    """One figure of the page that adds up: a family's part of it in a period, in fen."""

    figure: str
    family: str
    key_prefix: str
    fen: int


@dataclass(frozen=True, slots=True)
class PaidIn:
    """Where a clear day's money of a party ended: statement, voucher, payment; fen."""

    statement_no: str
    cause: Cause
    fen: int
    voucher_no: str
    instruction_id: str
    payment_state: str
    paid_on: date | None


@dataclass(frozen=True)
class Position:
    """A clear day with the ministry's centre in fen: what both sides count, and how far it is."""

    clear_date: date
    receivable_fen: int
    payable_fen: int
    their_receivable_fen: int
    their_payable_fen: int
    bank_id: str
    is_agreed: bool
    voucher_no: str = ""
    settled_on: date | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it was booked; the money may still be on its way."""
        return bool(self.voucher_no)

    @property
    def net_fen(self) -> int:
        """What we are to receive, negative to pay."""
        return self.receivable_fen - self.payable_fen

    @property
    def off_fen(self) -> int:
        """By how much the ministry's net is above ours."""
        return self.their_receivable_fen - self.their_payable_fen - self.net_fen

    @property
    def state(self) -> str:
        """differs, no_bank, agreed, due (booked, money on its way) or settled."""
        if self.is_settled:
            return "settled" if self.settled_on else "due"
        if not self.is_agreed:
            return "differs"
        return "agreed" if self.bank_id else "no_bank"


@dataclass(frozen=True)
class Advanced:
    """What one turn of settlement did."""

    carried_out: int
    closed: int
    positions: int
    matched: int


@dataclass(frozen=True, slots=True)
class AllottedRow:
    """A released statement in the reconciling list: what was paid of it by a day, and who is next.

    `waits_on` is us, the bank, or empty once it is paid; `since` in epoch seconds; fen.
    """

    statement_no: str
    party_id: str
    released_on: date
    voucher_no: str
    total_fen: int
    paid_fen: int
    instruction_id: str
    payment_state: str
    waits_on: str
    since: int


@dataclass(frozen=True, slots=True)
class Remittance:
    """Allotted and paid by a day in fen, and the rate (解缴率) in parts per million."""

    by: date
    allotted_fen: int
    paid_fen: int

    @property
    def rate_ppm(self) -> int:
        """What is paid of what was allotted; all of it where nothing was."""
        return (
            1_000_000 if not self.allotted_fen else self.paid_fen * 1_000_000 // self.allotted_fen
        )


STATEMENT_UNKNOWN = Reason(
    "statement_unknown", "没有结算单 {statement_no}", "there is no statement {statement_no}"
)
STATEMENT_NOT_DRAFTED = Reason(
    "statement_not_drafted",
    "结算单 {statement_no} 不在待释放状态：{state}",
    "statement {statement_no} is not waiting for release: {state}",
)
NOTHING_CHOSEN = Reason("nothing_chosen", "没有选择任何对象", "nothing was chosen")
ASKED_BEFORE = Reason(
    "settlement_asked_before",
    "{subject} 已有申请 {key} 在等待复核",
    "{subject} already waits for approval in request {key}",
)
REQUEST_UNKNOWN = Reason(
    "settlement_request_unknown", "没有结算申请 {key}", "there is no settlement request {key}"
)
REQUEST_NOT_APPROVED = Reason(
    "settlement_request_not_approved",
    "申请 {key} 尚未批准，不能执行",
    "request {key} is not approved and cannot be carried out",
)
SETTLEMENT_REASON_MISSING = Reason("settlement_reason_missing", "须写明理由", "say why")
PARTY_WITHOUT_AGREEMENT = Reason(
    "party_without_agreement",
    "{party} 在 {day} 没有协议，无法确定收付银行",
    "{party} has no agreement on {day}: no bank to pay by",
)
INSTRUCTION_UNKNOWN = Reason(
    "instruction_unknown",
    "没有付款指令 {instruction_id}",
    "there is no payment instruction {instruction_id}",
)
INSTRUCTION_NOT_READY = Reason(
    "instruction_not_ready",
    "付款指令 {instruction_id} 不能再发：{state}",
    "instruction {instruction_id} cannot be sent: {state}",
)
INSTRUCTION_NOT_OVER = Reason(
    "instruction_not_over",
    "付款指令 {instruction_id} 未被拒付也未退汇，不能重发：{state}",
    "instruction {instruction_id} was neither refused nor returned, none may follow it: {state}",
)
PAYEE_MISFORMED = Reason(
    "payee_misformed",
    "收款信息为空或含竖线、换行：{value!r}",
    "payee details may not be empty nor hold a bar or a line end: {value!r}",
)
PAYMENT_REPORT_MISFIT = Reason(
    "payment_report_misfit",
    "付款指令 {instruction_id} 的银行回报金额 {stated} 与指令 {own} 不同",
    "the bank reports {stated} fen of instruction {instruction_id}, which is of {own} fen",
)
PAYMENT_REPORTED_OTHERWISE = Reason(
    "payment_reported_otherwise",
    "付款指令 {instruction_id} 此前的银行回报与本次不同",
    "the bank reported otherwise of instruction {instruction_id} before",
)
BANK_STATEMENT_WAITS = Reason(
    "bank_statement_waits",
    "银行 {bank_id} {day} 的流水期初 {opening} 与上一份期末 {closing} 不衔接，等待缺失的流水",
    "bank {bank_id} opens {day} at {opening}, its statement before closed at {closing}",
)
BANK_STATEMENT_MISFIT = Reason(
    "bank_statement_misfit",
    "银行流水 {file_id} 的期初加收减付为 {found}，期末却是 {closing}",
    "opening and lines of bank statement {file_id} make {found}, it closes at {closing}",
)
BANK_STATEMENT_KNOWN = Reason(
    "bank_statement_known",
    "银行 {bank_id} {day} 的流水已收过另一份 {file_id}",
    "another statement of bank {bank_id} for {day} was taken: {file_id}",
)
LINE_UNKNOWN = Reason("bank_line_unknown", "没有银行流水 {key}", "there is no bank line {key}")
LINE_MATCHED_BEFORE = Reason(
    "bank_line_matched_before", "银行流水 {key} 已核对", "bank line {key} is matched already"
)
ITEM_NOT_EXPECTED = Reason(
    "item_not_expected", "没有待收付 {key}", "{key} is not expected (any more)"
)
MATCH_UNEQUAL = Reason(
    "match_unequal",
    "流水合计 {lines_fen} 分，待收付合计 {items_fen} 分，不能核对",
    "the lines make {lines_fen} fen, what is expected {items_fen} fen: no match",
)
NOT_EXPLAINED_TO = Reason(
    "not_explained_to",
    "流水不能说明到科目 {account}；可用：{known}",
    "a bank line may not be explained to account {account}; known: {known}",
)
CONTESTED_BEFORE = Reason(
    "contested_before",
    "该行已提出异议：{clear_date} {pass_id}",
    "this was contested before: {clear_date} {pass_id}",
)
CONTEST_UNKNOWN = Reason("contest_unknown", "没有异议 {number}", "there is no contest {number}")
CONTEST_ANSWERED = Reason(
    "contest_answered", "异议 {number} 已答复", "contest {number} was answered already"
)
DAY_NOT_ON_STATEMENT = Reason(
    "day_not_on_statement",
    "结算单 {statement_no} 没有 {clear_date} 的行",
    "statement {statement_no} has no line of {clear_date}",
)
CONFIRMED_BEFORE = Reason(
    "confirmed_before",
    "结算单 {statement_no} 已确认，不能再提异议",
    "statement {statement_no} was confirmed and can no longer be contested",
)
