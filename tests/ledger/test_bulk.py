"""Many batches at once are what they are one by one: the same rows, hashes, laws and trail."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tollcentre.access.models import TrailRow
from tollcentre.access.queries import verify_trail
from tollcentre.core.refusal import Refusal
from tollcentre.ledger import actions, queries
from tollcentre.ledger.actions import append
from tollcentre.ledger.models import PostingBatch, PostingEntry
from tollcentre.ledger.terms import Batch, PostingLine

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


def batch(number: int, fen: int = 0, memo: str = "") -> Batch:
    fen = fen or 100 + number
    owner = str(number % 7)
    return Batch(
        f"refund-{number}",
        DAY,
        [
            PostingLine("receivable.collector", "credit", fen, memo=memo),
            PostingLine(f"payable.owner.{owner}", "debit", fen, owner, media_type=2),
        ],
        actor="clerk",
        memo=f"退费 {number}\t\\N\n\"'",
    )


def written() -> list[list[tuple]]:
    """Every row that posting writes, apart from the entries' own numbers."""
    entries = PostingEntry.objects.order_by("batch_id", "line_no").values_list(
        "batch_id", "line_no", "account__code", "debit_fen", "credit_fen", "owner_id", "issuer_id",
        "province", "media_type", "clear_date", "memo",
    )  # fmt: skip
    batches = PostingBatch.objects.order_by("seq").values_list()
    return [list(entries), list(batches), list(TrailRow.objects.order_by("seq").values_list())]


def told_by(act: Callable[[], object]) -> list[list[tuple]]:
    """What the act writes into empty books, taken back."""
    with transaction.atomic():
        act()
        found = written()
        transaction.set_rollback(True)
    return found


def test_many_at_once_write_the_rows_of_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(append.time, "time", lambda: 1_800_000_000.5)
    batches = [batch(number) for number in range(50)]

    def one_by_one() -> None:
        for one in batches:
            actions.post_batch(
                batch_key=one.batch_key, clear_date=one.clear_date, lines=one.lines,
                actor=one.actor, memo=one.memo,
            )  # fmt: skip

    slowly, at_once = told_by(one_by_one), told_by(lambda: actions.post_batches(batches))
    assert at_once[:2] == slowly[:2]
    assert [len(rows) for rows in slowly] == [100, 50, 50]
    # What was posted together is one act, pinned by all that it says.
    assert len(at_once[2]) == 1
    assert slowly[1][7][3] == batches[7].memo


def test_a_sequence_may_repeat_itself_and_what_is_posted() -> None:
    assert actions.post_batches([]) == []
    first = actions.post_batches([batch(1), batch(2)])
    again = actions.post_batches([batch(2), batch(3), batch(3), batch(1)])
    assert [one.repeated for one in again] == [True, False, True, True]
    assert [one.seq for one in again] == [2, 3, 3, 1]
    assert again[0].hash == first[1].hash
    assert (PostingBatch.objects.count(), TrailRow.objects.count()) == (3, 2)
    assert all(law.holds for law in [*queries.verify_ledger(), verify_trail()])


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (batch(1, fen=7), "batch_key_with_other_content"),
        (batch(2, memo="other"), "batch_key_with_other_content"),
        (batch(9, fen=-5), "amount_is_negative"),
    ],
    ids=["posted before", "earlier in the sequence", "no batch"],
)
def test_all_are_posted_or_none(wrong: Batch, code: str) -> None:
    actions.post_batch(batch_key="refund-1", clear_date=DAY, lines=batch(1).lines, actor="x",
                       memo=batch(1).memo)  # fmt: skip
    before = written()
    with pytest.raises(Refusal) as refused:
        actions.post_batches([batch(2), batch(3), wrong, batch(4)])
    assert refused.value.code == code
    assert wrong.batch_key in refused.value.text_en()
    assert wrong.batch_key in refused.value.text_zh()
    assert written() == before


def test_ten_times_the_batches_take_no_more_statements() -> None:
    asked = []
    for start, count in ((0, 20), (100, 200)):
        with CaptureQueriesContext(connection) as seen:
            actions.post_batches([batch(number) for number in range(start, start + count)])
        asked.append(len(seen))
    assert asked[1] <= asked[0]
