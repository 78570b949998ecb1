"""What passes between two centres happens once, however often and in whatever order it comes."""

import gzip
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tollcentre.core.refusal import Reason, Refusal
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.models import Arrival, HoldingsCheck, ReceivedMessage
from tollcentre.messages.terms import (
    KIND_NOT_TAKEN,
    MessageFault,
    Parcel,
    Protocol,
    Receipt,
    ReceivedState,
    ResultCode,
    SentState,
)

NOW = 1_795_000_000
DAY = date(2026, 11, 18)
NOT_YET = Reason("not_yet", "未到", "has not come yet")
NEVER = Reason("never", "不行", "can never be done")


@pytest.fixture
def peer(home: Path) -> Any:
    """The ministry's centre, as we know it."""
    actions.add_peer(
        code="000000", own_code="620201", address="http://127.0.0.1:9", actor="t", now=NOW - 10**6
    )
    return messages.peer("000000")


def body(message_id: str = "m1", *, sender: str = "000000", receiver: str = "620201",
         fee: int = 500) -> bytes:  # fmt: skip
    """A ruling on one trade."""
    return codec.encode(
        protocol=Protocol.TRUNK, kind="dispute_result", version="1.0", message_id=message_id,
        sender_id=sender, receiver_id=receiver, sent_at=NOW,
        fields={"file_id": "20261118", "clear_date": DAY},
        records=[{"transaction_id": "t1", "of_message_id": "u1", "fee": fee, "result": 0}],
    )  # fmt: skip


def take(peer: Any, content: bytes, now: int = NOW) -> Receipt:
    return actions.take_message(sender=peer, body=content, check=lambda parcel: None, now=now)


def test_a_message_is_taken_once_and_its_receipt_says_what_was_received(peer: Any) -> None:
    first, again = take(peer, body()), take(peer, body())
    assert (first.result, again.result) == (ResultCode.OK, ResultCode.DUPLICATE)
    assert (first.count, first.amount_fen) == (again.count, again.amount_fen) == (1, 500)
    assert ReceivedMessage.objects.count() == 1
    assert Arrival.objects.count() == 2


def test_a_known_id_with_other_content_is_refused(peer: Any) -> None:
    take(peer, body())
    receipt = take(peer, body(fee=501))
    assert receipt.result == ResultCode.CONTENT
    assert "m1" in receipt.reason
    assert ReceivedMessage.objects.get().amount_fen == 500


@pytest.mark.parametrize(
    ("content", "result"),
    [
        (body(sender="510201"), ResultCode.HEADER),
        (body(receiver="510201"), ResultCode.HEADER),
        (b"{", ResultCode.SCHEMA),
        (b"", ResultCode.SCHEMA),
        (body().replace(b'"1.0"', b'"9.0"'), ResultCode.VERSION),
        (body().replace(b":500", b":501"), ResultCode.CONTENT),
    ],
)
def test_what_is_refused_changes_nothing_but_the_list_of_arrivals(
    peer: Any, content: bytes, result: ResultCode
) -> None:
    receipt = take(peer, content)
    assert receipt.result == result
    assert receipt.reason
    assert not ReceivedMessage.objects.exists()
    assert Arrival.objects.get().result == result


def test_a_kind_that_is_not_taken_here_is_answered_so(peer: Any) -> None:
    def check(parcel: Parcel) -> None:
        raise MessageFault(ResultCode.ADVICE_REFUSED, KIND_NOT_TAKEN, "kind", kind="x")

    receipt = actions.take_message(sender=peer, body=body(), check=check, now=NOW)
    assert (receipt.message_id, receipt.result) == ("m1", ResultCode.ADVICE_REFUSED)
    assert not ReceivedMessage.objects.exists()


def test_what_is_kept_goes_out_as_gzip_of_the_very_bytes(peer: Any) -> None:
    take(peer, body())
    kept = ReceivedMessage.objects.get().body
    assert gzip.decompress(messages.gzipped(kept)) == messages.body_of(kept) == body()


def act(row: int, how: actions.Act, now: int = NOW) -> ReceivedState:
    return actions.act_on(row=row, act=how, waits_for=frozenset({NOT_YET.code}), now=now)


def test_a_message_is_acted_on_once(peer: Any) -> None:
    take(peer, body())
    seen: list[str] = []
    row = ReceivedMessage.objects.get().pk
    for _ in range(3):
        assert act(row, lambda parcel, now: seen.append(parcel.envelope.message_id)) == "done"
    assert seen == ["m1"]


def test_what_cannot_be_done_yet_waits_and_leaves_nothing_half_done(peer: Any) -> None:
    take(peer, body())
    row = ReceivedMessage.objects.get().pk

    def half(parcel: Parcel, now: int) -> None:
        HoldingsCheck.objects.create(
            message_id="x", peer="p", day=DAY, count=0, unknown_here=[], differing=[], checked_at=1
        )
        raise Refusal(NOT_YET)

    assert act(row, half) == ReceivedState.WAITING
    assert not HoldingsCheck.objects.exists()
    assert messages.received_due(NOW, 9) == []
    assert messages.received_due(NOW + 5, 9) == [row]


