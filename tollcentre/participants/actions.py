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
    """Add sections' legal owners; a row that repeats the standing owner changes nothing.

    Gives how many rows were new. Refuses a second owner for the same section and day.
    """
    with transaction.atomic():
        standing: dict[str, list[SectionOwnership]] = {}
        for row in SectionOwnership.objects.order_by("from_day"):
            standing.setdefault(row.section_id, []).append(row)
        new = []
        for item in owned:
            rows = standing.get(item.section_id, [])
            before = [row for row in rows if row.from_day <= item.from_day]
            if before and before[-1].owner_id == item.owner_id:
                continue
            if before and before[-1].from_day == item.from_day:
                raise Refusal(
                    OWNERSHIP_CONTRADICTS, "所属业主编号", section=item.section_id,
                    day=item.from_day, standing=before[-1].owner_id, owner=item.owner_id,
                )  # fmt: skip
            new.append(
                SectionOwnership(
                    section_id=item.section_id,
                    owner_id=item.owner_id,
                    from_day=item.from_day,
                    source=source,
                )
            )
        SectionOwnership.objects.bulk_create(new)
    return len(new)
