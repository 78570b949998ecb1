"""Frames over loopback: carried, answered at once and later; hostile bytes change nothing."""

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.parking.centre import CENTRE, NOW, OWN, Said, open_up, packs, replies, take, trade
from tollcentre.gateway import packs as gateway
from tollcentre.messages.actions import move_peer
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.models import Arrival, ReceivedMessage, SendTry, SentMessage
from tollcentre.messages.queries import peer
from tollcentre.parking.actions import add_provider
from tollcentre.parking.models import ExtensionTrade, PackBooking

LOOPBACK = "127.0.0.1"


@pytest.fixture(autouse=True)
def clock(tmp_path: Any, settings: Any) -> None:
    settings.CLOCK_FILE = tmp_path / "clock"
    settings.CLOCK_FILE.write_text(str(NOW), encoding="ascii")


def exchanged(data: bytes, *, centre: Any = None) -> bytes:
    """What the listener answers to these bytes, the other side closing after them."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(10)
        ours.settimeout(10)
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        while gateway.take(ours, centre or peer(CENTRE)):
            pass
        ours.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: theirs.recv(4096), b""))


@contextmanager
def extension_centre(answer: Any) -> Iterator[tuple[int, list[bytes]]]:
    """A centre that keeps the frames it gets and answers them so."""
    frames: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            head = gateway._read(self.request, codec.frame_head_bytes())
            frame = head + gateway._read(self.request, codec.frame_rest(head))
            frames.append(frame)
            self.request.sendall(answer(frame))

    with socketserver.TCPServer((LOOPBACK, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1], frames
        server.shutdown()
        thread.join()


def kept() -> tuple[int, ...]:
    """How much of everything there is, but for the list of arrivals and our replies."""
    own = SentMessage.objects.exclude(kind="pack_reply")
    return (ReceivedMessage.objects.count(), own.count(), PackBooking.objects.count(),
            ExtensionTrade.objects.exclude(pack=None).count())  # fmt: skip


def test_a_pack_is_sent_until_it_is_answered(db: None) -> None:
    open_up()
    take(trade(1))
    with extension_centre(lambda frame: frame[:20] + b"1") as (port, frames):
        move_peer(code=CENTRE, address=f"{LOOPBACK}:{port}", actor="t")
        first = gateway.turn(NOW + 300)
        assert (first.queued, first.laid, first.sent) == (1, 1, 0)
        assert not gateway.turn(NOW + 301)
        assert gateway.turn(NOW + 305).laid == 1
        [pack] = packs()
        assert frames == [codec.frame("1", codec.unframe(frames[0])[1])] * 2
        reply = Said().reply(pack)
        assert exchanged(codec.frame("1", reply)) == b"0" * 19 + b"11"
        assert gateway.turn(NOW + 400).done == 1
        assert not gateway.turn(NOW + 9_000)
    pack.refresh_from_db()
    assert (pack.state, pack.tries, pack.result) == ("taken", 2, 1)


@pytest.mark.parametrize("answer", [b"", b"0" * 19 + b"10", b"0" * 19 + b"21", b"1"])
def test_an_answer_that_is_no_yes_is_a_fault_and_tried_again(db: None, answer: bytes) -> None:
    open_up()
    take(trade(1))
    with extension_centre(lambda frame: answer) as (port, _):
        move_peer(code=CENTRE, address=f"{LOOPBACK}:{port}", actor="t")
        assert gateway.turn(NOW + 300).unknown == 1
    assert SendTry.objects.get().fault
    assert peer(CENTRE).fault
    assert packs()[0].state == "waiting"


def test_a_centre_that_is_not_there_is_noted(db: None) -> None:
    open_up()
    take(trade(1))
    assert gateway.turn(NOW + 300).unknown == 1
    assert "ConnectionRefused" in peer(CENTRE).fault


def test_a_booking_over_the_wire_is_taken_once_and_answered_later(db: None) -> None:
    open_up()
    take(trade(1), trade(2))
    with extension_centre(lambda frame: frame[:20] + b"1") as (port, frames):
        move_peer(code=CENTRE, address=f"{LOOPBACK}:{port}", actor="t")
        gateway.turn(NOW + 300)
        frame = codec.frame("1", Said().booking(packs()[0], {2: 3}))
        assert exchanged(frame + frame) == (b"0" * 19 + b"11") * 2
        assert replies() == []
        gateway.turn(NOW + 301)
        assert replies() == [("1", 1)]
        told = codec.decode_frame(frames[-1])
        assert (told.envelope.kind, told.fields["result"]) == ("pack_reply", 1)
        assert SentMessage.objects.get(kind="pack_reply").state == "taken"
    assert ReceivedMessage.objects.count() == 1


def hostile() -> dict[str, tuple[bytes, str]]:
    """Frames that must change nothing, each with the immediate verdict."""
    day = date(2026, 11, 18)
    good = Said().body(
        "pack_clearing_statistics", {"clear_target_date": day, "count": 0, "amount": 0}
    )
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"x" * 999 + b'">]><Message>'
    frame = codec.frame("1", good)
    return {
        "entity bomb": (codec.frame("1", bomb + b"&b;" * 9_999 + b"</Message>"), "1"),
        "wrong version": (codec.frame("1", good.replace(b"00020000", b"77777777")), "1"),
        "1 GB": (b"0" * 19 + b"1" + b"1073741824"[:6] + b"0" * 32, "0"),
        "length in words": (b"0" * 19 + b"1" + b"999e99" + b"0" * 32, "0"),
        "half a frame": (frame[:-9], "0"),
        "one byte short": (frame[:20] + b"%06d" % (len(frame) - 59) + frame[26:], "0"),
        "another digest": (frame[:26] + b"0" * 32 + frame[58:], "0"),
        "half a head": (frame[:30], "0"),
        "no number": (b"x" * 20 + frame[20:], "0"),
        "number too large": (b"9" * 20 + frame[20:], "0"),
        "another number": (b"%020d" % 7 + frame[20:], "1"),
        "a bomb of zeros": (codec.frame("1", b"0" * (40 << 20)), "0"),
        "another sender": (codec.frame("1", good.replace(CENTRE.encode(), OWN.encode())), "1"),
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_hostile_frames_change_nothing(db: None, name: str) -> None:
    open_up()
    before = kept()
    data, verdict = hostile()[name]
    answer = exchanged(data)
    assert answer[20:21] == verdict.encode()
    assert len(answer) == 21
    assert kept() == before
    assert Arrival.objects.count() == int(verdict)
    assert all(result not in (1, 5) for _, result in replies())


def test_a_replayed_number_with_other_content_is_answered_4(db: None) -> None:
    open_up()
    take(trade(1), trade(2))
    with extension_centre(lambda frame: frame[:20] + b"1") as (port, _):
        move_peer(code=CENTRE, address=f"{LOOPBACK}:{port}", actor="t")
        gateway.turn(NOW + 300)
    said = Said()
    exchanged(codec.frame("1", said.booking(packs()[0], {2: 3})))
    said.number = 0
    exchanged(codec.frame("1", said.booking(packs()[0], {1: 3})))
    assert replies() == [("1", 4)]
    assert ReceivedMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_listener_takes_frames_from_the_centres_own_host_alone() -> None:
    open_up()
    frame = b"0" * 19 + b"1" + b"xxxxxx" + b"0" * 32
    with gateway.listen(peer(CENTRE), LOOPBACK, 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        for source, wanted in ((LOOPBACK, b"0" * 19 + b"10"), ("127.0.0.2", b"")):
            with socket.create_connection(server.server_address, 10, (source, 0)) as wire:
                try:
                    wire.sendall(frame)
                    answer = wire.recv(100)
                except ConnectionError:
                    answer = b""
            assert answer == wanted
        server.shutdown()
        thread.join()


def test_a_provider_hands_in_its_trades_with_its_own_token(db: None, client: Client) -> None:
    open_up()
    token = add_provider(code="00000000000000A2", name="二号停车场", actor="t", now=NOW)

    def post(token: str, *trades: dict[str, Any]) -> Any:
        return client.post("/api/extension/trades", json.dumps({"trades": trades}),
                           content_type="application/json",
                           headers={"Authorization": f"Bearer {token}"})  # fmt: skip

    assert post(token, trade(1)).json() == {"taken": 1, "known": 0}
    assert post(token, trade(1), trade(2)).json() == {"taken": 1, "known": 1}
    assert {one.provider.code for one in ExtensionTrade.objects.all()} == {"00000000000000A2"}
    told = post(token, trade(1, "99.00"))
    assert (told.status_code, told.json()["field"]) == (409, "trades[1].Id")
    told = post(token, trade(3, CardId="X"))
    assert (told.status_code, told.json()["field"]) == (400, "trades[1].CardId")
    assert told.json()["zh"]
    assert told.json()["en"]
    assert post("wrong", trade(4)).status_code == 401
    assert post(token).status_code == 400
