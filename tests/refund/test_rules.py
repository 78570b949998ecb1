"""What is found and who gives it back: the scenes, the slow twin, and what always holds."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import refund as oracle
from tollcentre.clearing.terms import TradeShare
from tollcentre.core.refusal import Refusal
from tollcentre.refund.queries import parameters_at
from tollcentre.refund.rules import (
    accepted_lines,
    credited_lines,
    overcharges_of,
    require_next,
    route_of,
    split_refund,
    split_supplement,
)
from tollcentre.refund.terms import (
    TRANSITIONS,
    ChangeCause,
    ChangeKind,
    ChangeRoute,
    ChangeState,
)

from .scenes import SCENES, named, passage_of, shares_of, title

DAY = date(2026, 11, 21)
NAMES = st.sampled_from(
    [("owner", "62030010"), ("owner", "62030020"), ("owner", "62030030"), ("province", "61"),
     ("province", "63"), ("held", "")]
)  # fmt: skip
SHARES = st.dictionaries(NAMES, st.integers(0, 1_000_000), min_size=1).filter(
    lambda shares: sum(shares.values()) > 0
)


def as_shares(shares: dict[tuple[str, str], int]) -> list[TradeShare]:
    return [TradeShare(*name, fee) for name, fee in shares.items()]


def as_dict(shares: list[TradeShare]) -> dict[tuple[str, str], int]:
    return {(share.party, share.code): share.fee for share in shares}


@pytest.mark.parametrize("scene", SCENES, ids=title)
def test_a_scene_is_found_and_given_back_as_it_says(scene: dict[str, Any]) -> None:
    found = overcharges_of(passage_of(scene), parameters_at(DAY))
    assert [[one.cause, one.fee] for one in found] == (
        [scene["finds"]] if "finds" in scene else []
    )  # fmt: skip
    for one in found:
        assert named(split_refund(shares_of(scene["shares"]), [], one.fee)) == scene["taken"]


@given(SHARES, st.data())
def test_a_refund_is_split_to_the_fen_within_the_shares_whatever_their_order(
    shares: dict[tuple[str, str], int], data: st.DataObject
) -> None:
    fee = data.draw(st.integers(1, sum(shares.values())))
    parts = as_dict(split_refund(as_shares(shares), [], fee))
    assert sum(parts.values()) == fee
    assert all(0 < part <= shares[name] for name, part in parts.items())
    assert parts == oracle.split(shares, fee)
    shuffled = dict(data.draw(st.permutations(list(shares.items()))))
    assert as_dict(split_refund(as_shares(shuffled), [], fee)) == parts


@given(SHARES, st.lists(st.integers(1, 1_500_000), max_size=6))
def test_refunds_of_a_passage_never_take_more_than_was_paid(
    shares: dict[tuple[str, str], int], fees: list[int]
) -> None:
    given_back: list[TradeShare] = []
    for fee in fees:
        left = sum(shares.values()) - sum(share.fee for share in given_back)
        if fee > left:
            with pytest.raises(Refusal, match="refund_above_paid"):
                split_refund(as_shares(shares), given_back, fee)
        else:
            given_back += split_refund(as_shares(shares), given_back, fee)
    taken: dict[tuple[str, str], int] = {}
    for share in given_back:
        taken[share.party, share.code] = taken.get((share.party, share.code), 0) + share.fee
    assert all(fen <= shares[name] for name, fen in taken.items())


@given(SHARES, st.integers(1, 3_000_000))
def test_a_supplement_is_split_to_the_fen_by_the_path(
    weights: dict[tuple[str, str], int], fee: int
) -> None:
    parts = as_dict(split_supplement(as_shares(weights), fee))
    assert sum(parts.values()) == fee
    assert parts == oracle.split(weights, fee)


@given(
    SHARES, st.sampled_from(ChangeKind), st.sampled_from(ChangeRoute),
    st.sampled_from(["620101", "610101", ""]), st.sampled_from([1, 2]),
)  # fmt: skip
def test_postings_balance_and_leave_nothing_due_once_credited(
    shares: dict[tuple[str, str], int], kind: ChangeKind, route: ChangeRoute, issuer: str,
    media_type: int,
) -> None:  # fmt: skip
    fee = sum(shares.values())
    accepted = accepted_lines(kind, issuer, media_type, as_shares(shares))
    credited = credited_lines(kind, route, issuer, media_type, fee)
    sums: dict[str, int] = {}
    for lines in (accepted, credited):
        net = {"debit": 0, "credit": 0}
        for line in lines:
            net[line.side] += line.amount_fen
            sign = 1 if line.side == "debit" else -1
            sums[line.account] = sums.get(line.account, 0) + sign * line.amount_fen
        assert net["debit"] == net["credit"]
    assert sums[f"payable.refund.{issuer or 'unknown'}"
                if kind is ChangeKind.REFUND
                else f"receivable.supplement.{issuer or 'unknown'}"] == 0  # fmt: skip


@pytest.mark.parametrize(
    ("media_type", "issuer", "multi", "cause", "route"),
    [
        (1, "620101", False, ChangeCause.ABOVE_TARIFF, ChangeRoute.HERE),
        (1, "620101", True, ChangeCause.ABOVE_TARIFF, ChangeRoute.MINISTRY),
        (1, "610101", False, ChangeCause.COMPLAINT, ChangeRoute.MINISTRY),
        (1, "610101", False, ChangeCause.SECOND_EXIT, ChangeRoute.HERE),
        (2, "", True, ChangeCause.ABOVE_TARIFF, ChangeRoute.HERE),
    ],
)
def test_the_ministry_is_asked_where_the_trade_went_through_it(
    media_type: int, issuer: str, multi: bool, cause: ChangeCause, route: ChangeRoute
) -> None:
    found = route_of(media_type=media_type, issuer_id=issuer, multi_province=multi, cause=cause,
                     own="62")  # fmt: skip
    assert found is route


@given(st.sampled_from(ChangeState), st.sampled_from(ChangeState))
def test_no_state_follows_another_but_as_the_table_says(
    state: ChangeState, wanted: ChangeState
) -> None:
    if wanted in TRANSITIONS[state]:
        require_next("c", state, wanted)
    else:
        with pytest.raises(Refusal, match="toll_change_not_in_state"):
            require_next("c", state, wanted)
