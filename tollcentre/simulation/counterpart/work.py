"""What every counterpart's work is made of: pieces done to the end, faults drawn, tries again."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from .chance import Chance
from .store import Store, put_fault

Fault = TypeVar("Fault", bound=StrEnum)
Desk = TypeVar("Desk")
FIRST_WAIT_S, LAST_WAIT_S = 5, 1800


class Table(Protocol):
    """What of a desk a fault is drawn with; the moment in epoch seconds."""

    @property
    def db(self) -> sqlite3.Connection: ...
    @property
    def chance(self) -> Chance: ...
    @property
    def moment(self) -> int: ...
    @property
    def plan(self) -> Any: ...


def do_all(
    pieces: Iterable[Callable[[Desk], bool]], store: Store,
    desk: Callable[[sqlite3.Connection], Desk],
) -> int:  # fmt: skip
    """Does each piece, a transaction a time, until it says nothing is due; how often it did."""
    done = 0
    for piece in pieces:
        more = True
        while more:
            with store.writing() as db:
                more = piece(desk(db))
            done += more
    return done


def drawn(desk: Table, ppm: int, fault: StrEnum, cause: str) -> bool:
    """Whether what a cause makes has the fault; noted where it has."""
    if not desk.chance.happens(ppm, fault, cause):
        return False
    return put_fault(desk.db, fault, cause, desk.moment)


def first_fault(
    store: Store, chance: Chance, shares: Mapping[Fault, int], faults: Iterable[Fault],
    subject: str, moment: int,
) -> Fault | None:  # fmt: skip
    """The first fault drawn for what came in that it has not had yet, noted as had."""
    for fault in faults:
        if not chance.happens(shares[fault], fault, subject):
            continue
        with store.writing() as db:
            if put_fault(db, fault, subject, moment):
                return fault
    return None


def send_later(desk: Table, seq: int, fault: StrEnum, cause: str) -> None:
    """Puts the next try of an outgoing row off, as long as the plan and the seed say."""
    late = desk.moment + desk.chance.between(desk.plan.delay_s, "delay_s", fault, cause)
    desk.db.execute("UPDATE outgoing SET next_try = ? WHERE seq = ?", (late, seq))


def send_behind(desk: Table, seq: int) -> None:
    """Lets rows that were put down later go first, for as long as the plan says."""
    until = desk.moment + desk.plan.reorder_s
    desk.db.execute("UPDATE outgoing SET behind_until = ? WHERE seq = ?", (until, seq))


def next_due(db: sqlite3.Connection, moment: int) -> sqlite3.Row | None:
    """The outgoing row that may go now: due, what it comes after closed, no longer held back."""
    row: sqlite3.Row | None = db.execute(
        """
        SELECT o.* FROM outgoing AS o
        WHERE o.state = 'waiting' AND o.next_try <= ?1
          AND NOT EXISTS (SELECT 1 FROM outgoing AS p WHERE p.seq = o.after_seq
                          AND p.state = 'waiting')
          AND (o.behind_until IS NULL OR o.behind_until <= ?1
               OR EXISTS (SELECT 1 FROM outgoing AS l WHERE l.seq > o.seq AND l.fault = ''
                          AND l.state = 'taken'))
        ORDER BY o.next_try, o.seq LIMIT 1
        """,
        (moment,),
    ).fetchone()
    return row


def wait_after(tries: int) -> int:
    """Seconds from one try to the next, longer after each."""
    return min(FIRST_WAIT_S << min(tries, 10), LAST_WAIT_S)
