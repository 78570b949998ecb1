"""Pure decisions of settlement: windows and their members, statements, payments, matching."""

from .matching import matched
from .payments import payment_state
from .statements import (
    cause_of,
    lines_of,
    party_account,
    posting_line,
    statement_no,
    towards_party,
    voucher_text,
)
from .windows import due_windows, is_member, window_end, window_of

__all__ = [
    "cause_of",
    "due_windows",
    "is_member",
    "posting_line",
    "lines_of",
    "matched",
    "party_account",
    "payment_state",
    "statement_no",
    "towards_party",
    "voucher_text",
    "window_end",
    "window_of",
]
