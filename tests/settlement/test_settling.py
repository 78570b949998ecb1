"""Who may do what, what is refused, and where money with the ministry and unmatched lines go."""

from datetime import date
from importlib import import_module
from typing import Any

import pytest

from tests.settlement.house import (
    ALLOTTED,
    BANK,
    CLERK,
    MANAGER,
    OTHER_OWNER,
    OWNER,
    House,
    at,
    credit,
    day,
    house,
    laws_hold,
)
from tollcentre.access.actions import approve, refuse
from tollcentre.access.terms import MAKER_MAY_NOT_APPROVE, PERMISSION_MISSING, SHELL_VIEWER
from tollcentre.core.refusal import Refusal
from tollcentre.dispute.terms import StatisticRow
from tollcentre.ledger.actions import PostingLine, post_batch
from tollcentre.settlement import actions, queries, terms
from tollcentre.settlement.models import SettlementStatement, Voucher

__all__ = ["house"]
pytestmark = pytest.mark.django_db
FIRST = "62030010-20261102"
PAYMENT = f"{FIRST}-1"


@pytest.fixture
def released(house: House) -> House:
    """One day of the allotted owner, released."""
    house.clear(0, {ALLOTTED: 1000})
    house.close(1)
    house.release(1)
    return house


def test_closing_again_changes_nothing(house: House) -> None:
    house.clear(0, {ALLOTTED: 1000})
    assert house.close(0) == 0
    assert house.close(1) == 2
    assert house.close(1) == 0


def test_a_statement_is_released_by_another_person_than_who_asks(house: House) -> None:
    house.clear(0, {ALLOTTED: 1000})
    house.close(1)
    with pytest.raises(Refusal) as refusal:
        actions.ask_release(statement_nos=[FIRST], reason="r", maker=MANAGER, now=at(1))
    assert refusal.value.reason is PERMISSION_MISSING
    asked = actions.ask_release(statement_nos=[FIRST], reason="r", maker=SHELL_VIEWER, now=at(1))
    with pytest.raises(Refusal) as refusal:
        approve(approval_key=asked.approval_key, checker=SHELL_VIEWER)
    assert refusal.value.reason is MAKER_MAY_NOT_APPROVE
    with pytest.raises(Refusal) as refusal:
        actions.carry_out(asked.approval_key, at(1))
    assert refusal.value.reason is terms.REQUEST_NOT_APPROVED
    approve(approval_key=asked.approval_key, checker=MANAGER)
    actions.advance(at(1))
    actions.carry_out(asked.approval_key, at(1))
    row = SettlementStatement.objects.get(statement_no=FIRST)
    assert (row.state, row.voucher_no) == ("released", "记-2026-000001")
    assert Voucher.objects.count() == 1
    laws_hold()


def test_a_refused_release_may_be_asked_for_again(house: House) -> None:
    house.clear(0, {ALLOTTED: 1000})
    house.close(1)
    asked = actions.ask_release(statement_nos=[FIRST], reason="r", maker=CLERK, now=at(1))
    again = actions.ask_release(statement_nos=[FIRST], reason="r", maker=CLERK, now=at(1))
    assert asked.approval_key == again.approval_key
    refuse(approval_key=asked.approval_key, checker=MANAGER, reason="再核")
    house.release(2)
    assert credit(f"settled.owner.{ALLOTTED}") == 1000


def test_a_payment_is_handed_over_once(released: House) -> None:
    released.pay(1, PAYMENT)
    with pytest.raises(Refusal) as refusal:
        actions.ask_payment(instruction_ids=[PAYMENT], reason="r", maker=CLERK, now=at(1))
    assert refusal.value.reason is terms.INSTRUCTION_NOT_READY
    with pytest.raises(Refusal) as refusal:
        released.reinstruct(PAYMENT, 1)
    assert refusal.value.reason is terms.INSTRUCTION_NOT_OVER
    assert [len(part) for part in released.sent.values()] == [1]


def test_of_two_requests_for_one_payment_the_second_is_refused(released: House) -> None:
    actions.ask_payment(instruction_ids=[PAYMENT], reason="r", maker=CLERK, now=at(1))
    with pytest.raises(Refusal) as refusal:
        actions.ask_payment(instruction_ids=[PAYMENT], reason="other", maker=SHELL_VIEWER,
                            now=at(1))  # fmt: skip
    assert refusal.value.reason is terms.ASKED_BEFORE


def test_a_bank_that_reports_another_amount_or_changes_its_word_is_refused(released: House) -> None:
    released.pay(1)
    record = {"instruction_id": PAYMENT, "result": 0, "amount_fen": 999, "paid_on": day(1),
              "bank_serial": "", "note": ""}  # fmt: skip
    with pytest.raises(Refusal) as refusal:
        actions.take_payment_result(released.parcel("payment_result", 1, [record]), at(1))
    assert refusal.value.reason is terms.PAYMENT_REPORT_MISFIT
    released.result(PAYMENT, 0, 1)
    released.result(PAYMENT, 0, 1)
    with pytest.raises(Refusal) as refusal:
        released.result(PAYMENT, 3, 2)
    assert refusal.value.reason is terms.PAYMENT_REPORTED_OTHERWISE


