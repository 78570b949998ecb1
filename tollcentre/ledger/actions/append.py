"""The one way into the ledger: batches that may be posted are appended to the chain, in bulk."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tollcentre.access.actions import hold_trail, insert_rows, record_acts
from tollcentre.access.terms import Act
from tollcentre.core.refusal import Refusal

from ..models import LedgerAccount, LedgerHead, PostingBatch, PostingEntry
from ..queries import chart, posted_by_key
from ..rules import (
    FIRST_PREVIOUS_HASH,
    LineValues,
    chain_hash,
    content_digest,
    contents_digest,
    family_of,
    in_order,
)
from ..terms import BATCH_KEY_WITH_OTHER_CONTENT, Batch, PostedBatch

BATCH_COLUMNS = (
    "seq", "batch_key", "clear_date", "memo", "reverses", "line_count", "total_fen",
    "content_digest", "actor", "posted_at", "previous_hash", "hash",
)  # fmt: skip
ENTRY_COLUMNS = (
    "batch", "line_no", "account", "debit_fen", "credit_fen", "owner_id", "issuer_id", "province",
    "party_id", "media_type", "clear_date", "memo",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posting:
    """A batch that may be posted, its act's name in the trail, and the batch that it reverses."""

    batch: Batch
    act: str
    reverses: PostingBatch | None = None


def append(postings: Sequence[Posting]) -> list[PostedBatch]:
    """Append batches to the chain in their order, or find them there; inside a transaction.

    Refuses a key with other content than its batch in the ledger, or earlier in the sequence, has.
    """
    # The trail is locked before the ledger by every writer, so two of them cannot deadlock.
    hold_trail()
    head = _hold_ledger()
    chain = _Chain(head.seq, head.hash, posted_by_key([one.batch.batch_key for one in postings]))
    chain.accounts = _open_accounts(postings)
    # The database takes in entries while the hashes of the next ones are computed.
    insert_rows(PostingEntry, ENTRY_COLUMNS, chain.entries_of(postings))
    if chain.rows:
        insert_rows(PostingBatch, BATCH_COLUMNS, chain.rows)
        LedgerHead.objects.filter(pk=1).update(seq=chain.seq, hash=chain.hash)
        record_acts([chain.act(postings)])
    return chain.found


@dataclass
class _Chain:
    """The end of the chain as batches are appended to it, and the rows that this takes."""

    seq: int
    hash: str
    known: dict[str, PostedBatch]
    accounts: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[str | int | None, ...]] = field(default_factory=list)
    fresh: list[PostedBatch] = field(default_factory=list)
    found: list[PostedBatch] = field(default_factory=list)
    posted_at: int = field(default_factory=lambda: int(time.time()))

    def entries_of(self, postings: Sequence[Posting]) -> Iterator[tuple[str | int, ...]]:
        """The rows of the entries of every batch that is new."""
        for posting in postings:
            batch = posting.batch
            lines = in_order(batch.lines, batch.clear_date)
            reverses = posting.reverses.batch_key if posting.reverses else ""
            content = content_digest(batch.batch_key, batch.clear_date, batch.memo, reverses, lines)
            earlier = self.known.get(batch.batch_key)
            if earlier is None:
                self._add(posting, lines, reverses, content)
                yield from self._rows(lines)
            elif earlier.content_digest == content:
                self.found.append(replace(earlier, repeated=True))
            else:
                raise Refusal(BATCH_KEY_WITH_OTHER_CONTENT, "batch_key", batch_key=batch.batch_key)

    def _add(
        self, posting: Posting, lines: Sequence[LineValues], reverses: str, content: str
    ) -> None:
        batch, previous, day = posting.batch, self.hash, posting.batch.clear_date.isoformat()
        total_fen = sum([line.amount_fen for line in lines if line.side == "debit"])
        self.seq += 1
        self.hash = chain_hash(previous, self.seq, content, batch.actor, self.posted_at)
        self.rows.append(
            (self.seq, batch.batch_key, day, batch.memo,
             posting.reverses.seq if posting.reverses else None, len(lines), total_fen,
             content, batch.actor, self.posted_at, previous, self.hash)
        )  # fmt: skip
        posted = PostedBatch(
            batch.batch_key, self.seq, batch.clear_date, batch.memo, len(lines), total_fen,
            content, self.hash, reverses,
        )  # fmt: skip
        self.known[batch.batch_key] = posted
        self.fresh.append(posted)
        self.found.append(posted)

    def act(self, postings: Sequence[Posting]) -> Act:
        """What the trail is told: one act for the batches that are new, pinned by their content."""
        first = self.fresh[0]
        detail: dict[str, object] = {
            "batches": len(self.fresh),
            "lines": sum([one.lines for one in self.fresh]),
            "total_fen": sum([one.total_fen for one in self.fresh]),
            "content_digest": contents_digest([one.content_digest for one in self.fresh]),
        }
        if len(self.fresh) == 1:
            detail |= {"clear_date": first.clear_date, "memo": first.memo}
            detail |= {"reverses": first.reverses}
        return Act(postings[0].batch.actor, postings[0].act, first.batch_key, detail)

    def _rows(self, lines: Sequence[LineValues]) -> Iterator[tuple[str | int, ...]]:
        for line_no, line in enumerate(lines, 1):
            account, owner_id, issuer_id, province, party_id, day, media_type, side, fen, memo = (
                line
            )
            debit, credit = (fen, 0) if side == "debit" else (0, fen)
            yield (
                self.seq, line_no, self.accounts[account], debit, credit, owner_id, issuer_id,
                province, party_id, media_type, day, memo,
            )  # fmt: skip


def _open_accounts(postings: Sequence[Posting]) -> dict[str, int]:
    """Open the accounts that are posted to for the first time; the row id of each code."""
    codes = {line.account for one in postings for line in one.batch.lines if line.amount_fen}
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
    return known


def _hold_ledger() -> LedgerHead:
    """Lock the end of the chain of batches until the transaction ends."""
    head = LedgerHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        first = LedgerHead(pk=1, seq=0, hash=FIRST_PREVIOUS_HASH)
        LedgerHead.objects.bulk_create([first], ignore_conflicts=True)
        head = LedgerHead.objects.select_for_update().get(pk=1)
    return head
