"""Every fault is put in, noted, and survived; a kill loses and repeats nothing."""

import random
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.simulation.ministry.centre import ISSUER
from tests.simulation.ministry.conftest import Crash
from tollcentre.messages.codecs import exchange
from tollcentre.simulation.counterpart.chance import MILLION
from tollcentre.simulation.counterpart.store import Store
from tollcentre.simulation.ministry.terms import Receiving, Sending

REFUSED_WITH = {
    Sending.wrong_count: 4, Sending.wrong_amount: 4, Sending.malformed: 3,
    Sending.unknown_version: 7, Sending.unknown_issuer: 4, Sending.other_content: 4,
}  # fmt: skip


def with_faults(w, *, receiving=0, sending=0):
    w.change(
        receiving=dict.fromkeys(Receiving, receiving), sending=dict.fromkeys(Sending, sending),
        delay_s=(600, 40_000),
    )  # fmt: skip
    return w


def agree(w):
    """Both sides hold the same figures, and nothing is left lying."""
    for _ in range(100):
        if w.centre.outbox or w.report()["unacknowledged"]:
            w.step(600)
    found = w.report()
    own = {
        name: figure for name, figure in w.centre.settled.items()
        if name[2] <= found["closed_through"]
    }  # fmt: skip
    assert w.centre.said_statistics() == own
    assert not found["findings"]
    assert not found["unacknowledged"]
    assert not w.centre.outbox
    return found


def test_every_fault_of_receiving_comes_once_and_the_message_is_taken_once(world):
    w = with_faults(world(media=()), receiving=MILLION)
    w.centre.upload(3, w.moment)
    tries = 0
    while w.centre.outbox and tries < 20:
        w.centre.send(w.post)
        tries += 1
    assert tries == len(Receiving) + 1
    assert w.crashes == 2
    found = w.report()
    assert found["faults"] == dict.fromkeys(sorted(Receiving), 1)
    results = {row["result"]: row["count"] for row in found["received"]}
    assert results == {"ok": 1, "duplicate": 5}
    assert found["trades"]["receivable"] == {"open": {"count": 3, "fee": 1542}}


@pytest.mark.slow
def test_every_fault_of_sending_comes_and_is_refused_by_the_number_it_should_be(world):
    w = with_faults(world(), sending=MILLION)
    w.centre.upload(3, w.moment)
    w.live(4 * 24, step_s=3600)
    w.change(trades_per_day=0)
    w.live(30, step_s=3600)
    found = agree(w)
    assert found["faults"].keys() == set(Sending)
    with w.ministry.store.reading() as db:
        rows = db.execute("SELECT fault, result, count(*) FROM outgoing GROUP BY 1, 2").fetchall()
    results = {(row[0], row[1]) for row in rows if row[1] is not None}
    assert results == {("", 1), ("duplicate", 5), *REFUSED_WITH.items()}
    counts = {row[0]: row[2] for row in rows}
    assert sum(w.centre.repeats.values()) == counts["duplicate"]
    expected = sum(count for fault, count in counts.items() if fault in REFUSED_WITH)
    assert len(w.centre.refused) == expected


@pytest.mark.slow
def test_two_weeks_of_both_end_with_the_same_figures(world):
    w = with_faults(world(dispute_ppm=50_000), receiving=100_000, sending=150_000)
    for _ in range(6):
        w.centre.upload(10, w.moment)
        w.centre.upload(10, w.moment, ISSUER)
        w.live(24, step_s=3600)
    w.change(trades_per_day=0)
    w.live(8 * 24, step_s=7200)
    found = agree(w)
    assert set(found["faults"]) == {*Receiving, *Sending}


class Mortal(Store):
    """A store whose process dies around its commits, at points drawn by a seed."""

    lives: random.Random
    left: int

    @contextmanager
    def writing(self):
        dies = Mortal.left > 0 and Mortal.lives.random() < 0.04
        with super().writing() as db:
            yield db
            if dies and Mortal.lives.random() < 0.5:
                Mortal.left -= 1
                raise Crash
        if dies:
            Mortal.left -= 1
            raise Crash


def test_twenty_kills_around_commits_lose_and_repeat_nothing(world):
    w = world(dispute_ppm=50_000)
    Mortal.lives, Mortal.left = random.Random(7), 0
    w.store = Mortal
    w.start()
    Mortal.left = 20
    for _ in range(4):
        w.centre.upload(10, w.moment)
        w.centre.upload(10, w.moment, ISSUER)
        w.live(24)
    assert Mortal.left == 0
    assert w.crashes == 20
    w.change(trades_per_day=0)
    w.live(7 * 24, step_s=7200)
    agree(w)


def test_tries_are_spaced_from_five_seconds_to_half_an_hour_without_end(world):
    w = world(media=(), booking_after_s=(60, 60))
    w.centre.upload(1, w.moment)
    w.step(0)
    w.moment += 60
    w.ministry.work()
    waits = []
    for _ in range(12):
        w.ministry.send(lambda _body: "no answer: gone")
        (row,) = w.report()["unacknowledged"]
        waits.append(row["next_try"] - w.moment)
        w.moment = row["next_try"]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800, 1800]
    with w.ministry.store.reading() as db:
        kept = db.execute("SELECT number, outcome FROM sending ORDER BY number").fetchall()
    assert [tuple(row) for row in kept] == [(n, "no answer: gone") for n in range(1, 13)]


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"count": 7}, "receipt disagrees in count"),
        ({"amount_fen": 7}, "receipt disagrees in amount_fen"),
        ({"digest": "0" * 64}, "receipt disagrees in digest"),
        ({"message_id": "other"}, "receipt disagrees in message_id"),
        ({"message_id": "other", "result": 4}, "receipt of another message"),
    ],
)
def test_a_receipt_that_disagrees_counts_as_no_answer(world, changed, outcome):
    w = world()
    w.moment += 3 * 3600
    w.ministry.work()

    def wrong(body):
        receipt = exchange.decode_receipt(w.answer(body))
        return exchange.encode_receipt(replace(receipt, **changed))

    w.ministry.send(wrong)
    (row,) = w.report()["unacknowledged"]
    assert row["tries"] == 1
    w.step(5)
    assert not w.report()["unacknowledged"]
    with w.ministry.store.reading() as db:
        kept = [row["outcome"] for row in db.execute("SELECT outcome FROM sending ORDER BY number")]
    assert kept == [outcome, "taken"]


def test_no_receipt_at_all_counts_as_no_answer(world):
    w = world()
    w.moment += 3 * 3600
    w.ministry.work()
    w.ministry.send(lambda _body: b"<html>")
    assert len(w.report()["unacknowledged"]) == 1


def test_a_right_message_that_is_refused_is_not_sent_again_and_is_found(world):
    w = world()
    w.moment += 3 * 3600
    w.ministry.work()
    refusal = exchange.encode_receipt(replace(exchange.decode_receipt(
        w.answer(b"{}")), result=6, reason="no"))  # fmt: skip
    assert w.ministry.send(lambda _body: refusal) == 1
    found = w.report()
    assert not found["unacknowledged"]
    assert [row["what"] for row in found["findings"]] == ["answered_otherwise"]
    assert {"kind": "trades_to_book", "became": "refused", "count": 1} in found["sent"]
