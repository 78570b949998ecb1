"""Pages of participants: accounts are masked, an owner without an agreement is named."""

from datetime import date

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tollcentre.access.models import OwnerScope
from tollcentre.access.terms import Role
from tollcentre.core.clock import epoch_of
from tollcentre.participants.actions import (
    register_agreements,
    register_bank_account,
    register_ownership,
    register_parties,
)
from tollcentre.participants.terms import (
    Agreement,
    BankAccount,
    Cycle,
    Owned,
    OwnershipMoment,
    PartyInfo,
    PartyKind,
    SettlementModel,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 1)
FULL, MASKED = "6299000000001234", "****1234"


@pytest.fixture(autouse=True)
def agreed() -> None:
    register_parties(parties=[
        PartyInfo("6203001", PartyKind.ROAD_OWNER, "甲业主", "owner A"),
        PartyInfo("6203002", PartyKind.ROAD_OWNER, "乙业主", "owner B"),
        PartyInfo("bank_a", PartyKind.BANK, "模拟甲银行", "fictitious bank A"),
    ])  # fmt: skip
    register_agreements(agreements=[Agreement(
        "XY-1", "6203001", DAY, Cycle.WEEKLY, 3, SettlementModel.REMIT, OwnershipMoment.EXIT, FULL,
        "甲户", "甲银行", "bank_a", "house", DAY, "test",
    )], actor="test")  # fmt: skip
    account = BankAccount("bank_a", FULL, "清分专户", DAY)
    register_bank_account(account=account, actor="test")
    register_ownership(
        owned=[Owned("G0030620010", "6203001", epoch_of("2026-05-20T12:00:00")),
               Owned("G0030620020", "6203002", epoch_of("2026-01-01"))],
        source="test",
    )  # fmt: skip


def read(role: Role, address: str, owner_id: str = "") -> str:
    user = User.objects.create_user("reader", password="x")
    user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    if owner_id:
        OwnerScope.objects.create(user=user, owner_id=owner_id)
    client = Client()
    client.force_login(user)
    answer = client.get(address)
    return (answer.getvalue() if answer.streaming else answer.content).decode()


def test_an_owner_without_an_agreement_is_named() -> None:
    page = read(Role.CLEARING_CLERK, "/parties?day=2026-06-01")
    assert page.count("无协议") == 1
    assert page.index("6203002") < page.index("无协议")


def test_before_its_first_day_nothing_is_agreed() -> None:
    assert read(Role.CLEARING_CLERK, "/parties?day=2025-06-01").count("无协议") == 2


@pytest.mark.parametrize("address", ["/agreements", "/bank-accounts"])
def test_an_account_shows_its_last_four_digits(address: str) -> None:
    page = read(Role.CLEARING_CLERK, address)
    assert MASKED in page
    assert FULL not in page


def test_an_exported_account_is_masked_too() -> None:
    page = read(Role.CLEARING_CLERK, "/agreements?export=csv")
    assert MASKED in page
    assert FULL not in page


def test_a_section_shows_its_owner_to_the_second() -> None:
    assert "2026-05-20 12:00:00" in read(Role.AUDITOR, "/sections")


@pytest.mark.parametrize("address", ["/parties", "/agreements", "/sections", "/bank-accounts"])
def test_a_road_owner_sees_its_own_rows_only(address: str) -> None:
    page = read(Role.ROAD_OWNER, address, "6203002")
    main = page.partition('id="list"')[2]
    assert "6203001" not in main
    assert "1234" not in main
    assert ("6203002" in main) == (address in ("/parties", "/sections"))
