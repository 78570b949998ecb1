"""Booking the trades of a message: who is paid, who is disputed, and why."""

from dataclasses import replace
from typing import Any

import pytest

from tests.dispute.scenes import CARD_NO, RECEIVED_AT, SCENES, signed, stage
from tollcentre.access.models import TrailRow
from tollcentre.core.clock import epoch_of
from tollcentre.dispute.actions import book_trades
from tollcentre.dispute.models import BookedTrade
from tollcentre.dispute.queries import book, booked
from tollcentre.dispute.terms import DISPUTE_TITLES, DisputeReason, TradeToBook
from tollcentre.issuing.actions import change_account_states
from tollcentre.issuing.terms import EtcAccountChange, EtcAccountState

pytestmark = pytest.mark.django_db


def take(*trades: TradeToBook, source: str = "message-1") -> list[tuple[str, DisputeReason]]:
    return book_trades(trades=trades, received_at=RECEIVED_AT, source=source, actor="exchange")


@pytest.mark.parametrize("scene", SCENES, ids=[scene["scene"] for scene in SCENES])
def test_scene(scene: dict[str, Any]) -> None:
    stage(scene)
    received_at = epoch_of(scene["received"]) if "received" in scene else RECEIVED_AT
    if "before" in scene:
        assert take(signed(**scene["before"])) == []
    trade = signed(scene.get("after_signing"), **scene.get("trade", {}))
    reason = None if scene.get("payable") else DisputeReason(scene["reason"])
    found = book([trade], received_at)
    assert found == ([] if reason is None else [(trade.trade_key, reason)])


def test_every_reason_has_a_scene_and_a_name() -> None:
    assert {scene["reason"] for scene in SCENES if "reason" in scene} == set(DisputeReason)
    assert set(DISPUTE_TITLES) == set(DisputeReason)
    assert len(set(DISPUTE_TITLES.values())) == len(DisputeReason)


def test_only_the_disputed_trades_of_a_message_are_answered() -> None:
    stage({})
    good = [signed(trade_key=f"good-{n}", terminal_trans_no=f"{n:08X}") for n in range(3)]
    forged = replace(signed(trade_key="forged", terminal_trans_no="000000FF"), tac="00000000")
    unread = replace(signed(trade_key="unread"), card_no="?", trans_time=-1)
    found = book([good[0], forged, good[1], unread, good[2]], RECEIVED_AT)
    assert found == [
        ("forged", DisputeReason.TAC_INVALID),
        ("unread", DisputeReason.FIELD_MALFORMED),
    ]


def test_of_two_records_of_one_charge_the_first_payable_one_is_paid() -> None:
    stage({})
    forged = replace(signed(trade_key="forged"), tac="00000000")
    first, second = signed(trade_key="first"), signed(trade_key="second")
    assert take(forged, first, second) == [
        ("forged", DisputeReason.TAC_INVALID),
        ("second", DisputeReason.REPEATED),
    ]
    assert take(signed(trade_key="third"), source="message-2") == [
        ("third", DisputeReason.REPEATED)
    ]
    assert booked(["forged", "first", "second", "third", "other"]) == {
        "forged": DisputeReason.TAC_INVALID,
        "first": None,
        "second": DisputeReason.REPEATED,
        "third": DisputeReason.REPEATED,
    }


def test_the_same_message_again_gives_the_same_answer_whatever_is_known_by_then() -> None:
    stage({})
    trades = signed(trade_key="one"), replace(signed(trade_key="two"), tac="00000000")
    first = take(*trades)
    trailed = TrailRow.objects.count()
    change = EtcAccountChange(CARD_NO, epoch_of("2026-11-01"), EtcAccountState.CANCELLED)
    change_account_states(changes=[change], actor="issuer")
    assert take(*trades) == first == [("two", DisputeReason.TAC_INVALID)]
    assert BookedTrade.objects.count() == 2
    assert TrailRow.objects.count() == trailed + 1


def test_a_charge_may_be_paid_once_says_the_database() -> None:
    stage({})
    take(signed(trade_key="one"))
    row = BookedTrade.objects.get()
    row.pk = "two"
    again = BookedTrade.objects.bulk_create([row], ignore_conflicts=True)
    assert len(again) == BookedTrade.objects.count() == 1


def test_facts_are_gathered_for_all_trades_at_once(django_assert_num_queries: Any) -> None:
    stage({})
    trades = [signed(trade_key=f"t{n}", terminal_trans_no=f"{n:08X}") for n in range(200)]
    with django_assert_num_queries(4):
        assert book(trades, RECEIVED_AT) == []
