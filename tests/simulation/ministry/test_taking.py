"""What is wrong with a message is answered with the protocol's number, and changes nothing."""

import hashlib
import json

import pytest

from tests.simulation.ministry.centre import ISSUER, START, exit_record, message
from tollcentre.core.clock import day_of
from tollcentre.messages.codecs import exchange

FIELDS = {"clear_date": day_of(START), "split_no": 1}
FIRST = exit_record(0, ISSUER, START)["transaction_id"]


def trades(*issuers):
    return [exit_record(number, issuer, START) for number, issuer in enumerate(issuers)]


def upload(message_id="62-1", records=None, **given):
    records = trades("610101", "610101") if records is None else records
    return message("exit_upload", message_id, FIELDS, records, **given)


def rewritten(body, change):
    """The document changed, its digest right."""
    document = json.loads(body)
    change(document)
    document["manifest"].pop("digest")
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    document["manifest"]["digest"] = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps(document).encode()


def manifest(name, value):
    return rewritten(upload(), lambda document: document["manifest"].update({name: value}))


WRONG = {
    "no document": (b"\x00\xff", 3),
    "torn": (upload()[:200], 3),
    "no manifest": (b"{}", 2),
    "unknown version": (manifest("version", "99.0"), 7),
    "unknown kind": (manifest("kind", "toll_of_the_moon"), 2),
    "count": (manifest("count", 3), 4),
    "amount": (manifest("amount", 3), 4),
    "digest": (upload().replace(b'"digest":"', b'"digest":"0')[:-1] + b"}", 2),
    "digest of another": (upload().replace(b'"fee":500', b'"fee":501'), 4),
    "a trade twice": (
        rewritten(upload(records=trades("610101")),
                  lambda d: (d["records"].append(d["records"][0]),
                             d["manifest"].update(count=2, amount=1000))), 4),
    "two issuers": (upload(records=trades("610101", "630101")), 4),
    "no issuer": (upload(records=[exit_record(1, "", START)]), 4),
    "no such issuer": (upload(records=trades("990101")), 4),
    "a sender from elsewhere": (upload(sender="610201"), 2),
    "a receiver of our own": (upload(receiver=ISSUER), 2),
    "what only the ministry says": (
        message("split_result", "62-1", {"clear_date": day_of(START)}, []), 2),
}  # fmt: skip


def result_of(w, body):
    return exchange.decode_receipt(w.post(body)).result


def everything(w):
    """All rows but those of receipts."""
    with w.ministry.store.reading() as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {
            name: [tuple(row) for row in db.execute(f"SELECT * FROM {name}")]
            for name in tables if name != "receipt"
        }  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_gets_its_number_and_changes_nothing(world, name):
    w = world(media=())
    before = everything(w)
    body, result = WRONG[name]
    assert result_of(w, body) == result
    assert everything(w) == before
    assert result_of(w, upload()) == 1


def test_a_receipt_says_what_was_received(world):
    w = world(media=())
    body = upload()
    receipt = exchange.decode_receipt(w.post(body))
    wanted = json.loads(body)["manifest"]
    assert (receipt.message_id, receipt.result, receipt.count, receipt.amount_fen) == (
        "62-1", 1, 2, wanted["amount"],
    )  # fmt: skip
    assert receipt.digest == wanted["digest"]


def test_the_same_again_is_a_repeat_and_other_content_is_refused(world):
    w = world(media=())
    assert result_of(w, upload()) == 1
    before = everything(w)
    assert result_of(w, upload()) == 5
    assert result_of(w, upload(at=START + 1)) == 4
    assert everything(w) == before


def test_a_refusal_names_the_field_in_both_languages(world):
    receipt = exchange.decode_receipt(world(media=()).post(upload(sender="610201")))
    assert (
        receipt.reason
        == "party_wrong [senderId]: senderId 不应是 610201 / senderId cannot be 610201"
    )


def booking(of_message, count, amount, records=(), message_id="62-b"):
    fields = {
        "of_message_id": of_message, "count": count, "amount": amount,
        "disputed_count": len(records), "disputed_amount": sum(r["fee"] for r in records),
    }  # fmt: skip
    return message("booking_result", message_id, fields, list(records), sender=ISSUER)


@pytest.fixture
def asked(world):
    """A world whose ministry asks for one message of trades to be booked, and that message."""
    w = world(media=())
    assert result_of(w, upload(records=trades(ISSUER, ISSUER))) == 1
    w.centre.take_trades_to_book = w.centre.take_booking_result = lambda *_: None
    w.step(60)
    (parcel,) = w.centre.taken.values()
    return w, parcel


@pytest.mark.parametrize(
    ("count", "amount", "records", "result"),
    [
        (2, 1007, [], 1),
        (3, 1007, [], 4),
        (2, 1006, [], 4),
        (2, 1007, [{"transaction_id": "T", "fee": 500, "reason": 1}], 4),
        (2, 1007, [{"transaction_id": FIRST, "fee": 9, "reason": 1}], 4),
        (2, 1007, [{"transaction_id": FIRST, "fee": 500, "reason": 1}], 1),
    ],
)
def test_a_booking_result_agrees_with_what_it_answers(asked, count, amount, records, result):
    w, parcel = asked
    before = everything(w)
    assert result_of(w, booking(parcel.envelope.message_id, count, amount, records)) == result
    assert (everything(w) == before) is (result != 1)


def test_a_message_of_trades_is_booked_once(asked):
    w, parcel = asked
    asked_id = parcel.envelope.message_id
    assert result_of(w, booking(asked_id, 2, 1007)) == 1
    assert result_of(w, booking(asked_id, 2, 1007, message_id="62-again")) == 6
    w.step(60)
    (answer,) = [p for p in w.centre.taken.values() if p.envelope.kind == "booking_result"]
    assert result_of(w, booking(answer.envelope.message_id, 2, 1007, message_id="62-c")) == 6


def test_a_booking_result_for_a_message_not_known_is_taken_and_waits(world):
    w = world(media=())
    assert result_of(w, booking("62-nowhere", 1, 1)) == 1
    w.step(60)
    (waits,) = w.report()["to_be_done"]
    assert waits["message_id"] == "62-b"
