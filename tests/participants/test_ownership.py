"""Who owns a section, from when on."""

from datetime import date

import pytest

from tollcentre.core.refusal import Refusal
from tollcentre.participants.actions import register_ownership, register_parties, seed_parties
from tollcentre.participants.models import Party, SectionOwnership
from tollcentre.participants.queries import owner_of_section, ownership, parties, party_names
from tollcentre.participants.terms import Owned, PartyInfo, PartyKind

pytestmark = pytest.mark.django_db
SECTION = "G0030620010"


def own(owner: str, day: date) -> int:
    return register_ownership(owned=[Owned(SECTION, owner, day)], source="test")


def test_a_change_of_owner_is_one_further_row() -> None:
    assert own("6203001", date(2024, 1, 1)) == 1
    assert own("6203002", date(2026, 5, 20)) == 1
    found = [owner_of_section(SECTION, day) for day in (
        date(2023, 12, 31), date(2024, 1, 1), date(2026, 5, 19), date(2026, 5, 20),
    )]  # fmt: skip
    assert found == [None, "6203001", "6203001", "6203002"]
    assert [o.from_day for o in ownership()] == [date(2024, 1, 1), date(2026, 5, 20)]


def test_registers_may_arrive_in_any_order() -> None:
    own("6203001", date(2024, 1, 1))
    own("6203001", date(2026, 1, 1))
    own("6203002", date(2025, 1, 1))
    days = (date(2024, 6, 1), date(2025, 6, 1), date(2026, 6, 1))
    found = [owner_of_section(SECTION, day) for day in days]
    assert found == ["6203001", "6203002", "6203001"]


def test_the_same_register_again_adds_nothing() -> None:
    assert own("6203001", date(2024, 1, 1)) == 1
    assert own("6203001", date(2024, 1, 1)) == 0
    assert SectionOwnership.objects.count() == 1


def test_two_owners_of_one_day_are_refused() -> None:
    own("6203001", date(2024, 1, 1))
    with pytest.raises(Refusal) as refused:
        own("6203002", date(2024, 1, 1))
    assert refused.value.code == "ownership_contradicts"
    assert owner_of_section(SECTION, date(2024, 6, 1)) == "6203001"


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
