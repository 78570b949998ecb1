"""Laws of holds: whatever is posted, reversed, held, ruled on and repeated, in whatever order."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.test_ledger import (
    AMOUNTS,
    DAYS,
    OWNERS,
    Books,
    balanced_lines,
    code_of,
    ledger_balances,
    post,
    reverse,
    turned,
)  # fmt: skip
from tollcentre.access.queries import trail_content_digest, verify_trail
from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.ledger import actions, queries, rules
from tollcentre.ledger.terms import PostingLine

EXAMPLES = settings(max_examples=25, deadline=None)
KEYS = st.integers(0, 3).map(lambda number: f"d{number}")
HELD = ("disputed.issuer.620101", "held.dispute")
OTHER = {"disputed.issuer.620101": "receivable.issuer.620101", "held.dispute": "payable.owner."}
ENDS = st.sampled_from(["open", "rule", "void"])
Lines = list[PostingLine]


@st.composite
def openings(draw: st.DrawFn) -> Lines:
    """Money moved onto accounts for holds, some of it against itself, at times all turned."""
    lines = []
    for account in draw(st.lists(st.sampled_from(HELD), min_size=1, max_size=3)):
        fen, owner = draw(AMOUNTS), draw(OWNERS)
        named = {"owner_id": owner, "issuer_id": "620101"}
        here = PostingLine(account, "debit" if account == HELD[0] else "credit", fen, **named)
        there = OTHER[account] + ("" if account == HELD[0] else owner)
        lines += [here, replace(turned([here])[0], account=there)]
    return turned(lines) if draw(st.booleans()) else lines


def rulings(opening: Lines, *, owner: str) -> Lines:
    """What clears the opening: all to one owner, whoever it was held for."""
    cleared = turned([line for line in opening if line.account in HELD])
    rest = [
        replace(turned([line])[0], account=f"payable.owner.{owner}", owner_id=owner)
        for line in cleared
    ]
    return [*cleared, *rest]


class Disputes(Books):
    """The slow and obvious twin with holds: an opening and its end are two more batches."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: dict[str, str] = {}

    def hold(self, key: str, lines: Lines, day: date) -> str:
        return self.post(f"hold:{key}", lines, day)

    def close(self, key: str, end: str, lines: Lines, day: date) -> str:
        if f"hold:{key}" not in self.batches:
            return "no_such_hold"
        if self.ends.get(key, end) != end:
            return f"hold_already_{self.ends[key]}"
        if day < self.batches[f"hold:{key}"][1]:
            return "hold_closed_before_opened"
        self.ends[key] = end
        return self.post(f"{end}:{key}", lines, day)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("post"), KEYS, balanced_lines(), DAYS),
        st.tuples(st.just("reverse"), KEYS, st.sampled_from(["", "hold:", "posted:", "voided:"])),
        st.tuples(st.just("hold"), KEYS, openings(), DAYS),
        st.tuples(st.just("hold again"), KEYS),
        st.tuples(st.just("rule"), KEYS, OWNERS, DAYS),
        st.tuples(st.just("rule wrongly"), KEYS, st.integers(-3, 3).filter(bool), DAYS),
        st.tuples(st.just("void"), KEYS, DAYS),
    ),
    max_size=16,
)


def hold(key: str, lines: Lines, day: date) -> object:
    return actions.open_hold(hold_key=key, clear_date=day, lines=lines, actor="x", memo="day")


def rule(key: str, lines: Lines, day: date) -> object:
    return actions.post_hold(hold_key=key, clear_date=day, lines=lines, actor="x", reason="day")


def void(key: str, day: date) -> object:
    return actions.void_hold(hold_key=key, clear_date=day, actor="x", reason="day")


def holds_something(lines: Lines) -> bool:
    return bool(rules.held(rules.in_order(lines, date(2026, 11, 1)), queries.chart()))


