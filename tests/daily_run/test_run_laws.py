"""The laws of a finished run: what its files say, and what the ledger was told of them."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tollcentre.daily_run.queries import run_laws
from tollcentre.lake.actions import write_table
from tollcentre.ledger.actions import post_batch
from tollcentre.ledger.terms import PostingLine

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)
NETS = (
    # side, party, owner, issuer, province, fee
    ("debit", "issuer", "", "620101", "62", 700),
    ("debit", "collector", "", "", "62", 300),
    ("debit", "province", "", "", "61", 60),
    ("credit", "owner", "6203001", "620101", "62", 600),
    ("credit", "owner", "6203001", "", "62", -20),
    ("credit", "owner", "6203002", "", "61", 50),
    ("credit", "other_province", "", "620101", "61", 320),
    ("credit", "review", "", "", "62", 100),
    ("credit", "unknown", "", "", "61", 10),
)
LINES = (
    PostingLine("receivable.issuer.620101", "debit", 700, issuer_id="620101", province="62"),
    PostingLine("receivable.collector", "debit", 300, province="62"),
    PostingLine("receivable.province.61", "debit", 60, province="61"),
    PostingLine("payable.owner.6203001", "credit", 600, owner_id="6203001", issuer_id="620101"),
    PostingLine("payable.owner.6203001", "debit", 20, owner_id="6203001"),
    PostingLine("payable.owner.6203002", "credit", 50, owner_id="6203002"),
    PostingLine("payable.province.61", "credit", 320, issuer_id="620101", province="61"),
    PostingLine("held.review", "credit", 100, province="62"),
    PostingLine("held.review", "credit", 10, province="61"),
)
"""What these nets are when every one is posted to its own account."""


@pytest.fixture(autouse=True)
def kept(settings: Any, tmp_path: Path) -> None:
    """The files of a run whose figures agree."""
    settings.HOME, settings.LAKE_ROOT = tmp_path, tmp_path / "lake"
    names = ("side", "party", "owner_id", "issuer_id", "toll_province", "fee")
    splits = [
        {"exit_kind": kind, "owner_id": owner, "pay_fee": fee + 5, "discount_fee": 5, "fee": fee}
        for kind, owner, fee in (
            ("own", "6203001", 580),
            ("elsewhere", "6203002", 50),
            ("elsewhere", "", 10),
        )
    ]
    tables = {
        "party_net": [dict(zip(names, net, strict=True)) for net in NETS],
        "unit_split": splits,
        "owner_net": [{"fee": 640}],
        "passage": [{"own_fee": 580}, {"own_fee": 60}],
    }
    for relation, rows in tables.items():
        write_table(
            relation=relation, partition=f"clear_date={DAY}", run_key="r1",
            table=pa.Table.from_pylist(rows),
        )  # fmt: skip


def post(*lines: PostingLine) -> None:
    post_batch(batch_key="r1", clear_date=DAY, lines=lines, actor="clerk")


def broken() -> list[str]:
    return [f"{law.name} {law.detail}" for law in run_laws("r1") if not law.holds]


def test_a_run_posted_as_it_was_netted_keeps_every_law() -> None:
    post(*LINES)
    assert broken() == []


@pytest.mark.parametrize(
    ("line", "wrong", "told"),
    [
        (0, {"account": "receivable.collector"}, "receivable.collector: 1000 = 300"),
        (2, {"account": "receivable.collector"}, "receivable.collector: 360 = 300"),
        (5, {"account": "held.review"}, "held.review: -160 = -110"),
        (6, {"account": "held.review"}, "held.review: -430 = -110"),
        (5, {"account": "payable.owner.6203001", "owner_id": "6203001"},
         "payable.owner.6203001: -630 = -580"),
    ],
    ids=["issuer", "province", "owner", "other_province", "another_owner"],
)  # fmt: skip
def test_what_is_posted_to_a_wrong_account_is_named_though_all_sums_agree(
    line: int, wrong: dict[str, Any], told: str
) -> None:
    post(*LINES[:line], replace(LINES[line], **wrong), *LINES[line + 1 :])
    assert broken() == [f"posted_is_netted:r1 {told}"]


def test_a_run_that_was_never_posted_is_named() -> None:
    assert broken() == ["posted_is_netted:r1 held.review: 0 = -110"]
