"""Rulings on disputed trades, once a day: 0 pay, 1 bad debt; told to toll side and issuer."""

import sqlite3
from collections import Counter
from collections.abc import Sequence

from tollcentre.messages.terms import MessageFault, Parcel, ResultCode

from ..counterpart.store import fact, keep_fact
from .desk import Desk
from .outbox import in_parts, post
from .terms import SIDES, TRADE_NOT_IN_MESSAGE, Side, TradeState

RULED = {0: TradeState.paid, 1: TradeState.bad_debt}


def rule_due(desk: Desk) -> bool:
    """Rules all disputes whose day has come, once a day; false where the day's hour has not."""
    if not day_hour_has_come(desk, "ruled_through", desk.plan.ruling_at_s):
        return False
    rows = desk.db.execute(
        """
        SELECT rowid, * FROM trade WHERE state = 'disputed' AND ruling_due <= ?
        ORDER BY toll_party, issuer, transaction_id, origin
        """,
        (str(desk.day),),
    ).fetchall()
    rulings = {row["rowid"]: _ruling(desk, row) for row in rows}
    desk.db.executemany(
        "UPDATE trade SET state = ?, ruled_on = ? WHERE rowid = ?",
        [(RULED[result], str(desk.day), rowid) for rowid, result in rulings.items()],
    )
    number = 0
    for side in SIDES:
        of_side = [row for row in rows if row[side.message] is not None]
        for party in sorted({row[side.party] for row in of_side}):
            told = _each_trade_once([row for row in of_side if row[side.party] == party])
            for part in [part for once in told for part in in_parts(once)]:
                number += 1
                _send_file(desk, part, rulings, side, party, number)
    return True


def day_hour_has_come(desk: Desk, name: str, at_s: int) -> bool:
    """Whether the hour of today's work has come and the work was not done; notes it as done."""
    today = str(desk.day)
    if desk.second_of_day < at_s or fact(desk.db, name) >= today:
        return False
    keep_fact(desk.db, name, today)
    return True


def _send_file(
    desk: Desk, rows: Sequence[sqlite3.Row], rulings: dict[int, int], side: Side, party: str,
    number: int,
) -> None:  # fmt: skip
    file_id = f"{desk.day:%Y%m%d}{number}"
    post(
        desk, cause=f"file {file_id}", kind="dispute_result", receiver=party,
        fields={"file_id": file_id, "clear_date": desk.day},
        records=[
            {"transaction_id": row["transaction_id"], "of_message_id": row[side.message],
             "fee": row["fee"], "result": rulings[row["rowid"]]}
            for row in rows
        ],
    )  # fmt: skip
    desk.db.executemany(
        f"UPDATE trade SET {side.file} = ? WHERE rowid = ?",
        [(file_id, row["rowid"]) for row in rows],
    )


def _each_trade_once(rows: list[sqlite3.Row]) -> list[list[sqlite3.Row]]:
    """The rows in as many lists as it takes for no trade to stand twice in one."""
    seen: Counter[str] = Counter()
    lists: list[list[sqlite3.Row]] = []
    for row in rows:
        place = seen[row["transaction_id"]]
        seen[row["transaction_id"]] += 1
        if place == len(lists):
            lists.append([])
        lists[place].append(row)
    return lists


def take_evidence(desk: Desk, parcel: Parcel) -> int:
    """Keeps what a side says of disputed trades; refused where the trade is none of its message."""
    envelope = parcel.envelope
    for record in parcel.records:
        known = desk.db.execute(
            "SELECT 1 FROM trade WHERE transaction_id = ? AND ? IN (exit_message, book_message)",
            (record["transaction_id"], record["of_message_id"]),
        ).fetchone()
        if known is None:
            raise MessageFault(
                ResultCode.CONTENT, TRADE_NOT_IN_MESSAGE, "transactionId",
                transaction_id=record["transaction_id"], fee=record["fee"],
            )  # fmt: skip
    desk.db.executemany(
        "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?)",
        [(r["of_message_id"], r["transaction_id"], envelope.message_id, r["position"],
          r["evidence_digest"], desk.moment) for r in parcel.records],
    )  # fmt: skip
    return desk.moment


def _ruling(desk: Desk, row: sqlite3.Row) -> int:
    """0 pay or 1 bad debt, by seed; likelier to be paid where the toll side gave evidence."""
    given = desk.db.execute(
        "SELECT 1 FROM evidence WHERE transaction_id = ? AND of_message = ? AND position = 0",
        (row["transaction_id"], row["exit_message"]),
    ).fetchone()
    plan = desk.plan
    ppm = plan.bad_debt_ppm if given is None else plan.bad_debt_with_evidence_ppm
    return int(desk.chance.happens(ppm, "ruling", row["transaction_id"]))
