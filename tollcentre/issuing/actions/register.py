"""Every write of issuing: media are registered, their accounts' states change."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.clock import local_text
from tollcentre.core.refusal import FileReport, Refusal, RefusedLine
from tollcentre.messages.codecs.csv_rows import parsed_blocks
from tollcentre.messages.codecs.source import sha256_of

from ..models import EtcAccountHistory, Medium
from ..queries.media import account_histories, media_of
from ..rules.register import COLUMNS, registered, what_differs
from ..terms import (
    ACCOUNT_STATE_DIFFERS,
    MEDIUM_DIFFERS,
    NO_SUCH_MEDIUM,
    EtcAccountChange,
    MediumInfo,
)

INSERT_ROWS = 5_000
Numbered = Sequence[tuple[int, MediumInfo]]
NumberedChanges = Sequence[tuple[int, EtcAccountChange]]


@transaction.atomic
def register_media(*, media: Sequence[MediumInfo], actor: str) -> int:
    """Add media to the register; gives how many were new, the same again changes nothing.

    Refuses other content for a registered medium.
    """
    hold_trail()
    new, refused = _keep_media(list(enumerate(media, 1)))
    _raise_first(refused)
    if new:
        detail = {"media": sorted(medium.medium_no for medium in media), "new": len(new)}
        record_trail(
            actor=actor, act="issuing.register_media", subject=f"{len(new)} media", detail=detail
        )
    return len(new)


@transaction.atomic
def change_account_states(*, changes: Sequence[EtcAccountChange], actor: str) -> int:
    """Put down how accounts stand from a moment on; gives how many changes were new.

    Refuses a medium that is not registered, and a second state of a medium from the same moment.
    """
    hold_trail()
    numbers = {change.medium_no for change in changes}
    unknown = sorted(numbers - media_of(numbers).keys())
    if unknown:
        raise Refusal(NO_SUCH_MEDIUM, "medium_no", medium_no=unknown[0])
    new, refused = _keep_changes(list(enumerate(changes, 1)))
    _raise_first(refused)
    if new:
        told = [[change.medium_no, change.state_from, change.state] for change in changes]
        record_trail(
            actor=actor,
            act="issuing.change_account_states",
            subject=f"{len(new)} accounts",
            detail={"changes": told, "new": len(new)},
        )
    return len(new)


@transaction.atomic
def import_media(*, path: Path, actor: str) -> FileReport:
    """Take in a register of media, and the account changes it tells, as one act.

    Lines that cannot be used, or contradict what is registered, are refused singly. Refuses a file
    that cannot be read or lacks a column.
    """
    hold_trail()
    report = FileReport()
    for taken, malformed in parsed_blocks(path, COLUMNS, registered):
        new, differing = _keep_media([(line, medium) for line, (medium, _) in taken])
        wrong = {refused.line for refused in differing}
        changes = [(line, told) for line, (_, told) in taken if told and line not in wrong]
        changed, contradicting = _keep_changes(changes)
        report.rows += len(taken) + len(malformed)
        report.new += len(new | changed)
        report.refused += sorted([*malformed, *differing, *contradicting], key=lambda r: r.line)
    if report.new:
        detail = {"sha256": sha256_of(path), "rows": report.rows, "new": report.new}
        record_trail(actor=actor, act="issuing.import_media", subject=path.name, detail=detail)
    return report


def _raise_first(refused: Sequence[RefusedLine]) -> None:
    if refused:
        raise refused[0].refusal


def _keep_media(taken: Numbered) -> tuple[set[int], list[RefusedLine]]:
    """Insert the media that are not known; the lines of the new ones and of those that differ."""
    standing = media_of(medium.medium_no for _, medium in taken)
    new: dict[int, MediumInfo] = {}
    refused = []
    for line, medium in taken:
        known = standing.get(medium.medium_no)
        if known is None:
            standing[medium.medium_no] = new[line] = medium
        elif known != medium:
            differing = ", ".join(what_differs(known, medium))
            refusal = Refusal(
                MEDIUM_DIFFERS, "medium_no", medium_no=medium.medium_no, fields=differing
            )
            refused.append(RefusedLine(line, refusal))
    keep_new_media(new.values())
    return set(new), refused


def keep_new_media(media: Iterable[MediumInfo]) -> None:
    """Insert media that are not registered yet."""
    Medium.objects.bulk_create(
        (Medium(**asdict(medium)) for medium in media), batch_size=INSERT_ROWS
    )


def _keep_changes(taken: NumberedChanges) -> tuple[set[int], list[RefusedLine]]:
    """Insert the changes that are not known; the lines of the new ones and of those that differ."""
    histories = account_histories(change.medium_no for _, change in taken)
    standing = {
        (medium_no, state_from): state
        for medium_no, history in histories.items()
        for state_from, state in history
    }
    new: dict[int, EtcAccountChange] = {}
    refused = []
    for line, change in taken:
        at = change.medium_no, change.state_from
        known = standing.get(at)
        if known is None:
            standing[at], new[line] = change.state, change
        elif known != change.state:
            refusal = Refusal(
                ACCOUNT_STATE_DIFFERS, "account_state", medium_no=change.medium_no,
                state_from=local_text(change.state_from), standing=known, state=change.state,
            )  # fmt: skip
            refused.append(RefusedLine(line, refusal))
    EtcAccountHistory.objects.bulk_create(
        (
            EtcAccountHistory(medium_id=c.medium_no, state_from=c.state_from, state=c.state)
            for c in new.values()
        ),
        batch_size=INSERT_ROWS,
    )
    return set(new), refused
