"""Payment channels: their notices at our door, and their bills, asked for until they are right."""

import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tollcentre.core.clock import day_start
from tollcentre.core.refusal import Reason, Refusal
from tollcentre.gateway import banks, channels, exchange
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.models import Arrival, BillToFetch, ChannelNotice, ReceivedMessage
from tollcentre.messages.terms import Notice, Parcel, PeerKind, Protocol, ReceivedState

pytestmark = pytest.mark.django_db
NOW = day_start(date(2026, 11, 19)) + 3600
DAY = date(2026, 11, 18)
KEY = b"a key that both know"
NOTICE = {"noticeId": "n1", "orderNo": "4200001", "stationId": "G0099620010010", "amountFen": 950,
          "paidAt": NOW - 60}  # fmt: skip


@pytest.fixture
def channel(tmp_path: Path, settings: Any) -> Path:
    """A registered channel; the file of our clock."""
    settings.HOME = tmp_path / "home"
    settings.CLOCK_FILE = str(tmp_path / "clock")
    Path(settings.CLOCK_FILE).write_text(str(NOW))
    channels.register(
        code="wechat", own_code="620201", address="http://127.0.0.1:1", key=KEY + b"\n", actor="t",
        now=day_start(DAY),
    )  # fmt: skip
    return Path(settings.CLOCK_FILE)


