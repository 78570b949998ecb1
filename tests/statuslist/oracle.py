"""A slow, obvious twin: a lane that is told one entry after another, in order of version."""

from collections.abc import Iterable

from tollcentre.core.clock import local_text
from tollcentre.statuslist.terms import ListStatus, StatusListEntry


def minute_of(moment: int) -> int:
    """yyyyMMddHHmm of a moment, cut from its text."""
    return int("".join(sign for sign in local_text(moment) if sign.isdigit())[:12])


def listed_slowly(entries: Iterable[StatusListEntry], medium_no: str, moment: int) -> set[int]:
    """The types that list the medium once every entry up to the moment was applied in turn."""
    told = [
        (entry.version, entry.creation_time, entry.status == ListStatus.ENTER, entry.list_type)
        for entry in entries
        if entry.medium_no == medium_no and entry.version <= minute_of(moment)
    ]
    standing: set[int] = set()
    for _version, _time, enters, list_type in sorted(told):
        if enters:
            standing.add(list_type)
        else:
            standing.discard(list_type)
    return standing
