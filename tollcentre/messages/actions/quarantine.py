"""Replay of quarantined rows, after a rule or a definition has changed."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from django.db import transaction
from django.utils import timezone

from ..codecs.blocks import Block
from ..codecs.csv_blocks import csv_block, header_of
from ..codecs.json_blocks import json_blocks
from ..codecs.source import Piece
from ..models import QuarantinedRow
from ..terms import IntakeReport, RecordKind
from .landing import Landing, SeenKeys
from .take_in import LOCK_WAIT_S, close_batch, intake_lock, open_batch

GROUP_ROWS = 5000


def replay_quarantine(
    *, now: int | None = None, kind: RecordKind | None = None, actor: str = "cli"
) -> IntakeReport:
    """Validate the open quarantined rows again; those that pass land and are marked released.

    A row that has landed meanwhile by another way counts as a duplicate and is released too.
    """
    clock = int(time.time()) if now is None else now
    report = IntakeReport()
    with intake_lock(LOCK_WAIT_S):
        seen = SeenKeys()
        for rows in _groups(kind):
            report.add(_replay_group(rows, seen, clock, actor))
    return report


def _groups(kind: RecordKind | None) -> Iterator[list[QuarantinedRow]]:
    """Open rows that share header, encoding and shape, at most GROUP_ROWS at a time."""
    found = QuarantinedRow.objects.filter(released_at=None).order_by("id")
    if kind is not None:
        found = found.filter(kind=kind.value)
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row in found.values_list("id", "header", "encoding", "shape"):
        groups[row[1:]].append(row[0])
    for ids in groups.values():
        for at in range(0, len(ids), GROUP_ROWS):
            wanted = ids[at : at + GROUP_ROWS]
            yield list(QuarantinedRow.objects.filter(id__in=wanted).order_by("id"))


def _replay_group(rows: list[QuarantinedRow], seen: SeenKeys, now: int, actor: str) -> IntakeReport:
    """One batch over one group; row i of the group is line i + 1 of the piece."""
    digest = hashlib.sha256(b"".join(b"%d," % row.quarantine_key for row in rows)).hexdigest()
    size = sum(len(row.raw) for row in rows)
    batch = open_batch("replay", f"quarantine {rows[0].kind}", digest, size, None)
    landing = Landing(open_batch=lambda: batch, now=now, seen=seen)
    landing.run([_piece(rows)])
    failed = {row.line: row for row in landing.quarantine}
    landing.quarantine = []
    with transaction.atomic():
        landing.register()
        passed = [row.id for at, row in enumerate(rows, start=1) if at not in failed]
        QuarantinedRow.objects.filter(id__in=passed).update(
            released_at=timezone.now(), released_by=batch.key
        )
        for at, still in failed.items():
            if rows[at - 1].reasons != still.reasons:
                rows[at - 1].reasons = still.reasons[:1000]
                rows[at - 1].save(update_fields=["reasons"])
        close_batch(batch, landing.report, actor)
    landing.clean()
    landing.report.batches = [batch.key]
    return landing.report


def _piece(rows: list[QuarantinedRow]) -> Piece:
    first = rows[0]
    raws = [bytes(row.raw) for row in rows]
    if first.shape == "json":
        return partial(_json_rows, raws, first.encoding)
    return partial(_csv_rows, raws, first.header, first.encoding)


def _csv_rows(raws: list[bytes], header: str, encoding: str) -> list[Block]:
    """Each row on its own line; one that holds a line end itself is read as it stands."""
    fields = header_of(header.encode(encoding, "replace"), encoding)
    data = b"".join(raw.rstrip(b"\r") + b"\n" for raw in raws)
    return [
        csv_block(data, header=fields, encoding=encoding, first_line=1, last=False, broke=False)
    ]


def _json_rows(raws: list[bytes], encoding: str) -> list[Block]:
    blocks: list[Block] = []
    for number, raw in enumerate(raws):
        blocks += json_blocks(raw, kind=None, encoding=encoding, before=number, rows=1)
    return blocks
