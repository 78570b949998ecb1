"""What the road and others bring to the bank in CSV files: slips and credits, each file once."""

import csv
import io
import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from ..counterpart.store import note, put_fault
from .book import reference_shown
from .desk import Desk
from .terms import Booking

Row = dict[str, str]
CASH = "现金缴款"


def road_files(folder: Path | None, kind: str, whose: str) -> list[Path]:
    """The road's files of a kind for someone, in the folder and below, by name."""
    if folder is None:
        return []
    return sorted(folder.rglob(f"{kind}_{whose}_*.csv"), key=lambda path: path.name)


def incoming_files(folder: Path | None) -> list[Path]:
    """Files of credits that others dropped."""
    return [] if folder is None else sorted(folder.glob("*.csv"))


def rows_of(body: bytes) -> list[Row]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(body.decode("utf-8"))))


def take_up(db: sqlite3.Connection, moment: int, name: str, body: bytes) -> bool:
    """Notes that a file was taken up; false where it was before."""
    digest = sha256(body).hexdigest()
    before = db.execute("SELECT digest FROM supply WHERE name = ?", (name,)).fetchone()
    if before is not None:
        if before["digest"] != digest:
            note(db, "supply_changed", name, "", moment)
        return False
    db.execute("INSERT INTO supply VALUES (?, ?, ?)", (name, digest, moment))
    return True


def take_slips(desk: Desk, name: str, body: bytes) -> None:
    """Takes up the slips of a file, and decides how they will be credited."""
    if not take_up(desk.db, desk.moment, name, body):
        return
    rows = sorted(rows_of(body), key=lambda row: (int(row["due_at"]), row["slip_no"]))
    desk.db.executemany(
        "INSERT INTO slip VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
        [
            (row["slip_no"], row["station_id"], row["shift_day"], int(row["shift"]),
             int(row["amount_fen"]), int(row["deposited_at"]), int(row["due_at"]))
            for row in rows
        ],
    )  # fmt: skip
    for together in joined(desk, rows):
        credit_slips(desk, together)


def joined(desk: Desk, rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The slips in runs that are credited together."""
    run: list[Row] = []
    for row in rows:
        run.append(row)
        share = desk.plan.booking[Booking.joint_credit]
        if row is rows[-1] or not desk.chance.happens(share, "joint", row["slip_no"]):
            yield run
            run = []


def credit_slips(desk: Desk, rows: Sequence[Row]) -> None:
    """Puts the credit of one slip or several down, perhaps in two parts."""
    first = rows[0]["slip_no"]
    reference = ";".join(row["slip_no"] for row in rows)
    total = sum(int(row["amount_fen"]) for row in rows)
    due_at = max(int(row["due_at"]) for row in rows)
    amounts = [total]
    if len(rows) > 1:
        put_fault(desk.db, Booking.joint_credit, reference, desk.moment)
    elif total > 1 and desk.chance.happens(
        desk.plan.booking[Booking.several_credits], "several", first
    ):
        put_fault(desk.db, Booking.several_credits, reference, desk.moment)
        part = 1 + desk.chance.below(total - 1, "several_fen", first)
        amounts = [part, total - part]
    for number, fen in enumerate(amounts, 1):
        credit(
            desk, cause=f"slip {first} {number}", due_at=due_at, amount_fen=fen,
            counter_account=rows[0]["station_id"], counter_name="收费站", reference=reference,
            summary=CASH,
        )  # fmt: skip


def take_credits(desk: Desk, name: str, body: bytes) -> None:
    """Takes up the credits of a file."""
    if not take_up(desk.db, desk.moment, name, body):
        return
    for number, row in enumerate(rows_of(body), 1):
        credit(
            desk, cause=f"credit {name} {number}", due_at=int(row["due_at"]),
            amount_fen=int(row["amount_fen"]), counter_account=row["counter_account"],
            counter_name=row["counter_name"], reference=row["reference"], summary=row["summary"],
        )  # fmt: skip


def credit(
    desk: Desk, *, cause: str, due_at: int, amount_fen: int, counter_account: str,
    counter_name: str, reference: str, summary: str,
) -> None:  # fmt: skip
    """Puts one credit down for its time."""
    desk.db.execute(
        "INSERT INTO credit VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
        (
            cause, due_at, amount_fen, counter_account, counter_name, reference,
            reference_shown(desk, cause, reference), summary,
        ),
    )  # fmt: skip
