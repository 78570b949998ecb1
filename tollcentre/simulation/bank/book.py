"""The bank's book: every movement once, and the statement of a bank day that has ended."""

from datetime import date, timedelta
from typing import Any

from tollcentre.core.clock import day_of, day_start

from ..counterpart.store import keep_fact, put_fault
from .desk import Desk
from .outbox import post
from .terms import Booking

IN, OUT = "C", "D"


def book(
    desk: Desk, *, cause: str, booked_at: int, side: str, amount_fen: int, counter_account: str,
    counter_name: str, reference: str, summary: str, written: str | None = None,
) -> None:  # fmt: skip
    """Books one movement, once a cause; `written` is the reference as the statement shows it."""
    day = day_of(booked_at)
    start, end = day_start(day), day_start(day + timedelta(days=1))
    (number,) = desk.db.execute(
        "SELECT count(*) FROM movement WHERE booked_at >= ? AND booked_at < ?", (start, end)
    ).fetchone()
    shown = reference_shown(desk, cause, reference) if written is None else written
    desk.db.execute(
        """
        INSERT INTO movement (cause, serial, booked_at, side, amount_fen, counter_account,
                              counter_name, reference, written, summary)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            cause, f"{day:%Y%m%d}{number + 1:06d}", booked_at, side, amount_fen, counter_account,
            counter_name, reference, shown, summary,
        ),
    )  # fmt: skip


def reference_shown(desk: Desk, cause: str, reference: str) -> str:
    """The reference, or blank where the seed leaves it out."""
    if not desk.chance.happens(
        desk.plan.booking[Booking.missing_reference], Booking.missing_reference, cause
    ):
        return reference
    put_fault(desk.db, Booking.missing_reference, cause, desk.moment)
    return ""


def credit_due(desk: Desk) -> bool:
    """Books the next credit that is due."""
    row = desk.db.execute(
        "SELECT * FROM credit WHERE booked = 0 AND due_at <= ? ORDER BY due_at, cause LIMIT 1",
        (desk.moment,),
    ).fetchone()
    if row is None:
        return False
    book(
        desk, cause=row["cause"], booked_at=desk.bookable(row["due_at"]), side=IN,
        amount_fen=row["amount_fen"], counter_account=row["counter_account"],
        counter_name=row["counter_name"], reference=row["reference"], written=row["written"],
        summary=row["summary"],
    )  # fmt: skip
    desk.db.execute("UPDATE credit SET booked = 1 WHERE cause = ?", (row["cause"],))
    return True


def publish_slips(desk: Desk) -> bool:
    """Tells of the slips of the first hour that has ended and was not told."""
    every = desk.plan.publish_every_s
    rows = desk.db.execute(
        """
        SELECT * FROM slip WHERE publish_file IS NULL AND due_at / :every = (
            SELECT min(due_at) / :every FROM slip WHERE publish_file IS NULL
        ) ORDER BY due_at, slip_no
        """,
        {"every": every},
    ).fetchall()
    if not rows or (rows[0]["due_at"] // every + 1) * every > desk.moment:
        return False
    records: list[dict[str, Any]] = [
        {name: row[name] for name in ("slip_no", "station_id", "shift", "amount_fen",
                                      "deposited_at")}
        | {"shift_day": date.fromisoformat(row["shift_day"])}
        for row in rows
    ]  # fmt: skip
    cause = f"slips {rows[0]['due_at'] // every} {rows[0]['slip_no']}"
    file_id = post(desk, cause=cause, kind="deposit_slip", records=records)
    desk.db.executemany(
        "UPDATE slip SET publish_file = ? WHERE slip_no = ?",
        [(file_id, row["slip_no"]) for row in rows],
    )
    return True


def close_day(desk: Desk) -> bool:
    """Closes the first bank day that has ended, and makes its statement."""
    day = desk.open_day
    start, end = day_start(day), day_start(day + timedelta(days=1))
    if desk.moment < end + desk.plan.statement_at_s:
        return False
    rows = desk.db.execute(
        """
        SELECT serial, booked_at, side, amount_fen, counter_account, counter_name,
               written AS reference, summary
        FROM movement WHERE booked_at >= ? AND booked_at < ? ORDER BY booked_at, seq
        """,
        (start, end),
    ).fetchall()
    before = desk.db.execute(
        "SELECT closing_fen FROM bank_day ORDER BY day DESC LIMIT 1"
    ).fetchone()
    opening = desk.plan.opening_fen if before is None else before["closing_fen"]
    closing = opening + sum(
        row["amount_fen"] if row["side"] == IN else -row["amount_fen"] for row in rows
    )
    file_id = post(
        desk, cause=f"statement {day}", kind="statement", of_day=day,
        records=[dict(row) for row in rows],
        fields={
            "account": desk.parties.account, "opening_fen": opening, "closing_fen": closing,
        },
    )  # fmt: skip
    desk.db.execute(
        "INSERT INTO bank_day VALUES (?, ?, ?, ?, ?)",
        (str(day), opening, closing, len(rows), file_id),
    )
    keep_fact(desk.db, "closed_through", str(day))
    return True
