"""The net of a closed clear day: paid to the other side through its bank, or by it through one."""

import csv
import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from tollcentre.core.clock import day_start

from ..counterpart.store import Store, note
from .desk import MINISTRY
from .plan import Plan

COLUMNS = [
    "reference", "counter_account", "counter_name", "amount_fen", "due_at", "summary",
]  # fmt: skip
ACCOUNT, NAME = "110000000000", "部联网中心（模拟）"
OWED = """
    SELECT clear_date, receivable - payable AS amount_fen FROM net
    WHERE receivable > payable AND file IS NULL ORDER BY clear_date
"""


def pay_net(store: Store, plan: Plan, folder: Path) -> int:
    """Drops one file of credits a clear day that leaves the other side something to receive.

    The name goes by the clear day and the content by what is kept, so that writing it again after
    a kill changes nothing.
    """
    with store.reading() as db:
        owed = db.execute(OWED).fetchall()
    for row in owed:
        day = date.fromisoformat(row["clear_date"])
        name = f"ministry_{day:%Y%m%d}.csv"
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"{name}.tmp"
        with fresh.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerow({
                "reference": f"{MINISTRY}:{day}", "counter_account": ACCOUNT,
                "counter_name": NAME, "amount_fen": row["amount_fen"],
                "due_at": day_start(day + timedelta(days=1)) + plan.pay_net_at_s,
                "summary": f"清分款 {day}",
            })  # fmt: skip
        fresh.replace(folder / name)
        with store.writing() as db:
            db.execute("UPDATE net SET file = ? WHERE clear_date = ?", (name, str(day)))
    return len(owed)


def take_payments(store: Store, folders: Sequence[Path], now: int) -> int:
    """Takes up what banks say was paid to the ministry, each list of a day once; how many lists.

    A payment names the clear day that it settles in its instruction's number.
    """
    with store.reading() as db:
        known = {row["name"] for row in db.execute("SELECT name FROM payment_file")}
    lists = [path for folder in folders for path in sorted(folder.glob("*.csv"))]
    fresh = [path for path in lists if path.name not in known]
    for path in fresh:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        with store.writing() as db:
            db.execute("INSERT INTO payment_file VALUES (?, ?)", (path.name, now))
            for row in rows:
                party, _, rest = row["instruction_id"].partition("-")
                if party == MINISTRY:
                    _take_payment(db, path.name, row, rest.partition("-")[0], now)
    return len(fresh)


def _take_payment(
    db: sqlite3.Connection, name: str, row: dict[str, str], day: str, now: int
) -> None:
    clear_date = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    sign = -1 if row["what"] == "returned" else 1
    db.execute(
        "INSERT INTO paid_in VALUES (?, ?, ?, ?)",
        (name, row["serial"], clear_date, sign * int(row["amount_fen"])),
    )
    (paid,) = db.execute(
        "SELECT sum(amount_fen) FROM paid_in WHERE clear_date = ?", (clear_date,)
    ).fetchone()
    owed = db.execute(
        "SELECT payable - receivable AS fen FROM net WHERE clear_date = ?", (clear_date,)
    ).fetchone()
    if owed is None or paid not in (0, owed["fen"]):
        note(db, "payment_misfit", f"{name} {row['serial']}", f"{clear_date}: {paid}", now)
