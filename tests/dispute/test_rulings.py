"""Trades that went up, were booked, disputed and ruled: the money, in any order of arrival."""

import zlib
from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.db import transaction

from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.clearing.terms import TRADES
from tollcentre.dispute import queries
from tollcentre.dispute.actions import take_booking_result, take_dispute_result
from tollcentre.dispute.models import BookedMessage, Dispute, DisputeRuling
from tollcentre.dispute.terms import DISPUTE_UNKNOWN
from tollcentre.lake.actions import write_table
from tollcentre.ledger.actions import PostingLine, post_batch
from tollcentre.ledger.queries import account_nets, account_statement
from tollcentre.messages import actions
from tollcentre.messages import queries as messages
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.models import MessageBody, ReceivedMessage
from tollcentre.messages.terms import NO_SUCH_MESSAGE, Protocol

NOW = 1_795_000_000
DAY = date(2026, 11, 18)
RUN = "20261118-run"
FEES = {"t1": 1000, "t2": 2000, "t3": 3000, "t4": 4000}
SPLIT = {
    "t1": {"62030010": 1000},
    "t2": {"62030010": 2000},
    "t3": {"62030010": 1200, "62030020": 800},
    "t4": {"62030020": 4000},
}
ABROAD = {"t3": 1000}
"""Of t3 ten yuan are Shaanxi's."""
ACTS = {"booking_result": take_booking_result, "dispute_result": take_dispute_result}
WAITS_FOR = frozenset({NO_SUCH_MESSAGE.code, DISPUTE_UNKNOWN.code})
ACCOUNTS = ("receivable.issuer.610101", "disputed.issuer.610101", "receivable.ministry",
            "payable.owner.62030010", "payable.owner.62030020", "payable.province.61",
            "held.dispute")  # fmt: skip


@pytest.fixture
def upload(tmp_path: Path, settings: Any, db: None) -> str:
    """Four trades of one issuer, cleared, posted and handed up; the id of their message."""
    settings.HOME, settings.LAKE_ROOT = tmp_path, tmp_path / "lake"
    actions.add_peer(code="000000", own_code="620201", address="http://x", actor="t", now=NOW)
    keep_run()
    owed: dict[str, int] = {}
    for parts in SPLIT.values():
        for owner, fee in parts.items():
            owed[owner] = owed.get(owner, 0) + fee
    lines = [PostingLine(f"payable.owner.{owner}", "credit", fee, owner_id=owner)
             for owner, fee in owed.items()]  # fmt: skip
    lines += [
        PostingLine("payable.province.61", "credit", 1000, province="61"),
        PostingLine("receivable.issuer.610101", "debit", 10_000, issuer_id="610101"),
    ]
    post_batch(batch_key=RUN, clear_date=DAY, lines=lines, actor="t")
    with transaction.atomic():
        made = actions.queue_messages(
            cause=f"{RUN}/610101", kind="exit_upload", receiver="000000",
            fields={"clear_date": DAY, "split_no": 1}, clear_date=DAY, now=NOW,
            records=[
                {"transaction_id": name, "pass_id": name, "issuer_id": "610101", "media_type": 1,
                 "vehicle_type": 1, "ex_station_id": "G0030620010010", "ex_time": NOW,
                 "exit_fee_type": 1, "pay_fee": fee, "discount_fee": 0, "fee": fee,
                 "multi_province": int(name in ABROAD)}
                for name, fee in FEES.items()
            ],
        )  # fmt: skip
    return str(made[0].message_id)


def keep_run() -> None:
    """What the run left in the lake of these trades."""
    keys = {name: number for number, name in enumerate(FEES, 1)}
    tables = {
        TRADES: [{"transaction_id": n, "pass_key": keys[n], "record_key": keys[n],
                  "issuer_id": "610101", "fee": fee, "route": 2} for n, fee in FEES.items()],
        "unit_split": [{"pass_key": keys[n], "owner_id": "7", "legal_owner_id": owner, "fee": fee}
                       for n, parts in SPLIT.items() for owner, fee in parts.items()],
        "passage": [{"pass_key": keys[n], "multi_province": int(n in ABROAD), "held_reason": "",
                     "province_trans_group": "62:2000|61:1000" if n in ABROAD else ""}
                    for n in FEES],
    }  # fmt: skip
    for relation, rows in tables.items():
        write_table(relation=relation, partition=f"clear_date={DAY}", run_key=RUN,
                    table=pa.Table.from_pylist(rows))  # fmt: skip


def told(upload: str) -> list[bytes]:
    """The booking result, and two files of rulings: t2 is paid, t3 and t4 are bad debt."""

    def message(
        kind: str, name: str, fields: dict[str, Any], records: list[dict[str, Any]]
    ) -> bytes:
        return codec.encode(
            protocol=Protocol.TRUNK, kind=kind, version="1.0", message_id=name,
            sender_id="000000", receiver_id="620201", sent_at=NOW + 3600, fields=fields,
            records=records,
        )  # fmt: skip

    def ruled(name: str, result: int) -> dict[str, Any]:
        return {
            "transaction_id": name,
            "of_message_id": upload,
            "fee": FEES[name],
            "result": result,
        }

    disputed = [{"transaction_id": n, "fee": FEES[n], "reason": 3} for n in ("t2", "t3", "t4")]
    return [
        message("booking_result", "b1", {"of_message_id": upload, "count": 4, "amount": 10_000},
                disputed),
        message("dispute_result", "d1", {"file_id": "1", "clear_date": DAY},
                [ruled("t2", 0), ruled("t3", 1)]),
        message("dispute_result", "d2", {"file_id": "2", "clear_date": DAY}, [ruled("t4", 1)]),
    ]  # fmt: skip


