"""上报核对: what landed of a day is what went up, was taken, and is held by the ministry."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from tollcentre.core.law import Law
from tollcentre.lake.queries import connect, files, paths
from tollcentre.messages.queries import (
    event_partition,
    landed,
    sums_of_causes,
    taken_but_not_held,
    totals_of_sent,
)
from tollcentre.messages.terms import SentTotals

from ..models import Upload, UploadDay
from ..terms import TRADES, UPLOADED, UploadKind, UploadProof
from .records import SOURCES, files_of, uploaded_partition

LAWS = (
    "uploads_are_their_messages",
    "records_went_up_once",
    "ministry_holds_what_it_took",
)
"""The laws in the order in which they are told."""
TRADE_KIND = "exit_upload"
KINDS = (TRADE_KIND, *UploadKind)
NOTHING = SentTotals(0, 0, 0, 0, 0, 0, 0, 0)


def upload_proofs(start: date, end: date) -> list[UploadProof]:
    """Each clear day and kind of record, newest day first: landed, sent, taken, held; fen."""
    sent = totals_of_sent(KINDS, start, end)
    found = UploadDay.objects.filter(clear_date__gte=start, clear_date__lte=end)
    uploads = Counter(
        Upload.objects.filter(clear_date__gte=start, clear_date__lte=end).values_list(
            "clear_date", "kind"
        )
    )
    rows = [
        _proof(day.clear_date, day.kind, uploads[day.clear_date, day.kind],
               sent.get((day.clear_date, day.kind), NOTHING),
               (day.landed, day.landed_fee, day.unfit))
        for day in found
    ]  # fmt: skip
    # A trade goes up by the run that cleared it: what was to go is what went into messages.
    rows += [
        _proof(day, kind, 1, totals, (totals.count, totals.fee, 0))
        for (day, kind), totals in sent.items() if kind == TRADE_KIND
    ]  # fmt: skip
    order = {kind: number for number, kind in enumerate(KINDS)}
    return sorted(rows, key=lambda row: (-row.clear_date.toordinal(), order[row.kind]))


def _proof(
    day: date, kind: str, uploads: int, sent: SentTotals, landed_here: tuple[int, int, int]
) -> UploadProof:
    return UploadProof(
        day, kind, uploads, sent.messages, *landed_here, sent.count, sent.fee, sent.taken_count,
        sent.taken_fee, sent.held_count, sent.held_fee, sent.wrong,
    )  # fmt: skip


def verify_uploads() -> Iterator[Law]:
    """Each law of LAWS, re-computed from the lake, the messages and what the ministry told."""
    uploads = list(Upload.objects.filter(queued=True).order_by("pk"))
    told = f"{len(uploads)} 批 / uploads"
    fault = _not_their_messages(uploads)
    yield Law(LAWS[0], not fault, fault or told)
    fault = _not_once(sorted({(upload.clear_date, upload.kind) for upload in uploads}))
    yield Law(LAWS[1], not fault, fault or told)
    missing = taken_but_not_held(KINDS)
    yield Law(LAWS[2], not missing, missing[0] if missing else told)


def _not_their_messages(uploads: list[Upload]) -> str:
    """The first upload whose records and fen are not those of its messages, or of its file."""
    sums = sums_of_causes([upload.cause for upload in uploads])
    kept = {
        (stored.partition, stored.run_key): stored.rows for stored in files(UPLOADED)
    }  # fmt: skip
    for upload in uploads:
        own = (upload.records, upload.amount_fen if upload.kind != UploadKind.ENTRY else 0)
        where = uploaded_partition(upload.clear_date, UploadKind(upload.kind))
        rows = kept.get((where, f"upload-{upload.number:04d}"))
        if sums.get(upload.cause) != own or rows != upload.records:
            return f"{upload.cause}: {sums.get(upload.cause)} ≠ {own}, {rows}"
    return ""


def _not_once(days: list[tuple[date, str]]) -> str:
    """The first day and kind of which a record went up twice, as a trade too, or never landed."""
    con = connect()
    try:
        for day, kind in days:
            went = files_of(paths(UPLOADED, partitions=[uploaded_partition(day, UploadKind(kind))]))
            relation = SOURCES[UploadKind(kind)].relation
            partition = event_partition(day)
            trades = paths(TRADES, partitions=[f"clear_date={day}"])
            other = kind == UploadKind.OTHER_EXIT and trades
            twice = (
                f"SELECT record_key FROM read_parquet({files_of(trades)}) WHERE route = 2"
                if other else "SELECT -1"
            )  # fmt: skip
            count, once, there, both = con.execute(
                f"WITH went AS (SELECT record_key FROM read_parquet({went}))"
                " SELECT count(*), count(DISTINCT record_key), (SELECT count(*) FROM went"
                f" WHERE record_key IN (SELECT record_key FROM ({landed(relation, [partition])}))),"
                f" count(*) FILTER (WHERE record_key IN ({twice})) FROM went"
            ).fetchall()[0]
            if not count == once == there or both:
                return f"{day} {kind}: {count}, {once}, {there}, {both}"
    finally:
        con.close()
    return ""
