"""Rulings within the province: proposed by one, approved by another, or deemed by the deadline."""

from collections import Counter
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.dispute.local import OWNERS, book, clear, set_up, trade
from tollcentre.access.actions import refuse
from tollcentre.access.models import TrailRow
from tollcentre.access.terms import SHELL_VIEWER, ApprovalState, Role, Viewer
from tollcentre.core.clock import epoch_of
from tollcentre.core.refusal import Refusal
from tollcentre.dispute import queries
from tollcentre.dispute.actions import (
    approve_rulings,
    book_trades,
    deem_overdue,
    import_rulings,
    propose_rulings,
    rule_approved,
)
from tollcentre.dispute.models import Dispute, DisputeRuling
from tollcentre.dispute.queries.workbook import HEADINGS
from tollcentre.dispute.terms import Liable, OwnRuling, Result
from tollcentre.ledger.queries import account_statement, trial_balance

pytestmark = pytest.mark.django_db
NOW = epoch_of("2026-11-25 09:00:00")
AFTER_DEADLINE = epoch_of("2026-12-15 09:00:00")
CLERK = Viewer("clerk", frozenset({Role.CLEARING_CLERK}), None)
MANAGER = Viewer("manager", frozenset({Role.MANAGER}), None)
NAMES = ("t3", "t4", "t5")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> None:
    set_up(tmp_path, settings)
    clear(trade("t1", 1), trade("t2", 2), trade("t3", 3, tac="00000000"), trade("t4", 1),
          trade("t5", 5, tac="00000000"))  # fmt: skip
    book()


def ruling(name: str, result: Result = Result.PAY, liable: Liable = Liable.ISSUER, code: str = "",
           grounds: str = "查验无误") -> OwnRuling:  # fmt: skip
    key = Dispute.objects.get(transaction_id=name).pk
    return OwnRuling(key, result, liable, code, grounds)


def balances() -> dict[str, int]:
    found = trial_balance(viewer=SHELL_VIEWER, at=None)
    return {row.account: row.balance_fen for row in found.rows}


def in_dispute() -> dict[str, int]:
    """What stands on held.dispute by owner, credit positive."""
    nets: Counter[str] = Counter()
    for line in account_statement("held.dispute", viewer=SHELL_VIEWER).lines:
        nets[line.owner_id] += line.credit_fen - line.debit_fen
    return {owner: fen for owner, fen in nets.items() if fen}


def rule(*rulings: OwnRuling, now: int = NOW) -> int:
    asked = propose_rulings(rulings=rulings, maker=CLERK, now=now)
    return approve_rulings(approval_key=asked.approval_key, checker=MANAGER, now=now)


def test_disputed_money_stands_by_owner_until_it_is_ruled() -> None:
    assert in_dispute() == {OWNERS[0]: 9_000, OWNERS[1]: 4_500}
    assert balances()["payable.owner.62030010"] == 6_000


def test_a_ruling_takes_two_people_and_pays_back_what_was_held() -> None:
    asked = propose_rulings(rulings=[ruling("t3")], maker=CLERK, now=NOW)
    assert asked.state is ApprovalState.WAITING
    assert not DisputeRuling.objects.exists()
    with pytest.raises(Refusal, match="maker_may_not_approve|permission_missing"):
        approve_rulings(approval_key=asked.approval_key, checker=CLERK, now=NOW)
    assert approve_rulings(approval_key=asked.approval_key, checker=MANAGER, now=NOW) == 1
    assert rule_approved(approval_key=asked.approval_key, now=NOW) == 0
    assert balances()["receivable.issuer.620101"] == 13_500
    assert in_dispute() == {OWNERS[0]: 6_000, OWNERS[1]: 3_000}
    assert all(law.holds for law in queries.verify_disputes())


def test_bad_debt_is_borne_by_those_who_earned_it_and_nobody_owes_it() -> None:
    assert rule(ruling("t3", Result.BAD_DEBT, Liable.OWNER, "62030010")) == 1
    assert balances()["receivable.issuer.620101"] == 9_000
    assert balances()["payable.owner.62030010"] == 6_000
    assert in_dispute() == {OWNERS[0]: 6_000, OWNERS[1]: 3_000}
    assert all(law.holds for law in queries.verify_disputes())


def test_a_request_that_was_turned_down_leaves_the_dispute_open_for_another() -> None:
    asked = propose_rulings(rulings=[ruling("t3")], maker=CLERK, now=NOW)
    with pytest.raises(Refusal, match="ruling_waits"):
        propose_rulings(rulings=[ruling("t3", Result.BAD_DEBT)], maker=CLERK, now=NOW)
    assert propose_rulings(rulings=[ruling("t3")], maker=CLERK, now=NOW) == asked
    refuse(approval_key=asked.approval_key, checker=MANAGER, reason="证据不足")
    with pytest.raises(Refusal, match="ruling_not_approved"):
        rule_approved(approval_key=asked.approval_key, now=NOW)
    assert rule(ruling("t3", Result.BAD_DEBT)) == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"grounds": " "}, "grounds_missing"),
        ({"grounds": "长" * 501}, "grounds_too_long"),
        ({"liable": Liable.OWNER}, "liable_code_misfit"),
        ({"code": "62030010"}, "liable_code_misfit"),
    ],
)
def test_words_that_cannot_stand_are_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(Refusal, match=why):
        propose_rulings(rulings=[ruling("t4"), ruling("t3", **wrong)], maker=CLERK, now=NOW)
    assert not queries.waiting_proposals(list(Dispute.objects.values_list("pk", flat=True)))


