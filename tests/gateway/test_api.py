import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import path

from tests.messages.roadside import record
from tollcentre.gateway.api import api
from tollcentre.messages import actions, queries
from tollcentre.messages.codecs.definitions import limits
from tollcentre.messages.terms import RecordKind

urlpatterns = [path("api/", api.urls)]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]
BATCH = "/api/batches"


@pytest.fixture
def lane(tmp_path: Path, settings: Any, db: None) -> "Lane":
    settings.HOME = tmp_path / "home"
    settings.LAKE_ROOT = settings.HOME / "lake"
    settings.HOME.mkdir()
    return Lane(actions.create_sender(name="lane-1", actor="test"))


class Lane:
    """A sender with its token."""

    def __init__(self, token: str) -> None:
        self.client = Client()
        self.token = token

    def headers(self, key: str, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key, **more}

    def deliver(self, body: Any, key: str = "k1", **more: str) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(
            BATCH, data, content_type="application/json", headers=self.headers(key, **more)
        )

    def ask(self, address: str) -> Any:
        return self.client.get(address, headers=self.headers("-"))


def batch(*records: dict[str, Any]) -> dict[str, Any]:
    """A body of plate reads in official names."""
    rows = records or (record(RecordKind.PLATE_READ, receive_time=""),)
    return {"kind": "plate_read", "records": [dict(row) for row in rows]}


def test_a_batch_gets_its_receipt_and_lands(lane: Lane) -> None:
    good = record(RecordKind.PLATE_READ)
    bad = {**good, "pic_id": "G009", "gantry_id": "G1"}
    answer = lane.deliver(batch(good, good, bad))
    assert answer.status_code == 200
    receipt = answer.json()
    assert (receipt["received"], receipt["accepted"]) == (3, 1)
    assert (receipt["duplicates"], receipt["quarantined"]) == (1, 1)
    assert receipt["reasons"] == {"bad_width:gantryId": 1}
    assert receipt["days"] == ["2026-11-22"]
    assert lane.ask("/api/batches/k1").json() == receipt
    arrived = lane.ask("/api/arrivals?day=2026-11-22").json()
    assert arrived["accepted"] == {"plate_read": 1}
    assert [entry["key"] for entry in arrived["batches"]] == ["k1"]


def test_the_same_key_and_body_again_is_the_same_receipt(lane: Lane) -> None:
    first = lane.deliver(batch())
    again = lane.deliver(batch())
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert queries.batches().count() == 1


def test_the_same_key_with_another_body_is_409_and_changes_nothing(lane: Lane) -> None:
    lane.deliver(batch())
    other = batch(record(RecordKind.PLATE_READ, vehicle_speed="12"))
    answer = lane.deliver(other)
    assert answer.status_code == 409
    assert answer.json()["error"] == "idempotency_key_reused"
    assert queries.batches().count() == 1


def test_another_sender_may_use_the_same_key(lane: Lane) -> None:
    lane.deliver(batch())
    other = Lane(actions.create_sender(name="lane-2", actor="test"))
    answer = other.deliver(batch(record(RecordKind.PLATE_READ, vehicle_speed="12")))
    assert answer.status_code == 200
    assert other.ask("/api/arrivals?day=2026-11-22").json()["accepted"] == {"plate_read": 1}


def test_gzip_bodies_are_read(lane: Lane) -> None:
    body = gzip.compress(json.dumps(batch()).encode())
    answer = lane.deliver(body, **{"Content-Encoding": "gzip"})
    assert answer.json()["accepted"] == 1


REFUSED: list[tuple[str, Any, dict[str, str], int, str, str]] = [
    ("no json", b'{"kind": "plate_read", "records": [', {}, 400, "bad_json", "body"),
    ("no text", b"\xff\xfe\x00", {}, 400, "bad_json", "body"),
    ("deep", b"[" * 100_000, {}, 400, "bad_json", "body"),
    ("a list", [], {}, 400, "field_wrong", "body"),
    ("no kind", {"records": []}, {}, 400, "field_missing", "kind"),
    ("odd kind", {"kind": "toll", "records": []}, {}, 422, "unknown_kind", "kind"),
    ("no records", {"kind": "plate_read"}, {}, 400, "field_missing", "records"),
    ("odd records", {"kind": "plate_read", "records": [1]}, {}, 400, "field_wrong", "records"),
    ("no gzip", b"{}", {"Content-Encoding": "gzip"}, 400, "bad_gzip", "body"),
    ("cut gzip", gzip.compress(b"{}" * 99)[:-9], {"Content-Encoding": "gzip"}, 400, "bad_gzip",
     "body"),
    ("odd encoding", b"{}", {"Content-Encoding": "br"}, 400, "unknown_content_encoding",
     "Content-Encoding"),
    ("no key", {}, {"Idempotency-Key": ""}, 400, "idempotency_key_missing", "Idempotency-Key"),
]  # fmt: skip


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case[0])
def test_a_bad_batch_is_refused_by_field_and_reason(case: Any, lane: Lane) -> None:
    _, body, headers, status, code, field = case
    answer = lane.deliver(body, **headers)
    fault = answer.json()
    assert (answer.status_code, fault["error"], fault["field"]) == (status, code, field)
    assert fault["zh"]
    assert fault["en"]
    assert queries.batches().count() == 0


def test_bodies_are_bounded_before_and_after_decompression(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits(), "batch_bytes_max", 2000)
    assert lane.deliver(b" " * 2001).json()["error"] == "body_too_large"
    bomb = gzip.compress(b" " * 100_000)
    assert len(bomb) < 2000
    answer = lane.deliver(bomb, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["error"]) == (413, "body_too_large")
    monkeypatch.setitem(limits(), "batch_bytes_max", 1 << 20)
    monkeypatch.setitem(limits(), "batch_records_max", 1)
    one = record(RecordKind.PLATE_READ)
    assert lane.deliver(batch(one, one)).json()["error"] == "too_many_records"


def test_unknown_and_disabled_tokens_are_turned_away(lane: Lane) -> None:
    assert actions.disable_sender(name="lane-1", actor="test")
    answer = lane.deliver(batch())
    assert (answer.status_code, answer.json()["error"]) == (401, "not_authorised")
    assert Client().get("/api/arrivals?day=2026-11-22").status_code == 401


def test_only_the_digest_of_a_token_is_stored(lane: Lane) -> None:
    stored = queries.senders().get()
    assert lane.token not in (stored.name, stored.token_digest)
    assert queries.sender_by_token(lane.token) == stored


def test_unknown_receipts_and_days_are_refused(lane: Lane) -> None:
    assert lane.ask("/api/batches/none").status_code == 404
    assert lane.ask("/api/arrivals?day=yesterday").json()["error"] == "bad_day"


def test_keys_are_forgotten_after_their_time(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    lane.deliver(batch())
    assert actions.forget_old_deliveries() == 0
    monkeypatch.setitem(limits(), "idempotency_days", 0)
    assert actions.forget_old_deliveries() == 1


def test_the_interface_page_needs_no_outside_address(lane: Lane) -> None:
    page = Client().get("/api/docs").content.decode()
    assert "http://" not in page
    assert "https://" not in page
    schema = Client().get("/api/openapi.json").json()
    assert set(schema["paths"]) >= {"/api/batches", "/api/batches/{key}", "/api/arrivals"}