def test_a_bank_statement_waits_for_the_one_before_it(house: House) -> None:
    first, second = house.statement(1, (500, "x")), house.statement(2, (-200, "y"))
    with pytest.raises(Refusal) as refusal:
        actions.take_bank_statement(second, at(2))
    assert refusal.value.reason is terms.BANK_STATEMENT_WAITS
    for parcel in (first, second, first):
        actions.take_bank_statement(parcel, at(3))
    assert credit(f"bank.deposit.{BANK}") == -300
    laws_hold()


def test_a_bank_statement_that_does_not_add_up_is_refused(house: House) -> None:
    parcel = house.statement(1, (500, "x"))
    parcel.fields["closing_fen"] += 1
    with pytest.raises(Refusal) as refusal:
        actions.take_bank_statement(parcel, at(1))
    assert refusal.value.reason is terms.BANK_STATEMENT_MISFIT


def test_what_stood_at_the_bank_is_declared_and_explained(house: House) -> None:
    actions.declare_opening(bank_id=BANK, day=day(0), fen=70_000, actor="shell", now=at(1))
    house.balance = 70_000
    house.bank(1, (100, ""))
    assert house.why(9) == ["nothing_fits", "nothing_fits"]
    key = f"opening_{BANK}/opening"
    with pytest.raises(Refusal) as refusal:
        actions.ask_explain(line_key=key, account="payable.province.61", reason="r", maker=CLERK,
                            now=at(2))  # fmt: skip
    assert refusal.value.reason is terms.NOT_EXPLAINED_TO
    asked = actions.ask_explain(
        line_key=key, account="held.review", reason="期初余额", maker=CLERK, now=at(2)
    )
    house.allow(asked, 2)
    assert credit("held.review") == 70_000
    assert house.why(9) == ["nothing_fits"]
    laws_hold()


def test_two_persons_match_what_the_rule_would_not(released: House) -> None:
    released.pay(1)
    released.bank(2, (-1000, "misprint"))
    key = f"statement_{BANK}_620201_20261104_1/001"
    with pytest.raises(Refusal) as refusal:
        actions.ask_match(line_keys=[key], item_keys=["payment:none"], reason="r", maker=CLERK,
                          now=at(2))  # fmt: skip
    assert refusal.value.reason is terms.ITEM_NOT_EXPECTED
    asked = actions.ask_match(
        line_keys=[key], item_keys=[f"payment:{PAYMENT}"], reason="附言有误", maker=CLERK, now=at(2)
    )
    released.allow(asked, 2)
    assert released.state(PAYMENT) == "paid"
    with pytest.raises(Refusal) as refusal:
        actions.ask_match(line_keys=[key], item_keys=[f"payment:{PAYMENT}"], reason="r",
                          maker=CLERK, now=at(2))  # fmt: skip
    assert refusal.value.reason is terms.LINE_MATCHED_BEFORE
    laws_hold()


def test_an_owner_sees_answers_and_contests_own_statements_only(released: House) -> None:
    assert [row.statement_no for row in queries.statements(viewer=OWNER)] == [FIRST]
    assert not queries.statements(viewer=OTHER_OWNER)
    with pytest.raises(Refusal) as refusal:
        actions.confirm_statement(statement_no=FIRST, viewer=OTHER_OWNER, now=at(2))
    assert refusal.value.reason is terms.STATEMENT_UNKNOWN
    contested = dict(statement_no=FIRST, pass_id="P1", viewer=OWNER, now=at(2))
    with pytest.raises(Refusal) as refusal:
        actions.contest_statement(**contested, clear_date=day(3), reason="少算")
    assert refusal.value.reason is terms.DAY_NOT_ON_STATEMENT
    number = actions.contest_statement(**contested, clear_date=day(0), reason="少算")
    assert queries.contests(viewer=CLERK, is_open=True).count() == 1
    asked = actions.ask_uphold(number=number, fen=30, reason="漏计一单元", maker=CLERK, now=at(2))
    released.allow(asked, 2)
    row = SettlementStatement.objects.get(statement_no=FIRST)
    assert row.total_fen == 1000
    released.close(3)
    later = SettlementStatement.objects.get(statement_no="62030010-20261103")
    assert list(later.lines.values_list("clear_date", "cause", "fen")) == [
        (day(0), "adjustment", 30)
    ]
    with pytest.raises(Refusal) as refusal:
        actions.reject_contest(number=number, reason="r", viewer=CLERK, now=at(3))
    assert refusal.value.reason is terms.CONTEST_ANSWERED
    laws_hold()


def test_a_confirmed_statement_can_no_longer_be_contested(released: House) -> None:
    actions.confirm_statement(statement_no=FIRST, viewer=OWNER, now=at(2))
    actions.confirm_statement(statement_no=FIRST, viewer=OWNER, now=at(3))
    with pytest.raises(Refusal) as refusal:
        actions.contest_statement(statement_no=FIRST, clear_date=day(0), pass_id="", reason="r",
                                  viewer=OWNER, now=at(2))  # fmt: skip
    assert refusal.value.reason is terms.CONFIRMED_BEFORE


