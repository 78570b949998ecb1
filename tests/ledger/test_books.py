"""Balances at any time, statements, who sees which rows, and the database's own constraints."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tollcentre.access.terms import SHELL_VIEWER, Role, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.ledger import actions, queries
from tollcentre.ledger.models import LedgerAccount, PostingBatch, PostingEntry
from tollcentre.ledger.terms import PostingLine

pytestmark = pytest.mark.django_db

OWNER = Viewer("owner", frozenset({Role.ROAD_OWNER}), frozenset({"41"}))
NOBODY = Viewer("admin", frozenset({Role.SYSTEM_ADMINISTRATOR}), None)


def post(key: str, day: date, **owners: int) -> None:
    credits = [
        PostingLine(f"payable.owner.{owner[1:]}", "credit", fen, owner_id=owner[1:])
        for owner, fen in owners.items()
    ]
    collected = PostingLine("receivable.collector", "debit", sum(owners.values()))
    actions.post_batch(batch_key=key, clear_date=day, lines=[*credits, collected], actor="clerk")


@pytest.fixture
def three_days() -> None:
    post("d1", date(2026, 11, 21), o40=100, o41=10)
    post("d2", date(2026, 11, 22), o40=200)
    post("d3", date(2026, 11, 23), o41=30)


@pytest.mark.usefixtures("three_days")
def test_a_balance_at_a_clear_date_or_a_moment() -> None:
    def at(when: object) -> int:
        return queries.balance("payable.owner.40", when, viewer=SHELL_VIEWER).balance_fen

    assert [at(date(2026, 11, day)) for day in (20, 21, 22, 23)] == [0, 100, 300, 300]
    PostingBatch.objects.filter(batch_key="d2").update(posted_at=2_000_000_000)
    assert [at(1_999_999_999), at(2_000_000_000), at(None)] == [100, 300, 300]


@pytest.mark.usefixtures("three_days")
def test_a_trial_balance_adds_up() -> None:
    trial = queries.trial_balance(date(2026, 11, 22), viewer=SHELL_VIEWER)
    assert [(row.account, row.balance_fen) for row in trial.rows] == [
        ("payable.owner.40", 300),
        ("payable.owner.41", 10),
        ("receivable.collector", 310),
    ]
    assert trial.debit_fen == trial.credit_fen == 310
    assert (trial.rows[0].zh, trial.rows[0].en) == ("应付业主通行费", "payable to a road owner")


@pytest.mark.usefixtures("three_days")
def test_a_statement_runs_from_opening_to_closing() -> None:
    actions.reverse_batch(batch_key="d1", reversal_key="r1", actor="clerk", reason="wrong")
    statement = queries.account_statement(
        "payable.owner.40", viewer=SHELL_VIEWER, start=date(2026, 11, 21), end=date(2026, 11, 22)
    )
    assert (statement.opening_fen, statement.closing_fen) == (0, 200)
    assert [(line.batch_key, line.balance_fen) for line in statement.lines] == [
        ("d1", 100),
        ("r1", 0),
        ("d2", 200),
    ]
    later = queries.account_statement(
        "payable.owner.40", viewer=SHELL_VIEWER, start=date(2026, 11, 23)
    )
    assert (later.opening_fen, later.lines, later.closing_fen) == (200, (), 200)


@pytest.mark.usefixtures("three_days")
def test_a_road_owner_sees_the_own_rows_and_others_without_permission_none() -> None:
    assert [row.account for row in queries.accounts(viewer=OWNER)] == ["payable.owner.41"]
    assert queries.balance("payable.owner.41", viewer=OWNER).balance_fen == 40
    assert queries.balance("payable.owner.40", viewer=OWNER).balance_fen == 0
    assert [row.batch_key for row in queries.batches(viewer=OWNER)] == ["d3", "d1"]
    assert [e.account.code for e in queries.entries_of("d1", viewer=OWNER)] == ["payable.owner.41"]
    with pytest.raises(Refusal, match="no_such_batch"):
        queries.batch("d2", viewer=OWNER)
    assert queries.accounts(viewer=NOBODY) == []
    assert list(queries.batches(viewer=NOBODY)) == []


@pytest.mark.usefixtures("three_days")
def test_batches_and_their_sums() -> None:
    assert queries.batch("d1", viewer=SHELL_VIEWER).total_fen == 110
    day = queries.batches(viewer=SHELL_VIEWER, day=date(2026, 11, 22))
    assert [row.batch_key for row in day] == ["d2"]
    assert queries.batch_totals("d1") == (110, 110)
    assert queries.batch_totals("d9") == (0, 0)
    assert queries.batch_nets("d1") == {
        "payable.owner.40": -100, "payable.owner.41": -10, "receivable.collector": 110,
    }  # fmt: skip
    assert queries.batch_nets("d9") == {}


def test_a_balance_outside_the_chart_is_refused() -> None:
    assert queries.balance("payable.owner.9", viewer=SHELL_VIEWER).balance_fen == 0
    with pytest.raises(Refusal, match="no_such_account"):
        queries.balance("payable.nobody", viewer=SHELL_VIEWER)


@pytest.mark.usefixtures("three_days")
def test_a_repeat_says_so_and_the_order_of_lines_does_not_matter() -> None:
    lines = [
        PostingLine("held.review", "credit", 5),
        PostingLine("receivable.collector", "debit", 5),
        PostingLine("receivable.collector", "debit", 0),
    ]
    words = {"batch_key": "k", "clear_date": date(2026, 11, 22), "actor": "clerk"}
    first = actions.post_batch(lines=lines, **words)
    again = actions.post_batch(lines=lines[::-1], **words)
    assert (first.lines, first.repeated, again.repeated) == (2, False, True)
    assert again.hash == first.hash
    assert queries.content_digest_of_all() == queries.content_digest_of_all()


@pytest.mark.usefixtures("three_days")
@pytest.mark.parametrize(
    "amounts",
    [(0, 0), (5, 5), (-5, 0), (0, -5)],
    ids=["none", "both", "minus debit", "minus credit"],
)
def test_the_database_refuses_entries_that_are_not_one_sided(amounts: tuple[int, int]) -> None:
    batch, account = PostingBatch.objects.get(seq=1), LedgerAccount.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        PostingEntry.objects.create(
            batch=batch, line_no=9, account=account, debit_fen=amounts[0],
            credit_fen=amounts[1], media_type=0, clear_date=date(2026, 11, 22),
        )  # fmt: skip


@pytest.mark.usefixtures("three_days")
def test_the_database_refuses_a_second_reversal_and_a_fork() -> None:
    first = PostingBatch.objects.get(seq=1)
    actions.reverse_batch(batch_key="d1", reversal_key="r1", actor="clerk", reason="wrong")
    common = {
        "seq": 9, "clear_date": first.clear_date, "line_count": 2, "total_fen": 1,
        "content_digest": "", "actor": "", "posted_at": 0, "hash": "a" * 64,
    }  # fmt: skip
    for fields in (
        {"batch_key": "x", "reverses": first, "previous_hash": "b" * 64},
        {"batch_key": "x", "previous_hash": first.previous_hash},
        {"batch_key": "d1", "previous_hash": "b" * 64},
        {"batch_key": "x", "previous_hash": "b" * 64, "total_fen": 0},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PostingBatch.objects.create(**{**common, **fields})
