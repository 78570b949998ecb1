"""Trades of a car park: taken, packed, booked, ruled, counted; the money, in any order."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tollcentre.core.refusal import Refusal
from tollcentre.ledger.queries import account_nets, verify_ledger
from tollcentre.messages.codecs.exchange import frames
from tollcentre.messages.models import SentMessage
from tollcentre.messages.queries import parcel_of
from tollcentre.messages.terms import FRAME_BROKEN, MessageFault, ResultCode
from tollcentre.parking import queries
from tollcentre.parking.actions import add_provider, make_packs
from tollcentre.parking.actions import packs as packing
from tollcentre.parking.models import ExtensionTrade, PackBooking, PackDispute
from tollcentre.parking.rules import packs_due
from tollcentre.parking.terms import ExtensionFate, PackParameters

from .centre import (
    NOW,
    PARK,
    Said,
    act,
    deliver,
    deliver_as,
    open_up,
    packs,
    replies,
    take,
    trade,
)

DAY = date(2026, 11, 18)
LATER = NOW + 86_400
RECEIVABLE, PAYABLE = "receivable.extension", f"payable.provider.{PARK}"
ACCOUNTS = (RECEIVABLE, PAYABLE, "disputed.extension", f"held.extension.{PARK}")


@pytest.fixture
def sent(db: None) -> SentMessage:
    """Four trades of 10, 20, 30 and 40 yuan in one pack."""
    open_up()
    take(*(trade(n, f"{n}0.00") for n in (1, 2, 3, 4)))
    make_packs(NOW + 300)
    [pack] = packs()
    return pack


def fates() -> dict[str, tuple[int, int]]:
    return {row.fate.value: (row.count, row.fee) for row in queries.fates()}


def nets() -> dict[str, int]:
    found = account_nets(list(ACCOUNTS))
    return {name: found.get(name, 0) for name in ACCOUNTS}


def laws_hold() -> bool:
    return all(law.holds for law in (*queries.verify_extension(), *verify_ledger()))


def test_a_pack_goes_when_its_oldest_trade_has_waited_or_when_it_is_full() -> None:
    by = PackParameters(records_max=3, waits_s=300, statistic_waits_s=0)
    assert packs_due([], 1_000, by) == []
    assert packs_due([701], 1_000, by) == []
    assert packs_due([700], 1_000, by) == [1]
    assert packs_due([999, 999, 999], 1_000, by) == [3]
    assert packs_due([600, 600, 600, 701, 702], 1_000, by) == [3]
    assert packs_due([600] * 7, 1_000, by) == [3, 3, 1]


@given(st.lists(st.integers(0, 2_000)), st.integers(1, 5))
def test_no_trade_is_packed_twice_and_none_waits_longer(taken: list[int], most: int) -> None:
    by, taken = PackParameters(most, 300, 0), sorted(taken)
    sizes = packs_due(taken, 2_000, by)
    assert all(0 < size <= most for size in sizes)
    left = taken[sum(sizes) :]
    assert len(left) < most
    assert all(at > 1_700 for at in left)


def test_a_trade_is_taken_once_and_never_otherwise(db: None) -> None:
    open_up()
    assert (take(trade(1), trade(2)).taken, take(trade(2), trade(3)).known) == (2, 1)
    with pytest.raises(Refusal) as refused:
        take(trade(4), trade(1, "13.00"))
    assert (refused.value.code, refused.value.field) == ("trade_known_otherwise", "trades[2].Id")
    assert ExtensionTrade.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"CardId": "12"}, "trades[2].CardId"),
        ({"Fee": "1.5"}, "trades[2].Fee"),
        ({"Fee": "0.00"}, "trades[2].Fee"),
        ({"Tac": "XYZ"}, "trades[2].Tac"),
        ({"CardType": 21}, "trades[2].CardType"),
        ({"Id": ""}, "trades[2].Id"),
        ({"TransId": 1}, "trades[2].TransId"),
        ({"Colour": "red"}, "trades[2].Colour"),
        ({"Time": "2026-13-18T08:00:00"}, "trades[2].Time"),
        ({"ServiceType": 99}, "ServiceType"),
        ({"ServiceType": True}, "trades[2].ServiceType"),
    ],
)
def test_a_bad_trade_is_refused_by_its_field_in_both_languages(
    db: None, change: dict[str, Any], field: str
) -> None:
    open_up()
    if field == "ServiceType":
        assert take(trade(1), trade(2, **change)).taken == 2
        return
    with pytest.raises(Refusal) as refused:
        take(trade(1), trade(2, **change))
    assert refused.value.field == field
    assert refused.value.text_zh()
    assert refused.value.text_en()
    assert not ExtensionTrade.objects.exists()


def test_packs_are_of_one_provider_network_and_card_type(db: None) -> None:
    open_up()
    add_provider(code="00000000000000A2", name="二号", actor="t", now=NOW)
    take(trade(1), trade(2, CardType=22), trade(3, CardNetNo="6101"), trade(4))
    assert make_packs(NOW + 299) == 0
    assert make_packs(NOW + 300) == 3
    assert make_packs(NOW + 900) == 0
    assert [one.message_id for one in packs()] == ["1", "2", "3"]

    assert sorted(len(parcel_of(one).records) for one in packs()) == [1, 1, 2]
    assert laws_hold()


def test_a_pack_that_no_frame_can_hold_is_halved(db: None, monkeypatch: Any) -> None:
    open_up()
    take(*(trade(n) for n in range(1, 8)))
    whole = frames.frame

    def narrow(message_id: str, xml: bytes) -> bytes:
        if xml.count(b"<Transaction>") > 3:
            raise MessageFault(ResultCode.SCHEMA, FRAME_BROKEN, "length", what_zh="", what_en="")
        return whole(message_id, xml)

    monkeypatch.setattr(frames, "frame", narrow)
    by = queries.parameters_at(DAY)
    monkeypatch.setattr(packing, "parameters_at", lambda day: replace(by, records_max=7))
    assert make_packs(NOW) == 2
    assert make_packs(NOW + 300) == 1
    assert [one.count for one in packs()] == [3, 3, 1]
    assert [one.message_id for one in packs()] == ["1", "2", "3"]
    assert laws_hold()


def test_what_is_not_listed_is_payable_and_what_is_listed_is_held(sent: SentMessage) -> None:
    assert fates() == {"packed": (4, 10_000)}
    said = Said()
    deliver(said.reply(sent))
    act()
    assert fates() == {"sent": (4, 10_000)}
    deliver(said.booking(sent, {2: 3, 4: 100}))
    act()
    assert fates() == {"confirmed": (2, 4_000), "disputed": (2, 6_000)}
    assert nets() == {RECEIVABLE: 4_000, PAYABLE: -4_000, "disputed.extension": 6_000,
                      f"held.extension.{PARK}": -6_000}  # fmt: skip
    deliver(said.rulings(sent, {2: 0, 4: 1}, 6_000, LATER))
    act()
    assert fates() == {"confirmed": (2, 4_000), "paid": (1, 2_000), "bad_debt": (1, 4_000)}
    assert nets() == {RECEIVABLE: 6_000, PAYABLE: -6_000, "disputed.extension": 0,
                      f"held.extension.{PARK}": 0}  # fmt: skip
    deliver(said.statistics(DAY, 2, 4_000, (sent.message_id,), ()))
    deliver(said.statistics(date(2026, 11, 19), 1, 2_000, (), ("20261119",), LATER))
    act(LATER)
    assert fates() == {"bad_debt": (1, 4_000), "cleared": (3, 6_000)}
    assert replies() == [("2", 1), ("3", 1), ("4", 1), ("5", 1)]
    assert all(queries.compared(day).agrees for day in queries.statistic_days())
    assert laws_hold()


def test_any_order_gives_the_same_ledger(sent: SentMessage) -> None:
    said = Said()
    told = [
        said.reply(sent), said.booking(sent, {2: 3, 3: 1, 4: 100}),
        said.rulings(sent, {2: 0}, 2_000, LATER), said.rulings(sent, {3: 1, 4: 0}, 7_000, LATER,
                                                               "202611191"),
        said.statistics(DAY, 1, 1_000, (sent.message_id,), (), LATER),
        said.statistics(date(2026, 11, 19), 2, 6_000, (), ("20261119", "202611191"), LATER),
    ]  # fmt: skip
    for order in permutations(told[1:]):
        point = transaction.savepoint()
        for xml in (told[0], *order):
            deliver(xml)
            deliver(xml)
            act(LATER)
        for hours in range(1, 6):
            act(LATER + 3_600 * hours)
        assert fates() == {"cleared": (3, 7_000), "bad_debt": (1, 3_000)}
        assert nets() == {RECEIVABLE: 7_000, PAYABLE: -7_000, "disputed.extension": 0,
                          f"held.extension.{PARK}": 0}  # fmt: skip
        assert {result for _, result in replies()} <= {1, 5}
        assert laws_hold()
        transaction.savepoint_rollback(point)


@pytest.mark.parametrize(
    ("count", "fee", "packs_named"), [(3, 6_000, True), (2, 3_999, True), (2, 4_000, False)]
)
def test_a_statistic_that_is_not_ours_is_answered_8_and_shown(
    sent: SentMessage, count: int, fee: int, packs_named: bool
) -> None:
    said = Said()
    deliver(said.booking(sent, {2: 3, 4: 100}))
    named = (sent.message_id,) if packs_named else ()
    deliver(said.statistics(DAY, count, fee, named, ()))
    act()
    assert replies()[-1] == ("2", 8)
    day = queries.compared(DAY)
    assert (day.our_count, day.our_fee, day.their_count, day.their_fee) == (2, 4_000, count, fee)
    assert not day.agrees


def test_a_statistic_waits_for_what_it_names_but_not_for_ever(sent: SentMessage) -> None:
    said = Said()
    deliver(said.statistics(DAY, 4, 10_000, (sent.message_id,), ()))
    act()
    assert replies() == []
    act(NOW + 90_000)
    assert replies() == [("1", 8)]


def test_a_booking_that_does_not_fit_changes_nothing(sent: SentMessage) -> None:
    said = Said()
    deliver(said.booking(sent, {9: 3}))
    act()
    assert replies() == [("1", 4)]
    deliver(said.booking(sent, {1: 3}))
    deliver(said.booking(sent, {2: 3}))
    deliver(said.rulings(sent, {2: 0}, 2_000))
    deliver(said.rulings(sent, {1: 0}, 999))
    deliver(said.rulings(sent, {1: 0}, 1_000))
    deliver(said.rulings(sent, {1: 1}, 1_000))
    act()
    assert replies()[1:] == [("2", 1), ("3", 6), ("4", 6), ("5", 4), ("6", 1), ("7", 6)]
    assert (PackBooking.objects.count(), PackDispute.objects.get().result) == (1, 0)
    assert laws_hold()


def test_a_message_again_is_answered_again_and_otherwise_refused(sent: SentMessage) -> None:
    said = Said()
    first = said.booking(sent, {1: 3})
    deliver(first)
    deliver(first)
    assert replies() == []
    act()
    deliver(first, NOW + 1)
    assert replies() == [("1", 1), ("1", 5)]
    said.number = 0
    deliver(said.booking(sent, {1: 3, 2: 3}), NOW + 2)
    assert replies()[2:] == [("1", 4)]
    assert laws_hold()


def test_every_fault_has_the_protocols_own_code(sent: SentMessage) -> None:
    said = Said()
    good = said.booking(sent, {1: 3})
    faulty = [
        good.replace(b"<DisputedCount>1", b"<DisputedCount>2"),
        good.replace(b"<Version>00020000", b"<Version>00990000"),
        good.replace(b"<Count>4", b"<Kount>4").replace(b"4</Count>", b"4</Kount>"),
        good.replace(b"<ReceiverId>0000000000620201", b"<ReceiverId>0000000000620202"),
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><Message>&a;</Message>',
    ]
    for second, xml in enumerate(faulty):
        deliver_as("1", xml, NOW + second)
    deliver_as("77", good, NOW + 9)
    results = [result for _, result in replies()]
    assert results == [4, 7, 3, 2, 3, 4]
    assert not PackBooking.objects.exists()
    deliver(good)
    act()
    assert replies()[-1] == ("1", 1)


def test_fates_are_named_in_order() -> None:
    assert [fate.value for fate in ExtensionFate] == [
        "waiting", "packed", "sent", "confirmed", "disputed", "paid", "bad_debt", "cleared",
    ]  # fmt: skip


def test_a_broken_law_is_found(sent: SentMessage) -> None:
    said = Said()
    deliver(said.booking(sent, {1: 3}))
    act()
    assert laws_hold()
    PackDispute.objects.update(result=0, ruled_on=DAY)
    broken = {law.name for law in queries.verify_extension() if not law.holds}
    assert broken == set(queries.LAWS[1:])
    ExtensionTrade.objects.filter(trans_id=4).update(fee=1)
    assert not next(queries.verify_extension()).holds