def test_a_fen_is_explained_from_the_payment_and_to_it(released: House) -> None:
    released.pay(1)
    released.bank(2, (-1000, PAYMENT))
    told = queries.explain_payment(PAYMENT, viewer=SHELL_VIEWER)
    assert [row.statement_no for row in told.statements] == [FIRST]
    assert [[one.fen for one in batches] for _no, _line, batches in told.lines] == [[1000]]
    assert [row.fen for row in told.bank_lines] == [-1000]
    found = queries.paid_in(ALLOTTED, day(0), viewer=SHELL_VIEWER)
    assert [(one.voucher_no, one.instruction_id, one.paid_on) for one in found] == [
        ("记-2026-000001", PAYMENT, day(2))
    ]
    assert queries.paid_in(ALLOTTED, day(0), viewer=OTHER_OWNER) == []


def test_allotted_and_paid_by_a_day_are_told_apart(released: House) -> None:
    released.pay(1)
    released.bank(3, (-1000, PAYMENT))
    for number, paid in ((2, 0), (3, 1000)):
        told = queries.remittance(day(number), viewer=SHELL_VIEWER)
        assert (told.allotted_fen, told.paid_fen, told.rate_ppm) == (1000, paid, paid * 1000)
    figures = queries.figures_of(queries.adding(viewer=SHELL_VIEWER, start=day(1), end=day(3)))
    assert figures == {
        "collected": 0, "allotted": 1000, "remitted": 0, "held": -1000, "in_dispute": 0,
    }  # fmt: skip


def told_by_ministry(patch: pytest.MonkeyPatch, days: dict[date, list[StatisticRow]]) -> None:
    module = import_module("tollcentre.settlement.queries.positions")
    patch.setattr(module, "statistic_days", lambda: sorted(days, reverse=True))
    patch.setattr(module, "compared", lambda on: days[on])


def confirm(number: int, receivable: int, payable: int) -> None:
    """What was confirmed through the ministry on a day."""
    lines = [
        PostingLine("receivable.ministry", "debit", receivable),
        PostingLine("receivable.issuer.610101", "credit", receivable, issuer_id="610101"),
        PostingLine("payable.ministry", "credit", payable),
        PostingLine("receivable.issuer.620101", "debit", payable, issuer_id="620101"),
    ]
    post_batch(batch_key=f"booked:{number}", clear_date=day(number), lines=lines, actor="x")


def test_a_day_with_the_ministry_is_settled_once_both_sides_agree(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def row(side: str, ours: int, theirs: int) -> StatisticRow:
        return StatisticRow(side, "trade", "610101", 1, ours, 1, theirs, ours)

    days: dict[date, list[StatisticRow]] = {
        day(0): [row("receivable", 900, 900), row("payable", 200, 200)],
        day(1): [row("receivable", 100, 110), row("payable", 300, 300)],
    }
    told_by_ministry(monkeypatch, days)
    confirm(0, 900, 200)
    confirm(1, 100, 300)
    assert actions.settle_positions(now=at(2), actor="t") == 1
    states: list[Any] = [(one.state, one.net_fen, one.off_fen) for one in queries.positions()]
    assert states == [("differs", -200, 10), ("due", 700, 0)]
    house.bank(2, (700, "000000:2026-11-02"))
    days[day(1)][0] = row("receivable", 100, 100)
    assert actions.settle_positions(now=at(3), actor="t") == 1
    assert house.ready() == ["000000-20261103-1"]
    house.pay(3)
    house.bank(4, (-200, "000000-20261103-1"))
    assert [one.state for one in queries.positions()] == ["settled", "settled"]
    accounts = ("settled.ministry", "receivable.ministry", "payable.ministry", f"held.bank.{BANK}")
    assert [credit(account) for account in accounts] == [0, 0, 0, 0]
    laws_hold()


def test_what_another_room_expects_is_credited_by_that_room(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[list[str], date]] = []

    def expected(bank_id: str, references: object) -> list[terms.ExpectedItem]:
        kind = terms.ItemKind.DEPOSIT
        return [] if asked else [
            terms.ExpectedItem(f"slip:{n}", kind, bank_id, n, fen, day(0))
            for n, fen in (("J1", 300), ("J2", 200))
        ]  # fmt: skip

    def credited(keys: list[str], clear_date: date, cause: str) -> list[PostingLine]:
        asked.append((sorted(keys), clear_date))
        return [PostingLine("receivable.collector", "credit", 500, memo=cause)]

    sources = import_module("tollcentre.settlement.queries.expected")
    matching = import_module("tollcentre.settlement.actions.matching")
    monkeypatch.setattr(sources, "SOURCES", (*sources.SOURCES, expected))
    monkeypatch.setitem(matching.CREDITED, terms.ItemKind.DEPOSIT, credited)
    assert house.bank(1, (500, "J1;J2")) == 1
    assert asked == [(["slip:J1", "slip:J2"], day(1))]
    assert (credit("receivable.collector"), credit(f"held.bank.{BANK}")) == (500, 0)
    laws_hold()
