"""Whatever is done to disputes, in whatever order: each hold ends once, and no fen is lost."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dispute.local import book, clear, set_up, trade
from tests.dispute.test_own_rulings import CLERK, MANAGER
from tollcentre.access.actions import refuse
from tollcentre.access.terms import SHELL_VIEWER, ApprovalState
from tollcentre.clearing.terms import TradeShare
from tollcentre.core.clock import day_of, epoch_of
from tollcentre.core.refusal import Refusal
from tollcentre.dispute import queries
from tollcentre.dispute.actions import (
    approve_rulings,
    deem_overdue,
    import_rulings,
    propose_rulings,
    take_dispute_result,
)
from tollcentre.dispute.actions.results import confirm, open_disputes
from tollcentre.dispute.models import BookedMessage, Dispute
from tollcentre.dispute.queries.workbook import HEADINGS, row_digest
from tollcentre.dispute.rules.money import hold_key
from tollcentre.dispute.terms import Liable, OwnRuling, Result
from tollcentre.ledger.actions import PostingLine, post_batch
from tollcentre.ledger.queries import holds_by_key, trial_balance
from tollcentre.ledger.queries.laws import verify_ledger
from tollcentre.ledger.terms import HoldState
from tollcentre.messages.terms import Envelope, Parcel, Protocol

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FIRST = epoch_of("2026-11-25 09:00:00")
DAY_S = 86_400
HERE, ABROAD = ("t3", "t4", "t5"), ("a1", "a2")
RESULTS = st.sampled_from(list(Result))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("propose"), st.sampled_from(HERE), RESULTS),
        st.tuples(st.just("import"), st.sets(st.sampled_from(HERE), min_size=1), RESULTS),
        st.tuples(st.just("approve"), st.integers(0, 5)),
        st.tuples(st.just("refuse"), st.integers(0, 5)),
        st.tuples(st.just("ministry"), st.sampled_from(ABROAD + HERE), RESULTS),
        st.tuples(st.just("days pass"), st.integers(1, 12)),
        st.tuples(st.just("deem")),
        st.tuples(st.just("book again")),
    ),
    max_size=14,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> None:
    set_up(tmp_path, settings)
    clear(trade("t1", 1), trade("t3", 3, tac="00000000"), trade("t4", 4, tac="00000000"),
          trade("t5", 5, tac="00000000"))  # fmt: skip


class World:
    """Three disputes within the province and two at our exits, and the requests about them."""

    def __init__(self) -> None:
        self.now = FIRST
        self.asked: list[str] = []
        book()
        lines = [
            PostingLine("receivable.issuer.610101", "debit", 200, issuer_id="610101"),
            PostingLine("payable.owner.62030010", "credit", 200, owner_id="62030010"),
        ]
        post_batch(batch_key="a", clear_date=date(2026, 11, 22), lines=lines, actor="t")
        booked = BookedMessage.objects.create(
            direction="toll", of_message="m", result_message="r", issuer_id="610101",
            toll_party="620201", clear_date=date(2026, 11, 22), confirmed_on=date(2026, 11, 23),
            count=2, fee=200, disputed_count=2, disputed_fee=200, booked_at=1,
        )  # fmt: skip
        records = [({"transaction_id": name, "pass_id": "", "fee": 100}, 3) for name in ABROAD]
        share = [TradeShare("owner", "62030010", 100)]
        open_disputes(booked, records, dict.fromkeys(ABROAD, share))
        confirm(booked)

    def do(self, step: tuple[Any, ...]) -> None:
        try:
            with transaction.atomic():
                getattr(self, step[0].replace(" ", "_").replace("import", "bring"))(*step[1:])
        except Refusal:
            pass

    def propose(self, name: str, result: Result) -> None:
        key = Dispute.objects.get(transaction_id=name).pk
        told = propose_rulings(
            rulings=[OwnRuling(key, result, Liable.NOBODY, "", "x")], maker=CLERK, now=self.now
        )
        self.asked.append(told.approval_key)

    def bring(self, names: set[str], result: Result) -> None:
        with BytesIO() as buffer:
            with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
                sheet = made.add_worksheet()
                sheet.write_row(0, 0, HEADINGS)
                for at, dispute in enumerate(Dispute.objects.filter(transaction_id__in=names), 1):
                    sheet.write_row(at, 0, [dispute.pk, row_digest(dispute)])
                    sheet.write_row(at, 9, [str(int(result)), "nobody", "", "x"])
            told = import_rulings(content=buffer.getvalue(), maker=CLERK, now=self.now)
        if not isinstance(told, list):
            assert told.state is ApprovalState.WAITING
            self.asked.append(told.approval_key)

    def approve(self, number: int) -> None:
        if self.asked:
            key = self.asked[number % len(self.asked)]
            approve_rulings(approval_key=key, checker=MANAGER, now=self.now)

    def refuse(self, number: int) -> None:
        if self.asked:
            refuse(approval_key=self.asked[number % len(self.asked)], checker=MANAGER, reason="x")

    def ministry(self, name: str, result: Result) -> None:
        dispute = Dispute.objects.select_related("booked").get(transaction_id=name)
        day = day_of(self.now)
        parcel = Parcel(
            envelope=Envelope(Protocol.TRUNK, "dispute_result", "1.0", "d", "000000", "620201",
                              self.now, 1, dispute.fee, ""),
            fields={"file_id": f"{self.now}", "clear_date": day},
            records=({"transaction_id": name, "of_message_id": dispute.booked.of_message,
                      "fee": dispute.fee, "result": int(result)},),
        )  # fmt: skip
        take_dispute_result(parcel, self.now)

    def days_pass(self, count: int) -> None:
        self.now += count * DAY_S

    def deem(self) -> None:
        deem_overdue(now=self.now)

    def book_again(self) -> None:
        assert book() == []


def expected_state(dispute: Dispute) -> HoldState:
    return HoldState.POSTED if hasattr(dispute, "ruling") else HoldState.OPEN


@given(STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_hold_is_open_posted_or_voided_and_every_fen_has_its_place(
    steps: list[tuple[Any, ...]],
) -> None:
    with transaction.atomic():
        world = World()
        for step in steps:
            world.do(step)
        disputes = list(Dispute.objects.select_related("booked", "ruling"))
        keys = {hold_key(d.direction, d.booked.of_message, d.transaction_id): d for d in disputes}
        holds = holds_by_key(list(keys))
        assert {key: hold.state for key, hold in holds.items()} == {
            key: expected_state(dispute) for key, dispute in keys.items()
        }
        told = trial_balance(viewer=SHELL_VIEWER, at=None)
        assert told.debit_fen == told.credit_fen
        balance = {row.account: row.balance_fen for row in told.rows}
        still_open = sum(dispute.fee for dispute in disputes if not hasattr(dispute, "ruling"))
        assert balance.get("held.dispute", 0) == still_open
        lost = sum(d.fee for d in disputes if hasattr(d, "ruling") and d.ruling.result)
        assert sum(fen for name, fen in balance.items() if name.startswith("payable.owner")) == (
            4 * 4500 + 200 - still_open - lost
        )
        assert all(law.holds for law in verify_ledger())
        # The messages of the two trades abroad are no part of this world.
        laws = {law.name: law.holds for law in queries.verify_disputes()}
        assert all(holds for name, holds in laws.items() if not name.startswith("booked_messages"))
        transaction.set_rollback(True)
