"""Packs: there and back, the golden files, hostile XML, frames and files."""

import hashlib
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.messages.exchange_samples import said
from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault, Parcel, Protocol, ResultCode

GOLDEN = Path(__file__).parent / "golden" / "exchange"
KINDS = exchange.kinds_of(Protocol.PACK)
ENVELOPE = {
    "protocol": Protocol.PACK,
    "version": "00010000",
    "message_id": "42",
    "sender_id": "0000000000620901",
    "receiver_id": "0000000000620201",
    "sent_at": 1_795_310_000,
}
HEAD = ("protocol", "kind", "version", "message_id", "sender_id", "receiver_id", "sent_at")


def golden(kind: str) -> bytes:
    return (GOLDEN / f"{kind}.xml").read_bytes()


def read(body: bytes) -> Parcel:
    return exchange.decode(Protocol.PACK, body)


def refused(body: bytes) -> MessageFault:
    with pytest.raises(MessageFault) as caught:
        read(body)
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_encoded_is_decoded(kind: str, data: st.DataObject) -> None:
    message = data.draw(said(Protocol.PACK, kind))
    body = exchange.encode(**ENVELOPE, kind=kind, **message)
    parcel = read(body)
    assert parcel.fields == message["fields"]
    assert parcel.records == tuple(message["records"])
    assert parcel.envelope.kind == kind
    assert parcel.envelope.sent_at == (0 if kind == "original_pack" else ENVELOPE["sent_at"])
    assert parcel.envelope.digest == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("kind", KINDS)
def test_a_golden_pack_is_read_and_written_again(kind: str) -> None:
    parcel = read(golden(kind))
    head = {name: getattr(parcel.envelope, name) for name in HEAD}
    assert head["kind"] == kind
    body = exchange.encode(**head, fields=parcel.fields, records=parcel.records)
    spaceless = etree.XMLParser(remove_blank_text=True)
    written = [etree.tostring(etree.fromstring(xml, spaceless)) for xml in (golden(kind), body)]
    assert written[0] == written[1]


def test_yuan_are_read_to_the_fen() -> None:
    parcel = read(golden("original_pack"))
    first = parcel.records[0]
    assert (parcel.envelope.amount_fen, first["fee"], first["post_balance"]) == (1850, 1250, -1250)
    assert first["time"] == 1_795_327_685
    assert parcel.fields["clear_target_date"] == date(2026, 11, 22)


def test_rulings_are_read_by_message() -> None:
    second = read(golden("pack_dispute_result")).records[1]
    assert (second["of_message_id"], second["amount"]) == ("43", 1499)
    assert second["transactions"] == (
        {"trans_id": 2, "result": 1},
        {"trans_id": 9, "result": 0},
    )


def test_a_reply_carries_every_result() -> None:
    for result in ResultCode:
        fields = {"of_message_id": "41", "result": result, "clear_target_date": date(2026, 11, 22)}
        body = exchange.encode(**ENVELOPE, kind="pack_reply", fields=fields, records=[])
        assert read(body).fields["result"] == result


