"""Laws of the ledger: whatever is posted, repeated and reversed, in whatever order."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tollcentre.access.queries import trail_content_digest, verify_trail
from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.core.refusal import Refusal
from tollcentre.ledger import actions, queries, rules
from tollcentre.ledger.terms import PostingLine

EXAMPLES = settings(max_examples=25, deadline=None)
DAYS = st.integers(1, 28).map(lambda day: date(2026, 11, day))
AMOUNTS = st.integers(1, 10_000_000)
OWNERS = st.sampled_from(["1", "2", "3"])
ISSUERS = st.sampled_from(["620101", "610101"])
PROVINCES = st.sampled_from(["61", "63"])
CREDITED = st.one_of(
    st.builds(
        lambda owner, fen: PostingLine(f"payable.owner.{owner}", "credit", fen, owner),
        OWNERS,
        AMOUNTS,
    ),
    st.builds(
        lambda pp, fen: PostingLine(f"payable.province.{pp}", "credit", fen, province=pp),
        PROVINCES,
        AMOUNTS,
    ),
    st.builds(lambda fen: PostingLine("held.review", "credit", fen), AMOUNTS),
)


def turned(lines: list[PostingLine]) -> list[PostingLine]:
    return [replace(line, side=rules.OTHER_SIDE[line.side]) for line in lines]


@st.composite
def balanced_lines(draw: st.DrawFn) -> list[PostingLine]:
    """Credits, and the debits that balance them; at times all sides turned, as corrections do."""
    credits = draw(st.lists(CREDITED, min_size=1, max_size=4))
    total = sum(line.amount_fen for line in credits)
    first = draw(st.integers(0, total))
    issuer = draw(ISSUERS)
    lines = [
        *credits,
        PostingLine(f"receivable.issuer.{issuer}", "debit", first, issuer_id=issuer),
        PostingLine("receivable.collector", "debit", total - first),
    ]
    return turned(lines) if draw(st.booleans()) else lines


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("post"), st.integers(0, 5), balanced_lines(), DAYS),
        st.tuples(st.just("repeat"), st.integers(0, 5)),
        st.tuples(st.just("reverse"), st.integers(0, 5), st.sampled_from(["a", "b"])),
    ),
    max_size=14,
)


class Books:
    """The slow and obvious twin: a list of what was posted, summed anew each time."""

    def __init__(self) -> None:
        self.batches: dict[str, tuple[list[PostingLine], date]] = {}
        self.reversed_by: dict[str, str] = {}

    def post(self, key: str, lines: list[PostingLine], day: date) -> str:
        if key in self.batches:
            known, known_day = self.batches[key]
            same = known_day == day and carried(known) == carried(lines)
            return "" if same else "batch_key_with_other_content"
        self.batches[key] = (lines, day)
        return ""

    def reverse(self, key: str, by: str) -> str:
        if key not in self.batches:
            return "no_such_batch"
        if self.reversed_by.setdefault(key, by) != by:
            return "batch_already_reversed"
        return ""

    def balances(self) -> dict[str, int]:
        nets: Counter[str] = Counter()
        for key, (lines, _day) in self.batches.items():
            for line in lines:
                if line.amount_fen:
                    sign = 1 if line.side == "debit" else -1
                    nets[line.account] += 0 if key in self.reversed_by else sign * line.amount_fen
        return dict(nets)


def carried(lines: list[PostingLine]) -> "Counter[PostingLine]":
    return Counter(line for line in lines if line.amount_fen)


def ledger_balances() -> dict[str, int]:
    trial = queries.trial_balance(viewer=SHELL_VIEWER)
    assert trial.debit_fen == trial.credit_fen
    return {row.account: row.debit_fen - row.credit_fen for row in trial.rows}


def code_of(act: Callable[[], object]) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return ""


def post(key: str, lines: list[PostingLine], day: date) -> object:
    return actions.post_batch(batch_key=key, clear_date=day, lines=lines, actor="x", memo="day")


def reverse(key: str, by: str) -> object:
    return actions.reverse_batch(batch_key=key, reversal_key=by, actor="x", reason="restated")


@pytest.mark.django_db
@EXAMPLES
@given(acts=ACTS)
def test_any_sequence_of_acts_keeps_every_law(acts: list[tuple]) -> None:
    books = Books()
    with transaction.atomic():
        for kind, number, *rest in acts:
            key = f"run-{number}"
            if kind == "reverse":
                by = f"{key}~{rest[0]}"
                done = code_of(lambda key=key, by=by: reverse(key, by))
                assert done == books.reverse(key, by)
                continue
            lines, day = rest if rest else books.batches.get(key, ([], date(2026, 11, 1)))
            if not lines:
                continue
            done = code_of(lambda key=key, lines=lines, day=day: post(key, lines, day))
            assert done == books.post(key, lines, day)
        assert ledger_balances() == books.balances()
        assert [law for law in queries.verify_ledger() if not law.holds] == []
        assert verify_trail().holds
        transaction.set_rollback(True)


@pytest.mark.django_db
@EXAMPLES
@given(first=balanced_lines(), second=balanced_lines(), day=DAYS)
def test_a_reversal_restores_every_balance(
    first: list[PostingLine], second: list[PostingLine], day: date
) -> None:
    with transaction.atomic():
        post("first", first, day)
        before = ledger_balances()
        by_day = queries.trial_balance(day, viewer=SHELL_VIEWER)
        post("second", second, day)
        reverse("second", "second~")
        after = ledger_balances()
        assert {account: net for account, net in after.items() if account in before} == before
        assert all(net == 0 for account, net in after.items() if account not in before)
        restored = queries.trial_balance(day, viewer=SHELL_VIEWER)
        nets = {row.account: row.balance_fen for row in restored.rows if row.balance_fen}
        assert nets == {row.account: row.balance_fen for row in by_day.rows if row.balance_fen}
        transaction.set_rollback(True)


@pytest.mark.django_db
@EXAMPLES
@given(days=st.lists(st.tuples(balanced_lines(), DAYS), min_size=2, max_size=5), data=st.data())
def test_the_order_of_batches_and_lines_does_not_matter(
    days: list[tuple[list[PostingLine], date]], data: st.DataObject
) -> None:
    told = []
    for turn in (list(enumerate(days)), data.draw(st.permutations(list(enumerate(days))))):
        with transaction.atomic():
            for number, (lines, day) in turn:
                post(f"run-{number}", data.draw(st.permutations(lines)), day)
            told.append(
                (ledger_balances(), queries.content_digest_of_all(), trail_content_digest())
            )
            transaction.set_rollback(True)
    assert told[0] == told[1]


@given(lines=balanced_lines(), data=st.data())
def test_a_batch_that_is_off_by_any_amount_is_refused(
    lines: list[PostingLine], data: st.DataObject
) -> None:
    assert rules.why_refused("k", lines, queries.chart()) is None
    where = data.draw(st.integers(0, len(lines) - 1))
    more = replace(lines[where], amount_fen=lines[where].amount_fen + data.draw(AMOUNTS))
    refusal = rules.why_refused("k", [*lines[:where], more, *lines[where + 1 :]], queries.chart())
    assert refusal is not None
    assert refusal.code == "batch_is_unbalanced"
