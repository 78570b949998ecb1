"""Ten thousand broken messages: each is read or named with a result code, nothing is raised."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.messages.test_exchange_trunk import signed
from tollcentre.messages.codecs import exchange
from tollcentre.messages.codecs.exchange import values
from tollcentre.messages.codecs.exchange.kinds import rulebook
from tollcentre.messages.terms import MessageFault, Parcel, Protocol, ResultCode

GOLDEN = sorted((Path(__file__).parent / "golden" / "exchange").iterdir())
EACH = 10_000 // len(GOLDEN) + 1
REFUSALS = {ResultCode.HEADER, ResultCode.SCHEMA, ResultCode.CONTENT, ResultCode.VERSION}
CHINESE = re.compile("[\u4e00-\u9fff]")
ODD = [
    None, "", " ", "x", "甘", "|", "a||b", "\x00", "\u2028", "9" * 400, 0, -1, 1, 10**18, 10**30,
    1.5, True, [], {}, [1], {"x": 1}, "2026-11-22", "2026-13-01", "0001-01-01T00:00:00", "-0",
    "2026-11-22T24:00:00", "0", "1", "00010000", "1.0", "12.345", "\U0010ffff", "1e9", "٣",
]  # fmt: skip


def protocol_of(path: Path) -> Protocol:
    return Protocol.TRUNK if path.suffix == ".json" else Protocol.PACK


def read(protocol: Protocol, body: bytes) -> Parcel | MessageFault:
    try:
        return exchange.decode(protocol, body)
    except MessageFault as fault:
        return fault


def outcome(protocol: Protocol, body: bytes) -> ResultCode:
    """OK where the message is read; else the result of a fault that says what it should."""
    found = read(protocol, body)
    if isinstance(found, Parcel):
        return ResultCode.OK
    assert found.result in REFUSALS
    assert CHINESE.search(found.text_zh())
    assert found.text_en()
    assert found.field or found.code == "message_unreadable"
    assert "\n" not in found.text()
    assert len(found.text()) < 2000
    return found.result


def broken_bytes(chance: random.Random, body: bytes) -> bytes:
    """Some octets changed, cut, put in, doubled or moved."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(body))
        to = min(len(body), at + chance.randint(1, 40))
        body = (
            chance.choice(
                [
                    body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :],
                    body[:at] + body[to:],
                    body[:at] + body[at:to] + body[at:],
                    body[:at]
                    + chance.choice([b"<", b"&", b'"', b"{", b"]", b"\\", b"0"])
                    + body[at:],
                    body[: max(at, 1)],
                    body[to:] + body[:to],
                ]
            )
            or b"\xff"
        )
    return body


def parts(document: Any) -> list[tuple[Any, Any]]:
    """Every place of a JSON document: its container and its name or number."""
    names = list(document) if isinstance(document, dict) else list(range(len(document)))
    found = [(document, name) for name in names]
    for name in names:
        if isinstance(document[name], dict | list):
            found += parts(document[name])
    return found


def broken_document(chance: random.Random, body: bytes) -> bytes:
    """One or two values of a JSON document changed, taken out, renamed or doubled."""
    document = json.loads(body)
    for _ in range(chance.randint(1, 2)):
        holder, name = chance.choice(parts(document) or [(document, "x")])
        what = chance.randrange(4)
        if what == 0:
            holder[name] = chance.choice(ODD)
        elif what == 1:
            del holder[name]
        elif isinstance(holder, list):
            holder.append(json.loads(json.dumps(holder[name])))
        elif what == 2:
            holder[str(name).upper()] = holder.pop(name)
        else:
            holder[name] = holder[name] + 1 if type(holder[name]) is int else chance.choice(ODD)
    return signed(document) if chance.random() < 0.7 else json.dumps(document).encode()


def broken_pack(chance: random.Random, body: bytes) -> bytes:
    """One or two elements of a pack changed, taken out, renamed, doubled or given an attribute."""
    root = etree.fromstring(body)
    for _ in range(chance.randint(1, 2)):
        inner = list(root.iterdescendants())
        element = chance.choice(inner or [root])
        what = chance.randrange(5)
        parent = element.getparent()
        if what == 0 or parent is None:
            text = str(chance.choice(ODD)).replace("\x00", "\t")
            element.text = text
        elif what == 1:
            parent.remove(element)
        elif what == 2:
            element.tag = chance.choice(["Fee", "Count", "TransId", "Body", element.tag.upper()])
        elif what == 3:
            parent.append(etree.fromstring(etree.tostring(element, with_tail=False)))
        else:
            element.set(chance.choice(["ContentType", "MessageCount", "x"]), "2")
    return bytes(etree.tostring(root, encoding="UTF-8"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_broken_message_is_named(path: Path) -> None:
    chance = random.Random(path.stem)
    protocol, body = protocol_of(path), path.read_bytes()
    by_value = broken_document if protocol == Protocol.TRUNK else broken_pack
    results: Counter[ResultCode] = Counter()
    for number in range(EACH):
        change: Callable[[random.Random, bytes], bytes] = broken_bytes if number % 2 else by_value
        results[outcome(protocol, change(chance, body))] += 1
    assert results.keys() - {ResultCode.OK} <= REFUSALS
    assert results[ResultCode.SCHEMA] > results[ResultCode.OK]
    assert all(results[result] for result in (ResultCode.HEADER, ResultCode.SCHEMA))
    assert sum(results.values()) == EACH


USUAL = ["2026-11-22T08:00:00", "2099-12-31T23:59:59", "2026112208", "FF", "1234567890AB", "01",
         "甘A00001_0", 22, 23, 99, 600, "0|950|0", "6201"]  # fmt: skip


@given(value=st.one_of(st.sampled_from([*ODD, *USUAL]), st.text(max_size=50), st.integers()))
def test_what_is_read_fast_is_what_is_read_with_care(value: object) -> None:
    for protocol in (Protocol.TRUNK, Protocol.PACK):
        columns = {column for kind in rulebook(protocol).kinds.values() for column in kind.records}
        for column in columns:
            row = {column.official: value}
            with suppress(MessageFault):
                with_care = values.read_row([column], row, "records[1].")
                assert values.read_rows([column], [row], "records") == [with_care]
                continue
            with pytest.raises(MessageFault, match=r"records\[1\]"):
                values.read_rows([column], [row], "records")


@pytest.mark.parametrize("protocol", Protocol)
@given(body=st.binary(max_size=200))
def test_any_bytes_are_read_or_named(protocol: Protocol, body: bytes) -> None:
    outcome(protocol, body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["manifest", "fields", "records", "version", "kind", "fee"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_named(document: object) -> None:
    outcome(Protocol.TRUNK, json.dumps(document).encode())


@given(st.binary(max_size=200))
def test_any_frame_and_answer_is_read_or_named(data: bytes) -> None:
    for read in (exchange.decode_frame, exchange.acknowledged, exchange.decode_receipt):
        with pytest.raises(MessageFault):
            read(data)
