"""Every read of participants for others."""

from datetime import date

from .models import Party, SectionOwnership
from .terms import Owned, PartyInfo, PartyKind


def party_names() -> dict[str, str]:
    """Party code → Chinese name."""
    return dict(Party.objects.values_list("code", "name_zh"))


def parties(kind: PartyKind | None = None) -> list[PartyInfo]:
    """All parties, or those of one kind, by code."""
    found = Party.objects.order_by("code")
    if kind is not None:
        found = found.filter(kind=kind)
    return [PartyInfo(p.code, PartyKind(p.kind), p.name_zh, p.name_en) for p in found]


def ownership() -> list[Owned]:
    """Every section's owners, in order of section and day."""
    found = SectionOwnership.objects.order_by("section_id", "from_day")
    return [Owned(row.section_id, row.owner_id, row.from_day) for row in found]


def owner_of_section(section_id: str, day: date) -> str | None:
    """The section's legal owner on the day, or none."""
    row = (
        SectionOwnership.objects.filter(section_id=section_id, from_day__lte=day)
        .order_by("-from_day")
        .first()
    )
    return None if row is None else row.owner_id
