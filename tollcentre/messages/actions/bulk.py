"""Messages of records by the million, written by the columnar engine; never all in memory."""

import hashlib
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from django.db import transaction

from tollcentre.lake.queries import threads

from ..codecs import exchange as codec
from ..codecs.exchange import columns
from ..codecs.exchange.kinds import MessageKind
from ..models import ExchangePeer, MessageBody, SentMessage
from ..queries import message_id_of, peer
from ..terms import RECORDS_A_MESSAGE, Protocol, SentState

ROWS_AT_ONCE = 50_000
COMPRESSION = 3
"""A third of the time of 6 for a fifth more bytes."""
MESSAGES_AT_ONCE = 10
"""Messages that become visible together; what a kill leaves is gone on with by the next turn."""


@dataclass
class _Pile:
    """Records of one batch on their way into one message."""

    batch: str
    number: int = 1
    texts: list[bytes] = field(default_factory=list)
    count: int = 0
    amount_fen: int = 0


@dataclass(frozen=True)
class _Made:
    """A message with its bytes, ready for the outbox."""

    message: SentMessage
    body: MessageBody


def queue_rows(
    *,
    con: duckdb.DuckDBPyConnection,
    rows: str,
    cause_of: Callable[[str], str],
    kind: str,
    receiver: str,
    fields: Mapping[str, Any],
    clear_date: date,
    now: int,
) -> int:
    """Queue the rows of a query, which has columns of the kind and `batch`, in its own order.

    A batch begins a new message, as does every ten-thousandth record; its messages are those of
    the cause that `cause_of` gives it. The query must give the same rows each time: a message that
    is queued stays as it is. Gives the messages queued. Not within a transaction.
    """
    spoken, towards = columns.kind_named(kind), peer(receiver)
    there = [row[0] for row in con.execute(f"DESCRIBE {rows}").fetchall()]
    select = (
        f"SELECT batch, {columns.record_sql(spoken, there)} AS text,"
        f" {columns.amount_sql(spoken)} AS amount"
        f" FROM ({rows})"
    )
    queued = 0
    waiting: deque[Future[_Made]] = deque()
    ready: list[_Made] = []
    with ThreadPoolExecutor(threads()) as pool:
        for pile in _piles(con.sql(select).to_arrow_reader(ROWS_AT_ONCE)):
            waiting.append(pool.submit(
                _make, pile, spoken, towards, cause_of(pile.batch), dict(fields), clear_date, now
            ))  # fmt: skip
            while len(waiting) > threads():
                ready.append(waiting.popleft().result())
            if len(ready) >= MESSAGES_AT_ONCE:
                queued += _keep(ready)
                ready = []
        ready += [one.result() for one in waiting]
    return queued + _keep(ready)


def _piles(reader: pa.RecordBatchReader) -> Iterator[_Pile]:
    """The rows in piles of one message each."""
    pile: _Pile | None = None
    for block in reader:
        texts = block.column("text").cast(pa.large_string())
        # Every text has its comma before it, so that a message's records are one stretch of bytes.
        offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset :]
        written = memoryview(texts.buffers()[2])
        amounts = block.column("amount").to_numpy()
        for batch, start, stop in _runs(block.column("batch")):
            if pile is not None and pile.batch != batch:
                yield pile
                pile = None
            pile = pile or _Pile(batch)
            while start < stop:
                if pile.count == RECORDS_A_MESSAGE:
                    yield pile
                    pile = _Pile(batch, pile.number + 1)
                end = min(stop, start + RECORDS_A_MESSAGE - pile.count)
                pile.texts.append(bytes(written[offsets[start] : offsets[end]]))
                pile.count += end - start
                pile.amount_fen += int(amounts[start:end].sum())
                start = end
    if pile is not None:
        yield pile


def _runs(batches: pa.Array) -> Iterator[tuple[str, int, int]]:
    """Each stretch of rows of the same batch: its name, first row and the row after its last."""
    codes = batches.dictionary_encode()
    changes = np.flatnonzero(np.diff(codes.indices.to_numpy())) + 1
    edges = [0, *changes.tolist(), len(batches)] if len(batches) else []
    for start, stop in zip(edges, edges[1:], strict=False):
        yield batches[start].as_py(), start, stop


def _make(
    pile: _Pile, kind: MessageKind, towards: ExchangePeer, cause: str, fields: dict[str, Any],
    clear_date: date, now: int,
) -> _Made:  # fmt: skip
    message_id = message_id_of(towards.own_code, kind.name, cause, pile.number, clear_date)
    body, digest = columns.document(
        kind=kind, message_id=message_id, sender_id=towards.own_code, receiver_id=towards.code,
        sent_at=now, fields=fields, records=b"".join(pile.texts)[1:], count=pile.count,
        amount_fen=pile.amount_fen,
    )  # fmt: skip
    sha256 = hashlib.sha256(body).hexdigest()
    message = SentMessage(
        message_id=message_id, receiver=towards.code, kind=kind.name,
        version=codec.versions_of(Protocol.TRUNK)[-1], cause=cause, clear_date=clear_date,
        count=pile.count, amount_fen=pile.amount_fen, digest=digest, body_id=sha256,
        created_at=now, state=SentState.WAITING, next_try_at=now,
    )  # fmt: skip
    return _Made(message, MessageBody(
        sha256=sha256, size_bytes=len(body), compressed=zlib.compress(body, COMPRESSION)
    ))  # fmt: skip


@transaction.atomic
def _keep(made: list[_Made]) -> int:
    """Put messages in the outbox, but for those that are there; how many went in."""
    ids = [one.message.message_id for one in made]
    known = set(SentMessage.objects.filter(message_id__in=ids).values_list("message_id", flat=True))
    fresh = [one for one in made if one.message.message_id not in known]
    MessageBody.objects.bulk_create([one.body for one in fresh])
    SentMessage.objects.bulk_create([one.message for one in fresh])
    return len(fresh)
