"""Positions with the ministry's centre: settled day by day where both sides' figures agree."""

from datetime import date

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.clock import day_of
from tollcentre.ledger.actions import post_batch
from tollcentre.ledger.terms import Side

from ..models import MinistryPosition
from ..queries.positions import positions
from ..rules import posting_line
from ..terms import POSITION_BATCHES
from .payments import instruct
from .release import give_voucher

ACCOUNT = "settled.ministry"


def settle_positions(*, now: int, actor: str) -> int:
    """Settle every clear day that both sides count alike and we have a bank for; how many.

    Done twice it changes nothing. A day with a difference waits, with it named.
    """
    return sum(
        _settle(one.clear_date, one.bank_id, one.receivable_fen, one.payable_fen, now, actor)
        for one in positions(is_open=True)
        if one.is_agreed and one.bank_id
    )


@transaction.atomic
def _settle(day: date, bank_id: str, receivable: int, payable: int, now: int, actor: str) -> bool:
    hold_trail()
    if MinistryPosition.objects.filter(clear_date=day).exists():
        return False
    batch_key = f"{POSITION_BATCHES}{day}"
    lines = [
        posting_line(ACCOUNT, Side.DEBIT, receivable),
        posting_line("receivable.ministry", Side.CREDIT, receivable),
        posting_line("payable.ministry", Side.DEBIT, payable),
        posting_line(ACCOUNT, Side.CREDIT, payable),
    ]
    if receivable or payable:
        post_batch(batch_key=batch_key, clear_date=day, lines=lines, actor=actor, memo=str(day))
    made = MinistryPosition.objects.create(
        clear_date=day,
        bank_id=bank_id,
        receivable_fen=receivable,
        payable_fen=payable,
        voucher_no=give_voucher(batch_key, now),
        settled_on=day_of(now) if receivable == payable else None,
    )
    record_trail(
        actor=actor,
        act="settlement.settle_position",
        subject=str(day),
        detail={"receivable_fen": receivable, "payable_fen": payable},
    )
    if payable > receivable:
        instruct(position=made, account=ACCOUNT, day=day, now=now)
    return True
