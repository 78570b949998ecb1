"""Every write of parking: trades taken, packed, booked, ruled and counted."""

from .booking import take_booking
from .packs import make_packs
from .providers import add_provider
from .rulings import take_rulings
from .statistics import take_statistics
from .trades import take_trades

__all__ = [
    "add_provider",
    "make_packs",
    "take_booking",
    "take_rulings",
    "take_statistics",
    "take_trades",
]
