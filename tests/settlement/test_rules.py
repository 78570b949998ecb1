"""Windows, states and matching as pure rules."""

from datetime import date, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tests.settlement.house import agreement
from tollcentre.participants.terms import Cycle
from tollcentre.settlement.rules import (
    due_windows,
    is_member,
    lines_of,
    matched,
    payment_state,
    window_end,
    window_of,
)
from tollcentre.settlement.terms import (
    Cause,
    ExpectedItem,
    ItemKind,
    LineOfStatement,
    LineToMatch,
    Movement,
    PaymentFacts,
    PaymentState,
    StatementSide,
    Unmatched,
    Window,
)

D = date(2026, 11, 2)
LATER = D + timedelta(days=30)


def test_windows_end_with_the_day_the_sunday_and_the_month() -> None:
    assert window_end(D, Cycle.DAILY) == D
    assert window_end(date(2026, 11, 5), Cycle.WEEKLY) == date(2026, 11, 8)
    assert window_end(date(2026, 11, 8), Cycle.WEEKLY) == date(2026, 11, 8)
    assert window_end(date(2028, 2, 10), Cycle.MONTHLY) == date(2028, 2, 29)


def test_a_window_ends_where_the_next_agreement_begins() -> None:
    own = [
        agreement("A", "monthly", 5, "allot"),
        agreement("A", "daily", 0, "allot", date(2026, 11, 20)),
    ]
    found = due_windows(own, StatementSide.PAY, date(2026, 11, 2), date(2026, 11, 21))
    assert [(w.start.day, w.end.day, w.due_on.day) for w in found] == [
        (2, 19, 24), (20, 20, 21), (21, 21, 22),
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), min_size=1, max_size=5),
    st.integers(-3, 30),
    st.integers(0, 60),
)
def test_every_entry_is_in_exactly_one_window_or_waits(
    grown: list[tuple[int, int]], entry_day: int, seq: int
) -> None:
    windows, start, cut = [], D, 0
    for days, batches in grown:
        cut += batches
        windows.append(Window(start, start + timedelta(days=days), cut))
        start = windows[-1].end + timedelta(days=1)
    clear_date = D + timedelta(days=entry_day)
    members = [
        place
        for place, window in enumerate(windows)
        if is_member(clear_date, seq, window, windows[place - 1] if place else None)
    ]
    place = window_of(clear_date, seq, windows)
    assert members == ([] if place is None else [place])


def test_lines_say_why_money_moved() -> None:
    def moved(days: int, key: str, fen: int) -> Movement:
        return Movement(D + timedelta(days=days), key, 1, fen, 1)

    found = lines_of(
        [
            moved(0, "20261102-a", 700), moved(0, "hold:t", -100), moved(0, "posted:t", 100),
            moved(-1, "20261101-b", 30), moved(-1, "refund:r", -20), moved(0, "20261102-a~b", -700),
            moved(0, "20261102-b", 650),
        ],
        D,
    )  # fmt: skip
    before = D - timedelta(days=1)
    assert found == [
        LineOfStatement(before, Cause.ADJUSTMENT, 30, 1),
        LineOfStatement(before, Cause.REFUND, -20, 1),
        LineOfStatement(D, Cause.CLEAR_DAY, 650, 3),
        LineOfStatement(D, Cause.DISPUTE, -100, 1),
        LineOfStatement(D, Cause.RULING, 100, 1),
    ]


def test_a_payment_stands_where_the_banks_statement_shows_it() -> None:
    def state(**facts: object) -> PaymentState:
        return payment_state(PaymentFacts(**facts))  # type: ignore[arg-type]

    assert state() is PaymentState.READY
    assert state(is_sent=True) is PaymentState.SENT
    assert state(is_sent=True, result=0) is PaymentState.ANSWERED
    assert state(is_sent=True, result=7) is PaymentState.REFUSED
    assert state(is_sent=True, is_debited=True) is PaymentState.PAID
    assert state(is_sent=True, result=0, is_debited=True, is_returned=True) is (
        PaymentState.RETURNING
    )
    assert state(is_sent=True, result=7, is_debited=True) is PaymentState.RETURNING
    assert state(is_sent=True, result=0, is_debited=True, is_credited=True) is (
        PaymentState.RETURNED
    )


def line(name: str, fen: int, *references: str, days: int = 0) -> LineToMatch:
    return LineToMatch(name, D + timedelta(days=days), 0, fen, tuple(sorted(references)))


def item(name: str, fen: int, kind: ItemKind = ItemKind.DEPOSIT) -> ExpectedItem:
    return ExpectedItem(f"{kind}:{name}", kind, "bankA", name, fen, D)


