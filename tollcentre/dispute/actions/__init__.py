"""Every write of dispute: trades booked, disputed and ruled, with the money that moves by it."""

from .booking import take_trades_to_book
from .results import take_booking_result
from .rulings import take_dispute_result
from .trades import book_trades

__all__ = ["book_trades", "take_booking_result", "take_dispute_result", "take_trades_to_book"]
