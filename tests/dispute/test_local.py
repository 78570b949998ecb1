"""Trades of our own issuer within the province: booked here, disputed ones held."""

from pathlib import Path
from typing import Any

import pytest

from tests.dispute.local import DAY, book, clear, keep, set_up, trade
from tollcentre.dispute import queries
from tollcentre.dispute.models import BookedMessage, Dispute
from tollcentre.dispute.terms import Direction, Fate
from tollcentre.ledger.queries import account_nets

pytestmark = pytest.mark.django_db
ACCOUNTS = ("receivable.issuer.620101", "disputed.issuer.620101", "payable.owner.62030010",
            "payable.owner.62030020", "held.dispute")  # fmt: skip


def standing() -> tuple[int, ...]:
    nets = account_nets(list(ACCOUNTS))
    return tuple(nets.get(account, 0) for account in ACCOUNTS)


def told() -> set[tuple[Direction, Fate, str, int]]:
    return {(row.direction, row.fate, row.waits_on, row.count) for row in queries.fates()}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> None:
    set_up(tmp_path, settings)


def four_trades() -> None:
    clear(trade("t1", 1), trade("t2", 2), trade("t3", 3, tac="00000000"), trade("t4", 1))


def test_a_day_waits_on_our_issuer_until_it_is_booked_here() -> None:
    clear(trade("t1", 1))
    assert told() == {(Direction.LOCAL, Fate.HERE, "620101", 1)}
    book()
    assert told() == {(Direction.LOCAL, Fate.CLEARED, "", 1)}


def test_what_is_booked_stays_due_and_what_is_disputed_is_held_on_both_sides() -> None:
    four_trades()
    assert standing() == (18_000, 0, -12_000, -6_000, 0)
    book()
    assert standing() == (9_000, 9_000, -6_000, -3_000, -9_000)
    assert set(Dispute.objects.values_list("transaction_id", "reason")) == {("t3", 1), ("t4", 2)}
    assert told() == {
        (Direction.LOCAL, Fate.CLEARED, "", 2),
        (Direction.LOCAL, Fate.DISPUTED, "620201", 2),
    }
    assert all(law.holds for law in queries.verify_disputes())


def test_booking_a_day_again_changes_nothing() -> None:
    four_trades()
    [booked] = book()
    before = standing()
    assert book() == []
    assert (booked.count, booked.disputed_count, booked.clear_date) == (4, 2, DAY)
    assert standing() == before


def test_a_restated_day_books_only_what_no_earlier_run_had() -> None:
    four_trades()
    book()
    keep("20261122-again", trade("t1", 1), trade("t2", 2), trade("t3", 3), trade("t4", 4),
         trade("t5", 5))  # fmt: skip
    [booked] = book("20261122-again", ("20261122-run",))
    assert (booked.count, booked.disputed_count) == (1, 0)
    assert BookedMessage.objects.count() == 2
    assert all(law.holds for law in queries.verify_disputes())


def test_a_single_piece_obu_pays_itself() -> None:
    clear(trade("t1", 1, card_no=""), trade("t2", 2, card_no="", obu_no="6201022222656653"),
          trade("t3", 2, card_no="", obu_no="6201022222999999"))  # fmt: skip
    book()
    assert set(Dispute.objects.values_list("transaction_id", "reason")) == {("t3", 17)}
