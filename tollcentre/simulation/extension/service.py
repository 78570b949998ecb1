"""The extension centre as a whole: frames in, its own work, frames out, faults between."""

import socket
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tollcentre.core.clock import DAY_SECONDS, day_of
from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault

from ..counterpart.chance import Chance
from ..counterpart.clock import Clock
from ..counterpart.store import Store, fact, keep_fact
from ..counterpart.work import do_all, first_fault
from .desk import Desk, Parties
from .outbox import next_due, record_try, wrongly_framed
from .taking import take
from .terms import PackPlan, PackReceiving
from .working import book_due, close_day, rule_due

FILE = "extension.sqlite3"
SCHEMA = Path(__file__).with_name("schema.sql")
TRIES_A_ROUND = 20
TIMEOUT_S = 20
WORK = (book_due, rule_due, close_day)
"""Pieces of work, each one transaction; done again until it says that nothing is due."""
LENGTH = slice(20, 26)
"""Where a frame says how long it is."""


@dataclass(frozen=True)
class ExtensionCentre:
    """A running centre; `leave` ends the process at once and does not return."""

    store: Store
    plan: PackPlan
    chance: Chance
    parties: Parties
    clock: Clock
    leave: Callable[[], None]

    def begin(self) -> None:
        """Notes, once, from which day on the daily work is done."""
        with self.store.writing() as db:
            if not fact(db, "statistics_through"):
                yesterday = day_of(self.clock.now() - DAY_SECONDS)
                keep_fact(db, "statistics_through", str(yesterday))

    def receive(self, frame: bytes) -> bytes | None:
        """Takes a frame and gives the immediate answer; none where the connection just closes."""
        try:
            frame_id, xml = exchange.unframe(frame)
        except MessageFault:
            return frame[:20].ljust(20, b"0") + b"0"
        now = self.clock.now()
        fault = self._fault_of(frame_id, xml, now)
        with self.store.writing() as db:
            take(self._desk(db, now), frame_id, xml)
            if fault is PackReceiving.crash_before_taking:
                self.leave()
        if fault is PackReceiving.crash_before_ack:
            self.leave()
        return None if fault is PackReceiving.drop_ack else exchange.acknowledge(frame_id, ok=True)

    def work(self) -> int:
        """Does all that is due; the number of pieces done."""
        return do_all(WORK, self.store, lambda db: self._desk(db, self.clock.now()))

    def send(self, address: tuple[str, int]) -> int:
        """Tries messages that are due now, each once, a handful at a time; the number of tries."""
        now = self.clock.now()
        for tries in range(TRIES_A_ROUND):
            with self.store.writing() as db:
                row = next_due(db, now)
                wrong = row is not None and wrongly_framed(self._desk(db, now), row)
            if row is None:
                return tries
            frame = exchange.frame(row["message_id"], bytes(row["body"]))
            acknowledged = hand_over(address, shortened(frame) if wrong else frame)
            with self.store.writing() as db:
                record_try(db, row, acknowledged, self.clock.now())
            if not acknowledged and not wrong:
                return tries
        return TRIES_A_ROUND

    def _desk(self, db: sqlite3.Connection, now: int) -> Desk:
        return Desk(db, self.plan, self.chance, self.parties, now)

    def _fault_of(self, frame_id: str, xml: bytes, now: int) -> PackReceiving | None:
        """The first fault drawn for this message that it has not had yet, noted as had."""
        return first_fault(
            self.store,
            self.chance,
            self.plan.receiving,
            PackReceiving,
            f"{frame_id} {len(xml)}",
            now,
        )


def shortened(frame: bytes) -> bytes:
    """The frame with one byte fewer than it has in its length."""
    length = int(frame[LENGTH]) - 1
    return frame[: LENGTH.start] + f"{length:06d}".encode() + frame[LENGTH.stop :]


def hand_over(address: tuple[str, int], frame: bytes) -> bool:
    """Sends a frame; whether the immediate answer is a yes to it."""
    try:
        with socket.create_connection(address, TIMEOUT_S) as wire:
            wire.sendall(frame)
            answer = read(wire, exchange.acknowledgement_bytes())
        return exchange.acknowledged(answer) == (frame[:20].lstrip(b"0").decode(), True)
    except (OSError, MessageFault):
        return False


def read(wire: socket.socket, size: int) -> bytes:
    """So many bytes, or those that came before the other side closed."""
    found = b""
    while len(found) < size and (part := wire.recv(size - len(found))):
        found += part
    return found
