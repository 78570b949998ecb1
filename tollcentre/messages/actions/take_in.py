"""Taking in files and records: one batch each, registered whole or not at all."""

import fcntl
import fnmatch
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tollcentre.access.actions import record_trail
from tollcentre.core.refusal import Refusal

from ..codecs.definitions import skip_patterns
from ..codecs.source import Piece, pieces, sha256_of
from ..models import IntakeBatch, Sender
from ..terms import INTAKE_BUSY, PATH_MISSING, IntakeReport
from .landing import Landing, SeenKeys

LOCK_WAIT_S = 600.0


@contextmanager
def intake_lock(wait_s: float) -> Iterator[None]:
    """One intake at a time in a home, so that two cannot land the same repeat; else Refusal."""
    path = Path(settings.HOME) / "intake.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Refusal(INTAKE_BUSY) from None
                time.sleep(0.05)
        yield


def take_in_paths(
    *, paths: Sequence[Path], now: int | None = None, actor: str = "cli"
) -> IntakeReport:
    """Take in files and folders (walked in sorted order); the report adds them all up.

    `now` is the receive clock (epoch seconds; this machine's by default). A path that does not
    exist is refused before anything is read.
    """
    for path in paths:
        if not path.exists():
            raise Refusal(PATH_MISSING, "PATH", path=str(path))
    report = IntakeReport()
    with intake_lock(LOCK_WAIT_S):
        seen = SeenKeys()
        for path, given in _files(paths):
            what = _passed_over(path, given)
            if what:
                report.skipped.append({"file": str(path), "what": what})
                continue
            report.add(_take_in_file(path, seen, _clock(now), actor))
    return report


def _clock(now: int | None) -> int:
    return int(time.time()) if now is None else now


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Every file with whether it was named itself."""
    for path in paths:
        if path.is_dir():
            found = (entry for entry in path.rglob("*") if entry.is_file())
            yield from ((entry, False) for entry in sorted(found))
        else:
            yield path, True


def _passed_over(path: Path, given: bool) -> str:
    """What a file is that holds no records; empty where it is to be read."""
    name = path.name.lower()
    for pattern, what in skip_patterns():
        if fnmatch.fnmatchcase(name, pattern) and not (given and pattern.endswith(".csv")):
            return what
    return "" if path.stat().st_size else "empty file / 空文件"


def _take_in_file(path: Path, seen: SeenKeys, now: int, actor: str) -> IntakeReport:
    # The file is digested while its first pieces are read.
    with ThreadPoolExecutor(1, thread_name_prefix="digest") as pool:
        return take_in_pieces(
            pieces=pieces(path),
            source="file",
            name=path.name,
            sha256=pool.submit(sha256_of, path).result,
            size_bytes=path.stat().st_size,
            seen=seen,
            now=now,
            actor=actor,
        )[0]


def take_in_pieces(
    *,
    pieces: Iterable[Piece],
    source: str,
    name: str,
    sha256: Callable[[], str],
    size_bytes: int,
    seen: SeenKeys,
    now: int,
    actor: str,
    sender: Sender | None = None,
    within: Callable[[IntakeReport, IntakeBatch], None] | None = None,
) -> tuple[IntakeReport, IntakeBatch]:
    """One batch from its pieces to its registration; the caller holds the intake lock.

    Killed before the last transaction, it leaves nothing that counts: staged files are not
    registered, and the same source taken in again gets the same batch key. `within` runs inside
    that transaction.
    """
    landing = Landing(
        open_batch=lambda: open_batch(source, name, sha256(), size_bytes, sender),
        now=now,
        seen=seen,
    )
    landing.run(pieces)
    batch = landing.batch
    with transaction.atomic():
        landing.register()
        close_batch(batch, landing.report, actor)
        if within is not None:
            within(landing.report, batch)
    landing.clean()
    landing.report.files = 1
    landing.report.batches = [batch.key]
    return landing.report, batch


def open_batch(
    source: str, name: str, sha256: str, size_bytes: int, sender: Sender | None
) -> IntakeBatch:
    """The batch of this content that was begun and not finished, or a new one."""
    with transaction.atomic():
        begun = IntakeBatch.objects.filter(sha256=sha256, source=source, done=False).first()
        if begun is not None:
            return begun
        times = IntakeBatch.objects.filter(sha256=sha256, source=source).count()
        return IntakeBatch.objects.create(
            key=f"{source[:1]}{sha256[:20]}-{times}",
            source=source,
            name=name[-255:],
            sha256=sha256,
            size_bytes=size_bytes,
            sender=sender,
            started_at=timezone.now(),
        )


def close_batch(batch: IntakeBatch, report: IntakeReport, actor: str) -> None:
    """Write what became of the batch's rows, with its row of the trail."""
    record_trail(
        actor=actor,
        act="take_in",
        subject=batch.key,
        detail={
            "name": batch.name,
            "sha256": batch.sha256,
            "accepted": report.accepted,
            "quarantined": report.quarantined,
            "duplicates": report.duplicates,
        },
    )
    batch.rows_read = report.rows_read
    batch.accepted = report.accepted
    batch.quarantined = report.quarantined
    batch.duplicates = report.duplicates
    batch.conflicting_versions = report.conflicting_versions
    batch.kinds = dict(report.kinds)
    batch.reasons = dict(report.reasons)
    batch.anomalies = dict(report.anomalies)
    batch.days = sorted(report.days)
    batch.done = True
    batch.finished_at = timezone.now()
    batch.save()
