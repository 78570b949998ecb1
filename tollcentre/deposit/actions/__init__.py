"""Every write of deposit: what lanes, stations, banks and channels say, and what people rule."""

from .bills import take_bill
from .credits import credit_expected
from .lanes import keep_lane_payments, take_lane_day
from .reports import take_shift_reports
from .rulings import carry_out, propose_ruling
from .slips import take_deposit_slips

__all__ = [
    "carry_out",
    "credit_expected",
    "keep_lane_payments",
    "propose_ruling",
    "take_bill",
    "take_deposit_slips",
    "take_lane_day",
    "take_shift_reports",
]
