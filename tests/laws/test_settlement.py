"""Laws of settlement: whatever is cleared, closed, released, paid and told, in whatever order."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.settlement.house import ALLOTTED, REMITTED, House, at, laws_hold
from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.queries import content_digest_of_all
from tollcentre.messages.terms import Parcel
from tollcentre.settlement import actions, queries
from tollcentre.settlement.actions import payments
from tollcentre.settlement.models import BankLine, PaymentInstruction, SettlementStatement
from tollcentre.settlement.terms import BANK_STATEMENT_WAITS, INSTRUCTION_NOT_OVER, OVER

OWNERS = st.sampled_from([ALLOTTED, REMITTED])
PLACES = st.integers(0, 9)
OUTCOMES = st.sampled_from(["paid", "refused", "undone", "back"])
MOSTLY = st.integers(0, 3).map(bool)
DAYS = st.lists(
    st.fixed_dictionaries(
        {
            "clear": st.lists(st.tuples(st.integers(0, 5), OWNERS, st.integers(-300, 1000))),
            "refund": st.lists(
                st.tuples(st.integers(0, 5), OWNERS, st.integers(-90, -1)), max_size=1
            ),
            "tick": st.tuples(st.integers(1, 3)).map(lambda days: [days]),
            "release": MOSTLY.map(lambda is_done: [()] * is_done),
            "pay": MOSTLY.map(lambda is_done: [()] * is_done),
            "answer": st.lists(st.tuples(PLACES, OUTCOMES), max_size=3),
            "bank": MOSTLY.map(lambda is_done: [()] * is_done),
            "tell": st.lists(st.tuples(PLACES), max_size=3),
            "deliver": st.lists(st.tuples(PLACES), max_size=2),
            "reinstruct": st.lists(st.tuples(PLACES), max_size=2),
        }
    ),
    min_size=3,
    max_size=6,
)
"""What happens on each of some days: acts with the arguments of each time."""
SHOWN = {"paid": "paid", "refused": "refused", "undone": "returned", "back": "returned"}
"""What the bank did → where the instruction stands once all has been told."""


class Walk:
    """A walk over days: the bank acts, and what it says arrives when it likes."""

    def __init__(self, house: House) -> None:
        self.house, self.today, self.refunds = house, 0, 0
        self.lines: list[tuple[int, str]] = []
        self.statements: list[tuple[int, Parcel]] = []
        self.reports: list[tuple[str, str]] = []
        self.done: dict[str, str] = {}
        self.delivered: list[Any] = []

    def clear(self, number: int, owner: str, fen: int) -> None:
        if fen and number <= self.today:
            self.house.clear(number, {owner: fen})

    def refund(self, number: int, owner: str, fen: int) -> None:
        self.refunds += 1
        self.house.post(f"refund:{self.refunds}", number, owner, fen)

    def tick(self, days: int) -> None:
        self.today += days
        actions.advance(at(self.today))

    def release(self) -> None:
        self.house.release(self.today)

    def pay(self) -> None:
        self.house.pay(self.today)

    def answer(self, place: int, outcome: str) -> None:
        """The bank does something with a payment that it was handed."""
        names = [one for part in self.house.sent.values() for one in part]
        names = [one["instruction_id"] for one in names if one["instruction_id"] not in self.done]
        if not names:
            return
        name = names[place % len(names)]
        self.done[name], fen = outcome, self.house.amount(name)
        self.reports.append((name, "0" if outcome in ("paid", "back") else "9"))
        self.lines += [(-fen, name)] if outcome != "refused" else []
        if outcome in ("undone", "back"):
            self.lines.append((fen, name))
        if outcome == "back":
            self.reports.append((name, "return"))

    def bank(self) -> None:
        """The bank writes its statement of the next bank day."""
        self.house.bank_day += 1
        number = self.house.bank_day
        self.statements.append((number, self.house.statement(number, *self.lines)))
        self.lines = []

    def deliver(self, place: int) -> None:
        """One of the bank's statements arrives; it may have to wait for an earlier one."""
        if self.statements:
            taken = self.statements[place % len(self.statements)]
            try:
                with transaction.atomic():
                    actions.take_bank_statement(taken[1], at(self.today))
            except Refusal as refusal:
                if refusal.reason is not BANK_STATEMENT_WAITS:
                    raise
                return
            self.statements.remove(taken)
            self.delivered.append(taken[1])
            actions.match_bank_lines(now=at(self.today), actor="settlement")

    def tell(self, place: int) -> None:
        """One of the bank's answers arrives."""
        if self.reports:
            name, said = self.reports.pop(place % len(self.reports))
            self._told(name, said)
            self.delivered.append((name, said))

    def _told(self, name: str, said: str) -> None:
        if said == "return":
            self.house.come_back(name, self.today)
        else:
            self.house.result(name, int(said), self.today)
        actions.match_bank_lines(now=at(self.today), actor="settlement")

    def reinstruct(self, place: int) -> None:
        over = PaymentInstruction.objects.filter(state__in=OVER).order_by("pk")
        names = list(over.values_list("instruction_id", flat=True))
        if names:
            try:
                with transaction.atomic():
                    self.house.reinstruct(names[place % len(names)], self.today)
            except Refusal as refusal:
                if refusal.reason is not INSTRUCTION_NOT_OVER:
                    raise

    def wind_up(self, outcomes: list[str]) -> None:
        """What is still owed is paid, the bank does as told, and what came back is paid again."""
        for outcome in outcomes:
            self.tick(4)
            self.release()
            self.pay()
            self.answer(0, outcome)
            self.finish()
            self.reinstruct(0)

    def finish(self) -> None:
        """Everything that is on its way arrives, the last first."""
        self.bank()
        while self.reports:
            self.tell(len(self.reports) - 1)
        while self.statements:
            for place in reversed(range(len(self.statements))):
                self.deliver(place)
        self.tick(1)

    def again(self) -> None:
        """Everything that arrived arrives once more."""
        for one in self.delivered:
            if isinstance(one, Parcel):
                actions.take_bank_statement(one, at(self.today))
            else:
                self._told(*one)
        actions.advance(at(self.today))


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=25)
@given(days=DAYS, outcomes=st.lists(OUTCOMES, min_size=2, max_size=5))
def test_any_sequence_keeps_the_laws(
    days: list[dict[str, list[tuple[Any, ...]]]], outcomes: list[str]
) -> None:
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        house = House()
        patch.setattr(payments, "queue_messages", house.queue)
        walk = Walk(house)
        for told in days:
            for verb, times in told.items():
                for arguments in times:
                    getattr(walk, verb)(*arguments)
        laws_hold()
        walk.wind_up(outcomes)
        laws_hold()
        for name, outcome in walk.done.items():
            assert house.state(name) == SHOWN[outcome]
        for row in queries.allotted_against_paid(date.max, viewer=SHELL_VIEWER):
            assert 0 <= row.paid_fen <= row.total_fen
        assert not BankLine.objects.filter(match__isnull=True).exists()
        before = content_digest_of_all(), SettlementStatement.objects.count()
        walk.again()
        assert (content_digest_of_all(), SettlementStatement.objects.count()) == before
        laws_hold()
        transaction.set_rollback(True)
