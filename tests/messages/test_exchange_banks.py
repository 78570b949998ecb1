"""Files of banks and channels: there and back, the golden files, and each fault by its name."""

import hashlib
import random
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.messages.exchange_samples import said
from tests.messages.test_exchange_mutations import ODD, broken_bytes, outcome
from tollcentre.core.clock import day_start
from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault, Protocol, ResultCode

GOLDEN = Path(__file__).parent / "golden" / "banks"
KINDS = exchange.kinds_of(Protocol.BANK)
DAY = date(2026, 11, 22)
MUTATIONS = 2_000


def head(kind: str) -> dict[str, Any]:
    """The envelope of a file of that kind."""
    return {
        "protocol": Protocol.BANK,
        "kind": kind,
        "version": "1",
        "message_id": f"{kind}_620201_B01_20261122_7",
        "sender_id": "620201",
        "receiver_id": "B01",
        "sent_at": day_start(DAY),
    }


def golden(kind: str) -> bytes:
    return (GOLDEN / f"{kind}.txt").read_bytes()


def signed(text: str) -> bytes:
    """The lines with the digest that they have."""
    return f"{text}T|{hashlib.sha256(text.encode()).hexdigest()}\n".encode()


def changed(kind: str, old: str, new: str) -> bytes:
    """The golden file with one text put for another, and its digest made right again."""
    text = golden(kind).decode().rpartition("T|")[0]
    assert old in text
    return signed(text.replace(old, new, 1))


def fault_of(body: bytes) -> MessageFault:
    with pytest.raises(MessageFault) as caught:
        exchange.decode(Protocol.BANK, body)
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_encoded_is_decoded(kind: str, data: st.DataObject) -> None:
    message = data.draw(said(Protocol.BANK, kind))
    body = exchange.encode(**head(kind), **message)
    parcel = exchange.decode(Protocol.BANK, body)
    assert parcel.fields == message["fields"]
    assert parcel.records == tuple(message["records"])
    assert {name: getattr(parcel.envelope, name) for name in head(kind)} == head(kind)
    assert parcel.envelope.count == len(message["records"])
    assert parcel.envelope.amount_fen == sum(row["amount_fen"] for row in message["records"])
    again = exchange.encode(**head(kind), fields=parcel.fields, records=parcel.records)
    assert again == body


@pytest.mark.parametrize("kind", KINDS)
def test_a_golden_file_is_read_and_written_again(kind: str) -> None:
    parcel = exchange.decode(Protocol.BANK, golden(kind))
    envelope = parcel.envelope
    again = exchange.encode(
        protocol=Protocol.BANK, kind=kind, version="1", message_id=envelope.message_id,
        sender_id=envelope.sender_id, receiver_id=envelope.receiver_id, sent_at=envelope.sent_at,
        fields=parcel.fields, records=parcel.records,
    )  # fmt: skip
    assert again == golden(kind)


def test_a_golden_statement_is_read_to_the_fen_and_the_second() -> None:
    parcel = exchange.decode(Protocol.BANK, golden("statement"))
    assert parcel.fields == {"account": "270001", "opening_fen": 100_000, "closing_fen": 95_050}
    first, second = parcel.records
    assert (first["side"], first["amount_fen"], first["reference"]) == (
        "C",
        50,
        "wechat:2026-11-21",
    )
    assert (second["booked_at"], second["counter_account"]) == (1_795_305_941, "")
    assert parcel.envelope.amount_fen == 5_050
    assert parcel.envelope.sent_at == day_start(DAY)


CASES = [
    # kind, what is put for what, result, field
    ("payment", "H|1|", "H|2|", ResultCode.VERSION, "H.version"),
    ("payment", "H|1|payment|", "H|1|coupon|", ResultCode.HEADER, "H.kind"),
    ("payment", "|payment_620201", "|payment_620202", ResultCode.HEADER, "H.file_id"),
    ("payment", "20261122_1|", "20261122_|", ResultCode.HEADER, "H.file_id"),
    ("payment", "2026-11-22", "2026-11-23", ResultCode.HEADER, "H.file_id"),
    ("payment", "2026-11-22", "2026-13-22", ResultCode.HEADER, "H.day"),
    ("payment", "|620201|B01|", "|620201||", ResultCode.HEADER, "H.receiver"),
    ("payment", "|2|30000\n", "|2|30000|\n", ResultCode.HEADER, "H.#9"),
    ("payment", "|2|30000\n", "|2\n", ResultCode.HEADER, "H.amount_fen"),
    ("payment", "|2|30000\n", "|3|30000\n", ResultCode.CONTENT, "H.count"),
    ("payment", "|2|30000\n", "|2|30001\n", ResultCode.CONTENT, "H.amount_fen"),
    ("payment", "D|s1.2", "D|s1.1", ResultCode.CONTENT, "records[2]"),
    ("payment", "|10000|", "|010000|", ResultCode.SCHEMA, "records[1].amount_fen"),
    ("payment", "|10000|", "|100.00|", ResultCode.SCHEMA, "records[1].amount_fen"),
    ("payment", "|10000|", "|-10000|", ResultCode.SCHEMA, "records[1].amount_fen"),
    ("payment", "|10000|", "||", ResultCode.SCHEMA, "records[1].amount_fen"),
    ("payment", "|10000|", "|10000|x|", ResultCode.SCHEMA, "records[1].#8"),
    ("payment", "D|s1.1|", "D|", ResultCode.SCHEMA, "records[1].purpose"),
    ("statement", "|C|", "|E|", ResultCode.SCHEMA, "records[1].side"),
    ("statement", "B|270001|", "B||", ResultCode.SCHEMA, "fields.account"),
    ("statement", "B|270001|", "D|270001|", ResultCode.SCHEMA, ""),
    ("statement", "D|1|", "B|1|", ResultCode.SCHEMA, ""),
    ("receipt", "|1|2|30000", "|8|2|30000", ResultCode.SCHEMA, "records[1].result"),
    ("bill", "paid", "lost", ResultCode.SCHEMA, "records[1].state"),
]


