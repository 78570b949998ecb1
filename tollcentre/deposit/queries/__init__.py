"""Every read of deposit for others: the board, shifts, channels, differences, expected credits."""

from .board import (
    ShiftView,
    board,
    channel_days,
    late_by,
    orders,
    payments,
    shift,
    shift_days,
    shifts,
    totals,
)
from .credits import expected_credits
from .differences import (
    difference,
    difference_counts,
    differences,
    rulings_of,
    rulings_that_fit,
)
from .laws import LAWS, verify_deposits
from .standing import lane_standing

__all__ = [
    "LAWS",
    "ShiftView",
    "board",
    "channel_days",
    "difference",
    "difference_counts",
    "differences",
    "expected_credits",
    "lane_standing",
    "late_by",
    "orders",
    "payments",
    "rulings_of",
    "rulings_that_fit",
    "shift",
    "shift_days",
    "shifts",
    "totals",
    "verify_deposits",
]
