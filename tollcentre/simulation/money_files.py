"""The money beside a day's records: shift reports, slips, orders, payouts, and what was planted."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from tollcentre.core.clock import DAY_SECONDS, day_start
from tollcentre.core.fen import FEN_PER_YUAN, round_half_up_div

from .columns import Column
from .payments import CASH, ETC, FIRST_CHANNEL, HOUR, Payers
from .road_map import IntArray

FOLDER = "money"
REPORT_COLUMNS = [
    "station_id", "shift_day", "shift", "operator_id", "cash_fen", "mobile_fen", "slips",
    "closed_at",
]  # fmt: skip
SLIP_COLUMNS = [
    "slip_no", "station_id", "shift_day", "shift", "amount_fen", "deposited_at", "due_at",
]  # fmt: skip
ORDER_COLUMNS = ["order_no", "station_id", "paid_at", "amount_fen", "fee_fen", "state"]
CREDIT_COLUMNS = [
    "reference", "counter_account", "counter_name", "amount_fen", "due_at", "summary",
]  # fmt: skip
TRUTH_COLUMNS = [
    "fault", "subject", "related", "station_id", "shift_day", "shift", "amount_fen", "days",
]  # fmt: skip
PAID, REFUNDED = "paid", "refunded"
PAID_TWICE_AFTER_S = (15, 90)


@dataclass(frozen=True)
class Slip:
    """Cash that a station pays in at a bank, in fen; moments in epoch seconds."""

    slip_no: str
    station_id: str
    shift_day: date
    shift: int
    amount_fen: int
    deposited_at: int
    due_at: int


@dataclass
class Shift:
    """A station's shift: what its lanes took, what it counted, the slips it names."""

    station_id: str
    number: int
    cash_fen: int = 0
    mobile_fen: int = 0
    counted_fen: int = 0
    slips: tuple[str, ...] = ()


@dataclass(frozen=True)
class Order:
    """What a driver paid by code, as the channel has it; fen and epoch seconds."""

    order_no: str
    station_id: str
    paid_at: int
    amount_fen: int
    state: str = PAID


def bank_of(station_id: str, banks: Sequence[str]) -> str:
    """The bank that the station pays its cash into, always the same."""
    digest = blake2b(station_id.encode(), digest_size=4).digest()
    return banks[int.from_bytes(digest, "big") % len(banks)]


