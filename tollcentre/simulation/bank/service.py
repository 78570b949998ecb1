"""A bank as a whole: what comes in, its own work, what it offers, faults between."""

import csv
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tollcentre.core.clock import DAY_SECONDS, day_of, day_start
from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault, Parcel

from ..counterpart.chance import Chance
from ..counterpart.clock import Clock
from ..counterpart.store import Store, fact, keep_fact
from ..counterpart.work import do_all, first_fault, next_due
from .book import close_day, credit_due, publish_slips
from .desk import Desk, Parties
from .outbox import lost, record_offer
from .paying import execute_due, return_due
from .plan import Plan
from .supply import incoming_files, road_files, take_credits, take_slips
from .taking import RECEIPT, read, take
from .terms import Receiving

FILE = "bank.sqlite3"
SCHEMA = Path(__file__).with_name("schema.sql")
WORK = (credit_due, execute_due, return_due, publish_slips, close_day)
"""Pieces of work, each one transaction; done again until it says that nothing is due."""
OFFERS_A_ROUND = 50
OUTGOING_COLUMNS = [
    "instruction_id", "payee_account", "payee_name", "payee_bank", "amount_fen", "voucher_no",
    "purpose", "serial", "booked_at", "what",
]  # fmt: skip
OUTGOING = """
    SELECT p.instruction_id, p.payee_account, p.payee_name, p.payee_bank, p.amount_fen,
           p.voucher_no, p.purpose, m.serial, m.booked_at,
           CASE WHEN m.side = 'D' THEN 'paid' ELSE 'returned' END AS what
    FROM movement AS m JOIN payment AS p ON p.instruction_id = m.reference
    WHERE m.booked_at >= ? AND m.booked_at < ? AND p.state IN ('paid', 'returned')
      AND m.cause IN ('pay ' || p.instruction_id, 'return ' || p.instruction_id)
    ORDER BY m.booked_at, m.seq
"""


@dataclass(frozen=True)
class Folders:
    """Where the bank's files lie: its state, and what others bring."""

    state: Path
    road: Path | None = None
    incoming: Path | None = None

    @property
    def sftp(self) -> Path:
        """What a customer sees."""
        return self.state / "sftp"

    @property
    def inbox(self) -> Path:
        """What the customer wrote for the bank."""
        return self.sftp / "in"

    @property
    def outbox(self) -> Path:
        """What the bank wrote for the customer."""
        return self.sftp / "out"


@dataclass(frozen=True)
class Bank:
    """A running bank; `leave` ends the process at once and does not return."""

    store: Store
    plan: Plan
    chance: Chance
    parties: Parties
    clock: Clock
    folders: Folders
    leave: Callable[[], None]

    def begin(self) -> None:
        """Notes, once, which bank day is the first, and makes the folders."""
        for folder in (self.folders.inbox, self.folders.outbox, self.folders.state / "outgoing"):
            folder.mkdir(parents=True, exist_ok=True)
        yesterday = str(day_of(self.clock.now() - DAY_SECONDS))
        with self.store.writing() as db:
            for name, value in (
                ("closed_through", yesterday), ("outgoing_through", yesterday),
                ("code", self.parties.code), ("opening_fen", str(self.plan.opening_fen)),
            ):  # fmt: skip
                if not fact(db, name):
                    keep_fact(db, name, value)

    def round(self) -> int:
        """One round of everything; how much was done."""
        return self.receive() + self.take_supply() + self.work() + self.offer()

    def receive(self) -> int:
        """Takes what the customer has put in; a file goes away once it is safe."""
        names = sorted(path.name for path in self.folders.inbox.glob("*.txt"))
        for name in names:
            path = self.folders.inbox / name
            self.take_file(name, path.read_bytes())
            path.unlink(missing_ok=True)
        return len(names)

    def take_file(self, name: str, body: bytes) -> None:
        """Takes one file, perhaps with a fault."""
        now = self.clock.now()
        message = read(name, body)
        fault = None if isinstance(message, MessageFault) else self._fault_of(message, now)
        with self.store.writing() as db:
            take(self._desk(db, now), name, message, fault)
            if fault is Receiving.crash_before_taking:
                self.leave()
        if fault is Receiving.crash_before_answer:
            self.leave()

    def take_supply(self) -> int:
        """Takes up the road's and the others' files that are new."""
        code, taken = self.parties.code, 0
        slips = road_files(self.folders.road, "slips", code)
        credits = road_files(self.folders.road, "credits", code)
        credits += incoming_files(self.folders.incoming)
        with self.store.reading() as db:
            known = {row["name"] for row in db.execute("SELECT name FROM supply")}
        for found, act in ((slips, take_slips), (credits, take_credits)):
            for path in found:
                if path.name not in known:
                    body = path.read_bytes()
                    with self.store.writing() as db:
                        act(self._desk(db, self.clock.now()), path.name, body)
                    taken += 1
        return taken

    def work(self) -> int:
        """Does all that is due; the number of pieces done."""
        done = do_all(WORK, self.store, lambda db: self._desk(db, self.clock.now()))
        return done + self.tell_others()

    def tell_others(self) -> int:
        """Writes what was paid to others on each closed day, one file a day."""
        told = 0
        while True:
            with self.store.reading() as db:
                day = date.fromisoformat(fact(db, "outgoing_through")) + timedelta(days=1)
                if day > date.fromisoformat(fact(db, "closed_through")):
                    return told
                ends = day_start(day), day_start(day + timedelta(days=1))
                rows = [dict(row) for row in db.execute(OUTGOING, ends)]
            path = self.folders.state / "outgoing" / f"{self.parties.code}_{day}.csv"
            fresh = path.with_suffix(".tmp")
            with fresh.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, OUTGOING_COLUMNS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
            fresh.replace(path)
            with self.store.writing() as db:
                keep_fact(db, "outgoing_through", str(day))
            told += 1

    def offer(self) -> int:
        """Puts files out that are due now, a handful at a time; the number of offers."""
        for offers in range(OFFERS_A_ROUND):
            now = self.clock.now()
            with self.store.writing() as db:
                row = next_due(db, now)
                if row is None:
                    return offers
                desk = self._desk(db, now)
                if not lost(desk, row):
                    self._put_out(exchange.bank_file_name(row["file_id"]), bytes(row["body"]))
                record_offer(desk, row)
        return OFFERS_A_ROUND

    def _put_out(self, name: str, body: bytes) -> None:
        part = self.folders.outbox / f"{name}.part"
        part.write_bytes(body)
        os.replace(part, self.folders.outbox / name)

    def _desk(self, db: sqlite3.Connection, now: int) -> Desk:
        return Desk(db, self.plan, self.chance, self.parties, now)

    def _fault_of(self, message: Parcel, now: int) -> Receiving | None:
        """The first fault drawn for this payment file that it has not had yet, noted as had."""
        if message.envelope.kind == RECEIPT:
            return None
        return first_fault(
            self.store,
            self.chance,
            self.plan.receiving,
            Receiving,
            message.envelope.message_id,
            now,
        )
