"""Every read of the status lists for others: many media and moments at once."""

from collections import defaultdict
from collections.abc import Iterable

from .models import StatusListRow
from .rules import types_at, version_at
from .terms import ListStatus, StatusListEntry

MEDIA_AT_ONCE = 10_000
"""How many media one query asks for."""


def listed_at(moments: Iterable[tuple[str, int]]) -> dict[tuple[str, int], frozenset[int]]:
    """The types of list that each medium stood on at its moment (epoch seconds); empty for none."""
    asked = set(moments)
    entries = entries_of({medium_no for medium_no, _ in asked})
    return {
        (medium_no, moment): types_at(entries.get(medium_no, ()), version_at(moment))
        for medium_no, moment in asked
    }


def entries_of(numbers: Iterable[str]) -> dict[str, list[StatusListEntry]]:
    """Every entry of these media, in order of version; none for who has none."""
    found: dict[str, list[StatusListEntry]] = defaultdict(list)
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), MEDIA_AT_ONCE):
        part = wanted[start : start + MEDIA_AT_ONCE]
        rows = (
            StatusListRow.objects.filter(medium_no__in=part)
            .order_by("medium_no", "version", "list_type", "creation_time", "status")
            .values_list("medium_no", "list_type", "status", "version", "creation_time")
        )
        for medium_no, list_type, status, version, creation_time in rows.iterator():
            entry = StatusListEntry(
                medium_no, list_type, ListStatus(status), version, creation_time
            )
            found[medium_no].append(entry)
    return dict(found)