@pytest.mark.parametrize(("kind", "old", "new", "result", "field"), CASES)
def test_each_fault_has_its_result_and_its_field(
    kind: str, old: str, new: str, result: ResultCode, field: str
) -> None:
    fault = fault_of(changed(kind, old, new))
    assert (fault.result, fault.field) == (result, field)


def test_a_changed_byte_is_told_by_the_digest() -> None:
    fault = fault_of(golden("payment").replace(b"s1.1", b"s1.3"))
    assert (fault.result, fault.field) == (ResultCode.CONTENT, "T.digest")
    assert fault.message_id == "payment_620201_B01_20261122_1"


def test_a_truncated_file_is_told_wherever_it_ends() -> None:
    body = golden("statement")
    for end in range(len(body)):
        assert fault_of(body[:end]).result in (ResultCode.SCHEMA, ResultCode.HEADER)


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    lines = b"H|1|\n" * 200_010
    bytes_ = b"x" * (33_554_432 + 1)
    for body, field in ((lines, "records"), (bytes_, "bytes"), (b"|" * 10**6, "")):
        assert (fault_of(body).result, fault_of(body).field) == (ResultCode.SCHEMA, field)
    wide = golden("payment").replace(b"s1.1|", b"s1.1" + b"|" * 10**6)
    assert fault_of(wide).field == "records[1].#8"


@pytest.mark.parametrize("text", ["a|b", "a\nb", "a\rb", "x" * 101])
def test_what_no_line_can_hold_is_not_written(text: str) -> None:
    record = exchange.decode(Protocol.BANK, golden("payment")).records[0]
    with pytest.raises(MessageFault) as caught:
        exchange.encode(**head("payment"), fields={}, records=[record | {"payee_name": text}])
    assert caught.value.field == "records[1].payee_name"


def test_a_name_says_the_id_and_the_id_the_name() -> None:
    made = exchange.bank_file_id(
        kind="payment_result", sender_id="B01", receiver_id="620201", day=DAY, sequence="3a"
    )
    assert made == "payment_result_B01_620201_20261122_3a"
    assert exchange.bank_file_id_of(exchange.bank_file_name(made)) == made
    for name in ("", "x", ".txt", "a b.txt", f"{'x' * 65}.txt", "../x.txt", "甘.txt"):
        with pytest.raises(MessageFault) as caught:
            exchange.bank_file_id_of(name)
        assert caught.value.result == ResultCode.HEADER


def broken_line(chance: random.Random, body: bytes) -> bytes:
    """One value of a file changed, taken out or doubled, its digest made right again."""
    lines = body.decode().splitlines()[:-1]
    at = chance.randrange(len(lines))
    values = lines[at].split("|")
    place = chance.randrange(len(values))
    what = chance.randrange(4)
    if what == 0:
        values[place] = str(chance.choice(ODD))
    elif what == 1:
        del values[place]
    elif what == 2:
        values.insert(place, values[place])
    else:
        lines.insert(at, lines[at])
    lines[at] = "|".join(values)
    return signed("".join(f"{line}\n" for line in lines).replace("\ud800", "?"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_broken_file_is_read_or_named(kind: str) -> None:
    chance = random.Random(kind)
    results: Counter[ResultCode] = Counter()
    for number in range(MUTATIONS):
        change = broken_bytes if number % 2 else broken_line
        results[outcome(Protocol.BANK, change(chance, golden(kind)))] += 1
    assert sum(results.values()) == MUTATIONS
    assert all(results[result] for result in (ResultCode.SCHEMA, ResultCode.HEADER))
    assert results[ResultCode.CONTENT] > 0
