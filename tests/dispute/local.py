"""A cleared day of our own issuer's trades within the province: kept, split and posted."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.dispute.scenes import RECEIVED_AT, signed, stage
from tollcentre.clearing.models import DayExit
from tollcentre.clearing.terms import TRADES, Route
from tollcentre.dispute.actions import book_here
from tollcentre.dispute.models import BookedMessage
from tollcentre.dispute.terms import TradeToBook
from tollcentre.lake.actions import write_table
from tollcentre.ledger.actions import PostingLine, post_batch

DAY = date(2026, 11, 22)
RUN = "20261122-run"
ISSUER = "620101"
OWNERS = ("62030010", "62030020")
FEE = 4500


def set_up(home: Path, settings: Any) -> None:
    """A home of its own with the issuer's register and keys."""
    settings.HOME, settings.LAKE_ROOT = home, home / "lake"
    stage({})


def trade(name: str, number: int, tac: str = "", **changes: Any) -> TradeToBook:
    """A trade that its medium signed, under a number of its own."""
    after = {"trade_key": name} | ({"tac": tac} if tac else {})
    return signed(after, terminal_trans_no=f"{number:08X}", **changes)


def clear(*trades: TradeToBook) -> None:
    """What a run leaves of these trades: kept for booking, split between two owners, posted."""
    keep(RUN, *trades)
    count = len(trades)
    lines = [PostingLine(f"receivable.issuer.{ISSUER}", "debit", FEE * count, issuer_id=ISSUER)]
    for owner, fee in zip(OWNERS, (FEE - 1500, 1500), strict=True):
        lines.append(PostingLine(f"payable.owner.{owner}", "credit", fee * count, owner_id=owner))
    post_batch(batch_key=RUN, clear_date=DAY, lines=lines, actor="t")


def keep(run_key: str, *trades: TradeToBook) -> None:
    """The lake files of a run that has these trades."""
    rows = [
        {
            "transaction_id": t.trade_key, "pass_id": t.pass_id, "issuer_id": ISSUER,
            "card_id": t.card_no, "card_type": t.card_type, "obu_id": t.obu_no,
            "vehicle_id": t.vehicle_id, "vehicle_type": t.vehicle_type, "ex_time": t.trans_time,
            "en_time": t.trans_time - 3600, "en_station_id": "G0030620010020",
            "ex_station_id": "G0030620010010",
            "pay_fee": t.pay_fee_fen, "discount_fee": t.discount_fee_fen, "fee": t.fee_fen,
            "trans_fee": t.trans_fee_fen, "tac": t.tac, "trans_type": t.trans_type,
            "terminal_no": t.terminal_no, "terminal_trans_no": t.terminal_trans_no,
            "card_counter": t.card_counter, "pre_balance": t.pre_balance_fen,
            "post_balance": t.post_balance_fen, "algorithm_identifier": t.algorithm_identifier,
            "key_version": t.key_version, "pass_key": number, "record_key": number,
            "route": int(Route.HERE),
        }
        for number, t in enumerate(trades, 1)
    ]  # fmt: skip
    splits = [
        {"pass_key": row["pass_key"], "owner_id": "7", "legal_owner_id": owner, "fee": fee}
        for row in rows for owner, fee in zip(OWNERS, (FEE - 1500, 1500), strict=True)
    ]  # fmt: skip
    passages = [
        {"pass_key": row["pass_key"], "multi_province": 0, "held_reason": "",
         "province_trans_group": ""} for row in rows
    ]  # fmt: skip
    for relation, found in ((TRADES, rows), ("unit_split", splits), ("passage", passages)):
        write_table(relation=relation, partition=f"clear_date={DAY}", run_key=run_key,
                    table=pa.Table.from_pylist(found))  # fmt: skip
    DayExit.objects.update_or_create(
        clear_date=DAY, kind="here", party=ISSUER,
        defaults={"count": len(rows), "fee": sum(row["fee"] for row in rows)},
    )  # fmt: skip


def book(run_key: str = RUN, earlier: tuple[str, ...] = ()) -> list[BookedMessage]:
    """Book what a run has, as the exchange does before it hands the day up."""
    return book_here(run_key=run_key, earlier=earlier, day=DAY, own="62", now=RECEIVED_AT)
