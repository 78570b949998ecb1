"""Every write of the ledger: post a batch, reverse a batch. Nothing is ever changed."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.refusal import Refusal

from .models import LedgerAccount, LedgerHead, PostingBatch, PostingEntry
from .queries import chart, line_of, posted
from .rules import (
    FIRST_PREVIOUS_HASH,
    chain_hash,
    content_digest,
    family_of,
    in_order,
    mirrored,
    why_refused,
)
from .terms import (
    BATCH_ALREADY_REVERSED,
    BATCH_IS_A_REVERSAL,
    BATCH_KEY_WITH_OTHER_CONTENT,
    NO_SUCH_BATCH,
    PostedBatch,
    PostingLine,
    Side,
)

__all__ = ["PostingLine", "post_batch", "reverse_batch"]

INSERT_ROWS = 500


@transaction.atomic
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
    refusal = why_refused(batch_key, lines, chart())
    if refusal is not None:
        raise refusal
    return _insert(batch_key, clear_date, lines, actor, memo, None)


@transaction.atomic
def reverse_batch(*, batch_key: str, reversal_key: str, actor: str, reason: str) -> PostedBatch:
    """Post the exact mirror of a batch, once; every balance is as if it had not been posted.

    Refuses an unknown batch, a reversal, a second reversal under another key, and a reversal key
    that was used for something else.
    """
    hold_trail()
    batch = (
        PostingBatch.objects.select_related("reverses", "reversed_by")
        .filter(batch_key=batch_key)
        .first()
    )
    if batch is None:
        raise Refusal(NO_SUCH_BATCH, "batch_key", batch_key=batch_key)
    if batch.reverses is not None:
        raise Refusal(BATCH_IS_A_REVERSAL, "batch_key", batch_key=batch_key)
    reversal = getattr(batch, "reversed_by", None)
    if reversal is not None and reversal.batch_key != reversal_key:
        raise Refusal(
            BATCH_ALREADY_REVERSED,
            "batch_key",
            batch_key=batch_key,
            reversal_key=reversal.batch_key,
        )
    entries = batch.entries.select_related("account").order_by("line_no")
    lines = mirrored([line_of(entry) for entry in entries])
    refusal = why_refused(reversal_key, lines, chart())
    if refusal is not None:
        raise refusal
    return _insert(reversal_key, batch.clear_date, lines, actor, reason, batch)


def _insert(
    batch_key: str,
    clear_date: date,
    lines: Sequence[PostingLine],
    actor: str,
    memo: str,
    reverses: PostingBatch | None,
) -> PostedBatch:
    """Append a batch that may be posted to the chain, or find it there."""
    ordered = in_order(lines, clear_date)
    reversed_key = reverses.batch_key if reverses else ""
    content = content_digest(batch_key, clear_date, memo, reversed_key, ordered)
    # The trail is locked before the ledger by every writer, so two of them cannot deadlock.
    hold_trail()
    head = _hold_ledger()
    earlier = PostingBatch.objects.select_related("reverses").filter(batch_key=batch_key).first()
    if earlier is not None:
        if earlier.content_digest != content:
            raise Refusal(BATCH_KEY_WITH_OTHER_CONTENT, "batch_key", batch_key=batch_key)
        return replace(posted(earlier), repeated=True)
    seq, posted_at = head.seq + 1, int(time.time())
    batch = PostingBatch.objects.create(
        seq=seq,
        batch_key=batch_key,
        clear_date=clear_date,
        memo=memo,
        reverses=reverses,
        line_count=len(ordered),
        total_fen=sum(line.amount_fen for line in ordered if line.side == Side.DEBIT),
        content_digest=content,
        actor=actor,
        posted_at=posted_at,
        previous_hash=head.hash,
        hash=chain_hash(head.hash, seq, content, actor, posted_at),
    )
    _insert_entries(batch, ordered)
    LedgerHead.objects.filter(pk=1).update(seq=seq, hash=batch.hash)
    record_trail(
        actor=actor,
        act="ledger.reverse_batch" if reverses else "ledger.post_batch",
        subject=batch_key,
        detail={
            "clear_date": clear_date,
            "lines": len(ordered),
            "total_fen": batch.total_fen,
            "content_digest": content,
            "memo": memo,
            "reverses": reversed_key,
        },
    )
    return posted(batch)


def _insert_entries(batch: PostingBatch, lines: Sequence[PostingLine]) -> None:
    accounts = _open_accounts({line.account for line in lines})
    PostingEntry.objects.bulk_create(
        (
            PostingEntry(
                batch=batch,
                line_no=line_no,
                account_id=accounts[line.account],
                debit_fen=line.amount_fen if line.side == Side.DEBIT else 0,
                credit_fen=line.amount_fen if line.side == Side.CREDIT else 0,
                owner_id=line.owner_id,
                issuer_id=line.issuer_id,
                province=line.province,
                media_type=line.media_type,
                clear_date=line.clear_date,
                memo=line.memo,
            )
            for line_no, line in enumerate(lines, 1)
        ),
        batch_size=INSERT_ROWS,
    )


def _open_accounts(codes: set[str]) -> dict[str, int]:
    """Open the accounts that are posted to for the first time; the row id of each code."""
    known = dict(LedgerAccount.objects.values_list("code", "pk"))
    fresh = []
    for code in sorted(codes - known.keys()):
        found = family_of(code, chart())
        assert found is not None, "the batch was accepted with an account outside the chart"
        family, parameter = found
        fresh.append(
            LedgerAccount(code=code, family=family.family, parameter=parameter, kind=family.kind)
        )
    if fresh:
        LedgerAccount.objects.bulk_create(fresh)
        known = dict(LedgerAccount.objects.values_list("code", "pk"))
    return {code: known[code] for code in codes}


def _hold_ledger() -> LedgerHead:
    """Lock the end of the chain of batches until the transaction ends."""
    head = LedgerHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        first = LedgerHead(pk=1, seq=0, hash=FIRST_PREVIOUS_HASH)
        LedgerHead.objects.bulk_create([first], ignore_conflicts=True)
        head = LedgerHead.objects.select_for_update().get(pk=1)
    return head