def test_who_may_not_rule_may_not_ask() -> None:
    with pytest.raises(Refusal, match="permission_missing"):
        propose_rulings(rulings=[ruling("t3")], maker=MANAGER, now=NOW)


def test_what_is_not_ruled_by_its_deadline_is_deemed_payable_with_a_trail() -> None:
    day = date(2026, 11, 23)
    assert Dispute.objects.values_list("opened_on", flat=True).distinct().get() == day
    assert queries.deadlines_of(day).ruling == date(2026, 12, 14)
    assert deem_overdue(now=epoch_of("2026-12-14 23:59:59")) == 0
    assert deem_overdue(now=epoch_of("2026-12-15 00:00:00")) == 3
    assert deem_overdue(now=AFTER_DEADLINE) == 0
    assert set(DisputeRuling.objects.values_list("result", "source", "liable")) == {
        (0, "deemed", "issuer")
    }
    assert TrailRow.objects.filter(act="dispute.rule", actor="system").count() == 1
    assert in_dispute() == {}
    assert balances()["receivable.issuer.620101"] == 22_500


def test_an_approval_after_the_deadline_leaves_the_deemed_ruling() -> None:
    asked = propose_rulings(
        rulings=[ruling("t3", Result.BAD_DEBT), ruling("t4")], maker=CLERK, now=NOW
    )
    deem_overdue(now=AFTER_DEADLINE)
    approved = approve_rulings(approval_key=asked.approval_key, checker=MANAGER, now=AFTER_DEADLINE)
    assert approved == 0
    assert set(DisputeRuling.objects.values_list("source", flat=True)) == {"deemed"}
    assert all(law.holds for law in queries.verify_disputes())


def test_a_ruling_that_was_not_asked_for_is_found() -> None:
    rule(ruling("t3"))
    assert all(law.holds for law in queries.verify_disputes())
    DisputeRuling.objects.update(liable=Liable.CUSTOMER)
    broken = {law.name for law in queries.verify_disputes() if not law.holds}
    assert broken == {"own_rulings_are_what_was_approved"}


def test_a_trade_that_was_ruled_payable_holds_its_charge_from_then_on() -> None:
    rule(ruling("t3"))
    again = trade("late", 3)
    found = book_trades(trades=[again], received_at=NOW, source="m", actor="t")
    assert [(key, int(reason)) for key, reason in found] == [("late", 2)]
    other = trade("other", 5)
    assert book_trades(trades=[other], received_at=NOW, source="n", actor="t") == []


def filled(change: dict[tuple[str, int], Any], content: bytes = b"") -> bytes:
    """The exported workbook with these cells, by trade and column, filled in."""
    content = content or queries.rulings_workbook(viewer=CLERK)
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    with BytesIO() as buffer:
        with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
            sheet = made.add_worksheet()
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    value = change.get((row[2], column), cell)
                    sheet.write(at, column, str(value) if isinstance(value, date) else value)
        return buffer.getvalue()


def test_a_workbook_goes_out_is_filled_in_and_comes_back_as_one_request() -> None:
    content = filled({
        ("t3", 9): "应付 / pay", ("t3", 10): "发行方", ("t3", 12): "TAC 复核无误",
        ("t4", 9): "bad debt", ("t4", 10): "业主或路段 / owner", ("t4", 11): "62030010",
        ("t4", 12): "重复扣费",
    })  # fmt: skip
    asked = import_rulings(content=content, maker=CLERK, now=NOW)
    assert not isinstance(asked, list)
    assert (asked.detail["count"], asked.detail["fee_fen"], asked.detail["paid"]) == (2, 9_000, 1)
    assert approve_rulings(approval_key=asked.approval_key, checker=MANAGER, now=NOW) == 2
    assert set(DisputeRuling.objects.values_list("dispute__transaction_id", "result")) == {
        ("t3", 0), ("t4", 1),
    }  # fmt: skip
    told = {(row.liable, row.liable_code, row.reason, row.count) for row in queries.liability()}
    assert told == {("issuer", "", 1, 1), ("owner", "62030010", 2, 1)}


def test_what_is_wrong_with_a_workbook_is_told_by_row_and_field_and_nothing_is_changed() -> None:
    content = filled({
        ("t3", 9): "maybe", ("t3", 10): "发行方", ("t3", 12): "x", ("t3", 1): "0" * 32,
        ("t4", 9): "应付", ("t4", 10): "业主或路段", ("t4", 12): "x",
        ("t5", 9): "坏账", ("t5", 10): "用户",
    })  # fmt: skip
    faults = import_rulings(content=content, maker=CLERK, now=NOW)
    assert isinstance(faults, list)
    assert [(one.line, one.refusal.field, one.refusal.code) for one in faults] == [
        (2, HEADINGS[0], "workbook_altered"),
        (2, HEADINGS[9], "ruling_value_unknown"),
        (3, HEADINGS[11], "liable_code_misfit"),
        (4, HEADINGS[12], "grounds_missing"),
    ]
    assert not DisputeRuling.objects.exists()
    assert queries.faults_workbook(faults).startswith(b"PK")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", b"<a>&x;</a>"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(Refusal, match="workbook_unreadable"):
        import_rulings(content=content, maker=CLERK, now=NOW)


def test_a_workbook_left_blank_asks_for_nothing() -> None:
    with pytest.raises(Refusal, match="rulings_missing"):
        import_rulings(content=queries.rulings_workbook(viewer=CLERK), maker=CLERK, now=NOW)
