"""What a bank's statement showed of slips and payouts: credited once, by one cause."""

from collections.abc import Sequence
from datetime import date

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.actions import PostingLine

from ..models import DepositCredit, DepositSlip
from ..queries.cash import key_of, slip_key
from ..queries.credits import payouts_by_key
from ..rules import payout_lines
from ..terms import CREDITED_OTHERWISE, NO_SUCH_EXPECTED
from .restate import restate_cash

ACTOR = "bank"


def credit_expected(keys: Sequence[str], clear_date: date, cause: str) -> list[PostingLine]:
    """Mark expected credits as shown by the bank; the lines on the other side of the bank's.

    Inside the caller's transaction, which posts the lines with its own; together they come to
    minus the sum of the expected amounts. What `cause` has credited before gives no lines again.
    Refuses a key that is not expected, and one that another cause has credited.
    """
    hold_trail()
    known = {row.key: row for row in DepositCredit.objects.filter(key__in=list(keys))}
    for key, row in known.items():
        if row.cause != cause:
            raise Refusal(CREDITED_OTHERWISE, "key", key=key, cause=row.cause)
    new = sorted(set(keys) - known.keys())
    slips = {slip_key(row.slip_no): row for row in DepositSlip.objects.filter(
        slip_no__in=[key.partition(":")[2] for key in new if key.startswith("slip:")])}  # fmt: skip
    payouts = payouts_by_key([key for key in new if key not in slips])
    lines: list[PostingLine] = []
    for key in new:
        if key in slips:
            amount = gross = slips[key].amount_fen
        elif key in payouts:
            one = payouts[key]
            amount, gross = one.amount_fen, one.gross_fen
            lines += payout_lines(one.channel, gross, gross - amount, memo=one.reference)
        else:
            raise Refusal(NO_SUCH_EXPECTED, "key", key=key)
        DepositCredit.objects.create(
            key=key, cause=cause, clear_date=clear_date, amount_fen=amount, gross_fen=gross
        )
    if slips:
        lines += restate_cash({key_of(row) for row in slips.values()})
    if new:
        record_trail(actor=ACTOR, act="deposit.credit", subject=cause, detail={"keys": new})
    return lines
