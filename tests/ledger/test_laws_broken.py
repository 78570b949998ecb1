"""Whoever changes a row behind the ledger's back is found out, by the right name."""

from collections.abc import Callable
from datetime import date

import pytest

from tollcentre.access.models import TrailRow
from tollcentre.ledger import actions, queries, rules
from tollcentre.ledger.models import (
    Hold,
    HoldClosing,
    LedgerAccount,
    LedgerHead,
    PostingBatch,
    PostingEntry,
)
from tollcentre.ledger.terms import Batch, PostingLine

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def posted() -> None:
    for day in (21, 22):
        actions.post_batch(
            batch_key=f"d{day}",
            clear_date=date(2026, 11, day),
            lines=[
                PostingLine("receivable.collector", "debit", 100),
                PostingLine("payable.owner.40", "credit", 100, owner_id="40"),
            ],
            actor="clerk",
        )
    actions.reverse_batch(batch_key="d21", reversal_key="r21", actor="clerk", reason="wrong")


def one_side() -> None:
    PostingEntry.objects.filter(batch_id=2, debit_fen=100).update(debit_fen=101)


def both_sides() -> None:
    PostingEntry.objects.filter(batch_id=2, debit_fen=100).update(debit_fen=101)
    PostingEntry.objects.filter(batch_id=2, credit_fen=100).update(credit_fen=101)


def owner() -> None:
    PostingEntry.objects.filter(batch_id=2, owner_id="40").update(owner_id="41")


def other_account() -> None:
    PostingEntry.objects.filter(batch_id=2, credit_fen=100).update(
        account=LedgerAccount.objects.create(code="mine", family="mine", kind="asset")
    )


def actor() -> None:
    PostingBatch.objects.filter(seq=2).update(actor="somebody else")


def moment() -> None:
    PostingBatch.objects.filter(seq=2).update(posted_at=0)


def memo() -> None:
    PostingBatch.objects.filter(seq=2).update(memo="other")


def cut_off() -> None:
    PostingEntry.objects.filter(batch_id=3).delete()
    PostingBatch.objects.filter(seq=3).delete()


def cut_off_with_head() -> None:
    cut_off()
    last = PostingBatch.objects.get(seq=2)
    LedgerHead.objects.update(seq=2, hash=last.hash)


def rewritten_whole() -> None:
    """Both sides changed and every hash made anew: only the trail still knows."""
    both_sides()
    previous = rules.FIRST_PREVIOUS_HASH
    for batch in PostingBatch.objects.order_by("seq"):
        lines = queries.values_of([batch.seq])[batch.seq]
        reverses = batch.reverses.batch_key if batch.reverses else ""
        batch.content_digest = rules.content_digest(
            batch.batch_key, batch.clear_date, batch.memo, reverses, lines
        )
        batch.total_fen = sum(line.amount_fen for line in lines if line.side == "debit")
        batch.previous_hash = previous
        batch.hash = previous = rules.chain_hash(
            previous, batch.seq, batch.content_digest, batch.actor, batch.posted_at
        )
        batch.save()
    LedgerHead.objects.update(hash=previous)


def reversal_changed() -> None:
    PostingEntry.objects.filter(batch_id=3, debit_fen=100).update(debit_fen=90)
    PostingEntry.objects.filter(batch_id=3, credit_fen=100).update(credit_fen=90)


def trail_row_gone() -> None:
    TrailRow.objects.filter(act="ledger.post_batch", subject="d22").delete()


STATES = "ledger_holds_are_open_posted_or_voided"
CLEARED = "ledger_closings_clear_their_holds"
STANDING = "ledger_hold_accounts_are_their_open_holds"
CONTENT = "ledger_batches_say_what_was_posted"


