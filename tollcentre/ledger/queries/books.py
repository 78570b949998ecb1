"""What stands in the books: balances, statements, batches."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import BigIntegerField, BooleanField, Case, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.refusal import Refusal

from ..models import PostingBatch, PostingEntry
from ..rules import (
    LineValues,
    balance_of,
    chart_from,
    family_of,
    sha256_of,
)
from ..terms import (
    NO_SUCH_ACCOUNT,
    NO_SUCH_BATCH,
    AccountKind,
    AccountStatement,
    Balance,
    Chart,
    PostedBatch,
    StatementLine,
    TrialBalance,
)

CHART_FILE = Path(__file__).parent.parent / "parameters" / "chart.yaml"
READ_ROWS = 2_000
KEYS_AT_ONCE = 10_000
OWNER_FAMILIES = ("payable.owner", "held.dispute", "settled.owner", "settled.treasury")
"""What a road owner is owed, in dispute, settled or not; the entry's owner_id says whom."""
LINE_COLUMNS = (
    "account__code", "debit_fen", "credit_fen", "clear_date", "owner_id", "issuer_id", "province",
    "party_id", "media_type", "memo",
)  # fmt: skip
At = date | int | None
"""A clear date (its whole day included), a moment in epoch seconds, or None for now."""


@cache
def chart() -> Chart:
    """The chart of accounts."""
    return chart_from(yaml.safe_load(CHART_FILE.read_text(encoding="utf-8")))


def posted(batch: PostingBatch) -> PostedBatch:
    """A batch as others see it."""
    return PostedBatch(
        batch_key=batch.batch_key,
        seq=batch.seq,
        clear_date=batch.clear_date,
        memo=batch.memo,
        lines=batch.line_count,
        total_fen=batch.total_fen,
        content_digest=batch.content_digest,
        hash=batch.hash,
        reverses=batch.reverses.batch_key if batch.reverses else "",
    )


def posted_by_key(batch_keys: Sequence[str]) -> dict[str, PostedBatch]:
    """The batches of these keys that are in the ledger, for its actions."""
    rows = PostingBatch.objects.select_related("reverses")
    return {
        row.batch_key: posted(row)
        for part in in_parts(batch_keys)
        for row in rows.filter(batch_key__in=part)
    }


def values_of(batch_seqs: Sequence[int]) -> dict[int, list[LineValues]]:
    """The lines of these batches as plain values, by the batch's number, for the actions."""
    found: dict[int, list[LineValues]] = {seq: [] for seq in batch_seqs}
    for part in in_parts(batch_seqs):
        entries = PostingEntry.objects.filter(batch_id__in=part).order_by("batch_id", "line_no")
        for seq, *entry in entries.values_list("batch_id", *LINE_COLUMNS):
            found[seq].append(line_values(*entry))
    return found


def line_values(
    account: str, debit_fen: int, credit_fen: int, clear_date: date, *dimensions: Any
) -> LineValues:
    """An entry, read by LINE_COLUMNS, as the values of the line that made it."""
    owner_id, issuer_id, province, party_id, media_type, memo = dimensions
    return LineValues(
        account,
        owner_id,
        issuer_id,
        province,
        party_id,
        clear_date.isoformat(),
        media_type,
        "debit" if debit_fen else "credit",
        debit_fen or credit_fen,
        memo,
    )


