"""Reverse a batch by its exact mirror, once."""

from django.db import transaction

from tollcentre.access.actions import hold_trail
from tollcentre.core.refusal import Refusal

from ..models import PostingBatch
from ..queries import chart, values_of
from ..rules import line_from, mirrored, why_refused
from ..terms import (
    BATCH_ALREADY_REVERSED,
    BATCH_BELONGS_TO_HOLD,
    BATCH_IS_A_REVERSAL,
    NO_SUCH_BATCH,
    Batch,
    PostedBatch,
)
from .append import Posting, append


@transaction.atomic
def reverse_batch(*, batch_key: str, reversal_key: str, actor: str, reason: str) -> PostedBatch:
    """Post the exact mirror of a batch, once; every balance is as if it had not been posted.

    Refuses an unknown batch, a reversal, a batch of a hold, a second reversal under another key,
    and a reversal key that was used for something else.
    """
    hold_trail()
    found = PostingBatch.objects.select_related("reverses", "reversed_by", "hold", "closes__hold")
    batch = found.filter(batch_key=batch_key).first()
    if batch is None:
        raise Refusal(NO_SUCH_BATCH, "batch_key", batch_key=batch_key)
    if batch.reverses is not None:
        raise Refusal(BATCH_IS_A_REVERSAL, "batch_key", batch_key=batch_key)
    closing = getattr(batch, "closes", None)
    hold = getattr(batch, "hold", None) if closing is None else closing.hold
    if hold is not None:
        raise Refusal(
            BATCH_BELONGS_TO_HOLD, "batch_key", batch_key=batch_key, hold_key=hold.hold_key
        )
    reversal = getattr(batch, "reversed_by", None)
    if reversal is not None and reversal.batch_key != reversal_key:
        raise Refusal(
            BATCH_ALREADY_REVERSED,
            "batch_key",
            batch_key=batch_key,
            reversal_key=reversal.batch_key,
        )
    lines = [line_from(line) for line in mirrored(values_of([batch.seq])[batch.seq])]
    refusal = why_refused(reversal_key, lines, chart())
    if refusal is not None:
        raise refusal
    mirror = Batch(reversal_key, batch.clear_date, lines, actor, reason)
    return append([Posting(mirror, "ledger.reverse_batch", reverses=batch)])[0]