def tell(
    content: Any, *, key: bytes = KEY, at: Any = NOW, code: str = "wechat", **changes: str
) -> dict[str, str]:
    """The answer to a notice that is signed with the key at that moment."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {"x-timestamp": str(at), "x-signature": channels.signature(key, str(at), body)}
    answer = Client().post(
        f"/api/channels/{code}/notices", body, content_type="application/json",
        headers=headers | changes,
    )  # fmt: skip
    assert answer.status_code == 200
    return dict(answer.json())


def test_a_notice_is_kept_once_however_often_it_comes(channel: Path) -> None:
    assert tell(NOTICE) == {"code": "SUCCESS"}
    assert tell(dict(reversed(NOTICE.items())), at=NOW + 9) == {"code": "SUCCESS"}
    kept = ChannelNotice.objects.get()
    assert (kept.order_no, kept.amount_fen, kept.received_at) == ("4200001", 950, NOW)
    assert [one.result for one in Arrival.objects.order_by("id")] == [1, 5]


def test_a_replayed_notice_with_other_content_fails(channel: Path) -> None:
    tell(NOTICE)
    answer = tell(NOTICE | {"amountFen": 951})
    assert answer["code"] == "FAIL"
    assert "message_known_otherwise" in answer["reason"]
    assert ChannelNotice.objects.get().amount_fen == 950


REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    (NOTICE, {"key": b"another key of theirs"}, "signature_wrong"),
    (NOTICE, {"x-signature": ""}, "signature_wrong"),
    (NOTICE, {"x-signature": "甘"}, "signature_wrong"),
    (NOTICE, {"x-timestamp": str(NOW + 1)}, "signature_wrong"),
    (NOTICE, {"at": "soon"}, "signature_wrong"),
    (NOTICE, {"at": "9" * 40}, "signature_wrong"),
    (NOTICE, {"at": NOW - 301}, "clock_off"),
    (NOTICE, {"at": NOW + 301}, "clock_off"),
    (b"{", {}, "message_unreadable"),
    (b"[]", {}, "message_unreadable"),
    (b"\xff", {}, "message_unreadable"),
    (b"[" * 50_000, {}, "message_unreadable"),
    (b'{"amountFen":' + b"9" * 5_000 + b"}", {}, "message_unreadable"),
    ({}, {}, "field_missing"),
    (NOTICE | {"more": 1}, {}, "field_unknown"),
    (NOTICE | {"amountFen": "950"}, {}, "field_misformed"),
    (NOTICE | {"amountFen": 9.5}, {}, "field_misformed"),
    (NOTICE | {"amountFen": True}, {}, "field_misformed"),
    (NOTICE | {"amountFen": -1}, {}, "field_misformed"),
    (NOTICE | {"orderNo": "x" * 65}, {}, "field_misformed"),
]


@pytest.mark.parametrize(("content", "how", "code"), REFUSED)
def test_what_is_refused_is_told_and_put_down(
    channel: Path, content: Any, how: dict[str, Any], code: str
) -> None:
    answer = tell(content, **how)
    assert answer["code"] == "FAIL"
    assert answer["reason"].startswith(code)
    assert not ChannelNotice.objects.exists()
    arrival = Arrival.objects.get()
    assert arrival.fault.startswith(code)
    assert arrival.result in (2, 3)


def test_a_clock_within_five_minutes_is_right(channel: Path) -> None:
    assert tell(NOTICE, at=NOW - 300)["code"] == tell(NOTICE, at=NOW + 300)["code"] == "SUCCESS"


def test_a_stranger_and_a_flood_are_turned_away(channel: Path) -> None:
    assert tell(NOTICE, code="alipay")["reason"].startswith("no_such_channel")
    assert tell(b"x" * 70_000)["reason"].startswith("body_too_large")
    assert not Arrival.objects.exists()


def test_a_notice_is_handed_on_once(channel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Notice] = []
    tell(NOTICE)
    with exchange.client() as carrier:
        channels.turn(NOW, carrier)
        assert not seen
        monkeypatch.setattr(channels, "NOTICE_ACT", lambda notice, now: seen.append(notice))
        assert [channels.turn(NOW + n, carrier).done for n in (1, 2)] == [1, 0]
    assert seen == [Notice("wechat", "n1", "4200001", "G0099620010010", 950, NOW - 60)]


def test_a_notice_that_cannot_be_done_is_told_and_stops_no_other(
    channel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(notice: Notice, now: int) -> None:
        if notice.notice_id == "n1":
            raise Refusal(Reason("never", "不行", "never"))

    tell(NOTICE)
    tell(NOTICE | {"noticeId": "n2"})
    monkeypatch.setattr(channels, "NOTICE_ACT", never)
    with exchange.client() as carrier:
        channels.turn(NOW, carrier)
    states = dict(messages.notices().values_list("notice_id", "state"))
    assert states == {"n1": ReceivedState.WAITING, "n2": ReceivedState.DONE}
    assert messages.notices(state="waiting").get().fault.startswith("never")
    assert messages.notices_due(NOW + 4, 9) == []
    assert len(messages.notices_due(NOW + 5, 9)) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"address": "127.0.0.1:1"}, "peer_address_wrong"), ({"code": "we_chat"}, "peer_code_wrong"),
     ({"code": "wechat"}, "peer_exists"), ({"key": b"short\n"}, "key_unreadable")],
)  # fmt: skip
def test_what_cannot_be_registered_is_refused(
    channel: Path, changes: dict[str, Any], code: str
) -> None:
    told = {"code": "alipay", "own_code": "620201", "address": "http://x", "key": KEY,
            "actor": "t", "now": NOW}  # fmt: skip
    with pytest.raises(Refusal) as caught:
        channels.register(**(told | changes))
    assert caught.value.code == code
    assert messages.peers(kind=PeerKind.CHANNEL).count() == 1


def bill(day: date = DAY, amount: int = 950, **head: str) -> bytes:
    """The channel's bill of a day."""
    told = {"kind": "bill", "sender_id": "wechat", "receiver_id": "620201"} | head
    file_id = codec.bank_file_id(day=day, sequence="1", **told)
    return codec.encode(
        protocol=Protocol.BANK, version="1", message_id=file_id, sent_at=day_start(day), fields={},
        records=[{"order_no": "1", "station_id": "s", "paid_at": NOW, "amount_fen": amount,
                  "fee_fen": 6, "state": "paid"}],
        **told,
    )  # fmt: skip