class MoneyFiles:
    """Gathers what the lanes of a day take without an OBU, and writes what became of it."""

    def __init__(
        self, out: Path, day: date, money: dict[str, Any], noise: dict[str, Any],
        payers: Payers, rng: np.random.Generator, planting: np.random.Generator,
    ) -> None:  # fmt: skip
        self.folder, self.day, self.money, self.noise = out / FOLDER, day, money, noise
        self.payers, self.rng, self.planting = payers, rng, planting
        self.start = day_start(day)
        self.shifts: dict[tuple[str, int], Shift] = {}
        self.orders: dict[str, list[Order]] = {name: [] for name in money["channels"]}
        self.truth: list[dict[str, Any]] = []
        self.rows: dict[str, int] = {}

    def add(
        self, station_id: Column, time: IntArray, fee: IntArray, way: IntArray, order_no: Column,
        taken_back: IntArray,
    ) -> None:  # fmt: skip
        """Exit records of lanes here; what was taken back left no money."""
        rows = np.flatnonzero((way != ETC) & (fee != 0))
        stations, orders = station_id.take(rows).to_pylist(), order_no.take(rows).to_pylist()
        number = self.payers.shift_of(time[rows] - self.start)
        channels = list(self.money["channels"])
        columns = (number, time[rows], fee[rows], way[rows], taken_back[rows])
        rest = zip(*(column.tolist() for column in columns), strict=True)
        for station, order, (shift_no, at, fen, paid_by, back) in zip(
            stations, orders, rest, strict=True
        ):
            kept = 0 if back else fen
            shift = self.shift_of(station, shift_no)
            if paid_by == CASH:
                shift.cash_fen += kept
                continue
            shift.mobile_fen += kept
            state = REFUNDED if back else PAID
            self.orders[channels[paid_by - FIRST_CHANNEL]].append(
                Order(order, station, at, fen, state)
            )

    def shift_of(self, station: str, number: int) -> Shift:
        """The shift, made where it had no money yet."""
        return self.shifts.setdefault((station, number), Shift(station, number))

    def write(self) -> dict[str, int]:
        """Writes every file; returns rows by kind."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("*.csv"):
            old.unlink()
        slips = self.pay_in()
        for bank in self.money["banks"]:
            of_bank = [s for s in slips if bank_of(s.station_id, self.money["banks"]) == bank]
            self.file("slips", bank, SLIP_COLUMNS, map(asdict, of_bank))
        self.file("shift_report", "", REPORT_COLUMNS, self.reports())
        credits = self.bill()
        for bank, rows in credits.items():
            self.file("credits", bank, CREDIT_COLUMNS, rows)
        self.file("truth_money", "", TRUTH_COLUMNS, self.truth)
        return self.rows

    def pay_in(self) -> list[Slip]:
        """Counts the cash of every shift and pays it in, as one slip or not, in time or not."""
        slips: list[Slip] = []
        carried: dict[str, Shift] = {}
        for (station, number), shift in sorted(self.shifts.items()):
            self.count(shift)
            before = carried.pop(station, None)
            if before is not None and not shift.counted_fen:
                slips += self.slips_of(before, before.counted_fen)
                before = None
            if not shift.counted_fen:
                continue
            follows = (station, number + 1) in self.shifts
            if before is None and follows and self.happens("joint_slip_share"):
                carried[station] = shift
                continue
            if before is None:
                slips += self.slips_of(shift, shift.counted_fen)
                continue
            (slip,) = made = self.slips_of(
                shift, before.counted_fen + shift.counted_fen, whole=True
            )
            before.slips = (slip.slip_no,)
            self.plant("joint_slip", slip.slip_no, shift, related=str(before.number))
            slips += made
        return slips

    def count(self, shift: Shift) -> None:
        """What the shift counts in its till: over or short where that is planted."""
        shift.counted_fen = shift.cash_fen
        difference = 0
        if not shift.cash_fen:
            return
        if self.happens("over_share"):
            difference = self.yuan()
        elif self.happens("short_share"):
            difference = -min(self.yuan(), shift.cash_fen)
        if difference:
            shift.counted_fen += difference
            fault = "over" if difference > 0 else "short"
            self.plant(fault, self.report_name(shift), shift, amount_fen=difference)

    def slips_of(self, shift: Shift, amount_fen: int, *, whole: bool = False) -> list[Slip]:
        """The slips of a shift's cash, and what is planted on them."""
        parts = 1
        if not whole and amount_fen >= 3 * FEN_PER_YUAN and self.happens("split_slip_share"):
            parts = self.planted((2, 3))
        yuan, rest = divmod(amount_fen, FEN_PER_YUAN)
        amounts = [yuan // parts * FEN_PER_YUAN] * (parts - 1)
        amounts.append(yuan * FEN_PER_YUAN + rest - sum(amounts))
        slips = [self.slip(shift, number, fen) for number, fen in enumerate(amounts, 1)]
        shift.slips = tuple(slip.slip_no for slip in slips)
        if parts > 1:
            self.plant("split_slip", ";".join(shift.slips), shift)
        return slips

    def slip(self, shift: Shift, number: int, amount_fen: int) -> Slip:
        """One slip, paid in after the bank's next opening, or days late."""
        money = self.money
        ended = self.start + self.end_of(shift.number)
        opens = self.start + money["bank_opens_s"]
        opens += 0 if ended <= opens else DAY_SECONDS
        slip_no = f"{shift.station_id}{self.day:%Y%m%d}{shift.number}{number}"
        deposited_at = opens + self.between(money["deposit_within_s"])
        if self.happens("late_deposit_share"):
            days = self.planted(money["late_days"])
            deposited_at += days * DAY_SECONDS
            self.plant("late_deposit", slip_no, shift, days=days)
        due_at = deposited_at + self.between(money["bank_sees_after_s"])
        return Slip(
            slip_no, shift.station_id, self.day, shift.number, amount_fen, deposited_at, due_at
        )

    def end_of(self, shift_no: int) -> int:
        """Seconds from the day's start to the shift's end."""
        starts = [*self.money["shift_starts_h"], 24]
        return int(starts[shift_no]) * HOUR

    def reports(self) -> list[dict[str, Any]]:
        """The stations' shift reports."""
        return [
            {
                "station_id": shift.station_id, "shift_day": self.day, "shift": shift.number,
                "operator_id": self.operator(shift), "cash_fen": shift.counted_fen,
                "mobile_fen": shift.mobile_fen, "slips": ";".join(shift.slips),
                "closed_at": self.start + self.end_of(shift.number)
                + self.between(self.money["closed_after_s"]),
            }
            for _, shift in sorted(self.shifts.items())
        ]  # fmt: skip

    def operator(self, shift: Shift) -> str:
        """Who worked the shift: crews of a station take turns by the day."""
        crew = (self.day.toordinal() + shift.number) % 4 + 1
        station = shift.station_id
        return f"{station[3:5]}{station[8:10]}{station[11:13]}{crew:02d}"

    def bill(self) -> dict[str, list[dict[str, Any]]]:
        """Writes every channel's orders; returns the payouts by bank."""
        credits: dict[str, list[dict[str, Any]]] = {bank: [] for bank in self.money["banks"]}
        for name, channel in self.money["channels"].items():
            billed = self.billed(name)
            rows = [self.billed_row(order, channel["fee_per_10000"]) for order in billed]
            self.file("orders", name, ORDER_COLUMNS, rows)
            net = sum(r["amount_fen"] - r["fee_fen"] for r in rows if r["state"] == PAID)
            after = self.money["payout_after_days"] * DAY_SECONDS + self.money["payout_at_s"]
            if net:
                credits[channel["payout_bank"]].append(
                    {
                        "reference": f"{name}:{self.day}", "counter_account": channel["account"],
                        "counter_name": channel["name"], "amount_fen": net,
                        "due_at": self.start + after
                        + self.between((0, self.money["payout_within_s"])),
                        "summary": f"结算款 {self.day}",
                    }
                )  # fmt: skip
        return credits

    def billed_row(self, order: Order, fee_per_10000: int) -> dict[str, Any]:
        """The order as the bill has it; a refunded one costs nothing."""
        fee = round_half_up_div(order.amount_fen * fee_per_10000, 10_000)
        return asdict(order) | {"fee_fen": fee if order.state == PAID else 0}

    def billed(self, channel: str) -> list[Order]:
        """The day's orders as the channel has them, with what is planted, by time."""
        found = []
        for order in sorted(self.orders[channel], key=lambda one: (one.paid_at, one.order_no)):
            found += [order] if order.state == REFUNDED else self.as_billed(order)
        return sorted(found, key=lambda one: (one.paid_at, one.order_no))

    def as_billed(self, order: Order) -> list[Order]:
        """What the bill says of one order that a lane has recorded; one fault at most."""
        fen = order.amount_fen
        if self.happens("record_without_order_share"):
            self.plant_order("record_without_order", order, -fen)
            return []
        if self.happens("order_amount_share"):
            more = self.yuan()
            if more < fen and self.planted((0, 1)):
                more = -more
            self.plant_order("order_amount", order, more)
            return [replace(order, amount_fen=fen + more)]
        if self.happens("order_refunded_share"):
            self.plant_order("order_refunded", order, -fen)
            return [replace(order, state=REFUNDED)]
        if self.happens("paid_twice_share"):
            again = self.another(order, PAID_TWICE_AFTER_S)
            self.plant_order("paid_twice", again, fen, related=order.order_no)
            return [order, again]
        if self.happens("order_without_record_share"):
            stray = replace(self.another(order, (0, HOUR)), amount_fen=self.yuan())
            self.plant_order("order_without_record", stray, stray.amount_fen)
            return [order, stray]
        return [order]

    def another(self, order: Order, after_s: Sequence[int]) -> Order:
        """An order of its own number at the same station, somewhat later on the same day."""
        paid_at = min(order.paid_at + self.planted(after_s), self.start + DAY_SECONDS - 1)
        number = self.planted((10**17, 10**18 - 1))
        order_no = f"{order.order_no[:10]}{number}"
        return replace(order, order_no=order_no, paid_at=paid_at)

    def plant_order(self, fault: str, order: Order, amount_fen: int, *, related: str = "") -> None:
        """Notes that bill and lanes differ by `amount_fen`, the bill's side counted up."""
        number = self.payers.shift_of(np.array([order.paid_at - self.start]))
        shift = Shift(order.station_id, int(number[0]))
        self.plant(fault, order.order_no, shift, related=related, amount_fen=amount_fen)

    def plant(
        self, fault: str, subject: str, shift: Shift, *, related: str = "", amount_fen: int = 0,
        days: int = 0,
    ) -> None:  # fmt: skip
        """Notes what was put in; `amount_fen` by how much it departs from the lanes."""
        self.truth.append(
            {
                "fault": fault, "subject": subject, "related": related,
                "station_id": shift.station_id, "shift_day": self.day, "shift": shift.number,
                "amount_fen": amount_fen, "days": days,
            }
        )  # fmt: skip

    def report_name(self, shift: Shift) -> str:
        """The shift in one word."""
        return f"{shift.station_id}:{self.day}:{shift.number}"

    def happens(self, share: str) -> bool:
        """Whether a fault is planted here."""
        return bool(self.planting.random() < self.noise[share])

    def between(self, ends: Sequence[int]) -> int:
        """A whole number between the ends, both included."""
        return int(self.rng.integers(ends[0], ends[1] + 1))

    def planted(self, ends: Sequence[int]) -> int:
        """The same for what is planted, so that planting moves nothing else."""
        return int(self.planting.integers(ends[0], ends[1] + 1))

    def yuan(self) -> int:
        """An amount by which things differ, in fen."""
        return self.planted(self.money["difference_yuan"]) * FEN_PER_YUAN

    def file(
        self, kind: str, whose: str, columns: list[str], rows: Iterable[dict[str, Any]]
    ) -> None:
        """Writes one file, whole before it bears its name."""
        parts = (kind, whose, f"{self.day:%Y%m%d}")
        path = self.folder / f"{'_'.join(part for part in parts if part)}.csv"
        fresh = path.with_suffix(".tmp")
        count = 0
        with fresh.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, lineterminator="\n")
            writer.writeheader()
            for row in rows:
                writer.writerow(row)
                count += 1
        fresh.replace(path)
        self.rows[kind] = self.rows.get(kind, 0) + count
