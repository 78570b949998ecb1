"""A bank in this process and its customer: the clock a number, the crash an exception."""

import csv
import itertools
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from tollcentre.core.clock import day_of, day_start
from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault, Protocol
from tollcentre.simulation.bank.desk import Parties
from tollcentre.simulation.bank.plan import Plan, read_plan
from tollcentre.simulation.bank.report import report
from tollcentre.simulation.bank.service import FILE, SCHEMA, Bank, Folders
from tollcentre.simulation.counterpart.chance import Chance
from tollcentre.simulation.counterpart.clock import Clock
from tollcentre.simulation.counterpart.store import Store

BANK, OWN = "bank-a", "620201"
FIRST = date(2026, 11, 22)
START = day_start(FIRST) + 3600


class Crash(BaseException):
    """The process would be gone."""


@dataclass
class Customer:
    """Takes every file once and answers it; sends payment files until they are answered."""

    inbox: Path
    outbox: Path
    taken: dict = field(default_factory=dict)
    answers: list = field(default_factory=list)
    waiting: dict = field(default_factory=dict)
    number: int = 0

    def put(self, name, body):
        (self.inbox / f"{name}.part").write_bytes(body)
        (self.inbox / f"{name}.part").rename(self.inbox / name)

    def encode(self, kind, records, moment, receiver=BANK):
        self.number += 1
        file_id = exchange.bank_file_id(
            kind=kind, sender_id=OWN, receiver_id=receiver, day=day_of(moment),
            sequence=str(self.number),
        )  # fmt: skip
        body = exchange.encode(
            protocol=Protocol.BANK, kind=kind, version="1", message_id=file_id, sender_id=OWN,
            receiver_id=receiver, sent_at=moment, fields={}, records=records,
        )  # fmt: skip
        return file_id, body

    def pay(self, count, moment):
        """A payment file of so many instructions; its id."""
        start = sum(map(len, self.waiting)) + self.number * 1000
        records = [
            {"instruction_id": f"I{start + n}", "payee_account": f"A{(start + n) % 97}",
             "payee_name": "业主", "payee_bank": "银行", "amount_fen": 10_000 + start + n,
             "voucher_no": "V", "purpose": "通行费"}
            for n in range(count)
        ]  # fmt: skip
        file_id, body = self.encode("payment", records, moment)
        self.waiting[file_id] = body
        return file_id

    def step(self, moment):
        """Takes what lies in `out`, and sends what was not answered."""
        for path in sorted(self.outbox.glob("*.txt")):
            self.take(path.name, path.read_bytes(), moment)
            path.unlink()
        for file_id, body in self.waiting.items():
            self.put(f"{file_id}.txt", body)

    def take(self, name, body, moment):
        try:
            parcel = exchange.decode(Protocol.BANK, body)
        except MessageFault as fault:
            self.receipt(name.removesuffix(".txt"), fault.result, 0, 0, "", moment)
            return
        said = parcel.envelope
        assert f"{said.message_id}.txt" == name
        if said.kind == "receipt":
            for record in parcel.records:
                self.answered(record)
            return
        before = self.taken.get(said.message_id)
        result = 1 if before is None else 5 if before.envelope.digest == said.digest else 4
        if result == 1:
            self.taken[said.message_id] = parcel
        self.receipt(said.message_id, result, said.count, said.amount_fen, said.digest, moment)

    def receipt(self, of_file, result, count, fen, digest, moment):
        record = {"of_file": of_file, "result": int(result), "count": count, "amount_fen": fen,
                  "digest": digest}  # fmt: skip
        file_id, body = self.encode("receipt", [record], moment)
        self.put(f"{file_id}.txt", body)

    def answered(self, record):
        self.answers.append((record["of_file"], record["result"]))
        body = self.waiting.get(record["of_file"])
        if body is None or record["result"] not in (1, 5):
            return
        said = exchange.decode(Protocol.BANK, body).envelope
        if (said.count, said.amount_fen, said.digest) == (
            record["count"], record["amount_fen"], record["digest"],
        ):  # fmt: skip
            del self.waiting[record["of_file"]]

    def of(self, kind):
        """Records of the files of a kind, by file."""
        return [p for p in self.taken.values() if p.envelope.kind == kind]

    def records(self, kind):
        return [record for parcel in self.of(kind) for record in parcel.records]

    def statements(self):
        return sorted(self.of("statement"), key=lambda parcel: parcel.envelope.sent_at)


