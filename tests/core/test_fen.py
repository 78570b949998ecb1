"""Money in fen: rounding, conversion and the exact split."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tollcentre.core.fen import (
    fen_from_yuan,
    fen_half_up,
    round_half_up_div,
    split_exact,
    whole_yuan,
)

AMOUNTS = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("numerator", "denominator", "quotient"),
    [(5, 2, 3), (4, 3, 1), (-5, 2, -3), (0, 7, 0), (7, 7, 1), (149, 100, 1), (150, 100, 2)],
)
def test_halves_are_rounded_away_from_zero(numerator: int, denominator: int, quotient: int) -> None:
    assert round_half_up_div(numerator, denominator) == quotient


def test_a_denominator_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        round_half_up_div(1, 0)


@pytest.mark.parametrize(
    ("fen", "rounded"), [(3086, 3100), (4509, 4500), (50, 100), (49, 0), (-50, -100)]
)
def test_cpc_passages_pay_whole_yuan(fen: int, rounded: int) -> None:
    assert whole_yuan(fen) == rounded


@pytest.mark.parametrize(
    ("text", "fen"), [("1234.5", 123450), (" 0.01 ", 1), ("-81", -8100), ("0", 0), ("1E2", 10000)]
)
def test_yuan_texts_become_exact_fen(text: str, fen: int) -> None:
    assert fen_from_yuan(text) == fen


@pytest.mark.parametrize("text", ["0.001", "", "a", "1,5", "NaN", "Infinity"])
def test_other_texts_are_no_amount(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        fen_from_yuan(text)


def test_decimal_yuan_is_rounded_half_up() -> None:
    assert [fen_half_up(Decimal(text)) for text in ("0.005", "0.0049", "2.415")] == [1, 0, 242]


def test_remainders_go_by_size_and_ties_by_order() -> None:
    assert split_exact(100, [1, 1, 1]) == [34, 33, 33]
    assert split_exact(10, [5, 3, 1]) == [6, 3, 1]
    assert split_exact(3, [0, 1, 1]) == [0, 2, 1]


def test_nothing_to_share_by_gives_nothing() -> None:
    assert split_exact(500, [0, 0]) == [0, 0]
    assert split_exact(500, []) == []


def test_negative_weights_are_an_error() -> None:
    with pytest.raises(ValueError, match="negative"):
        split_exact(1, [1, -1])


@given(amount=AMOUNTS, weights=WEIGHTS)
def test_shares_sum_to_the_whole(amount: int, weights: list[int]) -> None:
    assert sum(split_exact(amount, weights)) == (amount if sum(weights) else 0)


@given(amount=AMOUNTS, weights=WEIGHTS)
def test_each_share_is_within_one_fen_of_its_quota(amount: int, weights: list[int]) -> None:
    total = sum(weights)
    for share, weight in zip(split_exact(amount, weights), weights, strict=True):
        assert abs(share * total - amount * weight) < max(total, 1)


@given(amount=AMOUNTS, weights=WEIGHTS)
def test_a_reversal_restores_to_the_fen(amount: int, weights: list[int]) -> None:
    back = split_exact(-amount, weights)
    assert [-share for share in back] == split_exact(amount, weights)
