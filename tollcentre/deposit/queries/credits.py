"""What banks' statements should show: cash that was paid in, and channels' payouts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Sum, Value
from django.db.models.functions import Concat

from tollcentre.core.clock import day_of

from ..models import ChannelBill, DepositCredit, DepositSlip, RefundedOrder
from ..terms import Expected
from .cash import slip_key
from .parameters import payout_bank

PAYOUT = "payout:"


@dataclass(frozen=True)
class Payout:
    """What a channel pays out of a day's bill, in fen: gross less its fees."""

    channel: str
    day: date
    amount_fen: int
    gross_fen: int

    @property
    def reference(self) -> str:
        """How a bank's statement names it."""
        return f"{self.channel}:{self.day}"

    @property
    def key(self) -> str:
        """How an expected credit of it is named."""
        return PAYOUT + self.reference


def expected_credits(bank_id: str) -> list[Expected]:
    """Every slip and payout that the bank's statement should show and has not shown yet; fen.

    A payout of a channel whose bank is not agreed is expected at any bank.
    """
    shown = DepositCredit.objects.filter(key=Concat(Value("slip:"), OuterRef("slip_no")))
    slips = DepositSlip.objects.filter(~Exists(shown), bank_id=bank_id).order_by("slip_no")
    found = [
        Expected(
            slip_key(slip.slip_no), "slip", bank_id, slip.slip_no, slip.amount_fen,
            day_of(slip.deposited_at),
        )
        for slip in slips
    ]  # fmt: skip
    credited = set(
        DepositCredit.objects.filter(key__startswith=PAYOUT).values_list("key", flat=True)
    )
    found += [
        Expected(one.key, "payout", bank_id, one.reference, one.amount_fen, one.day)
        for one in payouts()
        if one.key not in credited
        and one.amount_fen > 0
        and payout_bank(one.channel, one.day) in ("", bank_id)
    ]
    return found


def payouts_by_key(keys: Iterable[str]) -> dict[str, Payout]:
    """The payouts of these keys that there are."""
    wanted = set(keys)
    return {one.key: one for one in payouts() if one.key in wanted} if wanted else {}


def payouts() -> list[Payout]:
    """The payout of every bill: its paid orders, less refunds of orders of other bills; fen."""
    back = {
        (row["channel"], row["bill_day"]): (row["fen"], row["fee"])
        for row in RefundedOrder.objects.exclude(paid_day=None)
        .values("channel", "bill_day")
        .order_by()
        .annotate(fen=Sum("amount_fen"), fee=Sum("fee_fen"))
    }
    found = []
    for bill in ChannelBill.objects.order_by("channel", "bill_day"):
        fen, fee = back.get((bill.channel, bill.bill_day), (0, 0))
        gross = bill.paid_fen - fen
        found.append(Payout(bill.channel, bill.bill_day, gross - bill.fee_fen + fee, gross))
    return found
