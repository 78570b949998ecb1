"""The ledger's words: accounts, postings, batches, balances, and why a batch is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tollcentre.core.refusal import Reason

BATCH_KEY_MISSING = Reason(
    "batch_key_missing",
    "批次编号为空或超过 96 个字符",
    "the batch key is empty or over 96 characters",
)
AMOUNT_IS_NOT_WHOLE_FEN = Reason(
    "amount_is_not_whole_fen",
    "批次 {batch_key} 第 {line_no} 行金额 {amount} 不是整数分",
    "batch {batch_key}, line {line_no}: amount {amount} is not a whole number of fen",
)
AMOUNT_IS_NEGATIVE = Reason(
    "amount_is_negative",
    "批次 {batch_key} 第 {line_no} 行金额 {amount} 为负：应记在另一方",
    "batch {batch_key}, line {line_no}: amount {amount} is negative; it belongs on the other side",
)
AMOUNT_IS_TOO_LARGE = Reason(
    "amount_is_too_large",
    "批次 {batch_key} 第 {line_no} 行金额 {amount} 超出账本上限",
    "batch {batch_key}, line {line_no}: amount {amount} is beyond the ledger's limit",
)
SIDE_IS_UNKNOWN = Reason(
    "side_is_unknown",
    "批次 {batch_key} 第 {line_no} 行借贷方向 {side} 不是 debit 或 credit",
    "batch {batch_key}, line {line_no}: side {side} is neither debit nor credit",
)
ACCOUNT_FAMILY_IS_UNKNOWN = Reason(
    "account_family_is_unknown",
    "批次 {batch_key} 第 {line_no} 行科目 {account} 不在科目表中",
    "batch {batch_key}, line {line_no}: account {account} is in no family of the chart",
)
ACCOUNT_PARAMETER_IS_MALFORMED = Reason(
    "account_parameter_is_malformed",
    "批次 {batch_key} 第 {line_no} 行科目 {account} 的参数格式不符",
    "batch {batch_key}, line {line_no}: the parameter of account {account} is malformed",
)
DIMENSION_DIFFERS_FROM_ACCOUNT = Reason(
    "dimension_differs_from_account",
    "批次 {batch_key} 第 {line_no} 行科目 {account} 与其 {dimension} 维度 {value} 不一致",
    "batch {batch_key}, line {line_no}: account {account} differs from its {dimension} {value}",
)
ACCOUNT_IS_FOR_HOLDS = Reason(
    "account_is_for_holds",
    "批次 {batch_key} 第 {line_no} 行科目 {account} 只能由暂挂记账",
    "batch {batch_key}, line {line_no}: only a hold may post to account {account}",
)
BATCH_HAS_NO_AMOUNTS = Reason(
    "batch_has_no_amounts", "批次 {batch_key} 没有金额", "batch {batch_key} has no amounts"
)
BATCH_IS_UNBALANCED = Reason(
    "batch_is_unbalanced",
    "批次 {batch_key} 借方 {debit_fen} 分不等于贷方 {credit_fen} 分",
    "batch {batch_key}: debits of {debit_fen} fen differ from credits of {credit_fen} fen",
)
REFUSALS = (
    BATCH_KEY_MISSING,
    AMOUNT_IS_NOT_WHOLE_FEN,
    AMOUNT_IS_NEGATIVE,
    AMOUNT_IS_TOO_LARGE,
    SIDE_IS_UNKNOWN,
    ACCOUNT_FAMILY_IS_UNKNOWN,
    ACCOUNT_PARAMETER_IS_MALFORMED,
    DIMENSION_DIFFERS_FROM_ACCOUNT,
    ACCOUNT_IS_FOR_HOLDS,
    BATCH_HAS_NO_AMOUNTS,
    BATCH_IS_UNBALANCED,
)
"""Why a batch is refused, in order of precedence: the first that applies is given."""

BATCH_KEY_WITH_OTHER_CONTENT = Reason(
    "batch_key_with_other_content",
    "批次编号 {batch_key} 已用于其他内容",
    "batch key {batch_key} was already posted with other content",
)
NO_SUCH_BATCH = Reason("no_such_batch", "没有记账批次 {batch_key}", "there is no batch {batch_key}")
BATCH_IS_A_REVERSAL = Reason(
    "batch_is_a_reversal",
    "批次 {batch_key} 本身是冲正，不能再冲正：请记新批次",
    "batch {batch_key} is itself a reversal and cannot be reversed: post a new batch",
)
BATCH_ALREADY_REVERSED = Reason(
    "batch_already_reversed",
    "批次 {batch_key} 已由 {reversal_key} 冲正",
    "batch {batch_key} was already reversed by {reversal_key}",
)
BATCH_BELONGS_TO_HOLD = Reason(
    "batch_belongs_to_hold",
    "批次 {batch_key} 属于暂挂 {hold_key}，不能冲正：请裁定或撤销暂挂",
    "batch {batch_key} belongs to hold {hold_key} and cannot be reversed: post or void the hold",
)
NO_SUCH_ACCOUNT = Reason("no_such_account", "没有科目 {account}", "there is no account {account}")

HOLD_KEY_MISSING = Reason(
    "hold_key_missing",
    "暂挂编号 {hold_key} 为空或超过 89 个字符",
    "hold key {hold_key} is empty or over 89 characters",
)
HOLD_HOLDS_NOTHING = Reason(
    "hold_holds_nothing",
    "暂挂 {hold_key} 没有把金额记到暂挂科目",
    "hold {hold_key} puts no amount on an account for holds",
)
NO_SUCH_HOLD = Reason("no_such_hold", "没有暂挂 {hold_key}", "there is no hold {hold_key}")
HOLD_ALREADY_POSTED = Reason(
    "hold_already_posted",
    "暂挂 {hold_key} 已裁定记账，不能撤销",
    "hold {hold_key} was already posted and cannot be voided",
)
HOLD_ALREADY_VOIDED = Reason(
    "hold_already_voided",
    "暂挂 {hold_key} 已撤销，不能裁定记账",
    "hold {hold_key} was already voided and cannot be posted",
)
HOLD_CLOSED_BEFORE_OPENED = Reason(
    "hold_closed_before_opened",
    "暂挂 {hold_key} 的结案清分日 {clear_date} 早于开立清分日 {opened}",
    "hold {hold_key} cannot be closed on {clear_date}, before it was opened on {opened}",
)
HOLD_NOT_CLEARED = Reason(
    "hold_not_cleared",
    "暂挂 {hold_key} 在 {account}（{dimensions}）暂挂 {held_fen} 分，"
    "裁定冲销 {cleared_fen} 分（借方为正）",
    "hold {hold_key} holds {held_fen} fen on {account} ({dimensions}), "
    "but the ruling clears {cleared_fen} fen (debits are positive)",
)

UNKNOWN = "unknown"
"""The account parameter that stands for an empty dimension."""


class Side(StrEnum):
    """借 or 贷."""

    DEBIT = "debit"
    CREDIT = "credit"


class AccountKind(StrEnum):
    """资产 and 支出 grow by debits, 负债 by credits."""

    ASSET = "asset"
    EXPENSE = "expense"
    LIABILITY = "liability"


@dataclass(frozen=True)
class AccountFamily:
    """One declared family of accounts; without a parameter it is one account."""

    family: str
    kind: AccountKind
    zh: str
    en: str
    parameter: str = ""
    pattern: str = ""
    is_for_holds: bool = False


@dataclass(frozen=True, eq=False)
class Chart:
    """The chart of accounts: its families by name. One chart is equal to itself only."""

    families: dict[str, AccountFamily]


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One side of a posting; amount in fen, not negative; zero is no entry and left out."""

    account: str
    side: str
    amount_fen: int
    owner_id: str = ""
    issuer_id: str = ""
    province: str = ""
    party_id: str = ""
    media_type: int = 0
    clear_date: date | None = None
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be posted under one key: balanced lines, amounts in fen."""

    batch_key: str
    clear_date: date
    lines: Sequence[PostingLine]
    actor: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class PostedBatch:
    """A batch as it stands in the ledger; `repeated` where the call found it already there."""

    batch_key: str
    seq: int
    clear_date: date
    memo: str
    lines: int
    total_fen: int
    content_digest: str
    hash: str
    reverses: str = ""
    repeated: bool = False


class HoldState(StrEnum):
    """Where money in dispute stands: 暂挂中, 已裁定记账 or 已撤销, exactly one."""

    OPEN = "open"
    POSTED = "posted"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class HoldOpening:
    """Money to be held while it is in dispute: balanced lines, some on accounts for holds."""

    hold_key: str
    clear_date: date
    lines: Sequence[PostingLine]
    actor: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class HoldRuling:
    """How a hold ends: posted by lines that clear it exactly, or voided where `lines` is None."""

    hold_key: str
    clear_date: date
    actor: str
    reason: str
    lines: Sequence[PostingLine] | None = None

    @property
    def outcome(self) -> HoldState:
        """Posted or voided."""
        return HoldState.VOIDED if self.lines is None else HoldState.POSTED


@dataclass(frozen=True, slots=True)
class HoldInfo:
    """A hold as it stands: the batch that opened it, and the one that closed it."""

    hold_key: str
    state: HoldState
    opened: PostedBatch
    closed: PostedBatch | None = None


@dataclass(frozen=True)
class Balance:
    """One account's sums in fen; `balance_fen` on the account's own side (asset: debit)."""

    account: str
    kind: AccountKind
    zh: str
    en: str
    debit_fen: int
    credit_fen: int
    balance_fen: int


@dataclass(frozen=True)
class TrialBalance:
    """试算平衡: every account's sums; over the whole ledger debits equal credits."""

    rows: tuple[Balance, ...]
    debit_fen: int
    credit_fen: int


@dataclass(frozen=True)
class StatementLine:
    """One entry of an account statement with the balance after it, in fen."""

    clear_date: date
    batch_key: str
    line_no: int
    debit_fen: int
    credit_fen: int
    balance_fen: int
    owner_id: str
    issuer_id: str
    province: str
    party_id: str
    media_type: int
    memo: str
    posted_at: int


@dataclass(frozen=True)
class AccountStatement:
    """科目明细账 of clear dates `start`–`end`, both included; None is open."""

    account: str
    kind: AccountKind
    opening_fen: int
    lines: tuple[StatementLine, ...]
    closing_fen: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What one batch posted to an account on one clear date, in fen."""

    clear_date: date
    batch_key: str
    seq: int
    debit_fen: int
    credit_fen: int
    entries: int
