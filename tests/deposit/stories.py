"""The stories of tests/cases/deposit.yaml as facts that come to the house, and what then stands."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml
from django.db import transaction

from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.core.clock import day_start
from tollcentre.core.fen import fen_from_yuan
from tollcentre.core.keys import intern_key
from tollcentre.deposit import actions, queries
from tollcentre.deposit.terms import LANE_PAYMENTS
from tollcentre.lake.actions import write_table
from tollcentre.ledger.actions import PostingLine, post_batch, reverse_batch
from tollcentre.ledger.queries import trial_balance
from tollcentre.messages.terms import Envelope, Parcel, Protocol

CONTENT = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "deposit.yaml").read_text(encoding="utf-8")
)
STORIES: list[dict[str, Any]] = CONTENT["stories"]
STATION: str = CONTENT["station"]
NOON_S = 43_200
MEANS = ("cash", "mobile", "card", "unknown")
FIGURES = ("due", "declared", "deposited", "credited", "waiting", "late", "short", "over", "mobile",
           "matched", "mobile_waiting", "mobile_differs", "other")  # fmt: skip


def fen(yuan: object) -> int:
    return fen_from_yuan(str(yuan))


class Scene:
    """One story told to the house, fact by fact; a credit that is not expected yet is kept."""

    def __init__(self, story: dict[str, Any]) -> None:
        self.story = story
        self.day: date = story.get("day", CONTENT["day"])
        self.now = day_start(self.day) + 20 * 86_400
        self.facts: list[dict[str, Any]] = story["facts"]
        self.kept: list[str] = []

    def tell(self, facts: Iterable[dict[str, Any]]) -> None:
        for fact in facts:
            for kind in ("lanes", "report", "slip", "bill", "credit"):
                if kind in fact:
                    getattr(self, kind)(fact[kind], fact)
            self.credit_kept()

    def told_again(self) -> None:
        """Everything once more, but for cleared days: `daily_run` tells a run once."""
        self.tell(fact for fact in self.facts if "lanes" not in fact and "credit" not in fact)

    def lanes(self, payments: Sequence[dict[str, Any]], fact: dict[str, Any]) -> None:
        keep_lanes(self.day, payments, run="run-2" if fact.get("restated") else "run-1")

    def report(self, told: dict[str, Any], fact: dict[str, Any]) -> None:
        closed = day_start(self.day) + NOON_S + (3600 if told.get("closed") else 0)
        row = {
            "station_id": STATION, "shift_day": str(self.day), "shift": told["shift"],
            "operator_id": "7", "cash_fen": str(fen(told["cash"])), "mobile_fen": "0",
            "slips": ";".join(told.get("slips", ())), "closed_at": str(closed),
        }  # fmt: skip
        assert not actions.take_shift_reports(source=[row], actor="t").refused

    def slip(self, told: dict[str, Any], fact: dict[str, Any]) -> None:
        record = {
            "slip_no": told["number"], "station_id": STATION, "shift_day": self.day,
            "shift": told["shift"], "amount_fen": fen(told["amount"]),
            "deposited_at": day_start(told["paid_in"]) + NOON_S,
        }  # fmt: skip
        actions.take_deposit_slips(parcel("deposit_slip", "bank1", [record]), self.now)

    def bill(self, told: dict[str, Any], fact: dict[str, Any]) -> None:
        day = self.day + timedelta(told.get("days_later", 0))
        records = [
            {"order_no": order["number"], "station_id": STATION,
             "state": order.get("state", "paid"),
             "paid_at": day_start(day) + NOON_S + order.get("after_s", 0 if n == 0 else 5000 * n),
             "amount_fen": fen(order["amount"]), "fee_fen": fen(order.get("fee", 0))}
            for n, order in enumerate(told["orders"])
        ]  # fmt: skip
        actions.take_bill(parcel("bill", told["channel"], records, day), self.now)

    def credit(self, keys: Sequence[str], fact: dict[str, Any]) -> None:
        self.kept += [key.format(day=self.day) for key in keys]

    def credit_kept(self) -> None:
        """As the settlement room does: mark, and post the lines with the bank's own."""
        for key in list(self.kept):
            if key in {one.key for one in queries.expected_credits("bank1")}:
                credit(key, self.day)
                self.kept.remove(key)

    def board(self) -> dict[str, object]:
        """The station's row without what is nothing, amounts in fen."""
        rows = queries.board(viewer=SHELL_VIEWER, day=self.day, now=self.now)
        assert len(rows) == 1
        found = {name: getattr(rows[0], f"{name}_fen") for name in FIGURES}
        return {n: v for n, v in found.items() if v} | {"state": rows[0].state.value}

    def wanted_board(self) -> dict[str, object]:
        told = dict(self.story["board"])
        state = told.pop("state")
        return {name: fen(yuan) for name, yuan in told.items()} | {"state": state}

    def wanted_ledger(self) -> dict[str, int]:
        return {name: fen(yuan) for name, yuan in self.story["ledger"].items()}

    def wanted_differences(self) -> dict[str, int]:
        return {name: fen(yuan) for name, yuan in self.story.get("differences", {}).items()}


