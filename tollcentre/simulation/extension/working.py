"""The extension centre's own work: packs are booked, disputes ruled, clear days counted."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from tollcentre.core.clock import day_start

from ..counterpart.store import fact, keep_fact
from .desk import Desk
from .outbox import post

FILES_A_DAY = 10
COUNTED = """
    SELECT p.provider, count(*) AS count, sum(t.fee) AS fee,
           group_concat(DISTINCT CASE WHEN t.state = 'confirmed' THEN t.message_id END) AS packs,
           group_concat(DISTINCT CASE WHEN t.state = 'paid' THEN t.file_id END) AS files
    FROM trade AS t JOIN taken AS p ON p.message_id = t.message_id
    WHERE (t.state = 'confirmed' AND p.booked_on = :day)
       OR (t.state = 'paid' AND t.ruled_on = :day)
    GROUP BY p.provider ORDER BY p.provider
"""


def book_due(desk: Desk) -> bool:
    """Books one pack that is due, with disputes as the seed says; false where none is."""
    pack = desk.db.execute(
        """
        SELECT * FROM taken WHERE booked_on IS NULL AND due_at <= ?
        ORDER BY due_at, message_id LIMIT 1
        """,
        (desk.moment,),
    ).fetchone()
    if pack is None:
        return False
    message_id = pack["message_id"]
    disputes = {
        trans_id: desk.chance.weigh(desk.plan.dispute_reasons, "reason", message_id, trans_id)
        for trans_id in range(1, pack["count"] + 1)
        if desk.chance.happens(desk.plan.dispute_ppm, "dispute", message_id, trans_id)
    }
    post(
        desk, cause=f"booking {message_id}", kind="pack_booking",
        fields={"service_provider_id": pack["provider"], "issuer_id": pack["issuer"],
                "of_message_id": message_id, "count": pack["count"],
                "amount": pack["amount_fen"]},
        records=[{"trans_id": one, "result": why} for one, why in disputes.items()],
    )  # fmt: skip
    desk.db.execute(
        "UPDATE taken SET booked_on = ? WHERE message_id = ?", (str(desk.day), message_id)
    )
    desk.db.execute("UPDATE trade SET state = 'confirmed' WHERE message_id = ?", (message_id,))
    desk.db.executemany(
        """
        UPDATE trade SET state = 'disputed', reason = ?, ruling_due = ?
        WHERE message_id = ? AND trans_id = ?
        """,
        [(why, _ruling_due(desk, message_id, one), message_id, one)
         for one, why in disputes.items()],
    )  # fmt: skip
    return True


def rule_due(desk: Desk) -> bool:
    """Rules the disputes whose day has come, once a day, one file a provider and issuer."""
    today = str(desk.day)
    if desk.second_of_day < desk.plan.ruling_at_s or fact(desk.db, "ruled_through") >= today:
        return False
    keep_fact(desk.db, "ruled_through", today)
    rows = desk.db.execute(
        """
        SELECT t.message_id, t.trans_id, t.fee, p.provider, p.issuer
        FROM trade AS t JOIN taken AS p ON p.message_id = t.message_id
        WHERE t.state = 'disputed' AND t.ruling_due <= ?
        ORDER BY p.provider, p.issuer, t.message_id, t.trans_id
        """,
        (today,),
    ).fetchall()
    files = groupby(rows, key=lambda row: (row["provider"], row["issuer"]))
    # A file's name has one digit for its number: what is beyond waits for the next day.
    for number, (of, of_file) in zip(range(FILES_A_DAY), files, strict=False):
        _rule_file(desk, f"{desk.day:%Y%m%d}{number or ''}", of, list(of_file))
    return True


def _rule_file(desk: Desk, file_id: str, of: tuple[str, str], rows: list[Any]) -> None:
    """Sends one file of rulings and puts them down."""
    results = {
        (row["message_id"], row["trans_id"]): int(
            desk.chance.happens(desk.plan.bad_debt_ppm, "ruling", *tuple(row)[:2])
        )
        for row in rows
    }
    records = []
    for message_id, in_pack in groupby(rows, key=lambda row: row["message_id"]):
        part = list(in_pack)
        records.append({
            "of_message_id": message_id, "amount": sum(row["fee"] for row in part),
            "transactions": tuple(
                {"trans_id": row["trans_id"], "result": results[message_id, row["trans_id"]]}
                for row in part
            ),
        })  # fmt: skip
    post(
        desk, cause=f"file {file_id}", kind="pack_dispute_result", records=records,
        fields={"clearing_operator_id": desk.parties.centre, "service_provider_id": of[0],
                "issuer_id": of[1], "file_id": file_id},
    )  # fmt: skip
    desk.db.executemany(
        """
        UPDATE trade SET state = ?, ruled_on = ?, file_id = ? WHERE message_id = ? AND trans_id = ?
        """,
        [("bad_debt" if result else "paid", str(desk.day), file_id, *name)
         for name, result in results.items()],
    )  # fmt: skip


def close_day(desk: Desk) -> bool:
    """Sends the statistics of the first clear day that has ended and was not closed."""
    day = date.fromisoformat(fact(desk.db, "statistics_through")) + timedelta(days=1)
    if desk.moment < day_start(day + timedelta(days=1)) + desk.plan.statistics_at_s:
        return False
    keep_fact(desk.db, "statistics_through", str(day))
    rows = desk.db.execute(COUNTED, {"day": str(day)}).fetchall()
    if not rows:
        return True
    post(
        desk, cause=f"statistics {day}", kind="pack_clearing_statistics",
        fields={"clear_target_date": day, "count": sum(row["count"] for row in rows),
                "amount": sum(row["fee"] for row in rows)},
        records=[
            {"service_provider_id": row["provider"], "message_ids": _ids(row["packs"]),
             "file_ids": _ids(row["files"])}
            for row in rows
        ],
    )  # fmt: skip
    return True


def _ruling_due(desk: Desk, message_id: str, trans_id: int) -> str:
    days = desk.chance.between(desk.plan.ruling_after_days, "ruling_day", message_id, trans_id)
    return str(desk.day + timedelta(days=days))


def _ids(text: str | None) -> tuple[str, ...]:
    return tuple(sorted(text.split(","), key=int)) if text else ()
