"""Pure decisions of the status lists: what a line says, and which types stand at a version."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from tollcentre.core.clock import SHANGHAI, epoch_of
from tollcentre.core.refusal import Refusal

from .terms import (
    CARD_DIGITS,
    CREATION_TIME_MALFORMED,
    LIST_STATUS_UNKNOWN,
    LIST_TYPE_UNKNOWN,
    LIST_VERSION_MALFORMED,
    LISTED_MEDIUM_MALFORMED,
    CardListType,
    ListStatus,
    ObuListType,
    StatusListEntry,
)

COLUMNS = ("medium_no", "list_type", "status", "version", "creation_time")
MEDIUM_NO = re.compile(r"\d{16}|\d{20}", re.ASCII)
VERSION = re.compile(r"\d{12}", re.ASCII)
VERSION_FORM = "%Y%m%d%H%M"
CARD_TYPES = {str(code.value) for code in CardListType}
OBU_TYPES = {str(code.value) for code in ObuListType}
STATUSES = {str(code.value) for code in ListStatus}


def version_at(moment: int) -> int:
    """The highest version that can hold at the moment (epoch seconds): its own minute."""
    return int(datetime.fromtimestamp(moment, SHANGHAI).strftime(VERSION_FORM))


def listed(row: Mapping[str, str]) -> StatusListEntry | Refusal:
    """The entry of a line."""
    medium_no, list_type, status, version, created = (row[name] for name in COLUMNS)
    if not MEDIUM_NO.fullmatch(medium_no):
        return Refusal(LISTED_MEDIUM_MALFORMED, "medium_no", value=medium_no)
    if list_type not in (CARD_TYPES if len(medium_no) == CARD_DIGITS else OBU_TYPES):
        return Refusal(LIST_TYPE_UNKNOWN, "list_type", value=list_type)
    if status not in STATUSES:
        return Refusal(LIST_STATUS_UNKNOWN, "status", value=status)
    if not _is_version(version):
        return Refusal(LIST_VERSION_MALFORMED, "version", value=version)
    try:
        creation_time = epoch_of(created) if created else 0
    except ValueError:
        return Refusal(CREATION_TIME_MALFORMED, "creation_time", value=created)
    return StatusListEntry(
        medium_no, int(list_type), ListStatus(int(status)), int(version), creation_time
    )


def _is_version(text: str) -> bool:
    try:
        datetime.strptime(text, VERSION_FORM)
    except ValueError:
        return False
    return bool(VERSION.fullmatch(text))


def types_at(entries: Iterable[StatusListEntry], version: int) -> frozenset[int]:
    """The types that list a medium at the version, of its entries in whatever order.

    The highest version decides for a type, then the later creation time, then entering.
    """
    last: dict[int, StatusListEntry] = {}
    for entry in entries:
        if entry.version <= version:
            had = last.get(entry.list_type)
            if had is None or _rank(had) < _rank(entry):
                last[entry.list_type] = entry
    return frozenset(kind for kind, entry in last.items() if entry.status == ListStatus.ENTER)


def _rank(entry: StatusListEntry) -> tuple[int, int, bool]:
    return entry.version, entry.creation_time, entry.status == ListStatus.ENTER