def paired(
    lines: list[LineToMatch], items: list[ExpectedItem], closed: tuple[str, ...] = ()
) -> tuple[set[tuple[str, str]], dict[str, Unmatched]]:
    groups, why = matched(lines, items, closed, LATER, 1)
    assert all(sum(i.fen for i in g.items) == sum(x.fen for x in g.lines) for g in groups)
    return {
        ("+".join(x.key for x in g.lines), "+".join(i.reference for i in g.items)) for g in groups
    }, why


def test_one_to_one_one_to_many_and_many_to_one() -> None:
    lines = [line("1", 100, "a"), line("2", 300, "b", "c"), line("3", 40, "d"), line("4", 60, "d")]
    items = [item("a", 100), item("b", 100), item("c", 200), item("d", 100)]
    assert paired(lines, items) == ({("1", "a"), ("2", "b+c"), ("3+4", "d")}, {})


def test_what_does_not_fit_is_said_and_not_guessed() -> None:
    lines = [
        line("1", 90, "a"), line("2", 300, "b"), line("3", 50, "x"), line("4", 70, "z"),
    ]  # fmt: skip
    found = paired(lines, [item("a", 100), item("b", 200)], ("z",))
    assert found == (
        set(),
        {
            "1": Unmatched.PART_OF_IT, "2": Unmatched.AMOUNT_DIFFERS,
            "3": Unmatched.REFERENCE_UNKNOWN, "4": Unmatched.ALREADY_MATCHED,
        },
    )  # fmt: skip


def test_a_second_line_of_a_reference_that_is_done_is_left() -> None:
    assert paired([line("1", 100, "a"), line("2", 100, "a")], [item("a", 100)]) == (
        {("1", "a")}, {"2": Unmatched.ALREADY_MATCHED},
    )  # fmt: skip


def test_a_line_without_a_reference_is_matched_by_an_amount_that_one_combination_makes() -> None:
    items = [item("a", 100), item("b", 250), item("c", 70)]
    assert paired([line("1", 320)], items) == ({("1", "b+c")}, {})
    assert paired([line("1", 100)], [*items, item("d", 30)]) == (
        set(), {"1": Unmatched.AMBIGUOUS},
    )  # fmt: skip
    assert paired([line("1", 99)], items) == (set(), {"1": Unmatched.NOTHING_FITS})
    assert paired([line("1", 100), line("2", 100)], items) == (
        set(), {"1": Unmatched.AMBIGUOUS, "2": Unmatched.AMBIGUOUS},
    )  # fmt: skip


def test_an_amount_alone_waits_for_what_may_still_come() -> None:
    groups, why = matched([line("1", 100)], [item("a", 100)], (), D, 1)
    assert (groups, why) == ([], {"1": Unmatched.TOO_EARLY})


def test_an_amount_alone_never_means_a_return() -> None:
    back = item("p", 100, ItemKind.RETURN)
    assert paired([line("1", 100)], [back]) == (set(), {"1": Unmatched.NOTHING_FITS})
    assert paired([line("1", 100, "p")], [back]) == ({("1", "p")}, {})


def test_what_the_bank_refused_is_matched_when_it_went_and_came() -> None:
    undone = item("p", 0, ItemKind.UNDONE)
    assert paired([line("1", -100, "p")], [undone]) == (set(), {"1": Unmatched.PART_OF_IT})
    assert paired([line("1", -100, "p"), line("2", 100, "p")], [undone]) == ({("1+2", "p")}, {})


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["", "a", "b", "c", "a;b"])),
                max_size=5),
       st.randoms(use_true_random=False))  # fmt: skip
def test_the_order_in_which_lines_are_given_does_not_matter(
    told: list[tuple[int, str]], random: object
) -> None:
    lines = [
        line(str(n), fen, *[part for part in reference.split(";") if part])
        for n, (fen, reference) in enumerate(told)
    ]
    items = [item("a", 2), item("b", 3), item("c", 4), item("d", 1)]
    first = paired(lines, items)
    for shuffled in list(permutations(lines))[:24]:
        assert paired(list(shuffled), items[::-1]) == first


def test_the_one_line_without_a_reference_that_is_the_rest_belongs_to_its_part() -> None:
    items = [item("a", 100), item("b", 100)]
    lines = [line("1", 60, "a"), line("2", 40)]
    assert paired(lines, items[:1]) == ({("1+2", "a")}, {})
    # Two parts that lack the same, or two lines that would do, are left to a person.
    assert paired([*lines, line("3", 60, "b")], items) == (
        set(),
        {"1": Unmatched.PART_OF_IT, "2": Unmatched.NOTHING_FITS, "3": Unmatched.PART_OF_IT},
    )
    assert paired([*lines, line("3", 40)], items[:1]) == (
        set(),
        {"1": Unmatched.PART_OF_IT, "2": Unmatched.NOTHING_FITS, "3": Unmatched.NOTHING_FITS},
    )
