"""Each law of settlement finds what it is there to find."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.settlement.house import ALLOTTED, BANK, House, day, house, laws_hold
from tollcentre.ledger.actions import PostingLine, post_batch
from tollcentre.settlement import queries
from tollcentre.settlement.models import (
    BankLine,
    BankStatement,
    PaymentInstruction,
    SettlementLine,
    SettlementStatement,
    Voucher,
)

__all__ = ["house"]
pytestmark = pytest.mark.django_db
FIRST = "62030010-20261102"


def moved(key: str, gives: str, gets: str) -> None:
    def line(account: str, side: str) -> PostingLine:
        parameter = account.rpartition(".")[2]
        named = {"party_id": parameter} if BANK in account else {"owner_id": parameter}
        return PostingLine(account, side, 1, **named)

    lines = [line(gives, "debit"), line(gets, "credit")]
    post_batch(batch_key=key, clear_date=day(0), lines=lines, actor="x")


def shift_window() -> None:
    SettlementStatement.objects.filter(statement_no="62030010-20261103").update(
        start_day=date(2026, 10, 30)
    )


BROKEN: dict[str, Callable[[], object]] = {
    "statements_are_their_windows_entries": lambda: SettlementLine.objects.filter(
        statement__statement_no=FIRST
    ).update(fen=999),
    "windows_follow_each_other": shift_window,
    "settled_is_released_less_paid": lambda: moved(
        "settlement:x", f"settled.owner.{ALLOTTED}", f"payable.owner.{ALLOTTED}"
    ),
    "payments_are_paid_once": lambda: PaymentInstruction.objects.update(state="ready"),
    "vouchers_have_no_gap": lambda: Voucher.objects.update(number=2),
    "bank_balance_is_its_statement": lambda: BankStatement.objects.update(closing_fen=1),
    "held_at_bank_is_unmatched": lambda: BankLine.objects.update(match=None),
    "collected_less_allotted_adds_up": lambda: moved(
        "x", f"payable.owner.{ALLOTTED}", f"settled.owner.{ALLOTTED}"
    ),
}


def test_every_law_is_broken_here() -> None:
    assert tuple(BROKEN) == queries.LAWS


@pytest.mark.parametrize("name", BROKEN)
def test_a_law_finds_its_break(house: House, name: str) -> None:
    house.clear(0, {ALLOTTED: 1000})
    house.clear(1, {ALLOTTED: 10})
    house.close(2)
    house.release(2, FIRST)
    house.pay(2)
    house.bank(3, (-1000, f"{FIRST}-1"), (70, "?"))
    laws_hold()
    BROKEN[name]()
    broken = {law.name for law in queries.verify_settlement() if not law.holds}
    assert name in broken
