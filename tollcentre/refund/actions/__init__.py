"""Every write of refund: raised, decided, sent, credited, each with the money that moves by it."""

from .deciding import approval_key, carry_out, close_change, decline, pay_out, propose
from .drafting import draft_refunds, raise_change
from .exchange import take_toll_change_result, take_toll_change_to_credit

__all__ = [
    "approval_key",
    "carry_out",
    "close_change",
    "decline",
    "draft_refunds",
    "pay_out",
    "propose",
    "raise_change",
    "take_toll_change_result",
    "take_toll_change_to_credit",
]
