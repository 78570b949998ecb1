"""Files laid down at a bank and taken away there: each once, whatever breaks on the way."""

import hashlib
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.gateway.bank_server import Bank, running
from tollcentre.core.clock import day_start
from tollcentre.core.refusal import Refusal
from tollcentre.gateway import banks, sftp
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.actions import banks as taking
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.models import Arrival, ExchangePeer, HoldingsCheck, ReceivedMessage
from tollcentre.messages.terms import Parcel, Protocol, SentState

pytestmark = pytest.mark.django_db
NOW = 1_795_000_000
DAY = date(2026, 11, 18)
PAYMENT = {
    "instruction_id": "s1.1", "payee_account": "6222", "payee_name": "兰州北高速",
    "payee_bank": "甘肃银行", "amount_fen": 10_000, "voucher_no": "V1", "purpose": "",
}  # fmt: skip


def act(parcel: Parcel, now: int) -> None:
    """An act of the test's own: one row for each file, so that doing it twice would fail."""
    HoldingsCheck.objects.create(
        message_id=parcel.envelope.message_id, peer=parcel.envelope.sender_id, day=DAY,
        count=parcel.envelope.count, unknown_here=[], differing=[], checked_at=now,
    )  # fmt: skip


@pytest.fixture
def bank(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    """A bank that is registered and lets us in; its returns are acted on here."""
    settings.HOME = tmp_path / "home"
    monkeypatch.setitem(banks.ACTS, "payment_return", act)
    with running(tmp_path / "bank") as found:
        found.admit(register(found))
        yield found


def register(bank: Bank, code: str = "B01") -> str:
    return banks.register(
        code=code, own_code="620201", address=bank.address, user="centre",
        host_key=bank.host_key, actor="t", now=NOW,
    )  # fmt: skip


def pay(cause: str = "v1", count: int = 1) -> Any:
    """A payment file of ours in the outbox."""
    with transaction.atomic():
        return actions.queue_messages(
            cause=cause, kind="payment", receiver="B01", fields={}, clear_date=DAY, now=NOW,
            records=[PAYMENT | {"instruction_id": f"{cause}.{n}"} for n in range(count)],
        )[0]  # fmt: skip


def written(kind: str, sequence: str, records: list[dict[str, Any]], **head: str) -> Any:
    """A file of the bank: its name and its bytes."""
    ways = {"sender_id": "B01", "receiver_id": "620201"} | head
    file_id = codec.bank_file_id(kind=kind, day=DAY, sequence=sequence, **ways)
    body = codec.encode(
        protocol=Protocol.BANK, kind=kind, version="1", message_id=file_id,
        sent_at=day_start(DAY), fields={}, records=records, **ways,
    )  # fmt: skip
    return codec.bank_file_name(file_id), body


def returned(sequence: str = "1", amount: int = 500, **head: str) -> Any:
    """A payment that came back."""
    return written("payment_return", sequence, [
        {"instruction_id": "s1.1", "amount_fen": amount, "returned_on": DAY, "bank_serial": "9",
         "note": ""},
    ], **head)  # fmt: skip


def answer(message: Any, result: int = 1, sequence: str = "1", **other: Any) -> Any:
    """The bank's receipt of a file of ours."""
    said = {
        "of_file": message.message_id, "result": result, "count": message.count,
        "amount_fen": message.amount_fen, "digest": message.digest,
    }  # fmt: skip
    return written("receipt", sequence, [said | other])


def receipts(bank: Bank, kept: dict[str, bytes] | None = None) -> list[tuple[str, int]]:
    """(file, result) of every receipt that we laid down, taken away now or kept before."""
    bodies = (bank.take() if kept is None else kept).values()
    parcels = [codec.decode(Protocol.BANK, body) for body in bodies]
    rows = [
        row for parcel in parcels for row in parcel.records if parcel.envelope.kind == "receipt"
    ]
    return sorted((row["of_file"], row["result"]) for row in rows)


def test_a_file_goes_up_and_its_receipt_comes(bank: Bank) -> None:
    message = pay()
    assert banks.turn(NOW).laid == 1, messages.peer("B01").fault
    assert bank.got() == [f"{message.message_id}.txt"]
    parcel = codec.decode(Protocol.BANK, bank.take()[f"{message.message_id}.txt"])
    assert parcel.records == (PAYMENT | {"instruction_id": "v1.0"},)
    assert message.message_id.startswith("payment_620201_B01_20261118_")
    bank.say(*answer(message))
    made = banks.turn(NOW + 1)
    assert (made.taken, made.done) == (1, 1)
    message.refresh_from_db()
    assert (message.state, message.result, message.tries) == (SentState.TAKEN, 1, 1)
    assert (bank.said(), bank.got()) == ([], [])
    assert not banks.turn(NOW + 10**6)


def test_what_is_not_answered_is_laid_down_again_under_the_same_name(bank: Bank) -> None:
    message = pay()
    banks.turn(NOW)
    first = bank.take()
    assert banks.turn(NOW + 4).laid == 0
    assert banks.turn(NOW + 5).laid == 1
    assert bank.take() == first
    assert banks.turn(NOW + 14).laid == 0
    assert banks.turn(NOW + 15).laid == 1
    assert [(one.result, one.fault) for one in messages.outbox_tries(message)] == [(0, "")] * 3


def test_what_lies_there_still_is_left_there(bank: Bank) -> None:
    message = pay()
    banks.turn(NOW)
    path = bank.root / "in" / f"{message.message_id}.txt"
    before = path.stat().st_mtime_ns, path.stat().st_ino
    banks.turn(NOW + 5)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


@pytest.mark.parametrize(
    ("result", "other", "state"),
    [(1, {}, "taken"), (5, {}, "taken"),
     (4, {"count": 0, "amount_fen": 0, "digest": ""}, "refused"),
     (1, {"amount_fen": 10_001}, "waiting"), (1, {"digest": "0" * 64}, "waiting")],
)  # fmt: skip
def test_a_receipt_settles_a_file_as_it_says(
    bank: Bank, result: int, other: dict[str, Any], state: str
) -> None:
    message = pay()
    bank.say(*answer(message, result, **other))
    banks.turn(NOW)
    message.refresh_from_db()
    assert message.state == state


def test_a_refused_file_that_was_taken_after_all_is_taken(bank: Bank) -> None:
    message = pay()
    for sequence, result in (("1", 3), ("2", 1), ("3", 4)):
        bank.say(*answer(message, result, sequence))
        banks.turn(NOW)
    message.refresh_from_db()
    assert (message.state, message.result) == (SentState.TAKEN, 1)
    assert len(messages.outbox_tries(message)) == 4


def test_a_receipt_of_what_we_never_sent_waits_for_a_person(bank: Bank) -> None:
    message = pay()
    bank.say(*answer(message, of_file="payment_620201_B01_20261118_x"))
    assert banks.turn(NOW).failed == 1
    assert "no_such_message" in messages.received(kind="receipt").get().fault


def test_a_file_that_comes_twice_is_acted_on_once_and_answered_twice(bank: Bank) -> None:
    name, body = returned()
    for _ in range(2):
        bank.say(name, body)
        banks.turn(NOW)
    banks.turn(NOW)
    assert HoldingsCheck.objects.count() == 1
    assert receipts(bank) == [(name.removesuffix(".txt"), 1), (name.removesuffix(".txt"), 5)]
    assert [one.result for one in Arrival.objects.order_by("id")] == [1, 5]
    assert not messages.messages_for_person()[0]


FILES = [
    (returned()[0], returned()[1][:-10], 3),
    (returned()[0], returned()[1][:40], 2),
    (returned()[0], b"", 3),
    (returned()[0], returned()[1].replace(b"|500|", b"|501|"), 4),
    (returned()[0], returned()[1].replace(b"H|1|", b"H|2|"), 7),
    (returned("2")[0], returned("1")[1], 2),
    ("hello.txt", returned()[1], 2),
    ("a|b 甘.csv", returned()[1], 2),
    (*returned(sender_id="B02"), 6),
    (*returned(receiver_id="510201"), 6),
    (*written("payment", "1", []), 6),
]


@pytest.mark.parametrize(("name", "body", "result"), FILES)
def test_what_is_refused_is_answered_and_changes_nothing(
    bank: Bank, name: str, body: bytes, result: int
) -> None:
    bank.say(name, body)
    banks.turn(NOW)
    banks.turn(NOW)
    assert bank.said() == []
    assert receipts(bank) == [(name.removesuffix(".txt").replace("|", "_"), result)]
    assert not ReceivedMessage.objects.exists()
    assert Arrival.objects.get().result == result


def test_the_same_id_with_other_content_is_refused(bank: Bank) -> None:
    for amount in (500, 501):
        bank.say(*returned(amount=amount))
        banks.turn(NOW)
    banks.turn(NOW)
    assert [result for _, result in receipts(bank)] == [1, 4]
    assert HoldingsCheck.objects.get().count == 1


def test_an_oversized_file_is_refused_without_being_read_whole(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(banks, "BYTES_MAX", 100)
    bank.say(returned()[0], returned()[1] + b"x" * 10**6)
    banks.turn(NOW)
    assert Arrival.objects.get().size_bytes == 101
    assert bank.said() == []


def test_unfinished_files_and_folders_are_left_there(bank: Bank) -> None:
    name, body = returned()
    bank.say(f"{name}.part", body)
    (bank.root / "out" / "old").mkdir()
    assert not banks.turn(NOW)
    assert bank.said() == ["old", f"{name}.part"]


def test_no_more_than_its_share_is_taken_in_a_turn(bank: Bank) -> None:
    for number in range(5):
        bank.say(*returned(str(number)))
    assert [banks.turn(NOW, limit=3).taken for _ in range(3)] == [3, 2, 0]


def test_another_host_key_is_refused(bank: Bank) -> None:
    message = pay()
    other = sftp.public_text(sftp.new_key())
    banks.pin("B01", other.encode())
    assert banks.turn(NOW).unknown == 1
    assert bank.got() == []
    [tried] = messages.outbox_tries(message)
    assert "HostKey" in tried.fault or "host key" in tried.fault.lower()
    assert messages.peer("B01").fault == tried.fault
    banks.pin("B01", bank.host_key)
    assert banks.turn(NOW + 5).laid == 1
    assert messages.peer("B01").fault == ""


def test_a_key_that_is_not_let_in_and_a_key_that_is_gone_are_told(bank: Bank) -> None:
    bank.admit("")
    assert not banks.turn(NOW)
    assert "PermissionDenied" in messages.peer("B01").fault
    (bank.root.parent / "home" / "keys" / "bank-B01.key").unlink()
    assert not banks.turn(NOW)
    assert "keys/bank-B01.key" in messages.peer("B01").fault


def test_a_server_that_dies_in_the_middle_leaves_no_half_file(bank: Bank) -> None:
    message = pay(count=2_000)
    bank.folder.die_after = 60_000
    assert banks.turn(NOW).unknown == 1
    assert all(name.endswith(".part") for name in bank.got())
    assert bank.take() == {}
    bank.folder.die_after = 1 << 40
    assert banks.turn(NOW + 5).laid == 1
    assert bank.got() == [f"{message.message_id}.txt"]
    assert hashlib.sha256(bank.take()[f"{message.message_id}.txt"]).hexdigest()
    assert [bool(one.fault) for one in messages.outbox_tries(message)] == [True, False]


def test_a_server_that_says_unprintable_things_is_told_all_the_same(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*arguments: Any) -> Any:
        raise OSError("a\x00b\ud800")

    monkeypatch.setattr(sftp.Folders, "waiting", odd)
    assert not banks.turn(NOW)
    assert messages.peer("B01").fault == "OSError: a_b_"


def test_a_silent_bank_does_not_stand_in_the_way_of_another(bank: Bank) -> None:
    banks.register(
        code="A01", own_code="620201", address="127.0.0.1:1", user="centre",
        host_key=bank.host_key, actor="t", now=NOW,
    )  # fmt: skip
    pay()
    assert banks.turn(NOW).laid == 1
    assert messages.peer("A01").fault


def test_our_key_is_made_once_for_its_owner_alone(bank: Bank) -> None:
    path = bank.root.parent / "home" / "keys" / "bank-B01.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    ExchangePeer.objects.all().delete()
    assert register(bank).startswith("ssh-ed25519 ")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"address": "127.0.0.1"}, "peer_address_wrong"),
        ({"address": "127.0.0.1:99999"}, "peer_address_wrong"),
        ({"address": "http://x:22"}, "peer_address_wrong"),
        ({"code": "B_1"}, "peer_code_wrong"),
        ({"code": ""}, "peer_code_wrong"),
        ({"own_code": "620 201"}, "peer_code_wrong"),
        ({"code": "B01"}, "peer_exists"),
        ({"host_key": b"ssh-ed25519 AAAA"}, "key_unreadable"),
        ({"host_key": b""}, "key_unreadable"),
    ],
)
def test_what_cannot_be_registered_is_refused(
    bank: Bank, changes: dict[str, Any], code: str
) -> None:
    told = {
        "code": "B09", "own_code": "620201", "address": bank.address, "user": "centre",
        "host_key": bank.host_key, "actor": "t", "now": NOW,
    }  # fmt: skip
    with pytest.raises(Refusal) as caught:
        banks.register(**(told | changes))
    assert caught.value.code == code
    assert ExchangePeer.objects.count() == 1
    assert not (bank.root.parent / "home" / "keys" / "bank-B09.key").exists()


