"""The ministry's centre as a whole: what comes in, its own work, what goes out, faults between."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tollcentre.core.clock import DAY_SECONDS, day_of
from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import MessageFault, Parcel, Receipt

from ..counterpart.chance import Chance
from ..counterpart.clock import Clock
from ..counterpart.store import Store, fact, keep_fact
from ..counterpart.work import do_all, first_fault, next_due
from .abroad import make_trades
from .booking import answer_due
from .changes import answer_changes, credit_changes, make_changes
from .days import close_day, list_holdings
from .desk import Desk, Parties
from .media import Media
from .outbox import read_receipt, record_try
from .paying import pay_net, take_payments
from .plan import Plan
from .rulings import rule_due
from .splits import split_due
from .taking import read, take
from .terms import Receiving

FILE = "ministry.sqlite3"
SCHEMA = Path(__file__).with_name("schema.sql")
TRIES_A_ROUND = 20
WORK = (
    answer_due, make_trades, rule_due, split_due, make_changes, answer_changes, credit_changes,
    close_day, list_holdings,
)  # fmt: skip
"""Pieces of work, each one transaction; done again until it says that nothing is due."""
Send = Callable[[bytes], "bytes | str"]
"""Sends a body; the answer's bytes, or in words why there is none."""


@dataclass(frozen=True)
class Ministry:
    """A running centre; `leave` ends the process at once and does not return."""

    store: Store
    plan: Plan
    chance: Chance
    parties: Parties
    media: Media
    clock: Clock
    leave: Callable[[], None]
    bank_folder: Path | None = None
    paid_folders: tuple[Path, ...] = ()

    def begin(self) -> None:
        """Notes, once, from which day on the daily work is done."""
        now = self.clock.now()
        yesterday = str(day_of(now - DAY_SECONDS))
        with self.store.writing() as db:
            for name, value in (
                ("statistics_through", yesterday), ("holdings_through", yesterday),
                ("trades_through", str(now)), ("own_province", str(self.parties.own_province)),
            ):  # fmt: skip
                if not fact(db, name):
                    keep_fact(db, name, value)

    def receive(self, body: bytes) -> bytes | None:
        """Takes a message and gives the receipt's bytes; none where the connection just closes."""
        now = self.clock.now()
        message = read(body)
        fault = None if isinstance(message, MessageFault) else self._fault_of(message, now)
        if fault is Receiving.closed_before_taking:
            return None
        with self.store.writing() as db:
            receipt = take(self._desk(db, now), message, body)
            if fault is Receiving.crash_before_taking:
                self.leave()
        if fault is Receiving.crash_before_answer:
            self.leave()
        if fault is Receiving.closed_before_answer:
            return None
        return exchange.encode_receipt(_falsified(receipt, fault))

    def plate(self, vehicle_id: str) -> bytes | None:
        """Whether a plate holds media of another issuer, as JSON; none where it stays silent."""
        if self.chance.happens(
            self.plan.plate_silence_ppm, "plate_silence", vehicle_id, self.clock.now()
        ):
            return None
        held = self.chance.happens(self.plan.plate_held_ppm, "plate_held", vehicle_id)
        others = [code for code in self.plan.provinces if code != self.parties.own_province]
        issuer = f"{self.chance.pick(others, 'plate_issuer', vehicle_id)}0101" if held else ""
        told = {"vehicleId": vehicle_id, "held": held, "issuerId": issuer}
        return json.dumps(told, ensure_ascii=False).encode()

    def work(self) -> int:
        """Does all that is due; the number of pieces done."""
        done = do_all(WORK, self.store, lambda db: self._desk(db, self.clock.now()))
        if self.bank_folder is not None:
            done += pay_net(self.store, self.plan, self.bank_folder)
        return done + take_payments(self.store, self.paid_folders, self.clock.now())

    def send(self, send: Send) -> int:
        """Tries messages that are due now, each once, a handful at a time; the number of tries."""
        now = self.clock.now()
        for tries in range(TRIES_A_ROUND):
            with self.store.reading() as db:
                row = next_due(db, now)
            if row is None:
                return tries
            answer = send(bytes(row["body"]))
            said = answer if isinstance(answer, str) else read_receipt(answer)
            with self.store.writing() as db:
                record_try(db, row["seq"], said, self.clock.now())
        return TRIES_A_ROUND

    def _desk(self, db: sqlite3.Connection, now: int) -> Desk:
        return Desk(db, self.plan, self.chance, self.parties, self.media, now)

    def _fault_of(self, message: Parcel, now: int) -> Receiving | None:
        """The first fault drawn for this message that it has not had yet, noted as had."""
        return first_fault(
            self.store,
            self.chance,
            self.plan.receiving,
            Receiving,
            message.envelope.message_id,
            now,
        )


def _falsified(receipt: Receipt, fault: Receiving | None) -> Receipt:
    """The receipt as the fault has it."""
    if fault is Receiving.receipt_wrong_count:
        return replace(receipt, count=receipt.count + 1)
    if fault is Receiving.receipt_wrong_amount:
        return replace(receipt, amount_fen=receipt.amount_fen + 1)
    if fault is Receiving.receipt_wrong_digest and receipt.digest:
        return replace(receipt, digest=receipt.digest[::-1])
    return receipt