def in_parts(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The keys in parts that one statement takes."""
    return (keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE))


def entries_seen(viewer: Viewer) -> QuerySet:
    """The entries that the viewer may see: the whole ledger, or what the own owners are owed."""
    found = PostingEntry.objects.all()
    if viewer.owner_ids is not None:
        return found.filter(account__family__in=OWNER_FAMILIES, owner_id__in=viewer.owner_ids)
    return found if viewer.may(Permission.VIEW_LEDGER) else found.none()


def _until(found: QuerySet, at: At) -> QuerySet:
    if at is None:
        return found
    if isinstance(at, date):
        return found.filter(clear_date__lte=at)
    return found.filter(batch__posted_at__lte=at)


def total_of(column: str) -> Coalesce:
    """The sum of an amount's column in fen, 0 where there is no row."""
    return Coalesce(Sum(column), Value(0), output_field=BigIntegerField())


def _balance(code: str, debit_fen: int, credit_fen: int) -> Balance:
    found = family_of(code, chart())
    if found is None:
        raise Refusal(NO_SUCH_ACCOUNT, "account", account=code)
    family = found[0]
    net = balance_of(family.kind, debit_fen, credit_fen)
    return Balance(code, family.kind, family.zh, family.en, debit_fen, credit_fen, net)


def balance(account: str, at: At = None, *, viewer: Viewer) -> Balance:
    """One account's balance at a clear date, at a moment, or now.

    An account of the chart that was never posted to has 0; Refusal for one outside the chart.
    """
    sums = _until(entries_seen(viewer).filter(account__code=account), at).aggregate(
        debit=total_of("debit_fen"), credit=total_of("credit_fen")
    )
    return _balance(account, sums["debit"], sums["credit"])


def trial_balance(at: At = None, *, viewer: Viewer) -> TrialBalance:
    """Every posted account's sums, in order of account."""
    sums = (
        _until(entries_seen(viewer), at)
        .values_list("account__code")
        .annotate(debit=total_of("debit_fen"), credit=total_of("credit_fen"))
        .order_by("account__code")
    )
    rows = tuple(_balance(code, debit, credit) for code, debit, credit in sums)
    return TrialBalance(
        rows, sum(row.debit_fen for row in rows), sum(row.credit_fen for row in rows)
    )


def accounts(*, viewer: Viewer) -> list[Balance]:
    """The accounts that the viewer may see, with their balances now."""
    return list(trial_balance(viewer=viewer).rows)


def account_statement(
    account: str, *, viewer: Viewer, start: date | None = None, end: date | None = None
) -> AccountStatement:
    """The account's entries by clear date, each with the balance after it.

    The running balance at the end of a clear date equals `balance` at that date.
    """
    kind = _balance(account, 0, 0).kind
    own = entries_seen(viewer).filter(account__code=account)
    before = own.filter(clear_date__lt=start) if start else own.none()
    sums = before.aggregate(debit=total_of("debit_fen"), credit=total_of("credit_fen"))
    opening = balance_of(kind, sums["debit"], sums["credit"])
    span = own.filter(clear_date__gte=start) if start else own
    span = _until(span, end).select_related("batch").order_by("clear_date", "batch_id", "line_no")
    lines = tuple(_running(kind, opening, span))
    return AccountStatement(
        account, kind, opening, lines, lines[-1].balance_fen if lines else opening
    )


def _running(kind: AccountKind, opening: int, entries: QuerySet) -> Iterator[StatementLine]:
    running = opening
    for entry in entries.iterator(chunk_size=READ_ROWS):
        running += balance_of(kind, entry.debit_fen, entry.credit_fen)
        yield StatementLine(
            clear_date=entry.clear_date,
            batch_key=entry.batch.batch_key,
            line_no=entry.line_no,
            debit_fen=entry.debit_fen,
            credit_fen=entry.credit_fen,
            balance_fen=running,
            owner_id=entry.owner_id,
            issuer_id=entry.issuer_id,
            province=entry.province,
            party_id=entry.party_id,
            media_type=entry.media_type,
            memo=entry.memo or entry.batch.memo,
            posted_at=entry.batch.posted_at,
        )


def batches(*, viewer: Viewer, day: date | None = None) -> QuerySet:
    """Batches, newest first, for a face to page; a road owner sees those with own entries."""
    found = PostingBatch.objects.select_related("reverses").order_by("-seq")
    if viewer.owner_ids is not None or not viewer.may(Permission.VIEW_LEDGER):
        found = found.filter(seq__in=entries_seen(viewer).values("batch_id"))
    return found if day is None else found.filter(clear_date=day)


def batch(batch_key: str, *, viewer: Viewer) -> PostedBatch:
    """The batch of that key; Refusal where the viewer sees none."""
    row = batches(viewer=viewer).filter(batch_key=batch_key).first()
    if row is None:
        raise Refusal(NO_SUCH_BATCH, "batch_key", batch_key=batch_key)
    return posted(row)


def entries_of(batch_key: str, *, viewer: Viewer) -> QuerySet:
    """The entries of a batch in order, for a face to page; a road owner sees the own ones."""
    found = entries_seen(viewer).filter(batch__batch_key=batch_key)
    return found.select_related("account", "batch").order_by("line_no")


def batch_totals(batch_key: str) -> tuple[int, int]:
    """Debits and credits of one batch in fen, for other domains' checks; zeros where none."""
    sums = PostingEntry.objects.filter(batch__batch_key=batch_key).aggregate(
        debit=total_of("debit_fen"), credit=total_of("credit_fen")
    )
    return int(sums["debit"]), int(sums["credit"])


def batch_nets(batch_key: str) -> dict[str, int]:
    """Debit minus credit of every account of one batch in fen, for other domains' checks."""
    found = PostingEntry.objects.filter(batch__batch_key=batch_key).values_list("account__code")
    sums = found.annotate(net=total_of("debit_fen") - total_of("credit_fen")).order_by(
        "account__code"
    )
    return {code: int(net) for code, net in sums}


def nets_by_day(
    families: Sequence[str], apart: str, *, start: date, end: date
) -> list[tuple[date, str, str, bool, int]]:
    """(clear date, family, province, whether posted under keys that begin with `apart`, net).

    Net is debit minus credit in fen, of accounts of a province, for others' pages.
    """
    found = PostingEntry.objects.filter(
        account__family__in=families, clear_date__gte=start, clear_date__lte=end
    )
    named = found.annotate(
        apart=Case(When(batch__batch_key__startswith=apart, then=True), default=False,
                   output_field=BooleanField())
    )  # fmt: skip
    rows = named.values_list("clear_date", "account__family", "province", "apart")
    nets = rows.annotate(net=total_of("debit_fen") - total_of("credit_fen"))
    return list(nets.order_by("clear_date", "province", "account__family", "apart"))


def nets_of_batches(batch_keys: Sequence[str]) -> dict[str, dict[str, int]]:
    """Debit minus credit in fen of every account of these batches, by batch, for others' laws."""
    found: dict[str, dict[str, int]] = {}
    for part in in_parts(batch_keys):
        entries = PostingEntry.objects.filter(batch__batch_key__in=part)
        rows = entries.values_list("batch__batch_key", "account__code").annotate(
            net=total_of("debit_fen") - total_of("credit_fen")
        )
        for key, code, net in rows.order_by("batch__batch_key", "account__code"):
            found.setdefault(key, {})[code] = int(net)
    return found


def account_nets(codes: Sequence[str], *, leaving_out: Sequence[str] = ()) -> dict[str, int]:
    """Debit minus credit of these accounts over the whole ledger in fen, for others' laws.

    `leaving_out` are beginnings of the keys of batches that do not count.
    """
    entries = PostingEntry.objects.filter(account__code__in=codes)
    for start in leaving_out:
        entries = entries.exclude(batch__batch_key__startswith=start)
    found = entries.values_list("account__code")
    sums = found.annotate(net=total_of("debit_fen") - total_of("credit_fen"))
    return {code: int(net) for code, net in sums.order_by("account__code")}


def content_digest_of_all() -> str:
    """One digest of what the ledger says: every batch in order of its key, no times or actors."""
    keys = PostingBatch.objects.order_by("batch_key").values_list("batch_key", "content_digest")
    return sha256_of(*[list(pair) for pair in keys])
