"""Every write of dispute: trades booked, disputed and ruled, with the money that moves by it."""

from .booking import take_trades_to_book
from .counting import book_counted
from .evidence import submit_evidence
from .local import book_here
from .own_rulings import approve_rulings, deem_overdue, propose_rulings, rule_approved
from .results import take_booking_result
from .rulings import take_dispute_result
from .trades import book_trades
from .workbook import import_rulings

__all__ = [
    "approve_rulings",
    "book_counted",
    "book_here",
    "book_trades",
    "deem_overdue",
    "import_rulings",
    "propose_rulings",
    "rule_approved",
    "submit_evidence",
    "take_booking_result",
    "take_dispute_result",
    "take_trades_to_book",
]
