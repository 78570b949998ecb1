"""Settlement on pages: two persons release and pay, a line is matched, an owner objects."""

from typing import Any

import pytest
from django.test import Client

from tests.console.test_pages import CHINESE, OF_THE_LANGUAGE_SWITCH, reader
from tests.settlement.house import ALLOTTED, REMITTED, House, at, credit, day, house
from tollcentre.access.actions import set_owner_scope
from tollcentre.access.terms import Role
from tollcentre.settlement import actions
from tollcentre.settlement.models import (
    PaymentInstruction,
    SettlementRequest,
    SettlementStatement,
    StatementContest,
)

__all__ = ["house"]
pytestmark = pytest.mark.django_db
FIRST = "62030010-20261102"
PAYMENT = f"{FIRST}-1"
NOW = 9


@pytest.fixture
def told(house: House, tmp_path: Any, settings: Any) -> House:
    """A day cleared and closed; it is the ninth day."""
    clock = tmp_path / "clock"
    clock.write_text(str(at(NOW)))
    settings.CLOCK_FILE = str(clock)
    house.clear(0, {ALLOTTED: 123_456, REMITTED: 500})
    house.close(1)
    return house


@pytest.fixture
def clerk(told: House) -> Client:
    return reader(Role.CLEARING_CLERK)


@pytest.fixture
def manager(told: House) -> Client:
    return reader(Role.MANAGER)


@pytest.fixture
def owner(told: House) -> Client:
    client = reader(Role.ROAD_OWNER)
    set_owner_scope(user_name="test-road_owner", owner_ids=[ALLOTTED], actor="t")
    return client


def allow(manager: Client) -> None:
    key = SettlementRequest.objects.latest("pk").approval_key
    manager.post(f"/approvals/{key}", {"answer": "approve"})


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def test_two_persons_release_and_pay_and_the_bank_shows_it(
    told: House, clerk: Client, manager: Client
) -> None:
    assert FIRST in page(clerk, "/settlement/release")
    clerk.post("/settlement/release", {"chosen": [FIRST], "reason": "到期"})
    assert "settlement.release:000001" in page(clerk, "/settlement/release")
    assert "结算单释放" in page(manager, "/approvals")
    allow(manager)
    assert SettlementStatement.objects.get(statement_no=FIRST).state == "released"
    assert "记-2026-000001" in page(clerk, "/settlement/statements")
    clerk.post("/settlement/pay", {"chosen": [PAYMENT], "reason": "付款"})
    allow(manager)
    assert list(told.sent) == ["payment:bankA:000001"]
    told.bank(2, (-123_456, PAYMENT), (700, "什么"))
    shown = page(manager, f"/settlement/payments/{PAYMENT}")
    assert "已付" in shown
    assert shown.count("¥1,234.56") >= 3
    assert "附言不识别" in page(clerk, "/settlement/exceptions")
    assert "100.00 %" in page(manager, "/settlement/allotted")
    assert '<span class="tag good">=</span>' in page(manager, "/settlement/adding")
    entries = page(manager, "/settlement/entries?family=settled.owner&key=settlement:match:")
    assert "¥1,234.56" in entries


def test_a_line_is_explained_by_two_persons(told: House, clerk: Client, manager: Client) -> None:
    told.bank(2, (700, "什么"))
    address = "/settlement/bank/line/statement_bankA_620201_20261104_1/001"
    assert "说明到科目" in page(clerk, address)
    clerk.post(address, {"account": "held.review", "reason": "不明来款"})
    allow(manager)
    assert "已核对" in page(clerk, address)
    assert "人工说明" in page(clerk, "/settlement/bank/lines")
    assert credit("held.review") == 700


def test_an_owner_confirms_or_objects_and_sees_own_statements_only(
    told: House, clerk: Client, owner: Client
) -> None:
    told.close(NOW)
    listed = page(owner, "/settlement/statements")
    assert FIRST in listed
    assert REMITTED not in listed
    assert owner.get(f"/settlement/statements/{REMITTED}-20261108").status_code == 404
    assert owner.get("/settlement/release").status_code == 403
    address = f"/settlement/statements/{FIRST}"
    owner.post(f"{address}/contest", {"day": str(day(0)), "pass_id": "P1", "reason": "少算"})
    owner.post(f"{address}/contest", {"day": "x", "reason": "少算"})
    assert page(clerk, "/settlement/contests").count("少算") == 1
    assert "业主异议待答复" in page(clerk, "/")
    contest = StatementContest.objects.get()
    clerk.post(f"{address}/answer/{contest.pk}", {"answer": "reject", "reason": "路径无误"})
    assert "路径无误" in page(owner, address)
    other = f"/settlement/statements/{ALLOTTED}-20261103"
    owner.post(f"{other}/confirm")
    assert "test-road_owner" in page(owner, other)


def test_a_statement_is_a_workbook_and_a_pdf(owner: Client) -> None:
    address = f"/settlement/statements/{FIRST}/file"
    assert owner.get(f"{address}.pdf").content.startswith(b"%PDF")
    assert owner.get(f"{address}.xlsx").content.startswith(b"PK")
    assert owner.get(f"{address}.doc").status_code == 404


def test_what_was_refused_is_paid_anew(told: House, clerk: Client, manager: Client) -> None:
    told.release(1, FIRST)
    told.pay(1)
    told.result(PAYMENT, 21, 2)
    assert "付款被拒或退汇，待重发" in page(clerk, "/")
    form = {"account": "622299", "name": "新户", "bank": "某行", "reason": "更正"}
    clerk.post(f"/settlement/payments/{PAYMENT}", form)
    allow(manager)
    made = PaymentInstruction.objects.get(instruction_id=f"{FIRST}-2")
    assert (made.payee_account, made.state) == ("622299", "ready")
    assert "付款被拒或退汇，待重发" not in page(clerk, "/")


def test_windows_are_closed_from_the_page(clerk: Client) -> None:
    assert "已到期" in page(clerk, "/settlement/windows")
    clerk.post("/settlement/windows")
    assert SettlementStatement.objects.filter(party_id=REMITTED).count() == 1


def test_english_pages_with_data_have_no_chinese_but_names(
    told: House, manager: Client, clerk: Client
) -> None:
    told.release(1, FIRST)
    told.pay(1)
    told.bank(2, (-123_456, PAYMENT), (700, "what"))
    actions.advance(at(NOW))
    clerk.cookies["django_language"] = "en"
    for address in (
        "windows", "release", "statements", f"statements/{FIRST}", "pay", "payments", "bank",
        "bank/lines", "exceptions", "positions", "allotted", "adding", "contests",
        f"movements?statement={FIRST}", "bank/line/statement_bankA_620201_20261104_1/002",
        f"payments/{PAYMENT}",
    ):  # fmt: skip
        text = page(clerk, f"/settlement/{address}")
        found = set(CHINESE.findall(text)) - OF_THE_LANGUAGE_SWITCH
        assert not {one for one in found if one not in ("记", "户名", "某行")}, address