def test_what_can_never_be_done_waits_for_a_person_who_may_have_it_done_again(peer: Any) -> None:
    take(peer, body())
    row = ReceivedMessage.objects.get().pk

    def never(parcel: Parcel, now: int) -> None:
        raise Refusal(NEVER, "fee")

    assert act(row, never) == ReceivedState.FAILED
    assert "never" in messages.inbox_message("000000", "m1").fault
    actions.act_again(sender="000000", message_id="m1", actor="p", now=NOW)
    assert act(row, lambda parcel, now: None) == ReceivedState.DONE
    with pytest.raises(Refusal, match="message_needs_no_person"):
        actions.act_again(sender="000000", message_id="m1", actor="p", now=NOW)


def queue(records: int = 1, fee: int = 7) -> list[Any]:
    with transaction.atomic():
        return actions.queue_messages(
            cause="run/1", kind="dispute_result", receiver="000000",
            fields={"file_id": "f", "clear_date": DAY},
            records=[
                {"transaction_id": f"t{n}", "of_message_id": "u", "fee": fee, "result": 0}
                for n in range(records)
            ],
            clear_date=DAY, now=NOW,
        )  # fmt: skip


def test_one_cause_makes_its_messages_once_each_of_few_enough_records(peer: Any) -> None:
    made = queue(10_001)
    assert [message.count for message in made] == [10_000, 1]
    assert [message.pk for message in queue(10_001)] == [message.pk for message in made]
    with pytest.raises(Refusal, match="cause_with_other_content"):
        queue(10_001, fee=8)


def receipt_of(message: Any, result: int = 1, **changed: Any) -> Receipt:
    said = {"message_id": message.message_id, "count": message.count, "reason": "",
            "amount_fen": message.amount_fen, "digest": message.digest}  # fmt: skip
    return Receipt(**(said | changed), result=ResultCode(result))


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"count": 2},
        {"amount_fen": 6},
        {"digest": "0" * 64},
        {"message_id": "other"},
        {"message_id": ""},
    ],
)
def test_without_a_receipt_that_agrees_nothing_is_known_and_it_is_tried_again(
    peer: Any, answer: dict[str, Any] | None
) -> None:
    message = queue()[0]
    receipt = None if answer is None else receipt_of(message, **answer)
    fault = "ConnectError" if receipt is None else ""
    state = actions.record_try(message_id=message.message_id, receipt=receipt, fault=fault, now=NOW)
    assert state == SentState.WAITING
    assert messages.messages_due(NOW + 4, 9) == []
    assert messages.messages_due(NOW + 5, 9) == [message]


@pytest.mark.parametrize("result", [1, 5])
def test_taken_now_or_before_is_taken_for_good(peer: Any, result: int) -> None:
    message = queue()[0]
    receipt = receipt_of(message, result)
    for _ in range(2):
        state = actions.record_try(
            message_id=message.message_id, receipt=receipt, fault="", now=NOW
        )
        assert state == SentState.TAKEN
    late = receipt_of(message, 4)
    assert actions.record_try(
        message_id=message.message_id, receipt=late, fault="", now=NOW
    ) == SentState.TAKEN  # fmt: skip


def test_a_refused_message_is_sent_again_by_a_person_alone(peer: Any) -> None:
    message = queue()[0]
    refused = receipt_of(message, 4, message_id="")
    actions.record_try(message_id=message.message_id, receipt=refused, fault="", now=NOW)
    assert messages.messages_due(NOW + 10**6, 9) == []
    actions.send_again(message_id=message.message_id, actor="p", now=NOW)
    assert messages.messages_due(NOW, 9) == [message]


def test_pauses_double_up_to_half_an_hour() -> None:
    pauses = [actions.pause_s(n) for n in range(1, 12)]
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]


def test_both_sides_hold_the_same_or_the_difference_is_named(peer: Any) -> None:
    message = queue()[0]
    actions.record_try(
        message_id=message.message_id, receipt=receipt_of(message), fault="", now=NOW
    )
    held = {"kind": "dispute_result", "count": 1, "amount": 7}
    parcel = codec.decode(
        Protocol.TRUNK,
        codec.encode(
            protocol=Protocol.TRUNK, kind="holdings", version="1.0", message_id="h1",
            sender_id="000000", receiver_id="620201", sent_at=NOW, fields={"day": DAY},
            records=[
                {"message_id": message.message_id, "digest": message.digest, **held},
                {"message_id": "lost", "digest": message.digest, **held},
            ],
        ),
    )  # fmt: skip
    actions.take_holdings(parcel, NOW)
    checked = HoldingsCheck.objects.get()
    assert (checked.unknown_here, checked.differing) == (["lost"], [])
    assert actions.queue_holdings(now=NOW + 86_400) == 1
    assert actions.queue_holdings(now=NOW + 86_400) == 0
    told = messages.parcel_of(messages.outbox(kind="holdings").get()).records
    assert [row["message_id"] for row in told] == [message.message_id]


def test_the_order_of_arrival_does_not_matter(peer: Any) -> None:
    contents = [body("a"), body("b"), body("c"), body("a")]
    kept = set()
    for order in permutations(contents):
        ReceivedMessage.objects.all().delete()
        for content in order:
            take(peer, content)
        rows = ReceivedMessage.objects.order_by("message_id")
        kept.add(tuple(rows.values_list("message_id", "digest", "state")))
    assert len(kept) == 1
