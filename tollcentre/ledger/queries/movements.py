"""What moved on an account batch by batch, and on families of accounts within a period."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Case, CharField, Count, Max, Min, Q, QuerySet, Value, When

from tollcentre.access.terms import Viewer

from ..models import LedgerHead, PostingEntry
from ..terms import Moved
from .books import entries_seen, total_of


def head_seq() -> int:
    """The number of the newest batch, 0 before any."""
    return LedgerHead.objects.filter(pk=1).values_list("seq", flat=True).first() or 0


def moved_on(
    account: str,
    *,
    besides: str,
    until: tuple[date, int] | None = None,
    after: tuple[date, int] | None = None,
) -> Iterator[Moved]:
    """What batches posted to the account, in order of clear date and batch.

    Batches whose key begins with `besides` are left out. `until` is a clear date and a batch that
    both bound; what lies within `after` in both is left out.
    """
    found = PostingEntry.objects.filter(account__code=account).exclude(
        batch__batch_key__startswith=besides
    )
    if until is not None:
        found = found.filter(clear_date__lte=until[0], batch_id__lte=until[1])
    if after is not None:
        found = found.filter(Q(clear_date__gt=after[0]) | Q(batch_id__gt=after[1]))
    sums = (
        found.values_list("clear_date", "batch__batch_key", "batch_id")
        .annotate(debit=total_of("debit_fen"), credit=total_of("credit_fen"), n=Count("pk"))
        .order_by("clear_date", "batch_id")
    )
    return (Moved(*row) for row in sums)


def span_of(account: str, *, besides: str) -> tuple[date, date] | None:
    """The first and last clear date of the account's entries, but of batches `besides`."""
    found = PostingEntry.objects.filter(account__code=account).exclude(
        batch__batch_key__startswith=besides
    )
    span = found.aggregate(first=Min("clear_date"), last=Max("clear_date"))
    return None if span["first"] is None else (span["first"], span["last"])


def entries_between(
    *,
    viewer: Viewer,
    start: date | None = None,
    end: date | None = None,
    family: str = "",
    key_prefix: str = "",
) -> QuerySet:
    """Entries of batches of clear dates `start`–`end` for a face to page, in order of posting.

    The batch's clear date counts, so that debits equal credits in every period.
    """
    found = entries_seen(viewer).select_related("account", "batch")
    wanted = {
        "batch__clear_date__gte": start,
        "batch__clear_date__lte": end,
        "account__family": family,
        "batch__batch_key__startswith": key_prefix,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    return found.order_by("batch_id", "line_no")


def family_nets(
    *,
    viewer: Viewer,
    prefixes: Sequence[str],
    start: date | None = None,
    end: date | None = None,
) -> dict[tuple[str, str], int]:
    """Debit minus credit in fen by family and by which prefix the batch's key begins with.

    "" stands for none of the prefixes.
    """
    part = Case(
        *(When(batch__batch_key__startswith=one, then=Value(one)) for one in prefixes),
        default=Value(""),
        output_field=CharField(),
    )
    sums = (
        entries_between(viewer=viewer, start=start, end=end)
        .select_related(None)
        .order_by()
        .annotate(part=part)
        .values_list("account__family", "part")
        .annotate(net=total_of("debit_fen") - total_of("credit_fen"))
    )
    return {(family, prefix): int(net) for family, prefix, net in sums}
