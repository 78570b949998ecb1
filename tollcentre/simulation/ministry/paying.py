"""The net of a closed clear day, paid to the other side through the folder of its bank."""

import csv
from datetime import date, timedelta
from pathlib import Path

from tollcentre.core.clock import day_start

from ..counterpart.store import Store
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
