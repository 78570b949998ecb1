"""The order of the checks: the first fault is the reason."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tollcentre.dispute.queries import parameters_at
from tollcentre.dispute.rules.checks import RULES, first_fault
from tollcentre.dispute.terms import BookingFacts, DisputeReason, TradeToBook
from tollcentre.issuing.terms import EtcAccountState, MediumInfo

AT = 1_795_312_800
CARD = MediumInfo(
    "62011901230214248571", "620101", 22, "甘A12345_0", 1, date(2024, 1, 1), date(2033, 12, 31)
)
OBU = replace(CARD, medium_no="6201022222656653", card_type=0)
TRADE = TradeToBook(
    trade_key="t", pass_id="", card_no=CARD.medium_no, card_type=22, obu_no=OBU.medium_no,
    vehicle_id="甘A12345_0", vehicle_type=1, trans_time=AT,
    pay_fee_fen=4737, discount_fee_fen=237, fee_fen=4500, trans_fee_fen=4500,
    tac="", trans_type="09", terminal_no="01620000B051", terminal_trans_no="001A3099",
    card_counter=117, pre_balance_fen=10_000, post_balance_fen=5_500, algorithm_identifier=1,
    key_version=1, toll_province_id="610201",
)  # fmt: skip
FACTS = BookingFacts(
    tac_valid=True, seen_before=False, card=CARD, obu=OBU,
    states=frozenset({EtcAccountState.NORMAL}), listed=frozenset(), received_at=AT + 3600,
    parameters=parameters_at(date(2026, 11, 22)),
)  # fmt: skip
ORDER = (6, 13, 4, 11, 8, 17, 15, 12, 1, 2, 16, 5, 10, 9, 3, 7, 14, 100)
Change = dict[str, Any]
FAULTS: dict[int, tuple[Change, Change]] = {
    6: ({"terminal_trans_no": "x"}, {}),
    13: ({"terminal_no": "FFFF00000001"}, {}),
    4: ({"trans_type": "05"}, {}),
    11: ({"toll_province_id": "540201"}, {}),
    8: ({}, {"card": None}),
    17: ({}, {"obu": None}),
    15: ({"card_type": 21}, {}),
    1: ({}, {"tac_valid": False}),
    2: ({}, {"seen_before": True}),
    9: ({}, {"states": frozenset({EtcAccountState.CANCELLED})}),
    3: ({}, {"listed": frozenset({1})}),
    7: ({"fee_fen": 2_000_001, "pay_fee_fen": 2_000_238}, {}),
    14: ({"post_balance_fen": 6_000}, {}),
    100: ({"trans_fee_fen": 4_400, "post_balance_fen": 5_600}, {}),
}


def test_the_order_is_fixed_and_has_every_reason_once() -> None:
    assert tuple(reason for reason, _ in RULES) == ORDER
    assert set(ORDER) == set(DisputeReason)


def test_a_trade_without_fault_is_booked() -> None:
    assert first_fault(TRADE, FACTS) is None


@given(st.sets(st.sampled_from(sorted(FAULTS)), min_size=1))
def test_of_several_faults_the_first_in_order_is_the_reason(faults: set[int]) -> None:
    trade, facts = TRADE, FACTS
    for code in sorted(faults, key=ORDER.index, reverse=True):
        trade, facts = replace(trade, **FAULTS[code][0]), replace(facts, **FAULTS[code][1])
    assert first_fault(trade, facts) == min(faults, key=ORDER.index)


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        (-3600, None),
        (-3601, DisputeReason.LANE_CLOCK_WRONG),
        (30 * 86_400, None),
        (30 * 86_400 + 1, DisputeReason.OVERDUE),
    ],
)
def test_deadlines_hold_to_the_second(seconds: int, reason: DisputeReason | None) -> None:
    assert first_fault(TRADE, replace(FACTS, received_at=AT + seconds)) == reason


@pytest.mark.parametrize("fee_fen", [0, 2_000_000])
def test_the_limit_itself_and_nothing_at_all_may_be_charged(fee_fen: int) -> None:
    trade = replace(
        TRADE, pay_fee_fen=fee_fen + 237, fee_fen=fee_fen, trans_fee_fen=0, post_balance_fen=10_000
    )
    assert first_fault(trade, FACTS) is None


@pytest.mark.parametrize("medium", ["card", "obu"])
def test_the_last_enabled_day_of_each_medium_counts(medium: str) -> None:
    last = {"card": CARD, "obu": OBU}[medium]
    on_it, after_it = (
        replace(FACTS, **{medium: replace(last, enabled_to=day)})
        for day in (date(2026, 11, 22), date(2026, 11, 21))
    )
    assert first_fault(TRADE, on_it) is None
    assert first_fault(TRADE, after_it) == DisputeReason.CARD_EXPIRED


@pytest.mark.parametrize(
    "change",
    [
        {"card_no": "6201190123021424857"},
        {"obu_no": "620102222265665"},
        {"vehicle_id": ""},
        {"vehicle_type": 5},
        {"trans_time": 0},
        {"fee_fen": -1},
        {"trans_fee_fen": 1 << 32},
        {"algorithm_identifier": 3},
        {"card_counter": 1 << 16},
        {"toll_province_id": "61"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_field_that_cannot_be_is_malformed(change: Change) -> None:
    found = first_fault(replace(TRADE, **change), FACTS)
    assert found == DisputeReason.FIELD_MALFORMED
