"""Centres at our door, and messages of ours on their way out."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tollcentre.gateway import exchange
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.models import HoldingsCheck
from tollcentre.messages.terms import Protocol, Receipt, ResultCode

pytestmark = pytest.mark.django_db
NOW = 1_795_000_000
DAY = date(2026, 11, 18)
ADDRESS = "/api/exchange/messages"


def holdings(message_id: str = "h1") -> bytes:
    return codec.encode(
        protocol=Protocol.TRUNK, kind="holdings", version="1.0", message_id=message_id,
        sender_id="000000", receiver_id="620201", sent_at=NOW, fields={"day": DAY}, records=[],
    )  # fmt: skip


@pytest.fixture
def token(tmp_path: Path, settings: Any) -> str:
    """The token that the ministry's centre shows us."""
    settings.HOME, settings.LAKE_ROOT = tmp_path, tmp_path / "lake"
    settings.CLOCK_FILE = str(tmp_path / "clock")
    Path(settings.CLOCK_FILE).write_text(str(NOW))
    return actions.add_peer(
        code="000000", own_code="620201", address="http://127.0.0.1:1", actor="t", now=NOW
    )


def post(content: bytes, token: str) -> Any:
    return Client().post(
        ADDRESS, gzip.compress(content), content_type="application/json",
        headers={"authorization": f"Bearer {token}", "content-encoding": "gzip"},
    )  # fmt: skip


def test_a_delivery_is_answered_with_its_receipt(token: str) -> None:
    receipts = [codec.decode_receipt(post(holdings(), token).content) for _ in range(2)]
    assert [receipt.result for receipt in receipts] == [ResultCode.OK, ResultCode.DUPLICATE]
    assert codec.decode_receipt(post(b"{}", token).content).result == ResultCode.HEADER
    wrong = holdings().replace(b'"holdings"', b'"exit_upload"')
    assert codec.decode_receipt(post(wrong, token).content).result != ResultCode.OK


def test_strangers_and_mere_senders_are_turned_away(token: str) -> None:
    assert post(holdings(), "wrong").status_code == 401
    answer = post(holdings(), actions.create_sender(name="lane", actor="t"))
    assert answer.status_code == 401
    assert answer.json()["error"] == "not_a_peer"
    assert not messages.received().exists()


@contextmanager
def peer(answers: list[int]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A centre that takes messages, or gives these statuses first; its address and what came."""
    came: list[dict[str, str]] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
            came.append({"authorization": self.headers["Authorization"], "path": self.path})
            status = answers.pop(0) if answers else 200
            said = codec.decode(Protocol.TRUNK, body).envelope
            receipt = Receipt(said.message_id, ResultCode.OK, said.count, said.amount_fen,
                              said.digest, "")  # fmt: skip
            content = codec.encode_receipt(receipt) if status == 200 else b"busy"
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", came
    finally:
        server.shutdown()
        server.server_close()


def test_a_message_is_sent_until_a_receipt_agrees(token: str) -> None:
    path = exchange.token_path("000000")
    path.parent.mkdir(parents=True)
    path.write_text("their-token\n")
    with transaction.atomic():
        made = actions.queue_messages(
            cause="x", kind="dispute_result", receiver="000000", clear_date=DAY, now=NOW,
            fields={"file_id": "1", "clear_date": DAY},
            records=[{"transaction_id": "t", "of_message_id": "u", "fee": 5, "result": 0}],
        )[0]  # fmt: skip
    with peer([503]) as (address, came), exchange.client() as carrier:
        assert exchange.turn(NOW, carrier).unknown == 1
        actions.move_peer(code="000000", address=address, actor="t")
        assert exchange.turn(NOW + 5, carrier).unknown == 1
        assert exchange.turn(NOW + 6, carrier).unknown == 0
        assert exchange.turn(NOW + 15, carrier).sent == 1
    assert came == [{"authorization": "Bearer their-token", "path": "/exchange/messages"}] * 2
    tries = [(one.result, one.fault) for one in messages.outbox_tries(made)]
    assert tries == [(0, "ConnectError"), (0, "HTTP 503"), (1, "")]


def test_what_was_taken_is_acted_on_in_the_next_turn(token: str) -> None:
    post(holdings(), token)
    with exchange.client() as carrier:
        assert exchange.turn(NOW, carrier).done == 1
        assert exchange.turn(NOW, carrier).done == 0
    assert HoldingsCheck.objects.get().day == DAY
    assert json.dumps(messages.exchange_counts()["received"]["holdings"]) == '{"done": [1, 0]}'
