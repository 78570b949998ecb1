"""The trunk's messages: there and back, the golden files, and each fault by its name."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.messages.exchange_samples import said
from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault, Protocol, Receipt, ResultCode

GOLDEN = Path(__file__).parent / "golden" / "exchange"
KINDS = exchange.kinds_of(Protocol.TRUNK)
ENVELOPE = {
    "protocol": Protocol.TRUNK,
    "version": "1.0",
    "message_id": "620201-20261122-000001",
    "sender_id": "620201",
    "receiver_id": "000001",
    "sent_at": 1_795_310_000,
}
Change = Callable[[dict[str, Any]], object]


def golden(kind: str) -> dict[str, Any]:
    """The golden document of a kind."""
    return json.loads((GOLDEN / f"trunk_{kind}.json").read_bytes())


def canonical(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signed(document: dict[str, Any]) -> bytes:
    """The document with the digest that it has."""
    manifest = document.get("manifest")
    if isinstance(manifest, dict):
        manifest.pop("digest", None)
        manifest["digest"] = hashlib.sha256(canonical(document)).hexdigest()
    return canonical(document)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_encoded_is_decoded(kind: str, data: st.DataObject) -> None:
    message = data.draw(said(Protocol.TRUNK, kind))
    body = exchange.encode(**ENVELOPE, kind=kind, **message)
    parcel = exchange.decode(Protocol.TRUNK, body)
    assert parcel.fields == message["fields"]
    assert parcel.records == tuple(message["records"])
    assert parcel.envelope.count == len(message["records"])
    head = {name: getattr(parcel.envelope, name) for name in ENVELOPE}
    assert head == ENVELOPE
    again = exchange.encode(**head, kind=kind, fields=parcel.fields, records=parcel.records)
    assert again == body


@pytest.mark.parametrize("kind", KINDS)
def test_a_golden_document_is_read_and_written_again(kind: str) -> None:
    document = golden(kind)
    parcel = exchange.decode(Protocol.TRUNK, (GOLDEN / f"trunk_{kind}.json").read_bytes())
    assert parcel.envelope.kind == kind
    assert parcel.envelope.amount_fen == document["manifest"]["amount"]
    assert parcel.envelope.digest == document["manifest"]["digest"]
    head = {name: getattr(parcel.envelope, name) for name in ENVELOPE}
    body = exchange.encode(**head, kind=kind, fields=parcel.fields, records=parcel.records)
    for part in (document["fields"], *document["records"]):
        for name in [name for name, value in part.items() if value == ""]:
            del part[name]
    assert body == signed(document)


def test_a_golden_exit_is_read_to_the_fen_and_the_second() -> None:
    body = (GOLDEN / "trunk_exit_upload.json").read_bytes()
    parcel = exchange.decode(Protocol.TRUNK, body)
    first, second = parcel.records
    assert parcel.fields == {"clear_date": date(2026, 11, 22), "split_no": 1}
    assert (first["ex_time"], first["fee"], first["post_balance"]) == (1_795_305_941, 950, -950)
    assert (first["vehicle_id"], first["tac"]) == ("甘A12345_0", "3F0A91C2")
    assert (second["card_type"], second["tac"], second["multi_province"]) == (None, "", 1)


def test_a_list_is_a_tuple() -> None:
    body = (GOLDEN / "trunk_serving_sum.json").read_bytes()
    assert exchange.decode(Protocol.TRUNK, body).records[1]["fee_group"] == (1478, 1477)


def test_totals_left_out_are_worked_out() -> None:
    record = {"transaction_id": "t", "fee": 950, "reason": 1}
    fields = {"of_message_id": "m", "count": 10, "amount": 9500}
    body = exchange.encode(**ENVELOPE, kind="booking_result", fields=fields, records=[record])
    parcel = exchange.decode(Protocol.TRUNK, body)
    assert (parcel.fields["disputed_count"], parcel.fields["disputed_amount"]) == (1, 950)


def test_a_receipt_carries_every_result() -> None:
    for result in ResultCode:
        receipt = Receipt("m-1", result, 3, 950, "a" * 64, f"{result.zh} / {result.en}")
        assert exchange.decode_receipt(exchange.encode_receipt(receipt)) == receipt


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"result":9,"count":0,"amount":0}'])
def test_what_is_no_receipt_is_refused(body: bytes) -> None:
    with pytest.raises(MessageFault) as caught:
        exchange.decode_receipt(body)
    assert caught.value.result == ResultCode.SCHEMA


def put(part: str, name: str, value: object, row: int = 0) -> Change:
    """Set one value of the document."""

    def change(document: dict[str, Any]) -> None:
        target = document[part]
        (target[row] if part == "records" else target)[name] = value

    return change


def drop(part: str, name: str) -> Change:
    """Take one value out of the document."""

    def change(document: dict[str, Any]) -> None:
        target = document[part]
        del (target[0] if part == "records" else target)[name]

    return change


FAULTS: list[tuple[str, Change, ResultCode, str, str]] = [
    ("no manifest", lambda d: d.pop("manifest"), ResultCode.HEADER, "field_missing", "manifest"),
    ("manifest a list", lambda d: d.update(manifest=[]), ResultCode.HEADER, "field_missing",
     "manifest"),
    ("no sender", drop("manifest", "senderId"), ResultCode.HEADER, "field_missing",
     "manifest.senderId"),
    ("sent at no time", put("manifest", "sentAt", "2026-02-30T00:00:00"), ResultCode.HEADER,
     "field_misformed", "manifest.sentAt"),
    ("unknown kind", put("manifest", "kind", "greeting"), ResultCode.HEADER,
     "message_kind_unknown", "manifest.kind"),
    ("one more name", put("manifest", "colour", 1), ResultCode.HEADER, "field_unknown",
     "manifest.colour"),
    ("no version", drop("manifest", "version"), ResultCode.HEADER, "field_missing",
     "manifest.version"),
    ("another version", put("manifest", "version", "2.0"), ResultCode.VERSION, "version_unknown",
     "manifest.version"),
    ("no fields", lambda d: d.pop("fields"), ResultCode.SCHEMA, "field_missing", "fields"),
    ("records an object", lambda d: d.update(records={}), ResultCode.SCHEMA, "field_missing",
     "records"),
    ("a record a text", lambda d: d["records"].append("x"), ResultCode.SCHEMA, "field_missing",
     "records[3]"),
    ("a fourth part", lambda d: d.update(more=1), ResultCode.SCHEMA, "field_unknown", "more"),
    ("unknown column", put("records", "colour", "red"), ResultCode.SCHEMA, "field_unknown",
     "records[1].colour"),
    ("no fee", drop("records", "fee"), ResultCode.SCHEMA, "field_missing", "records[1].fee"),
    ("fee a text", put("records", "fee", "950"), ResultCode.SCHEMA, "field_misformed",
     "records[1].fee"),
    ("fee true", put("records", "fee", True), ResultCode.SCHEMA, "field_misformed",
     "records[1].fee"),
    ("fee negative", put("records", "fee", -950), ResultCode.SCHEMA, "field_misformed",
     "records[1].fee"),
    ("fee a fraction", put("records", "fee", 9.5), ResultCode.SCHEMA, "message_unreadable", ""),
    ("unknown card type", put("records", "cardType", 24), ResultCode.SCHEMA, "field_misformed",
     "records[1].cardType"),
    ("TAC too short", put("records", "tac", "3F"), ResultCode.SCHEMA, "field_misformed",
     "records[1].tac"),
    ("a control character", put("records", "vehicleId", "甘A\u0000"), ResultCode.SCHEMA,
     "field_misformed", "records[1].vehicleId"),
    ("half a character", put("records", "vehicleId", "\ud800"), ResultCode.SCHEMA,
     "message_unreadable", ""),
    ("count", put("manifest", "count", 3), ResultCode.CONTENT, "total_differs", "manifest.count"),
    ("amount", put("manifest", "amount", 10451), ResultCode.CONTENT, "total_differs",
     "manifest.amount"),
    ("a trade twice",
     put("records", "transactionId", "G0030620010030101010120261122080000001", 1),
     ResultCode.CONTENT, "record_repeated", "records[2]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "result", "code", "field"), [row[1:] for row in FAULTS], ids=[r[0] for r in FAULTS]
)
def test_a_fault_is_named(change: Change, result: ResultCode, code: str, field: str) -> None:
    document = golden("exit_upload")
    change(document)
    try:
        body = signed(document)
    except UnicodeEncodeError:
        body = json.dumps(document).encode().replace(b"\\ud800", b"\xed\xa0\x80")
    with pytest.raises(MessageFault) as caught:
        exchange.decode(Protocol.TRUNK, body)
    assert (caught.value.result, caught.value.code, caught.value.field) == (result, code, field)


def test_a_digest_that_the_document_does_not_have_is_refused() -> None:
    document = golden("exit_upload")
    document["records"][0]["vehicleId"] = "甘A12346_0"
    with pytest.raises(MessageFault) as caught:
        exchange.decode(Protocol.TRUNK, canonical(document))
    assert (caught.value.result, caught.value.code) == (ResultCode.CONTENT, "digest_differs")
    assert caught.value.message_id == "620201-20261123-000001"


def test_a_total_of_the_fields_is_held_to_the_records() -> None:
    document = golden("clearing_statistics")
    document["fields"]["receivable"] += 1
    with pytest.raises(MessageFault) as caught:
        exchange.decode(Protocol.TRUNK, signed(document))
    assert (caught.value.result, caught.value.field) == (ResultCode.CONTENT, "receivable")
    assert "9251" in caught.value.text_zh()
    assert "9250" in caught.value.text_en()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "message_unreadable"),
        (b"\xef\xbb\xbf{}", "message_unreadable"),
        (b'{"a":1,"a":2}', "message_unreadable"),
        (b'{"a":' + b"9" * 5000 + b"}", "message_unreadable"),
        (b'{"a":NaN}', "message_unreadable"),
        (b"[" * 40_000, "message_too_large"),
        (b'{"a":' * 7 + b"1" + b"}" * 7, "message_too_large"),
        (b"[" + b"{}," * 30_000, "message_too_large"),
        (b" " * 40_000_000, "message_too_large"),
        (b'"' + b'\\"' * 1_000_000, "message_unreadable"),
    ],
    ids=["empty", "mark", "twice", "digits", "nan", "deep", "seven", "objects", "large", "quotes"],
)
def test_what_is_no_document_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(MessageFault) as caught:
        exchange.decode(Protocol.TRUNK, body)
    assert (caught.value.result, caught.value.code) == (ResultCode.SCHEMA, code)


def test_too_many_records_are_refused_on_both_sides() -> None:
    document = golden("batch_sum_upload")
    document["records"] = [{}] * 20_001
    with pytest.raises(MessageFault, match="message_too_large"):
        exchange.decode(Protocol.TRUNK, signed(document))
    with pytest.raises(MessageFault, match="message_too_large"):
        exchange.encode(
            **ENVELOPE, kind="batch_sum_upload", fields={"clear_date": date(2026, 11, 22)},
            records=[{}] * 20_001,
        )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "9"},
        {"kind": "greeting"},
        {"message_id": "a b"},
        {"sent_at": 10**15},
        {"fields": {"day": "2026-11-23"}},
        {"fields": {"day": date(2026, 11, 23), "colour": 1}},
        {"records": [{"message_id": "m", "kind": "k", "count": 1, "amount": "1"}]},
    ],
)
def test_what_a_reader_would_refuse_is_not_written(wrong: dict[str, Any]) -> None:
    message = {**ENVELOPE, "kind": "holdings", "fields": {"day": date(2026, 11, 23)}, "records": []}
    with pytest.raises(MessageFault):
        exchange.encode(**(message | wrong))


def test_a_list_member_holds_no_divider() -> None:
    record = {"pass_id": "p", "toll_province_id": "610201", "count": 1, "pay_fee": 1,
              "discount_fee": 0, "fee": 1, "unit_group": ("a|b",)}  # fmt: skip
    with pytest.raises(MessageFault) as caught:
        exchange.encode(
            **ENVELOPE, kind="serving_sum", fields={"clear_date": date(2026, 11, 22)},
            records=[record],
        )  # fmt: skip
    assert caught.value.field == "records[1].unitGroup"