@pytest.mark.parametrize(
    ("change", "first", "others"),
    [
        (one_side, "ledger_batches_balance", {"ledger_debits_equal_credits", CONTENT}),
        (both_sides, CONTENT, set()),
        (owner, CONTENT, set()),
        (other_account, "ledger_accounts_in_chart", {CONTENT}),
        (memo, CONTENT, set()),
        (actor, "ledger_chain", set()),
        (moment, "ledger_chain", set()),
        (cut_off, "ledger_chain", {"ledger_agrees_with_trail"}),
        (cut_off_with_head, "ledger_agrees_with_trail", set()),
        (rewritten_whole, "ledger_agrees_with_trail", set()),
        (reversal_changed, CONTENT, {"ledger_reversals_mirror"}),
        (trail_row_gone, "ledger_agrees_with_trail", set()),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_right_law_is_named(change: Callable[[], None], first: str, others: set[str]) -> None:
    assert all(law.holds for law in queries.verify_ledger())
    assert queries.verify_chain().holds
    change()
    laws = queries.verify_ledger()
    assert [law.name for law in laws] == list(queries.LAWS)
    broken = [law.name for law in laws if not law.holds]
    assert broken[0] == first
    assert set(broken[1:]) == others
    assert all(law.detail for law in laws if not law.holds)


def test_an_empty_ledger_keeps_its_laws() -> None:
    PostingEntry.objects.all().delete()
    PostingBatch.objects.filter(reverses__isnull=False).delete()
    PostingBatch.objects.all().delete()
    LedgerHead.objects.all().delete()
    TrailRow.objects.all().delete()
    assert all(law.holds for law in queries.verify_ledger())


@pytest.fixture
def held() -> None:
    """Batches 4 to 8: a hold that is posted, one that is voided, one that stays open."""
    for key in ("paid", "undone", "open"):
        lines = [
            PostingLine("payable.owner.40", "debit", 70, owner_id="40"),
            PostingLine("held.dispute", "credit", 70, owner_id="40"),
        ]
        actions.open_hold(hold_key=key, clear_date=date(2026, 11, 22), lines=lines, actor="clerk")
    ruling = [
        PostingLine("held.dispute", "debit", 70, owner_id="40"),
        PostingLine("payable.owner.41", "credit", 70, owner_id="41"),
    ]
    day, words = date(2026, 11, 23), {"actor": "judge", "reason": "ruled"}
    actions.post_hold(hold_key="paid", clear_date=day, lines=ruling, **words)
    actions.void_hold(hold_key="undone", clear_date=day, **words)


def closing_forgotten() -> None:
    HoldClosing.objects.filter(outcome="posted").delete()


def opening_forgotten() -> None:
    Hold.objects.filter(hold_key="open").delete()


def outcome_turned() -> None:
    HoldClosing.objects.filter(outcome="posted").update(outcome="voided")


def closes_another() -> None:
    HoldClosing.objects.filter(outcome="posted").update(hold_id=6)


def other_key() -> None:
    Hold.objects.filter(hold_key="open").update(hold_key="mine")


def cleared_less() -> None:
    PostingEntry.objects.filter(batch_id=7, debit_fen=70).update(debit_fen=60)
    PostingEntry.objects.filter(batch_id=7, credit_fen=70).update(credit_fen=60)


def cleared_of_another_owner() -> None:
    PostingEntry.objects.filter(batch_id=7, debit_fen=70).update(owner_id="41")


def voided_to_another_owner() -> None:
    PostingEntry.objects.filter(batch_id=8, credit_fen=70).update(owner_id="41")


def held_elsewhere() -> None:
    """A batch that is no hold leaves money on an account for holds."""
    account = LedgerAccount.objects.get(code="held.dispute")
    PostingEntry.objects.filter(batch_id=2, credit_fen=100).update(account=account)


def moved_off() -> None:
    """An open hold's money is moved to another account."""
    account = LedgerAccount.objects.get(code="payable.owner.41")
    PostingEntry.objects.filter(batch_id=6, credit_fen=70).update(account=account)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (closing_forgotten, [STATES, STANDING]),
        (opening_forgotten, [STATES, STANDING]),
        (outcome_turned, [STATES]),
        (closes_another, [STATES]),
        (other_key, [STATES]),
        (cleared_less, [CONTENT, CLEARED, STANDING]),
        (cleared_of_another_owner, [CONTENT, CLEARED, STANDING]),
        (voided_to_another_owner, [CONTENT, CLEARED]),
        (held_elsewhere, [CONTENT, STATES, STANDING]),
        (moved_off, [CONTENT, STATES]),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_laws_of_holds_are_named(change: Callable[[], None], broken: list[str]) -> None:
    assert all(law.holds for law in queries.verify_ledger())
    change()
    assert [law.name for law in queries.verify_ledger() if not law.holds] == broken


def test_one_of_many_posted_together_cannot_be_rewritten_unseen() -> None:
    many = [
        Batch(f"d{day}", date(2026, 11, day), [
            PostingLine("receivable.collector", "debit", 100),
            PostingLine("payable.owner.40", "credit", 100, owner_id="40"),
        ], "clerk")
        for day in (23, 24, 25)
    ]  # fmt: skip
    actions.post_batches(many)
    assert all(law.holds for law in queries.verify_ledger())
    TrailRow.objects.filter(subject="d23").update(detail='{"batches":3,"content_digest":"0"}')
    failed = [law for law in queries.verify_ledger() if not law.holds]
    assert [law.name for law in failed] == ["ledger_agrees_with_trail"]
    assert failed[0].detail == "批次 / batch d23"
