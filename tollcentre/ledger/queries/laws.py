"""The laws of the ledger, re-checked from the entries up in one reading."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import OuterRef, Subquery, Value

from tollcentre.access.queries import trail_of
from tollcentre.core.law import Law

from ..models import LedgerHead, PostingBatch
from ..rules import (
    FIRST_PREVIOUS_HASH,
    HeldOn,
    LineValues,
    batch_key_of,
    chain_hash,
    content_digest,
    contents_digest,
    family_of,
    held,
    lines_digest,
    mirrored,
    voiding,
)
from ..terms import HoldState
from .books import LINE_COLUMNS, READ_ROWS, chart, line_values

LAWS = (
    "ledger_batches_balance",
    "ledger_debits_equal_credits",
    "ledger_accounts_in_chart",
    "ledger_batches_say_what_was_posted",
    "ledger_chain",
    "ledger_reversals_mirror",
    "ledger_holds_are_open_posted_or_voided",
    "ledger_closings_clear_their_holds",
    "ledger_hold_accounts_are_their_open_holds",
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
    "hold__hold_key",
    "closes__hold_id",
    "closes__hold__hold_key",
    "closes__outcome",
)
ENTRY_COLUMNS = tuple(f"entries__{name}" for name in LINE_COLUMNS)
ACTS = (
    "ledger.post_batch",
    "ledger.reverse_batch",
    "ledger.open_hold",
    "ledger.post_hold",
    "ledger.void_hold",
)
"""Acts of the trail that append a batch."""


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
    open_holds: dict[int, "_Opening"] = field(default_factory=dict)
    on_hold_fen: Counter[HeldOn] = field(default_factory=Counter)

    def fault(self, law: str, detail: str) -> None:
        self.faults.setdefault(law, detail)


@dataclass(frozen=True)
class _Opening:
    """What an open hold put on accounts for holds, and the digest of its mirror."""

    hold_key: str
    held_fen: dict[HeldOn, int]
    mirror: str


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
    _check_open_holds(reading)
    _check_trail(reading)
    told = {
        "ledger_debits_equal_credits": f"{reading.debit_fen} = {reading.credit_fen} fen",
        "ledger_chain": f"{reading.batches} 批 / batches, {reading.entries} 笔 / entries",
        "ledger_holds_are_open_posted_or_voided": f"{len(reading.open_holds)} 笔未结 / open",
    }
    return [
        Law(law, law not in reading.faults, reading.faults.get(law, told.get(law, "")))
        for law in LAWS
    ]


def verify_chain() -> Law:
    """The law `ledger_chain`: every batch names the hash before it, none changed or missing."""
    return next(law for law in verify_ledger() if law.name == "ledger_chain")


def _read(
    progress: Callable[[int], None] | None,
) -> Iterator[tuple[dict[str, Any], list[LineValues]]]:
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


def _line(row: dict[str, Any]) -> LineValues:
    return line_values(*(row[name] for name in ENTRY_COLUMNS))


def _check_batch(reading: _Reading, batch: dict[str, Any], lines: Sequence[LineValues]) -> None:
    named = f"批次 / batch {batch['batch_key']}"
    debit = sum([line.amount_fen for line in lines if line.side == "debit"])
    credit = sum([line.amount_fen for line in lines if line.side == "credit"])
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
    _check_hold(reading, batch, lines, named)
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


def _check_hold(
    reading: _Reading, batch: dict[str, Any], lines: Sequence[LineValues], named: str
) -> None:
    """A batch opens a hold, closes one that is open, or leaves accounts for holds alone."""
    states, key = "ledger_holds_are_open_posted_or_voided", batch["hold__hold_key"]
    held_fen = held(lines, chart())
    for where, net in held_fen.items():
        reading.on_hold_fen[where] += net
    if key is not None:
        if batch["batch_key"] != batch_key_of(key, HoldState.OPEN) or not held_fen:
            reading.fault(states, named)
        mirror = lines_digest(voiding(lines, date.min))
        reading.open_holds[batch["seq"]] = _Opening(key, held_fen, mirror)
    elif batch["closes__hold_id"] is not None:
        opening = reading.open_holds.pop(batch["closes__hold_id"], None)
        outcome = HoldState(batch["closes__outcome"])
        if opening is None or batch["batch_key"] != batch_key_of(opening.hold_key, outcome):
            reading.fault(states, named)
            return
        day = date.min.isoformat()
        cleared = {where: -net for where, net in held_fen.items()} == opening.held_fen
        voided = lines_digest([line._replace(clear_date=day) for line in lines]) == opening.mirror
        if not (cleared if outcome is HoldState.POSTED else voided):
            reading.fault("ledger_closings_clear_their_holds", named)
    elif held_fen:
        reading.fault(states, named)


def _check_open_holds(reading: _Reading) -> None:
    """What stands on every account for holds is what the open holds put there."""
    there = Counter[HeldOn]()
    for opening in reading.open_holds.values():
        for where, net in opening.held_fen.items():
            there[where] += net
    for where in sorted(there.keys() | reading.on_hold_fen.keys()):
        if there[where] != reading.on_hold_fen[where]:
            reading.fault(
                "ledger_hold_accounts_are_their_open_holds",
                f"{where.account}: {reading.on_hold_fen[where]} ≠ {there[where]} fen",
            )


def _check_trail(reading: _Reading) -> None:
    """Every batch is told in the trail with its content, once, and the other way round.

    So a ledger that was rewritten as a whole, hashes included, is still found out.
    """
    law = "ledger_agrees_with_trail"
    keys, contents = list(reading.contents), list(reading.contents.values())
    place = {batch_key: at for at, batch_key in enumerate(keys)}
    untold, later = set(place), []
    for entry in trail_of(*ACTS):
        start = place.get(entry.subject)
        if start is None:
            later.append(entry.subject)
            continue
        end = start + int(str(entry.detail["batches"]))
        if entry.detail["content_digest"] != contents_digest(contents[start:end]):
            reading.fault(law, f"批次 / batch {entry.subject}")
        untold -= set(keys[start:end])
    if untold:
        reading.fault(law, f"批次 / batch {min(untold, key=place.__getitem__)}")
    there = set(
        PostingBatch.objects.filter(batch_key__in=later).values_list("batch_key", flat=True)
    )
    for batch_key in later:
        if batch_key not in there:
            reading.fault(law, f"批次不在账 / batch not in the ledger: {batch_key}")