def credit(key: str, day: date) -> None:
    """Post what the bank's statement shows of one expected credit."""
    with transaction.atomic():
        lines = actions.credit_expected([key], day, f"statement:{key}")
        amount = sum(
            line.amount_fen if line.side == "credit" else -line.amount_fen for line in lines
        )
        # The suspense account of the bank is the settlement room's; another stands for it here.
        bank = PostingLine("bank.deposit.bank1", "debit", amount, party_id="bank1")
        post_batch(batch_key=f"statement:{key}", clear_date=day, lines=[*lines, bank], actor="t")


def keep_lanes(day: date, payments: Sequence[dict[str, Any]], run: str = "run-1") -> None:
    """What clearing leaves of a day: its payments at lanes in the lake, its posting."""
    run_key = f"{day:%Y%m%d}-{run}"
    rows = []
    for number, payment in enumerate(payments, 1):
        means = next(name for name in MEANS if name in payment)
        name = f"{day}-{number}"
        rows.append({
            "record_key": intern_key(f"r{name}"), "pass_key": intern_key(name), "pass_id": name,
            "station_id": payment.get("station", STATION), "lane_id": f"{STATION}0010101",
            "shift_day": day, "shift": payment["shift"],
            "ex_time": day_start(day) + NOON_S + number,
            "means": means, "channel": payment.get("channel", ""),
            "order_no": payment.get("order", ""), "fee": fen(payment[means]),
        })  # fmt: skip
    total = sum(row["fee"] for row in rows)
    write_table(relation=LANE_PAYMENTS, partition=f"clear_date={day}", run_key=run_key,
                table=pa.Table.from_pylist(rows))  # fmt: skip
    with transaction.atomic():
        if run == "run-2":
            reverse_batch(batch_key=f"{day:%Y%m%d}-run-1", reversal_key=f"{run_key}~", actor="t",
                          reason="restated")  # fmt: skip
        lines = [
            PostingLine("receivable.collector", "debit", total),
            PostingLine("held.review", "credit", total),
        ]
        post_batch(batch_key=run_key, clear_date=day, lines=lines, actor="t")
        actions.take_lane_day(run_key=run_key, day=day, actor="t")


def parcel(
    kind: str, sender: str, records: list[dict[str, Any]], day: date = date(2026, 1, 1)
) -> Parcel:
    digest = hashlib.sha256(repr((kind, sender, day, records)).encode()).hexdigest()
    total = sum(record["amount_fen"] for record in records)
    envelope = Envelope(
        Protocol.TRUNK, kind, "1", f"{kind}-{digest[:20]}", sender, "620201", day_start(day),
        len(records),
        total, digest,
    )  # fmt: skip
    return Parcel(envelope, {}, tuple(records))


def ledger() -> dict[str, int]:
    """Debit less credit of every account but where the money came from, in fen; none of nothing."""
    found = {
        row.account: row.debit_fen - row.credit_fen
        for row in trial_balance(viewer=SHELL_VIEWER).rows
    }
    found.pop("held.review", None)
    if "bank.deposit.bank1" in found:
        found["held.bank"] = found.pop("bank.deposit.bank1")
    return {account: net for account, net in found.items() if net}


def differing() -> dict[str, int]:
    """Open differences by kind: what the other side has beyond the lanes, in fen."""
    found: Counter[str] = Counter()
    for row in queries.differences(viewer=SHELL_VIEWER, state="open"):
        found[row.kind] += row.other_fen - row.lane_fen
    return dict(found)