class Desk:
    """A channel that answers requests for bills in order; what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[dict[str, str]] = []
        self.seen: list[Parcel] = []


@pytest.fixture
def desk(channel: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    found = Desk()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append({"path": self.path, **dict(self.headers)})
            status, body = found.answers.pop(0) if found.answers else (404, b"")
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    actions.move_peer(
        code="wechat", address=f"http://127.0.0.1:{server.server_port}/pay", actor="t"
    )  # fmt: skip
    monkeypatch.setitem(banks.ACTS, "bill", lambda parcel, now: found.seen.append(parcel))
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def turn(now: int) -> int:
    """A turn of channels, and of banks, which acts on what was taken; how many bills came."""
    with exchange.client() as carrier:
        made = channels.turn(now, carrier) + banks.turn(now)
    return made.taken


def test_a_bill_is_asked_for_until_it_is_there_and_right(desk: Desk) -> None:
    wrong = bill().replace(b"|1|950\n", b"|1|951\n")
    desk.answers = [(404, b""), (200, wrong), (200, bill()[:-9]), (503, b""), (200, bill())]
    moments = [NOW, NOW + 5, NOW + 15, NOW + 35, NOW + 75]
    assert [turn(at) for at in moments] == [0, 0, 0, 0, 1]
    assert turn(NOW + 10**4) == 0
    assert len(desk.asked) == 5
    asked = desk.asked[0]
    assert asked["path"] == "/pay/bills/2026-11-18"
    said = channels.signature(KEY, str(NOW), b"/pay/bills/2026-11-18")
    assert (asked["X-Timestamp"], asked["X-Signature"]) == (str(NOW), said)
    kept, tries = messages.bill_tries("wechat", DAY)
    assert [(one.status, one.result) for one in tries] == [
        (404, 0), (200, 4), (200, 3), (503, 0), (200, 1),
    ]  # fmt: skip
    assert (kept.message_id, kept.tries, kept.fault) == ("bill_wechat_620201_20261118_1", 5, "")
    assert [parcel.envelope.amount_fen for parcel in desk.seen] == [950]
    assert ReceivedMessage.objects.get().state == ReceivedState.DONE
    assert list(messages.received(kind="bill").values_list("protocol", flat=True)) == ["bank"]
    assert [law.holds for law in messages.verify_messages()] == [True]


@pytest.mark.parametrize(
    ("body", "result"),
    [(bill(DAY - timedelta(1)), 2), (bill(sender_id="alipay"), 6), (bill(receiver_id="1"), 6)],
)
def test_another_bill_than_was_asked_for_is_not_taken(desk: Desk, body: bytes, result: int) -> None:
    desk.answers = [(200, body)]
    assert turn(NOW) == 0
    assert messages.bill_tries("wechat", DAY)[1].get().result == result
    assert not ReceivedMessage.objects.exists()


def test_a_kind_without_an_action_is_not_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(banks.ACTS, "bill")
    desk.answers = [(200, bill())]
    assert turn(NOW) == 0
    assert "message_kind_not_taken" in BillToFetch.objects.get().fault


def test_days_that_passed_while_we_stood_still_are_all_asked_for(desk: Desk) -> None:
    days = [DAY + timedelta(n) for n in range(3)]
    desk.answers = [(200, bill(day)) for day in days]
    assert turn(NOW + 2 * 86_400) == 3
    assert [one.day for one in BillToFetch.objects.order_by("day")] == days
    assert not messages.channel_bills(missing=True).exists()


def test_an_endless_bill_is_cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(banks, "BYTES_MAX", 1_000)
    desk.answers = [(200, bill() + b"x" * 10**6)]
    assert turn(NOW) == 0
    assert Arrival.objects.get().size_bytes < 10**6
    assert Arrival.objects.get().result == 3


def test_a_silent_channel_is_told_and_left_in_peace(channel: Path) -> None:
    assert turn(NOW + 86_400) == 0
    assert messages.peer("wechat").fault == "ConnectError"
    faults = BillToFetch.objects.order_by("day").values_list("day", "tries", "fault")
    assert list(faults) == [(DAY, 1, "ConnectError"), (DAY + timedelta(1), 0, "")]


def test_killed_before_a_bill_is_safe_it_is_fetched_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def killed(*arguments: Any, **named: Any) -> Any:
        raise Killed

    desk.answers = [(200, bill())] * 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tollcentre.messages.actions.channels.BillTry.objects.create", killed)
        with pytest.raises(Killed):
            turn(NOW)
    assert not ReceivedMessage.objects.exists()
    assert turn(NOW) == 1
    assert len(desk.seen) == 1
    assert hashlib.sha256(bill()).hexdigest() == Arrival.objects.get().body_sha256
