"""Who owns a section, from when on."""

from datetime import date

import pytest

from tollcentre.core.clock import DAY_SECONDS, day_start, epoch_of
from tollcentre.core.refusal import Refusal
from tollcentre.participants.actions import (
    register_agreements,
    register_ownership,
    register_parties,
    seed_parties,
)
from tollcentre.participants.models import Party, SectionOwnership
from tollcentre.participants.queries import (
    owner_of_section,
    ownership,
    parties,
    party_names,
    tenures,
)
from tollcentre.participants.terms import (
    ENDLESS,
    Agreement,
    Cycle,
    Owned,
    OwnershipMoment,
    PartyInfo,
    PartyKind,
    SettlementModel,
    Tenure,
)

pytestmark = pytest.mark.django_db
SECTION = "G0030620010"


def own(owner: str, since: str) -> int:
    return register_ownership(owned=[Owned(SECTION, owner, epoch_of(since))], source="test")


def owners_at(*moments: str) -> list[str | None]:
    return [owner_of_section(SECTION, epoch_of(moment)) for moment in moments]


def test_a_change_of_owner_is_one_further_row() -> None:
    assert own("6203001", "2024-01-01") == 1
    assert own("6203002", "2026-05-20T12:00:00") == 1
    found = owners_at("2023-12-31", "2024-01-01", "2026-05-20T11:59:59", "2026-05-20T12:00:00")
    assert found == [None, "6203001", "6203001", "6203002"]
    assert [o.owner_id for o in ownership()] == ["6203001", "6203002"]


def test_registers_may_arrive_in_any_order() -> None:
    own("6203001", "2024-01-01")
    own("6203001", "2026-01-01")
    own("6203002", "2025-01-01")
    found = owners_at("2024-06-01", "2025-06-01", "2026-06-01")
    assert found == ["6203001", "6203002", "6203001"]


def test_the_same_register_again_adds_nothing() -> None:
    assert own("6203001", "2024-01-01") == 1
    assert own("6203001", "2024-01-01") == 0
    assert SectionOwnership.objects.count() == 1


def test_two_owners_of_one_moment_are_refused() -> None:
    own("6203001", "2024-01-01")
    with pytest.raises(Refusal) as refused:
        own("6203002", "2024-01-01")
    assert refused.value.code == "ownership_contradicts"
    assert owners_at("2024-06-01") == ["6203001"]


DAY = date(2026, 5, 20)
NOON = day_start(DAY) + DAY_SECONDS // 2


def held(*, on: date = DAY) -> list[Tenure]:
    return tenures(on, 8)[SECTION]


def test_without_an_agreement_a_handover_is_held_against_the_units_own_time() -> None:
    own("6203001", "2024-01-01")
    own("6203002", "2026-05-20T12:00:00")
    assert held() == [
        Tenure("6203001", 0, NOON, 0, ENDLESS), Tenure("6203002", NOON, ENDLESS, 0, ENDLESS),
    ]  # fmt: skip


def test_a_handover_that_no_passage_of_the_day_can_see_leaves_one_owner() -> None:
    own("6203001", "2024-01-01")
    own("6203002", "2026-05-20T12:00:00")
    assert held(on=date(2026, 5, 19)) == [Tenure("6203001", 0, ENDLESS, 0, ENDLESS)]
    assert held(on=date(2026, 5, 29)) == [Tenure("6203002", 0, ENDLESS, 0, ENDLESS)]


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        (OwnershipMoment.EXIT, [Tenure("6203001", 0, ENDLESS, 0, NOON),
                                Tenure("6203002", 0, ENDLESS, NOON, ENDLESS)]),
        (OwnershipMoment.CLEAR_DAY, [Tenure("6203001", 0, ENDLESS, 0, ENDLESS)]),
    ],
)  # fmt: skip
def test_the_agreement_of_the_incoming_owner_names_the_moment(
    moment: OwnershipMoment, found: list[Tenure]
) -> None:
    own("6203001", "2024-01-01")
    own("6203002", "2026-05-20T12:00:00")
    register_parties(parties=[
        PartyInfo("6203002", PartyKind.ROAD_OWNER, "乙", "B"),
        PartyInfo("bank_a", PartyKind.BANK, "甲银行", "bank A"),
    ])  # fmt: skip
    agreement = Agreement(
        "XY", "6203002", DAY, Cycle.DAILY, 1, SettlementModel.ALLOT, moment, "62", "乙", "甲银行",
        "bank_a", "house", DAY, "test",
    )  # fmt: skip
    register_agreements(agreements=[agreement], actor="test")
    assert held() == found
    assert held(on=date(2026, 5, 29)) == [Tenure("6203002", 0, ENDLESS, 0, ENDLESS)]


def test_parties_keep_the_name_they_have() -> None:
    first = PartyInfo("6203001", PartyKind.ROAD_OWNER, "试验业主", "test owner")
    assert register_parties(parties=[first]) == 1
    other = PartyInfo("6203001", PartyKind.ROAD_OWNER, "别名", "other name")
    assert register_parties(parties=[other]) == 0
    assert party_names()["6203001"] == "试验业主"
    assert parties(PartyKind.ROAD_OWNER) == [first]


def test_seeding_again_changes_nothing() -> None:
    seed_parties()
    count = Party.objects.count()
    seed_parties()
    assert Party.objects.count() == count > 0
