"""The laws of the ledger, re-checked from the entries up in one reading."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import OuterRef, Subquery, Value

from tollcentre.access.queries import trail_of
from tollcentre.core.law import Law

from ..models import LedgerHead, PostingBatch
from ..rules import (
    FIRST_PREVIOUS_HASH,
    chain_hash,
    content_digest,
    family_of,
    lines_digest,
    mirrored,
)
from ..terms import PostingLine, Side
from .books import READ_ROWS, chart

LAWS = (
    "ledger_batches_balance",
    "ledger_debits_equal_credits",
    "ledger_accounts_in_chart",
    "ledger_batches_say_what_was_posted",
    "ledger_chain",
    "ledger_reversals_mirror",
    "ledger_agrees_with_trail",
)
"""The laws in the order in which they are told."""

BATCH_COLUMNS = (
    "seq",
    "batch_key",
    "clear_date",
    "memo",
    "reverses__seq",
    "reverses__batch_key",
    "line_count",
    "total_fen",
    "content_digest",
    "actor",
    "posted_at",
    "previous_hash",
    "hash",
    "head_seq",
    "head_hash",
)
ENTRY_COLUMNS = (
    "entries__account__code",
    "entries__debit_fen",
    "entries__credit_fen",
    "entries__owner_id",
    "entries__issuer_id",
    "entries__province",
    "entries__media_type",
    "entries__clear_date",
    "entries__memo",
)


@dataclass
class _Reading:
    """What one reading of the ledger found: the first fault of each law, and running figures."""

    faults: dict[str, str] = field(default_factory=dict)
    batches: int = 0
    entries: int = 0
    debit_fen: int = 0
    credit_fen: int = 0
    previous_hash: str = FIRST_PREVIOUS_HASH
    mirrors: dict[int, str] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)

    def fault(self, law: str, detail: str) -> None:
        self.faults.setdefault(law, detail)


def verify_ledger(progress: Callable[[int], None] | None = None) -> list[Law]:
    """Every law of LAWS, in order; `progress` is called with the number of entries read."""
    reading = _Reading()
    head = (0, FIRST_PREVIOUS_HASH)
    for batch, lines in _read(progress):
        _check_batch(reading, batch, lines)
        head = (batch["head_seq"], batch["head_hash"])
    if reading.batches == 0:
        head = LedgerHead.objects.values_list("seq", "hash").first() or head
    if head != (reading.batches, reading.previous_hash):
        ended = f"链尾应为第 {head[0]} 批 / the chain should end at batch {head[0]}"
        reading.fault("ledger_chain", ended)
    if reading.debit_fen != reading.credit_fen:
        reading.fault(
            "ledger_debits_equal_credits", f"{reading.debit_fen} ≠ {reading.credit_fen} fen"
        )
    _check_trail(reading)
    held = {
        "ledger_debits_equal_credits": f"{reading.debit_fen} = {reading.credit_fen} fen",
        "ledger_chain": f"{reading.batches} 批 / batches, {reading.entries} 笔 / entries",
    }
    return [
        Law(law, law not in reading.faults, reading.faults.get(law, held.get(law, "")))
        for law in LAWS
    ]


def verify_chain() -> Law:
    """The law `ledger_chain`: every batch names the hash before it, none changed or missing."""
    return next(law for law in verify_ledger() if law.name == "ledger_chain")


def _read(
    progress: Callable[[int], None] | None,
) -> Iterator[tuple[dict[str, Any], list[PostingLine]]]:
    """Every batch with its lines. One statement, so that what is posted meanwhile is left out."""
    head = LedgerHead.objects.filter(pk=OuterRef("one"))
    found = (
        PostingBatch.objects.annotate(one=Value(1))
        .annotate(head_seq=Subquery(head.values("seq")), head_hash=Subquery(head.values("hash")))
        .order_by("seq", "entries__line_no")
        .values(*BATCH_COLUMNS, *ENTRY_COLUMNS)
    )
    rows = found.iterator(chunk_size=READ_ROWS)
    for _seq, group in groupby(rows, key=lambda row: row["seq"]):
        own = list(group)
        yield own[0], [_line(row) for row in own if row["entries__account__code"] is not None]
        if progress is not None:
            progress(len(own))


def _line(row: dict[str, Any]) -> PostingLine:
    debit = row["entries__debit_fen"]
    return PostingLine(
        account=row["entries__account__code"],
        side=(Side.DEBIT if debit > 0 else Side.CREDIT).value,
        amount_fen=debit or row["entries__credit_fen"],
        owner_id=row["entries__owner_id"],
        issuer_id=row["entries__issuer_id"],
        province=row["entries__province"],
        media_type=row["entries__media_type"],
        clear_date=row["entries__clear_date"],
        memo=row["entries__memo"],
    )


def _check_batch(reading: _Reading, batch: dict[str, Any], lines: Sequence[PostingLine]) -> None:
    named = f"批次 / batch {batch['batch_key']}"
    debit = sum(line.amount_fen for line in lines if line.side == Side.DEBIT)
    credit = sum(line.amount_fen for line in lines if line.side == Side.CREDIT)
    if debit != credit:
        reading.fault("ledger_batches_balance", f"{named}: {debit} ≠ {credit} fen")
    for line in lines:
        if family_of(line.account, chart()) is None:
            reading.fault("ledger_accounts_in_chart", f"{named}: {line.account}")
    content = content_digest(
        batch["batch_key"],
        batch["clear_date"],
        batch["memo"],
        batch["reverses__batch_key"] or "",
        lines,
    )
    said = (batch["content_digest"], batch["line_count"], batch["total_fen"])
    if said != (content, len(lines), debit):
        reading.fault("ledger_batches_say_what_was_posted", named)
    _check_link(reading, batch, named)
    reading.mirrors[batch["seq"]] = lines_digest(mirrored(lines))
    reversed_seq = batch["reverses__seq"]
    if reversed_seq is not None and reading.mirrors.get(reversed_seq) != lines_digest(lines):
        reading.fault("ledger_reversals_mirror", f"{named} ≠ {batch['reverses__batch_key']}")
    reading.contents[batch["batch_key"]] = batch["content_digest"]
    reading.batches += 1
    reading.entries += len(lines)
    reading.debit_fen += debit
    reading.credit_fen += credit


def _check_link(reading: _Reading, batch: dict[str, Any], named: str) -> None:
    """The batch is the next of the chain, and its hash is that of what it says."""
    own = chain_hash(
        batch["previous_hash"],
        batch["seq"],
        batch["content_digest"],
        batch["actor"],
        batch["posted_at"],
    )
    link = (batch["seq"], batch["previous_hash"], batch["hash"])
    if link != (reading.batches + 1, reading.previous_hash, own):
        reading.fault("ledger_chain", named)
    reading.previous_hash = batch["hash"]


def _check_trail(reading: _Reading) -> None:
    """Every batch has its row in the trail with the same content, and the other way round.

    So a ledger that was rewritten as a whole, hashes included, is still found out.
    """
    law = "ledger_agrees_with_trail"
    told = {
        entry.subject: str(entry.detail.get("content_digest"))
        for entry in trail_of("ledger.post_batch", "ledger.reverse_batch")
    }
    for batch_key, content in reading.contents.items():
        if told.get(batch_key) != content:
            reading.fault(law, f"批次 / batch {batch_key}")
    later = sorted(told.keys() - reading.contents.keys())
    there = set(
        PostingBatch.objects.filter(batch_key__in=later).values_list("batch_key", flat=True)
    )
    for batch_key in later:
        if batch_key not in there:
            reading.fault(law, f"批次不在账 / batch not in the ledger: {batch_key}")