def take(content: bytes) -> None:
    """A message comes; then everything that waits is tried, as a turn does."""
    peer = messages.peer("000000")
    actions.take_message(sender=peer, body=content, check=lambda parcel: None, now=NOW)
    for row in messages.received_due(NOW + 10**6, 99):
        kind = ReceivedMessage.objects.get(pk=row).kind
        actions.act_on(row=row, act=ACTS[kind], waits_for=WAITS_FOR, now=NOW)


def standing() -> dict[str, int]:
    nets = account_nets(list(ACCOUNTS))
    return {account: nets.get(account, 0) for account in ACCOUNTS}


def held_by_party() -> dict[str, int]:
    """Debit less credit on held.dispute, by owner or province."""
    nets: Counter[str] = Counter()
    for line in account_statement("held.dispute", viewer=SHELL_VIEWER).lines:
        nets[line.owner_id or line.province] += line.debit_fen - line.credit_fen
    return dict(nets)


def test_disputed_money_is_held_by_who_earned_it_until_it_is_ruled(upload: str) -> None:
    take(told(upload)[0])
    assert standing() == {
        "receivable.issuer.610101": 0, "disputed.issuer.610101": 9000, "receivable.ministry": 1000,
        "payable.owner.62030010": -1000, "payable.owner.62030020": 0, "payable.province.61": 0,
        "held.dispute": -9000,
    }  # fmt: skip
    assert held_by_party() == {"62030010": -3200, "62030020": -4800, "61": -1000}
    assert all(law.holds for law in queries.verify_disputes())


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_any_order_bad_debt_is_borne_by_those_who_earned_it(
    upload: str, order: tuple[int, ...]
) -> None:
    contents = told(upload)
    for number in (*order, *order):
        take(contents[number])
    assert set(ReceivedMessage.objects.values_list("state", flat=True)) == {"done"}
    assert standing() == {
        "receivable.issuer.610101": 0, "disputed.issuer.610101": 0, "receivable.ministry": 3000,
        "payable.owner.62030010": -3000, "payable.owner.62030020": 0, "payable.province.61": 0,
        "held.dispute": 0,
    }  # fmt: skip
    assert all(law.holds for law in queries.verify_disputes())
    fates = {(row.fate.value, row.count, row.fee) for row in queries.fates()}
    assert fates == {("confirmed", 2, 3000), ("bad_debt", 2, 7000)}


def test_a_result_that_does_not_fit_its_message_changes_nothing_and_waits_for_a_person(
    upload: str,
) -> None:
    content = codec.encode(
        protocol=Protocol.TRUNK, kind="booking_result", version="1.0", message_id="b1",
        sender_id="000000", receiver_id="620201", sent_at=NOW,
        fields={"of_message_id": upload, "count": 4, "amount": 9_999}, records=[],
    )  # fmt: skip
    take(content)
    message = ReceivedMessage.objects.get()
    assert message.state == "failed"
    assert "booking_result_misfit" in message.fault
    assert not Dispute.objects.exists()
    assert standing()["receivable.issuer.610101"] == 10_000


def other_count() -> None:
    BookedMessage.objects.update(count=5)


def lost_dispute() -> None:
    Dispute.objects.filter(transaction_id="t3").update(fee=2999)


def ruling_without_money() -> None:
    DisputeRuling.objects.create(
        dispute=Dispute.objects.get(transaction_id="t3"), result=0, file_id="9", message_id="x",
        ruled_on=DAY,
    )  # fmt: skip


def ministry_owes_more() -> None:
    lines = [PostingLine("receivable.ministry", "debit", 5), PostingLine("payable.ministry",
             "credit", 5)]  # fmt: skip
    post_batch(batch_key="by hand", clear_date=DAY, lines=lines, actor="t")


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (other_count, "booked_messages_are_their_messages"),
        (lost_dispute, "disputes_are_what_was_not_confirmed"),
        (ruling_without_money, "disputed_money_is_held_until_ruled"),
        (ministry_owes_more, "ministry_accounts_are_confirmed_trades"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_law_is_found(upload: str, change: Callable[[], None], law: str) -> None:
    take(told(upload)[0])
    change()
    assert law in {found.name for found in queries.verify_disputes() if not found.holds}


def test_a_message_that_says_something_else_today_is_found(upload: str) -> None:
    assert all(law.holds for law in messages.verify_messages())
    body = MessageBody.objects.get()
    body.compressed = zlib.compress(messages.body_of(body).replace(b"1000", b"1001"))
    body.save()
    assert not all(law.holds for law in messages.verify_messages())
