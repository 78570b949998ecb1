"""Stations' shift reports: each version kept, the one that was closed last stands."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import FileReport, Refusal, RefusedLine
from tollcentre.messages.actions import moment
from tollcentre.messages.codecs.csv_rows import parsed_blocks

from ..models import ReportedSlip, ShiftReport
from ..queries.cash import AT_ONCE, key_of, of_shifts
from ..rules import REPORT_COLUMNS, reported
from ..terms import ReportedShift, ShiftKey
from .restate import post_moves, restate_cash

Row = Mapping[str, str]
Parsed = tuple[list[tuple[int, ReportedShift]], list[RefusedLine]]


@transaction.atomic
def take_shift_reports(*, source: Path | Sequence[Row], actor: str) -> FileReport:
    """Take in shift reports, of a CSV file or of rows by column name, as one act.

    The same again changes nothing; of several versions of a shift's report the one that was closed
    last stands, whatever the order of arrival. A row that cannot be used is refused singly. Refuses
    a file that cannot be read or lacks a column.
    """
    hold_trail()
    now = moment()
    report = FileReport()
    name = source.name if isinstance(source, Path) else "rows"
    told: list[ReportedShift] = []
    for taken, refused in _blocks(source):
        report.rows += len(taken) + len(refused)
        report.refused += refused
        told += [one for _, one in taken]
    digest = hashlib.sha256(json.dumps([_said(one) for one in told]).encode()).hexdigest()
    new, standing = _new_versions(told)
    report.new = len(new)
    if new:
        changed = _keep(new, standing, source=f"{name[:60]}:{digest[:16]}", now=now)
        post_moves(
            cause=f"reports:{digest[:32]}", clear_date=day_of(now), lines=restate_cash(changed),
            actor=actor,
        )  # fmt: skip
        superseded = {key.text: _figures(standing[key]) for key in changed if key in standing}
        record_trail(
            actor=actor, act="deposit.take_shift_reports", subject=name,
            detail={"digest": digest, "new": report.new, "superseded": superseded},
        )  # fmt: skip
    return report


def _blocks(source: Path | Sequence[Row]) -> Iterator[Parsed]:
    if isinstance(source, Path):
        yield from parsed_blocks(source, REPORT_COLUMNS, reported)
        return
    found = [(number, reported(row)) for number, row in enumerate(source, 1)]
    yield (
        [(number, one) for number, one in found if not isinstance(one, Refusal)],
        [RefusedLine(number, one) for number, one in found if isinstance(one, Refusal)],
    )


def _new_versions(
    told: Sequence[ReportedShift],
) -> tuple[list[ReportedShift], dict[ShiftKey, ShiftReport]]:
    """Each version that is not known, once, and the reports that stand of their shifts."""
    known: set[tuple[object, ...]] = set()
    standing: dict[ShiftKey, ShiftReport] = {}
    for row in of_shifts(ShiftReport.objects.all(), {one.key for one in told}):
        known.add((key_of(row), *_version(row)))
        if row.stands:
            standing[key_of(row)] = row
    fresh = {(one.key, *_version(one)): one for one in told}
    return [one for named, one in fresh.items() if named not in known], standing


def _keep(
    new: Sequence[ReportedShift], standing: Mapping[ShiftKey, ShiftReport], *, source: str, now: int
) -> list[ShiftKey]:
    """Insert versions, those closed last to stand; gives the shifts whose report is another now."""
    last: dict[ShiftKey, ReportedShift] = {}
    for one in new:
        earlier = last.get(one.key) or standing.get(one.key)
        if earlier is None or _version(one) > _version(earlier):
            last[one.key] = one
    for part in _parts([row.pk for key, row in standing.items() if key in last]):
        ShiftReport.objects.filter(pk__in=part).update(stands=False)
    rows = ShiftReport.objects.bulk_create(
        ShiftReport(
            station_id=one.key.station_id, shift_day=one.key.shift_day, shift=one.key.shift,
            operator_id=one.operator_id, cash_fen=one.cash_fen, mobile_fen=one.mobile_fen,
            slips=list(one.slips), closed_at=one.closed_at, stands=last.get(one.key) is one,
            source=source, taken_at=now,
        )
        for one in new
    )  # fmt: skip
    ReportedSlip.objects.bulk_create(
        ReportedSlip(report=row, slip_no=slip_no) for row in rows for slip_no in row.slips
    )
    return sorted(last)


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _version(one: ReportedShift | ShiftReport) -> tuple[object, ...]:
    """What orders the versions of a shift's report: when it was closed, then what it says."""
    slips = tuple(one.slips)
    return one.closed_at, one.cash_fen, one.mobile_fen, one.operator_id, slips


def _figures(row: ShiftReport) -> dict[str, object]:
    return {"cash_fen": row.cash_fen, "mobile_fen": row.mobile_fen, "slips": row.slips,
            "closed_at": row.closed_at}  # fmt: skip


def _said(one: ReportedShift) -> list[object]:
    return [one.key.text, *_version(one)]
