"""Reporting's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tollcentre.core.refusal import Reason

NO_SUCH_PASSAGE = Reason(
    "no_such_passage",
    "没有通行 {passage}：它尚未被清分，或标识有误",
    "there is no passage {passage}: not cleared yet, or the id is wrong",
)
DAY_NOT_CLEARED = Reason(
    "day_not_cleared",
    "{day} 尚未清分",
    "{day} has not been cleared",
)
UNKNOWN_EXPORT = Reason(
    "unknown_export",
    "没有导出 {name}；可导出：{known}",
    "there is no export {name}; there are: {known}",
)
NOT_YOURS = Reason(
    "not_your_rows",
    "无权查看 {what}",
    "you may not see {what}",
)

Row = dict[str, Any]

COUNTED_UP_TO = 10_000


@dataclass(frozen=True)
class Page:
    """One page of rows; `total` is None where more than COUNTED_UP_TO stand behind it."""

    rows: Sequence[Row]
    total: int | None


@dataclass(frozen=True)
class ChainStep:
    """One step of a passage's money after its postings; fen, `about` a party, state or reason.

    `step` is booked, disputed, ruled, change, settled, paid or open (in no statement yet).
    """

    step: str
    of: str
    reference: str
    day: date | None
    fee: int | None
    about: str


@dataclass(frozen=True)
class OwnerStatement:
    """What one legal owner earned on a clear day: lines by section, issuer, province and medium.

    Amounts in fen; `pay_fee = fee + discount_fee` on every line and in the sum.
    """

    clear_date: date
    owner_id: str
    owner_name: str
    run_key: str
    lines: Sequence[Row]
    pay_fee: int
    discount_fee: int
    fee: int


@dataclass(frozen=True)
class Export:
    """An export's table: column names and rows in a total order."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
