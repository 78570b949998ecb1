"""A payment channel as a whole: notices that it sends, bills that are fetched, faults between."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..bank.supply import road_files
from ..counterpart.chance import Chance
from ..counterpart.clock import Clock
from ..counterpart.store import Store, fact, keep_fact
from .bills import answered, bill_of, fault_of, file_id_of
from .desk import Desk, Parties
from .notices import drawn, next_due, record_answer, take_orders
from .plan import Plan
from .signing import signature, signed
from .terms import Billing, Noticing

FILE = "channel.sqlite3"
SCHEMA = Path(__file__).with_name("schema.sql")
TRIES_A_ROUND = 200
BILLS = "/bills/"
OK, UNSIGNED, NOT_READY = 200, 401, 404
Send = Callable[[bytes, str, str], str]
"""Sends a body with its timestamp and signature; the code of the answer, or why there is none."""


@dataclass(frozen=True)
class Channel:
    """A running channel; `leave` ends the process at once and does not return."""

    store: Store
    plan: Plan
    chance: Chance
    parties: Parties
    clock: Clock
    road: Path | None
    leave: Callable[[], None]

    def begin(self) -> None:
        """Notes, once, who the channel is."""
        with self.store.writing() as db:
            if not fact(db, "code"):
                keep_fact(db, "code", self.parties.code)

    def take_supply(self) -> int:
        """Takes up the road's orders that are new."""
        found = road_files(self.road, "orders", self.parties.code)
        with self.store.reading() as db:
            known = {row["name"] for row in db.execute("SELECT name FROM supply")}
        fresh = [path for path in found if path.name not in known]
        for path in fresh:
            body = path.read_bytes()
            with self.store.writing() as db:
                take_orders(self._desk(db), path.name, body)
        return len(fresh)

    def send(self, send: Send) -> int:
        """Tries notices that are due now, each once, a handful at a time; the number of tries."""
        now = self.clock.now()
        for tries in range(TRIES_A_ROUND):
            with self.store.reading() as db:
                row = next_due(db, now)
            if row is None:
                return tries
            self._send_one(send, row)
        return TRIES_A_ROUND

    def bill(self, path: str, timestamp: str, given: str) -> tuple[int, bytes]:
        """Status and body of an answer to who asks for a bill."""
        now = self.clock.now()
        if not signed(self.parties.key, timestamp, path.encode(), given, now):
            return self._answered("", UNSIGNED, "unsigned", now)
        try:
            day = date.fromisoformat(path.removeprefix(BILLS))
        except ValueError:
            return self._answered("", NOT_READY, "no day", now)
        with self.store.writing() as db:
            desk = Desk(db, self.plan, self.chance, self.parties, now)
            body = bill_of(desk, day)
            fault = None if body is None else fault_of(desk, day)
            file_id = file_id_of(desk, day)
        if body is None:
            return self._answered(str(day), NOT_READY, "not ready", now)
        if fault is Billing.crash:
            self.leave()
        self._answered(str(day), OK, fault or "right", now)
        return OK, answered(body, fault, file_id)

    def _send_one(self, send: Send, row: sqlite3.Row) -> None:
        body, timestamp, key = bytes(row["body"]), str(self.clock.now()), self.parties.key
        if not (row["tries"] or row["fault"]):
            with self.store.writing() as db:
                if drawn(self._desk(db), Noticing.wrong_signature, row["order_no"]):
                    key = key[::-1] + b"wrong"
        code = send(body, timestamp, signature(key, timestamp, body))
        with self.store.writing() as db:
            crash = code == "SUCCESS" and drawn(self._desk(db), Noticing.crash, row["order_no"])
        if crash:
            self.leave()
        with self.store.writing() as db:
            record_answer(self._desk(db), row, code)

    def _answered(self, day: str, status: int, what: str, now: int) -> tuple[int, bytes]:
        with self.store.writing() as db:
            db.execute(
                "INSERT INTO request (day, status, what, at) VALUES (?, ?, ?, ?)",
                (day, status, what, now),
            )
        return status, b""

    def _desk(self, db: sqlite3.Connection) -> Desk:
        return Desk(db, self.plan, self.chance, self.parties, self.clock.now())
