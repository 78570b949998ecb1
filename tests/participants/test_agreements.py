"""What was agreed with whom, from which day on; agreements follow each other and never change."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tollcentre.access.queries import trail_of
from tollcentre.core.clock import day_start, epoch_of
from tollcentre.core.refusal import Refusal
from tollcentre.participants import models, queries
from tollcentre.participants.actions import (
    import_parties,
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
OWNER, BANK = "6203001", "bank-a"
FIRST = Agreement(
    agreement_no="XY-001", party_id=OWNER, from_day=date(2026, 1, 1), cycle=Cycle.WEEKLY,
    lag_days=3, model=SettlementModel.ALLOT, moment=OwnershipMoment.GANTRY,
    payee_account="6200000000000001", payee_name="试验业主", payee_bank="模拟甲银行",
    payer_bank=BANK, template="house", signed_on=date(2025, 12, 1), source="fictitious",
)  # fmt: skip
LATER = replace(
    FIRST, agreement_no="XY-002", from_day=date(2026, 7, 1), moment=OwnershipMoment.EXIT
)


@pytest.fixture(autouse=True)
def known() -> None:
    register_parties(parties=[
        PartyInfo(OWNER, PartyKind.ROAD_OWNER, "试验业主", "test owner"),
        PartyInfo(BANK, PartyKind.BANK, "模拟甲银行", "fictitious bank A"),
    ])  # fmt: skip


def agree(*agreements: Agreement) -> int:
    return register_agreements(agreements=agreements, actor="test")


def refusal(*agreements: Agreement) -> str:
    with pytest.raises(Refusal) as refused:
        agree(*agreements)
    return refused.value.code


def test_the_agreement_of_a_day_is_the_last_that_began() -> None:
    assert agree(LATER, FIRST) == 2
    found = [queries.agreement_of(OWNER, day) for day in (
        date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1),
    )]  # fmt: skip
    assert found == [None, FIRST, FIRST, LATER]
    assert queries.agreements() == [FIRST, LATER]
    assert queries.agreements(date(2026, 6, 30)) == [FIRST]


def test_the_same_agreement_again_adds_nothing() -> None:
    assert agree(FIRST) == 1
    assert agree(FIRST, LATER) == 1
    assert agree(FIRST, LATER) == 0
    told = [entry.detail for entry in trail_of("participants.register_agreement")]
    assert [detail["agreement_no"] for detail in told] == ["XY-001", "XY-002"]
    assert {detail["payee_account"] for detail in told} == {"****0001"}


def test_registering_at_once_or_one_by_one_leaves_equal_homes() -> None:
    agree(FIRST, LATER)
    at_once = queries.agreements()
    models.Agreement.objects.all().delete()
    agree(FIRST)
    agree(LATER)
    assert queries.agreements() == at_once


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (replace(FIRST, agreement_no="XY-009", lag_days=5), "agreement_contradicts"),
        (replace(FIRST, from_day=date(2026, 3, 1)), "agreement_no_taken"),
        (replace(LATER, agreement_no="XY-0", from_day=date(2025, 1, 1)),
         "agreement_before_standing"),
        (replace(LATER, party_id="6209999"), "party_unknown"),
        (replace(LATER, payer_bank="bank_z"), "not_a_bank"),
        (replace(LATER, payer_bank=OWNER), "not_a_bank"),
        (replace(LATER, lag_days=-1), "lag_negative"),
        (replace(LATER, payee_account=""), "text_unfit"),
        (replace(LATER, payee_name="甲|乙"), "text_unfit"),
    ],
)  # fmt: skip
def test_what_contradicts_or_cannot_be_paid_is_refused_and_changes_nothing(
    other: Agreement, code: str
) -> None:
    agree(FIRST)
    assert refusal(replace(LATER, party_id=BANK), other) == code
    assert queries.agreements() == [FIRST]


def test_an_owner_with_whom_nothing_is_agreed_is_named() -> None:
    register_ownership(
        owned=[Owned("G0030620010", OWNER, day_start(date(2024, 1, 1))),
               Owned("G0030620020", "6203002", day_start(date(2024, 1, 1)))],
        source="test",
    )  # fmt: skip
    agree(FIRST)
    assert queries.owners_without_agreement(date(2025, 6, 1)) == [OWNER, "6203002"]
    assert queries.owners_without_agreement(date(2026, 6, 1)) == ["6203002"]


def test_an_account_of_ours_stands_until_the_next_of_its_bank() -> None:
    first = BankAccount(BANK, "6200000000008888", "清分专户", date(2026, 1, 1))
    second = replace(first, account="6200000000009999", from_day=date(2026, 7, 1))
    assert register_bank_account(account=first, actor="test")
    assert register_bank_account(account=second, actor="test")
    assert not register_bank_account(account=first, actor="test")
    days = (date(2025, 1, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [queries.bank_account_of(BANK, day) for day in days] == [None, first, second]
    with pytest.raises(Refusal) as refused:
        register_bank_account(account=replace(first, account="1"), actor="test")
    assert refused.value.code == "bank_account_contradicts"
    with pytest.raises(Refusal) as refused:
        register_bank_account(account=replace(first, bank_id="bank_z"), actor="test")
    assert refused.value.code == "not_a_bank"


HEADER = (
    "agreement_no,party_id,from_day,cycle,lag_days,model,moment,payee_account,payee_name,"
    "payee_bank,payer_bank,template,signed_on,source\n"
)
LINE = (
    "XY-001,6203001,2026-01-01,weekly,3,allot,gantry,62,试验业主,甲银行,bank-a,house,20251201,f\n"
)


def test_registers_are_taken_in_whole(tmp_path: Path) -> None:
    parties, accounts = tmp_path / "parties.csv", tmp_path / "accounts.csv"
    agreements = tmp_path / "agreements.csv"
    parties.write_text("code,kind,name_zh,name_en\nbank-b,bank,模拟乙银行,fictitious bank B\n")
    accounts.write_text("bank_id,account,name,from_day\nbank-b,6217,清分专户,2026-01-01\n")
    agreements.write_text(HEADER + LINE)
    sections = tmp_path / "sections.csv"
    sections.write_text(f"section_id,owner_id,from_time\nG0030620010,{OWNER},2026-05-20 12:00\n")
    files = {"parties": parties, "accounts": accounts, "agreements": agreements,
             "sections": sections}  # fmt: skip
    assert import_parties(**files, actor="test") == dict.fromkeys(files, 1)
    assert import_parties(**files, actor="test") == dict.fromkeys(files, 0)
    assert [agreement.cycle for agreement in queries.agreements()] == [Cycle.WEEKLY]
    noon = epoch_of("2026-05-20T12:00:00")
    assert queries.ownership() == [Owned("G0030620010", OWNER, noon)]


@pytest.mark.parametrize(
    ("line", "code"),
    [(f"G0030620010,{OWNER},noon", "moment_unreadable"),
     ("G0030620010,6209999,2026-05-20", "party_unknown")],
)  # fmt: skip
def test_a_section_of_no_party_or_from_no_moment_is_refused(
    tmp_path: Path, line: str, code: str
) -> None:
    sections = tmp_path / "sections.csv"
    sections.write_text(f"section_id,owner_id,from_time\n{line}\n")
    with pytest.raises(Refusal) as refused:
        import_parties(sections=sections, actor="test")
    assert refused.value.code == code
    assert queries.ownership() == []


@pytest.mark.parametrize(
    ("was", "becomes", "code", "field"),
    [
        ("weekly", "yearly", "word_unknown", "cycle"),
        ("2026-01-01", "one day", "day_unreadable", "from_day"),
        (",3,", ",soon,", "lag_unreadable", "lag_days"),
    ],
)
def test_a_register_with_a_line_that_cannot_be_used_is_refused_by_its_line(
    tmp_path: Path, was: str, becomes: str, code: str, field: str
) -> None:
    agreements = tmp_path / "agreements.csv"
    agreements.write_text(HEADER + LINE + LINE.replace(was, becomes))
    with pytest.raises(Refusal) as refused:
        import_parties(agreements=agreements, actor="test")
    assert (refused.value.code, refused.value.field) == (code, f"agreements.csv:3 {field}")
    assert queries.agreements() == []
