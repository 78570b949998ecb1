"""Every write to participants."""

from collections.abc import Sequence

from django.db import transaction

from tollcentre.core.refusal import Refusal

from .models import Party, SectionOwnership
from .terms import OWNERSHIP_CONTRADICTS, Owned, PartyInfo, PartyKind

SEEDED = (
    PartyInfo("620101", PartyKind.ISSUER, "本省发行服务机构", "own issuer"),
    PartyInfo("620201", PartyKind.CENTRE, "本省联网收费中心", "own centre"),
    PartyInfo("000000", PartyKind.CENTRE, "部联网中心", "the ministry's centre"),
)


def seed_parties() -> None:
    """The parties that every home has; doing it again changes nothing."""
    register_parties(parties=SEEDED)


def register_parties(*, parties: Sequence[PartyInfo]) -> int:
    """Add the parties that are not yet known; gives how many were new. Names stay as they are."""
    known = set(Party.objects.values_list("code", flat=True))
    new = [
        Party(code=p.code, kind=p.kind, name_zh=p.name_zh, name_en=p.name_en)
        for p in parties
        if p.code not in known
    ]
    Party.objects.bulk_create(new)
    return len(new)


def register_ownership(*, owned: Sequence[Owned], source: str) -> int:
    """Add sections' legal owners from their days on; gives how many rows were new.

    A row that repeats the owner before it is kept too: registers arrive in any order, and an
    older one that is learnt later must not reach past it. Refuses a second owner for the same
    section and day.
    """
    with transaction.atomic():
        found = SectionOwnership.objects.values_list("section_id", "from_day", "owner_id")
        before = {(section, day): owner for section, day, owner in found}
        standing = dict(before)
        for item in owned:
            known = standing.setdefault((item.section_id, item.from_day), item.owner_id)
            if known != item.owner_id:
                raise Refusal(
                    OWNERSHIP_CONTRADICTS, "所属业主编号", section=item.section_id,
                    day=item.from_day, standing=known, owner=item.owner_id,
                )  # fmt: skip
        new = [
            SectionOwnership(section_id=section, owner_id=owner, from_day=day, source=source)
            for (section, day), owner in standing.items()
            if (section, day) not in before
        ]
        SectionOwnership.objects.bulk_create(new)
    return len(new)