def swap(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(body: bytes) -> bytes:
        assert old in body
        return body.replace(old, new, 1)

    return change


SECOND = b"<TransId>2</TransId>"
FAULTS = [
    ("no message", swap(b"Message", b"Massage"), ResultCode.SCHEMA, "message_unreadable", ""),
    ("no header", lambda body: b"<Message/>", ResultCode.HEADER, "field_missing", "Header"),
    ("another root", lambda body: b"<Greeting/>", ResultCode.HEADER, "field_missing", "Message"),
    ("no sender", swap(b"<SenderId>0000000000620901</SenderId>", b""), ResultCode.HEADER,
     "field_missing", "Header.SenderId"),
    ("sender no hex", swap(b"<SenderId>0", b"<SenderId>X"), ResultCode.HEADER, "field_misformed",
     "Header.SenderId"),
    ("id with zeros", swap(b"<MessageId>42", b"<MessageId>042"), ResultCode.HEADER,
     "field_misformed", "Header.MessageId"),
    ("unknown class", swap(b"<MessageClass>5", b"<MessageClass>9"), ResultCode.HEADER,
     "message_kind_unknown", "Header.MessageType"),
    ("no content type", swap(b' ContentType="1"', b""), ResultCode.HEADER, "field_missing",
     "Header.ContentType"),
    ("another version", swap(b"00010000", b"00030000"), ResultCode.VERSION, "version_unknown",
     "Header.Version"),
    ("unknown element", swap(b"<id>", b"<colour/><id>"), ResultCode.SCHEMA, "schema_broken",
     "/Message/Body/Transaction[1]/colour"),
    ("a third decimal", swap(b"<Fee>12.50", b"<Fee>12.505"), ResultCode.SCHEMA, "schema_broken",
     "/Message/Body/Transaction[1]/Fee"),
    ("one decimal", swap(b"<Fee>12.50", b"<Fee>12.5"), ResultCode.SCHEMA, "schema_broken",
     "/Message/Body/Transaction[1]/Fee"),
    ("fee negative", swap(b"<Fee>12.50", b"<Fee>-12.50"), ResultCode.SCHEMA, "field_misformed",
     "records[1].Fee"),
    ("unknown card type", swap(b"<CardType>23", b"<CardType>24"), ResultCode.SCHEMA,
     "field_misformed", "records[1].CardType"),
    ("no such day", swap(b"<ClearTargetDate>2026-11-22", b"<ClearTargetDate>2026-02-30"),
     ResultCode.SCHEMA, "schema_broken", "/Message/Body/ClearTargetDate"),
    ("an id over 64 bits", swap(b"<MessageId>42</MessageId>\n    <Count>",
     b"<MessageId>9223372036854775808</MessageId>\n    <Count>"), ResultCode.SCHEMA,
     "schema_broken", "/Message/Body/MessageId"),
    ("count", swap(b"<Count>2", b"<Count>3"), ResultCode.CONTENT, "total_differs", "Count"),
    ("amount", swap(b"<Amount>18.50", b"<Amount>18.51"), ResultCode.CONTENT, "total_differs",
     "Amount"),
    ("another id inside", swap(b"<MessageId>42</MessageId>\n    <Count>",
     b"<MessageId>43</MessageId>\n    <Count>"), ResultCode.CONTENT, "value_differs",
     "Body.MessageId"),
    ("a trade twice", swap(SECOND, b"<TransId>1</TransId>"), ResultCode.CONTENT,
     "record_repeated", "records[2]"),
    ("a number left out", swap(SECOND, b"<TransId>3</TransId>"), ResultCode.CONTENT,
     "value_differs", "records[2].TransId"),
    ("two networks", swap(b"<NetNo>6201</NetNo><CardId>1901230214248572",
     b"<NetNo>6101</NetNo><CardId>1901230214248572"), ResultCode.CONTENT, "records_mixed",
     "records[2].CardNetNo"),
    ("two card types", swap(b"<CardType>23</CardType><NetNo>6201</NetNo><CardId>1901230214248572",
     b"<CardType>22</CardType><NetNo>6201</NetNo><CardId>1901230214248572"), ResultCode.CONTENT,
     "records_mixed", "records[2].CardType"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "result", "code", "field"), [row[1:] for row in FAULTS], ids=[r[0] for r in FAULTS]
)
def test_a_fault_is_named(
    change: Callable[[bytes], bytes], result: ResultCode, code: str, field: str
) -> None:
    fault = refused(change(golden("original_pack")))
    assert (fault.result, fault.code, fault.field) == (result, code, field)


@pytest.mark.parametrize(
    ("kind", "old", "new", "field"),
    [
        ("pack_booking", b"<DisputedCount>1", b"<DisputedCount>2", "DisputedCount"),
        ("pack_dispute_result", b"<Amount>20.99", b"<Amount>21.00", "Amount"),
        ("pack_dispute_result", b"<MessageId>43</MessageId><Count>2",
         b"<MessageId>43</MessageId><Count>3", "records[2].Count"),
        ("pack_dispute_result", b"<TransId>9", b"<TransId>2", "records[2].Transactions[2]"),
        ("pack_clearing_statistics", b'MessageCount="2"', b'MessageCount="3"',
         "records[1].MessageCount"),
    ],
)  # fmt: skip
def test_what_is_declared_is_held_to_what_is_there(
    kind: str, old: bytes, new: bytes, field: str
) -> None:
    fault = refused(swap(old, new)(golden(kind)))
    assert (fault.result, fault.field) == (ResultCode.CONTENT, field)
    assert fault.message_id == read(golden(kind)).envelope.message_id


BOMB = b'<!DOCTYPE m [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "&%c;&%c;&%c;&%c;">' % (here, *[here - 1] * 4) for here in range(98, 122)
) + b"]>"  # fmt: skip
SECRET = b'<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
XSI = b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"<Message>", BOMB + b"<Message>", "markup_refused"),
        (b"<Message>", SECRET + b"<Message>", "markup_refused"),
        (b"<Message>", b"<!-- a note --><Message>", "markup_refused"),
        (b"<Message>", b"<?xml-stylesheet href='x'?><Message>", "markup_refused"),
        (b"<Message>", b"<?php ?><Message>", "markup_refused"),
        (b">00</Cus", b"><![CDATA[00]]></Cus", "markup_refused"),
        (b"<Message>", b"<Message " + XSI + b' xsi:schemaLocation="a file:///etc/hostname">',
         "markup_refused"),
        (b"<Fee>", b"<Fee " + XSI + b' xsi:type="Text20">', "markup_refused"),
        (b"<Message>", b'<Message xml:base="file:///">', "markup_refused"),
        (b">00</Cus", b">&x;</Cus", "message_unreadable"),
        (b">00</Cus", b">&#0;</Cus", "message_unreadable"),
        (b">00</Cus", b">&#13;</Cus", "field_misformed"),
        (b"</Message>", b"</Message><Message/>", "message_unreadable"),
        (b'encoding="UTF-8"', b'encoding="UTF-16"', ""),
        (b"<id>", b"<id>" * 300, "message_too_large"),
        (b"<id>", b"<id/>" * 1_000_001, "message_too_large"),
        (b"<id>", b" " * 40_000_000 + b"<id>", "message_too_large"),
        (b"<id>", b"<<<<" * 100 + b"<id>", "message_unreadable"),
    ],
    ids=["bomb", "external", "comment", "stylesheet", "instruction", "cdata", "location", "type",
         "base", "entity", "nul", "return", "two", "declared", "deep", "tags", "large", "open"],
)  # fmt: skip
def test_hostile_xml_is_refused(old: bytes, new: bytes, code: str) -> None:
    body = swap(old, new)(golden("original_pack"))
    if code:
        fault = refused(body)
        assert (fault.result, fault.code) == (ResultCode.SCHEMA, code)
    else:
        assert read(body).records == read(golden("original_pack")).records


