"""Every write of settlement: windows, releases, payments, the bank's lines, owners' answers."""

from .advance import advance, carry_out
from .bank import declare_opening, take_bank_statement
from .contests import ask_uphold, confirm_statement, contest_statement, reject_contest
from .matching import ask_explain, ask_match, match_bank_lines
from .payments import ask_payment, ask_reinstruct, take_payment_result, take_payment_return
from .positions import settle_positions
from .release import ask_release
from .windows import close_windows

__all__ = [
    "advance",
    "ask_explain",
    "ask_match",
    "ask_payment",
    "ask_reinstruct",
    "ask_release",
    "ask_uphold",
    "carry_out",
    "close_windows",
    "confirm_statement",
    "contest_statement",
    "declare_opening",
    "match_bank_lines",
    "reject_contest",
    "settle_positions",
    "take_bank_statement",
    "take_payment_result",
    "take_payment_return",
]
