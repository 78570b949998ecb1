"""Post balanced batches, each key once."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from ..queries import chart
from ..rules import why_refused
from ..terms import Batch, PostedBatch, PostingLine
from .append import Posting, append


def post_batch(
    *,
    batch_key: str,
    clear_date: date,
    lines: Sequence[PostingLine],
    actor: str,
    memo: str = "",
) -> PostedBatch:
    """Post balanced lines as one batch, once a key.

    The same key with the same content gives the earlier batch; with other content it is refused,
    as is a batch for the first reason of `terms.REFUSALS`. Lines of zero are left out.
    """
    return post_batches([Batch(batch_key, clear_date, lines, actor, memo)])[0]


@transaction.atomic
def post_batches(batches: Sequence[Batch]) -> list[PostedBatch]:
    """Post many batches in their order, all or none, as `post_batch` posts each."""
    for batch in batches:
        refusal = why_refused(batch.batch_key, batch.lines, chart())
        if refusal is not None:
            raise refusal
    return append([Posting(batch, "ledger.post_batch") for batch in batches])