def do(books: Disputes, kind: str, key: str, *rest: object) -> None:
    """One act on the ledger and on its twin: both accept it, or both refuse it alike."""
    opening, opened = books.batches.get(f"hold:{key}", ([], date(2026, 11, 1)))
    if kind == "post":
        done, told = code_of(lambda: post(key, *rest)), books.post(key, *rest)
    elif kind == "reverse":
        whole, known = f"{rest[0]}{key}", f"{rest[0]}{key}" in books.batches
        done = code_of(lambda: reverse(whole, f"{whole}~"))
        told = "batch_belongs_to_hold" if rest[0] and known else books.reverse(whole, f"{whole}~")
    elif kind in ("hold", "hold again"):
        lines, day = rest or (opening, opened)
        done = code_of(lambda: hold(key, lines, day))
        empty = "hold_holds_nothing" if lines else "batch_has_no_amounts"
        told = books.hold(key, lines, day) if holds_something(lines) else empty
    elif kind == "rule":
        lines, day = rulings(opening, owner=rest[0]), rest[1]
        done, told = code_of(lambda: rule(key, lines, day)), books.close(key, "posted", lines, day)
    elif kind == "rule wrongly":
        fen, day = max(1, sum(line.amount_fen for line in opening) + rest[0]), rest[1]
        sides = [
            PostingLine("held.dispute", "debit", fen, "9"),
            PostingLine("held.review", "credit", fen),
        ]
        done, told = code_of(lambda: rule(key, sides, day)), ""
        assert done in {"no_such_hold", "hold_already_voided", "hold_closed_before_opened",
                        "hold_not_cleared", "batch_key_with_other_content"}  # fmt: skip
        return
    else:
        lines = [replace(line, clear_date=rest[0]) for line in turned(opening)]
        done, told = code_of(lambda: void(key, rest[0])), books.close(key, "voided", lines, rest[0])
    assert done == told, (kind, key, rest)


@pytest.mark.django_db
@EXAMPLES
@given(acts=ACTS)
def test_any_sequence_of_acts_keeps_every_law(acts: list[tuple]) -> None:
    books = Disputes()
    with transaction.atomic():
        for act in acts:
            do(books, *act)
        assert ledger_balances() == books.balances()
        states = {row.hold_key: row.state for row in queries.holds(viewer=SHELL_VIEWER)}
        opened = {key[5:] for key in books.batches if key.startswith("hold:")}
        assert states == {key: books.ends.get(key, "open") for key in opened}
        assert [law for law in queries.verify_ledger() if not law.holds] == []
        assert verify_trail().holds
        transaction.set_rollback(True)


@pytest.mark.django_db
@EXAMPLES
@given(
    disputes=st.lists(
        st.tuples(openings().filter(holds_something), ENDS, OWNERS), min_size=2, max_size=4
    ),
    data=st.data(),
)
def test_the_order_of_independent_disputes_does_not_matter(
    disputes: list[tuple[Lines, str, str]], data: st.DataObject
) -> None:
    day, told = date(2026, 11, 22), []
    numbered = list(enumerate(disputes))
    for turn in (numbered, data.draw(st.permutations(numbered))):
        with transaction.atomic():
            for number, (lines, _end, _owner) in turn:
                hold(f"d{number}", data.draw(st.permutations(lines)), day)
            for number, (lines, end, owner) in data.draw(st.permutations(turn)):
                if end == "rule":
                    rule(f"d{number}", rulings(lines, owner=owner), day)
                elif end == "void":
                    void(f"d{number}", day)
            told.append(
                (ledger_balances(), queries.content_digest_of_all(), trail_content_digest())
            )
            transaction.set_rollback(True)
    assert told[0] == told[1]


@pytest.mark.django_db
@EXAMPLES
@given(lines=openings().filter(holds_something), other=openings(), day=DAYS)
def test_a_void_restores_every_balance(lines: Lines, other: Lines, day: date) -> None:
    with transaction.atomic():
        if holds_something(other):
            hold("other", other, day)
        before = {account: net for account, net in ledger_balances().items() if net}
        hold("it", lines, day)
        void("it", day)
        assert {account: net for account, net in ledger_balances().items() if net} == before
        transaction.set_rollback(True)