def test_a_pack_in_another_encoding_is_refused() -> None:
    text = golden("original_pack").decode()
    for encoding in ("utf-16", "gb18030", "utf-8-sig"):
        assert refused(text.encode(encoding)).result == ResultCode.SCHEMA


def test_a_pack_holds_ten_thousand_records_and_no_more() -> None:
    body = golden("pack_booking")
    one = b"<DisputedRecord><TransId>2</TransId><Result>1</Result></DisputedRecord>"
    many = b"".join(one.replace(b"2", b"%d" % number) for number in range(1, 10_001))
    full = body.replace(one, many).replace(b"<DisputedCount>1<", b"<DisputedCount>10000<")
    assert len(read(full).records) == 10_000
    fault = refused(full.replace(many, many + one))
    assert (fault.result, fault.code, fault.field) == (
        ResultCode.SCHEMA,
        "message_too_large",
        "records",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "1.0"},
        {"kind": "greeting"},
        {"message_id": "0"},
        {"message_id": "4\x002"},
        {"message_id": "9223372036854775808"},
        {"sender_id": "1"},
        {"sent_at": 10**15},
        {"fields": {"of_message_id": "1", "result": 9, "clear_target_date": date(2026, 1, 1)}},
        {"fields": {"process_time": 1}},
        {"records": [{}]},
    ],
)
def test_what_a_reader_would_refuse_is_not_written(wrong: dict[str, Any]) -> None:
    fields = {"of_message_id": "1", "result": 1, "clear_target_date": date(2026, 1, 1)}
    message = {**ENVELOPE, "kind": "pack_reply", "fields": fields, "records": []}
    with pytest.raises(MessageFault):
        exchange.encode(**(message | wrong))