@dataclass
class World:
    """A bank, its customer and the moment."""

    folder: Path
    plan: Plan
    seed: int = 5
    moment: int = START
    crashes: int = 0
    store: type[Store] = Store
    bank: Bank = field(init=False)
    customer: Customer = field(init=False)

    def __post_init__(self):
        for name in ("road", "incoming"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.start()
        folders = self.bank.folders
        self.customer = Customer(folders.inbox, folders.outbox)

    def start(self):
        """The process begins, as the first time or after a crash; it may crash again."""

        def leave():
            raise Crash

        while True:
            try:
                self.bank = Bank(
                    self.store.open(self.folder / "state", self.seed, FILE, SCHEMA), self.plan,
                    Chance(self.seed), Parties(BANK, OWN, "6201-001"), Clock(lambda: self.moment),
                    Folders(self.folder / "state", self.folder / "road", self.folder / "incoming"),
                    leave,
                )  # fmt: skip
                self.bank.begin()
                return
            except Crash:
                self.crashes += 1

    def round(self):
        try:
            while self.bank.round():
                pass
        except Crash:
            self.crashes += 1
            self.start()
            self.round()

    def live(self, hours, step_s=3600):
        for _ in range(hours * 3600 // step_s):
            self.moment += step_s
            self.round()
            self.customer.step(self.moment)

    def drop(self, folder, name, rows):
        """A CSV file appears whole."""
        path = self.folder / folder / name
        with path.with_suffix(".tmp").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        path.with_suffix(".tmp").rename(path)

    def slips(self, count, day=FIRST):
        """Slips of a day of the road; their sum in fen."""
        rows = [
            {"slip_no": f"S{day:%m%d}{n:04d}", "station_id": "G0030620010010", "shift_day": day,
             "shift": 1 + n % 3, "amount_fen": 10_000 + 100 * n,
             "deposited_at": day_start(day) + 36_000 + 600 * n,
             "due_at": day_start(day) + 36_900 + 600 * n}
            for n in range(count)
        ]  # fmt: skip
        self.drop("road", f"slips_{BANK}_{day:%Y%m%d}.csv", rows)
        return sum(row["amount_fen"] for row in rows)

    def credits(self, folder, name, count, day=FIRST):
        rows = [
            {"reference": f"wechat:{day}", "counter_account": "243", "counter_name": "财付通",
             "amount_fen": 5000 + n, "due_at": day_start(day) + 50_000 + n, "summary": "结算款"}
            for n in range(count)
        ]  # fmt: skip
        self.drop(folder, name, rows)
        return sum(row["amount_fen"] for row in rows)

    def report(self):
        return report(self.folder / "state")


def make_world(folder, *, seed=5, store=Store, **values):
    """A bank by the quiet plan and what differs from it."""
    plan = replace(read_plan(faults=False), **values)
    return World(folder, plan, seed, store=store)


@pytest.fixture
def world(tmp_path):
    """Makes worlds, each in a folder of its own."""
    count = itertools.count()
    return lambda **values: make_world(tmp_path / str(next(count)), **values)


def balances(statements):
    """Opening and closing of each, with the movements between them."""
    found = defaultdict(list)
    for parcel in statements:
        moved = sum(
            record["amount_fen"] if record["side"] == "C" else -record["amount_fen"]
            for record in parcel.records
        )
        found["opening"].append(parcel.fields["opening_fen"])
        found["closing"].append(parcel.fields["closing_fen"])
        found["moved"].append(moved)
    return found
