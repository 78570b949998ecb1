"""What stands in the books: balances, statements, batches."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from django.db.models import BigIntegerField, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.refusal import Refusal

from ..models import PostingBatch, PostingEntry
from ..rules import (
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
    PostingLine,
    Side,
    StatementLine,
    TrialBalance,
)

CHART_FILE = Path(__file__).parent.parent / "parameters" / "chart.yaml"
READ_ROWS = 2_000
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


def line_of(entry: PostingEntry) -> PostingLine:
    """An entry as the line that made it."""
    is_debit = entry.debit_fen > 0
    return PostingLine(
        account=entry.account.code,
        side=(Side.DEBIT if is_debit else Side.CREDIT).value,
        amount_fen=entry.debit_fen if is_debit else entry.credit_fen,
        owner_id=entry.owner_id,
        issuer_id=entry.issuer_id,
        province=entry.province,
        media_type=entry.media_type,
        clear_date=entry.clear_date,
        memo=entry.memo,
    )


def _entries(viewer: Viewer) -> QuerySet:
    """The entries that the viewer may see: the whole ledger, or the own owners' payables.

    A road owner's rows are those of `payable.owner`, whose parameter is the line's owner_id.
    """
    found = PostingEntry.objects.all()
    if viewer.owner_ids is not None:
        return found.filter(account__family="payable.owner", owner_id__in=viewer.owner_ids)
    return found if viewer.may(Permission.VIEW_LEDGER) else found.none()


def _until(found: QuerySet, at: At) -> QuerySet:
    if at is None:
        return found
    if isinstance(at, date):
        return found.filter(clear_date__lte=at)
    return found.filter(batch__posted_at__lte=at)


def _total(column: str) -> Coalesce:
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
    sums = _until(_entries(viewer).filter(account__code=account), at).aggregate(
        debit=_total("debit_fen"), credit=_total("credit_fen")
    )
    return _balance(account, sums["debit"], sums["credit"])


def trial_balance(at: At = None, *, viewer: Viewer) -> TrialBalance:
    """Every posted account's sums, in order of account."""
    sums = (
        _until(_entries(viewer), at)
        .values_list("account__code")
        .annotate(debit=_total("debit_fen"), credit=_total("credit_fen"))
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
    own = _entries(viewer).filter(account__code=account)
    before = own.filter(clear_date__lt=start) if start else own.none()
    sums = before.aggregate(debit=_total("debit_fen"), credit=_total("credit_fen"))
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
            media_type=entry.media_type,
            memo=entry.memo or entry.batch.memo,
            posted_at=entry.batch.posted_at,
        )


def batches(*, viewer: Viewer, day: date | None = None) -> QuerySet:
    """Batches, newest first, for a face to page; a road owner sees those with own entries."""
    found = PostingBatch.objects.select_related("reverses").order_by("-seq")
    if viewer.owner_ids is not None or not viewer.may(Permission.VIEW_LEDGER):
        found = found.filter(seq__in=_entries(viewer).values("batch_id"))
    return found if day is None else found.filter(clear_date=day)


def batch(batch_key: str, *, viewer: Viewer) -> PostedBatch:
    """The batch of that key; Refusal where the viewer sees none."""
    row = batches(viewer=viewer).filter(batch_key=batch_key).first()
    if row is None:
        raise Refusal(NO_SUCH_BATCH, "batch_key", batch_key=batch_key)
    return posted(row)


def entries_of(batch_key: str, *, viewer: Viewer) -> QuerySet:
    """The entries of a batch in order, for a face to page; a road owner sees the own ones."""
    found = _entries(viewer).filter(batch__batch_key=batch_key)
    return found.select_related("account", "batch").order_by("line_no")


def batch_totals(batch_key: str) -> tuple[int, int]:
    """Debits and credits of one batch in fen, for other domains' checks; zeros where none."""
    sums = PostingEntry.objects.filter(batch__batch_key=batch_key).aggregate(
        debit=_total("debit_fen"), credit=_total("credit_fen")
    )
    return int(sums["debit"]), int(sums["credit"])


def batch_nets(batch_key: str) -> dict[str, int]:
    """Debit minus credit of every account of one batch in fen, for other domains' checks."""
    found = PostingEntry.objects.filter(batch__batch_key=batch_key).values_list("account__code")
    sums = found.annotate(net=_total("debit_fen") - _total("credit_fen")).order_by("account__code")
    return {code: int(net) for code, net in sums}


def content_digest_of_all() -> str:
    """One digest of what the ledger says: every batch in order of its key, no times or actors."""
    keys = PostingBatch.objects.order_by("batch_key").values_list("batch_key", "content_digest")
    return sha256_of(*[list(pair) for pair in keys])