@given(message_id=st.integers(1, 2**63 - 1).map(str), xml=st.binary(max_size=300))
def test_what_is_framed_is_unframed(message_id: str, xml: bytes) -> None:
    assert exchange.unframe(exchange.frame(message_id, xml)) == (message_id, xml)
    for ok in (True, False):
        assert exchange.acknowledged(exchange.acknowledge(message_id, ok=ok)) == (message_id, ok)


def framed(
    xml: bytes, message_id: bytes = b"00000000000000000042", length: int | None = None
) -> bytes:
    """A frame put together by hand."""
    packed = zlib.compress(xml)
    digest = hashlib.md5(xml).hexdigest().encode()
    return message_id + b"%06d" % (len(packed) if length is None else length) + digest + packed


def test_a_frame_made_by_hand_is_read() -> None:
    parcel = exchange.decode_frame(framed(golden("original_pack")))
    assert parcel == read(golden("original_pack"))


@pytest.mark.parametrize(
    ("data", "result", "field"),
    [
        (b"", ResultCode.HEADER, "message_id"),
        (b"0" * 58, ResultCode.HEADER, "message_id"),
        (framed(b"x", "４２".encode().rjust(20, b"0")), ResultCode.HEADER, "message_id"),
        (framed(b"x")[:40], ResultCode.HEADER, "length"),
        (framed(b"x", length=1), ResultCode.HEADER, "length"),
        (framed(b"x") + b"x", ResultCode.HEADER, "length"),
        (framed(b"x")[:20] + b"-00001" + framed(b"x")[26:], ResultCode.HEADER, "length"),
        (framed(b"x")[:26] + b"g" * 32 + framed(b"x")[58:], ResultCode.HEADER, "digest"),
        (framed(b"x")[:26] + b"0" * 32 + framed(b"x")[58:], ResultCode.CONTENT, "digest"),
        (framed(b"x")[:58] + b"0" * 9, ResultCode.SCHEMA, "compression"),
        (framed(b"x")[:-1] + b"?", ResultCode.SCHEMA, "compression"),
        (framed(b"\0" * 40_000_000), ResultCode.SCHEMA, "bytes"),
        (framed(golden("original_pack"), b"00000000000000000043"), ResultCode.CONTENT,
         "message_id"),
    ],
    ids=["empty", "zeros", "wide digits", "cut", "length", "longer", "signed", "no hex", "digest",
         "no data", "broken", "zip bomb", "other id"],
)  # fmt: skip
def test_a_broken_frame_is_named(data: bytes, result: ResultCode, field: str) -> None:
    with pytest.raises(MessageFault) as caught:
        exchange.decode_frame(data)
    assert (caught.value.result, caught.value.field) == (result, field)


@pytest.mark.parametrize("data", [b"", b"1" * 20, b"1" * 20 + b"2", b"1" * 22])
def test_a_broken_answer_is_named(data: bytes) -> None:
    with pytest.raises(MessageFault) as caught:
        exchange.acknowledged(data)
    assert caught.value.result == ResultCode.HEADER


def test_what_a_frame_has_no_room_for_is_not_framed() -> None:
    noise = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(40_000))
    with pytest.raises(MessageFault) as caught:
        exchange.frame("1", noise)
    assert caught.value.field == "length"
    with pytest.raises(MessageFault):
        exchange.frame("x", b"")


def test_a_file_is_named_by_card_and_network() -> None:
    body = golden("original_pack")
    name = "6201_00000000000000000042.xml.lz77"
    assert exchange.file_name(read(body)) == f"JZ_{name}"
    stored = body.replace(b"<CardType>23", b"<CardType>22")
    assert exchange.file_name(read(stored)) == f"CZ_{name}"
    assert exchange.expand(exchange.compress(body)) == body
    with pytest.raises(MessageFault):
        exchange.file_name(read(golden("pack_reply")))
