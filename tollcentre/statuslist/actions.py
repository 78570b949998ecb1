"""Every write of the status lists: entries are taken in, once."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.refusal import FileReport
from tollcentre.messages.codecs.csv_rows import parsed_blocks
from tollcentre.messages.codecs.source import sha256_of

from .models import StatusListRow
from .queries import entries_of
from .rules import COLUMNS, listed
from .terms import StatusListEntry

INSERT_ROWS = 5_000


@transaction.atomic
def take_in_entries(*, entries: Sequence[StatusListEntry], source: str, actor: str) -> int:
    """Put entries of one source (a message, a version) on the lists; gives how many were new."""
    hold_trail()
    new = _keep(entries)
    if new:
        detail = {"entries": len(entries), "new": new}
        record_trail(actor=actor, act="statuslist.take_in_entries", subject=source, detail=detail)
    return new


@transaction.atomic
def import_status_list(*, path: Path, actor: str) -> FileReport:
    """Take in a file of entries as one act; lines that cannot be used are refused singly.

    Refuses a file that cannot be read or lacks a column.
    """
    hold_trail()
    report = FileReport()
    for taken, refused in parsed_blocks(path, COLUMNS, listed):
        report.rows += len(taken) + len(refused)
        report.new += _keep(entry for _, entry in taken)
        report.refused += refused
    if report.new:
        detail = {"sha256": sha256_of(path), "rows": report.rows, "new": report.new}
        record_trail(actor=actor, act="statuslist.import", subject=path.name, detail=detail)
    return report


def _keep(entries: Iterable[StatusListEntry]) -> int:
    """Insert the entries that are not there yet; how many they were."""
    told = dict.fromkeys(entries)
    there = entries_of(entry.medium_no for entry in told)
    known = {entry for of_medium in there.values() for entry in of_medium}
    new = [StatusListRow(**asdict(entry)) for entry in told if entry not in known]
    StatusListRow.objects.bulk_create(new, batch_size=INSERT_ROWS)
    return len(new)
