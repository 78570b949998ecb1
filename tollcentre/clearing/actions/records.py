"""The records of a cleared day, handed up to the ministry: each once, what lands late as well.

A record that landed in several versions goes up in the one that clearing takes; a version that
lands later does not go up again.
"""

from collections.abc import Sequence
from datetime import date

import duckdb
from django.db import transaction

from tollcentre.lake.actions import write_parquet
from tollcentre.lake.queries import connect, file_counts, paths
from tollcentre.messages.actions import queue_rows
from tollcentre.messages.queries import event_partition, fits_of, landed

from ..models import Upload, UploadDay
from ..queries.records import (
    SOURCES,
    chosen_sql,
    files_of,
    known_sql,
    seen_text,
    upload_parameters,
    uploaded_partition,
)
from ..terms import MINISTRY, UPLOADED, UploadKind
from .parts import keep_parts_of_exits


def queue_records(
    *, run_key: str, runs: Sequence[str], day: date, own: str, now: int
) -> int:  # fmt: skip
    """Hand up what landed of a cleared day and did not go up; gives the messages queued.

    `runs` are all runs of the day, the standing one last; `own` is the own province. Done twice
    it changes nothing. What a kill leaves is gone on with.
    """
    queued = 0
    for kind in upload_parameters(day).kinds:
        for upload in Upload.objects.filter(clear_date=day, kind=kind, queued=False):
            queued += _queue(upload, runs, own, now)
        if _seen(kind, day, run_key) != _seen_before(kind, day):
            upload = _plan(kind, run_key, runs, day, own)
            queued += _queue(upload, runs, own, now) if upload else 0
    return queued


def _seen(kind: UploadKind, day: date, run_key: str) -> str:
    relation, partition = SOURCES[kind].relation, event_partition(day)
    count = file_counts([relation], [partition]).get((relation, partition), 0)
    return seen_text(kind, count, run_key)


def _seen_before(kind: UploadKind, day: date) -> str:
    found = UploadDay.objects.filter(clear_date=day, kind=kind).first()
    return found.seen if found else ""


def _plan(
    kind: UploadKind, run_key: str, runs: Sequence[str], day: date, own: str
) -> Upload | None:  # fmt: skip
    """Put down which records go up now; none where there are none."""
    seen = _seen(kind, day, run_key)
    number = Upload.objects.filter(clear_date=day, kind=kind).count()
    source = SOURCES[kind]
    con = connect()
    try:
        text = source.select.format(
            landed=landed(source.relation, [event_partition(day)]), own=own,
            **known_sql(run_key, runs),
        )  # fmt: skip
        con.execute(chosen_sql(text, fits_of(kind), _went(day, kind, number)))
        count, fee, unfit, fresh = _figures(con)
        values = {"seen": seen, "landed": count, "landed_fee": fee, "unfit": unfit}
        stored = write_parquet(
            relation=UPLOADED, partition=uploaded_partition(day, kind), run_key=_file(number),
            con=con, select="SELECT record_key, content_digest, fee FROM chosen WHERE fresh",
            control_sums={"fee": "coalesce(sum(fee), 0)"},
        ) if fresh else None  # fmt: skip
    finally:
        con.close()
    with transaction.atomic():
        UploadDay.objects.update_or_create(clear_date=day, kind=kind, defaults=values)
        if stored is None:
            return None
        return Upload.objects.create(
            clear_date=day, kind=kind, number=number, run_key=run_key, records=stored.rows,
            amount_fen=int(stored.control_sums["fee"]), queued=False,
        )  # fmt: skip


def _figures(con: duckdb.DuckDBPyConnection) -> tuple[int, int, int, int]:
    """Records landed, their fen, how many do not fit, how many are to go up now."""
    return con.execute(
        "SELECT count(*), coalesce(sum(fee), 0)::BIGINT, count(*) FILTER (WHERE NOT fits),"
        " count(*) FILTER (WHERE fresh) FROM chosen"
    ).fetchall()[0]


def _file(number: int) -> str:
    return f"upload-{number:04d}"


def _went(day: date, kind: UploadKind, number: int) -> list[str]:
    """The files of the first uploads of a day; one that a kill left without its upload is none."""
    return [
        path for before in range(number)
        for path in paths(
            UPLOADED, partitions=[uploaded_partition(day, kind)], run_key=_file(before)
        )
    ]  # fmt: skip


def _queue(upload: Upload, runs: Sequence[str], own: str, now: int) -> int:
    """Queue the messages of an upload."""
    kind, day = UploadKind(upload.kind), upload.clear_date
    source = SOURCES[kind]
    plan = paths(UPLOADED, partitions=[uploaded_partition(day, kind)], run_key=_file(upload.number))
    text = source.select.format(
        landed=landed(source.relation, [event_partition(day)]), own=own,
        **known_sql(upload.run_key, runs),
    )  # fmt: skip
    rows = (
        f"SELECT '' AS batch, s.* FROM ({text}) AS s JOIN read_parquet({files_of(plan)}) AS u"
        f" ON u.record_key = s.record_key AND u.content_digest = s.content_digest {source.order}"
    )
    con = connect()
    try:
        queued = queue_rows(
            con=con, rows=rows, cause_of=lambda batch: upload.cause, kind=kind, receiver=MINISTRY,
            fields={"clear_date": day, "upload_no": upload.number}, clear_date=day, now=now,
        )  # fmt: skip
        if kind is UploadKind.OTHER_EXIT:
            keep_parts_of_exits(con, rows=rows, upload=upload, own=own)
    finally:
        con.close()
    Upload.objects.filter(pk=upload.pk).update(queued=True)
    return queued