class Killed(BaseException):
    """The process ends here: nothing of ours runs any more."""


STEPS = [
    (sftp.Folders, "put"), (sftp.Folders, "waiting"), (sftp.Folders, "read"),
    (sftp.Folders, "remove"), (actions, "take_file"), (actions, "record_try"),
    (taking, "take_message"), (taking, "queue_messages"), (HoldingsCheck.objects, "create"),
    (actions, "act_on"),
]  # fmt: skip


def killing(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Die at the n-th moment: before or after each step of a turn, in order."""
    passed = [0]

    def moment() -> None:
        passed[0] += 1
        if passed[0] == at:
            raise Killed

    for owner, name in STEPS:
        whole = getattr(owner, name)

        def step(*arguments: Any, _whole: Any = whole, **named: Any) -> Any:
            moment()
            made = _whole(*arguments, **named)
            moment()
            return made

        monkeypatch.setattr(owner, name, step)


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_and_nothing_done_twice(bank: Bank) -> None:
    reached = 0
    for at in range(1, 100):
        message = pay(f"v{at}")
        name, body = returned(str(at))
        bank.say(name, body)
        now, cut_short = NOW + at * 10_000, False
        with pytest.MonkeyPatch.context() as patch:
            killing(patch, at)
            try:
                banks.turn(now)
            except Killed:
                cut_short = True
        kept: dict[str, bytes] = {}
        for later in range(4):
            banks.turn(now + later * 400)
            kept |= (laid := bank.take())
            if f"{message.message_id}.txt" in laid:
                bank.say(*answer(message, sequence=str(at)))
        taken = receipts(bank, kept)
        message.refresh_from_db()
        assert message.state == SentState.TAKEN
        assert HoldingsCheck.objects.filter(message_id=name.removesuffix(".txt")).count() == 1
        assert {result for _, result in taken} <= {1, 5}
        assert sum(result == 1 for _, result in taken) == 1
        assert bank.said() == []
        if not cut_short:
            break
        reached += 1
    assert reached > 10
    assert set(Arrival.objects.values_list("result", flat=True)) <= {1, 5}
