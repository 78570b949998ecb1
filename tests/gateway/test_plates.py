"""Asking the simulated ministry about plates, over HTTP, with its silences and nonsense."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.issuing.counter import CAR, NOW, enrol
from tollcentre.gateway import plates
from tollcentre.issuing.models import PlateCheck
from tollcentre.issuing.terms import NationalAnswer, NationalState
from tollcentre.messages.actions import add_peer
from tollcentre.privacy.actions import make_sealing_keys

pytestmark = pytest.mark.django_db
PLATE = CAR.vehicle_id


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME, settings.PRIVACY_KEYS = tmp_path, ""
    make_sealing_keys()
    (tmp_path / "keys" / "peer-000000.token").write_text("t\n", encoding="utf-8")
    return tmp_path


@contextmanager
def ministry(*answers: object) -> Iterator[list[str]]:
    """A centre that gives these answers one after the other; what was asked of it.

    A number is a status, None closes the connection, a text is a body, the rest is JSON.
    """
    left, came = list(answers), []

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append(f"{self.headers['Authorization']} {self.path}")
            answer = left.pop(0)
            if answer is None:
                return
            status = answer if isinstance(answer, int) else 200
            body = answer if isinstance(answer, str) else json.dumps(answer)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *words: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    add_peer(code="000000", own_code="620201", actor="t", now=NOW,
             address=f"http://127.0.0.1:{server.server_port}")  # fmt: skip
    try:
        yield came
    finally:
        server.shutdown()
        server.server_close()


def said(held: object, issuer: object = "", plate: str = PLATE) -> dict[str, object]:
    return {"vehicleId": plate, "held": held, "issuerId": issuer}


def test_nobody_is_asked_where_no_ministry_is_registered() -> None:
    assert plates.ask_nation(PLATE) is None


def test_its_word_is_taken_and_who_asks_says_its_token() -> None:
    with ministry(said(False), said(True, "610101")) as came:
        assert plates.ask_nation(PLATE) == NationalAnswer(NationalState.FREE)
        assert plates.ask_nation(PLATE) == NationalAnswer(NationalState.HELD, "610101")
    assert came[0].startswith("Bearer t /exchange/plates?vehicleId=%E7%94%98")


NONSENSE = [
    None, 500, 404, "no json", "[]", "null", said("yes"), said(True), said(True, "6101"),
    said(True, 610101), said(False, plate="甘A00000_0"), {"held": False},
]  # fmt: skip


@pytest.mark.parametrize("answer", NONSENSE, ids=lambda one: str(one)[:30])
def test_nonsense_and_silence_say_nothing(answer: object) -> None:
    with ministry(answer):
        found = plates.ask_nation(PLATE)
    assert found is not None
    assert found.state is NationalState.SILENT
    assert found.fault


def test_a_turn_asks_again_what_had_no_answer() -> None:
    with ministry(None, 500, said(False)) as came:
        enrol(nation=plates.ask_nation(PLATE))
        with httpx.Client() as carrier:
            assert not plates.turn(NOW + 299, carrier)
            assert plates.turn(NOW + 300, carrier).unknown == 1
            assert plates.turn(NOW + 600, carrier).done == 1
            assert not plates.turn(NOW + 900, carrier)
    assert len(came) == 3
    assert PlateCheck.objects.get().state == "free"
