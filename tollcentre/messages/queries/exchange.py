"""Every read of the exchange: peers, outbox, inbox, tries and bodies."""

import hashlib
import struct
import zlib
from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from tollcentre.core.clock import day_of
from tollcentre.core.law import Law
from tollcentre.core.refusal import Refusal

from ..codecs import exchange as codec
from ..codecs.exchange import columns
from ..models import (
    Arrival,
    ExchangePeer,
    HoldingsCheck,
    MessageBody,
    ReceivedMessage,
    Sender,
    SendTry,
    SentMessage,
)
from ..terms import (
    NO_SUCH_MESSAGE,
    NO_SUCH_PEER,
    Parcel,
    Protocol,
    ReceivedState,
    SentState,
    SentTotals,
)

CHUNK = 200
IDS_AT_ONCE = 5_000
GZIP_HEAD = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
ZLIB_HEAD_BYTES, ZLIB_TAIL_BYTES = 2, 4


def peer(code: str) -> ExchangePeer:
    """The peer of that code; Refusal where there is none."""
    found = ExchangePeer.objects.filter(code=code).first()
    if found is None:
        raise Refusal(NO_SUCH_PEER, "code", code=code)
    return found


def has_peer(code: str) -> bool:
    """Whether a peer of that code is registered."""
    return bool(ExchangePeer.objects.filter(code=code).exists())


def peer_of_sender(sender: Sender) -> ExchangePeer | None:
    """The peer that shows this sender's token."""
    return ExchangePeer.objects.filter(sender=sender).first()


def peers(*, viewer: object | None = None, kind: str = "") -> "QuerySet[ExchangePeer]":
    """Who is registered, by code; of one kind where one is named."""
    found = ExchangePeer.objects.order_by("code")
    return found.filter(kind=kind) if kind else found


def messages_due(
    now: int, limit: int, *, protocol: Protocol = Protocol.TRUNK, receiver: str = ""
) -> list[SentMessage]:
    """Messages of ours that are to be tried now, the longest due first; to one peer if named."""
    found = SentMessage.objects.filter(
        state=SentState.WAITING, next_try_at__lte=now, protocol=protocol
    )
    if receiver:
        found = found.filter(receiver=receiver)
    return list(found.select_related("body").order_by("next_try_at", "id")[:limit])


def received_due(now: int, limit: int, *, protocol: Protocol = Protocol.TRUNK) -> list[int]:
    """Row ids of taken messages that are to be acted on now, the earliest taken first."""
    found = ReceivedMessage.objects.filter(
        state=ReceivedState.WAITING, next_try_at__lte=now, protocol=protocol
    )
    return list(found.order_by("id").values_list("pk", flat=True)[:limit])


def causes_sent(causes: Sequence[str]) -> set[str]:
    """Those of the causes that made messages."""
    found = SentMessage.objects.filter(cause__in=causes)
    return set(found.values_list("cause", flat=True))


def outbox(
    *, viewer: object | None = None, kind: str = "", state: str = "", message_id: str = ""
) -> "QuerySet[SentMessage]":
    """Messages of ours for a page, newest first."""
    found = SentMessage.objects.order_by("-id")
    return _filtered(found, kind, state, message_id)


def received(
    *, viewer: object | None = None, kind: str = "", state: str = "", message_id: str = ""
) -> "QuerySet[ReceivedMessage]":
    """Messages that were taken, for a page, newest first."""
    found = ReceivedMessage.objects.order_by("-id")
    return _filtered(found, kind, state, message_id)


def _filtered(found: QuerySet, kind: str, state: str, message_id: str) -> QuerySet:
    if kind:
        found = found.filter(kind=kind)
    if state:
        found = found.filter(state=state)
    if message_id:
        found = found.filter(message_id__startswith=message_id)
    return found


def exchange_counts() -> dict[str, dict[str, dict[str, tuple[int, int]]]]:
    """sent or received → kind → state → (messages, amount in fen)."""
    found: dict[str, dict[str, dict[str, tuple[int, int]]]] = {}
    for way, model in (("sent", SentMessage), ("received", ReceivedMessage)):
        rows = model.objects.values_list("kind", "state").order_by("kind", "state")
        for kind, state, count, amount in rows.annotate(n=Count("pk"), fen=Sum("amount_fen")):
            found.setdefault(way, {}).setdefault(kind, {})[state] = (count, amount)
    return found


def messages_for_person() -> tuple[int, int]:
    """How many messages of ours were refused, and how many that we took have failed."""
    refused = SentMessage.objects.filter(state=SentState.REFUSED).count()
    return refused, ReceivedMessage.objects.filter(state=ReceivedState.FAILED).count()


def outbox_message(message_id: str) -> SentMessage:
    """One message of ours; Refusal where there is none."""
    found = SentMessage.objects.filter(message_id=message_id).first()
    if found is None:
        raise Refusal(NO_SUCH_MESSAGE, "message_id", message_id=message_id)
    return found


def outbox_by_id(message_ids: Sequence[str]) -> dict[str, SentMessage]:
    """Messages of ours by id, without their bodies."""
    found = SentMessage.objects.filter(message_id__in=message_ids)
    return {message.message_id: message for message in found}


def outbox_tries(message: SentMessage) -> "QuerySet[SendTry]":
    """Every try to hand a message over, in order."""
    return SendTry.objects.filter(message=message).order_by("id")


def inbox_message(sender: str, message_id: str) -> ReceivedMessage:
    """One message that was taken; Refusal where there is none."""
    found = ReceivedMessage.objects.filter(sender=sender, message_id=message_id).first()
    if found is None:
        raise Refusal(NO_SUCH_MESSAGE, "message_id", message_id=message_id)
    return found


def arrivals_at_door(
    *, viewer: object | None = None, sender: str = "", message_id: str = "", refused: bool = False
) -> "QuerySet[Arrival]":
    """Every delivery at our door, newest first; those that were not taken where `refused`."""
    found = Arrival.objects.order_by("-id")
    if sender:
        found = found.filter(sender=sender)
    if message_id:
        found = found.filter(message_id__startswith=message_id)
    return found.exclude(result__in=(1, 5)) if refused else found


def parcel_of(message: SentMessage | ReceivedMessage) -> Parcel:
    """What a message says."""
    return codec.decode(Protocol(message.protocol), body_of(message.body))


def body_of(body: MessageBody) -> bytes:
    """The bytes of a message as they were sent or received."""
    return zlib.decompress(bytes(body.compressed))


def gzipped(body: MessageBody) -> bytes:
    """The bytes of a message as gzip, put together from what is kept without compressing again."""
    kept = bytes(body.compressed)
    plain = zlib.decompress(kept)
    # RFC 1950 and 1952: the same deflate stream, between another head and another tail.
    tail = struct.pack("<LL", zlib.crc32(plain), len(plain))
    return GZIP_HEAD + kept[ZLIB_HEAD_BYTES:-ZLIB_TAIL_BYTES] + tail


def message_id_of(own_code: str, kind: str, cause: str, number: int, day: date) -> str:
    """The id of a cause's n-th message: whose, when, a digest of the cause, and its number."""
    return f"{message_stem(own_code, kind, cause, day)}{number:04d}"


def message_stem(own_code: str, kind: str, cause: str, day: date) -> str:
    """What the ids of all messages of a cause begin with; their number follows, of four digits."""
    digest = hashlib.sha256(f"{kind}\x1f{cause}".encode()).hexdigest()[:16]
    return f"{own_code}{day:%Y%m%d}{digest}"


def clear_dates_of_sent(message_ids: Sequence[str]) -> list[date]:
    """The clear days of messages of ours, each once, in order."""
    found = SentMessage.objects.filter(message_id__in=message_ids, clear_date__isnull=False)
    return sorted(set(found.values_list("clear_date", flat=True)))


def totals_of_sent(
    kinds: Sequence[str], start: date, end: date
) -> dict[tuple[date, str], SentTotals]:
    """(clear day, kind) → what we queued of it, what was taken, what its receiver says it holds."""
    found = SentMessage.objects.filter(kind__in=kinds, clear_date__gte=start, clear_date__lte=end)
    taken, held = Q(state=SentState.TAKEN), Q(held_there=1)
    rows = found.values_list("clear_date", "kind").annotate(
        Count("pk"),
        Sum("count"), Sum("amount_fen"),
        taken_count=Sum("count", filter=taken), taken_fen=Sum("amount_fen", filter=taken),
        held_count=Sum("count", filter=held), held_fen=Sum("amount_fen", filter=held),
        wrong=Count("pk", filter=Q(held_there=2) | Q(state=SentState.REFUSED)),
    )  # fmt: skip
    return {
        (day, kind): SentTotals(*(value or 0 for value in values)) for day, kind, *values in rows
    }


def sums_of_causes(causes: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Cause → (records, fen) of its messages."""
    found = SentMessage.objects.filter(cause__in=causes).values_list("cause")
    return {cause: (n, fen) for cause, n, fen in found.annotate(Sum("count"), Sum("amount_fen"))}


def taken_but_not_held(kinds: Sequence[str]) -> list[str]:
    """Messages of ours that were taken, of days whose holdings their receiver told, and that it
    did not name, or named with other content.
    """
    told = set(HoldingsCheck.objects.values_list("peer", "day"))
    rows = SentMessage.objects.filter(kind__in=kinds, state=SentState.TAKEN).exclude(held_there=1)
    found = []
    for name, receiver, at, held in rows.values_list(
        "message_id", "receiver", "settled_at", "held_there"
    ):
        # A receipt that was lost is given again, perhaps on the day after the message was taken.
        days = (day_of(at), day_of(at - 86_400))
        if held == 2 or all((receiver, day) in told for day in days):
            found.append(name)
    return found


def kinds_of_sent(message_ids: Sequence[str]) -> dict[str, str]:
    """Message id → kind of those that are messages of ours."""
    found = SentMessage.objects.filter(message_id__in=message_ids)
    return dict(found.values_list("message_id", "kind"))


def fits_of(kind: str) -> tuple[str, str]:
    """SQL over a row of the kind's columns: whether it fits a message, and its fen there."""
    spoken = columns.kind_named(kind)
    return columns.fits_sql(spoken), columns.amount_sql(spoken)


def message_totals(message_ids: Sequence[str], *, sent: bool) -> dict[str, tuple[int, int]]:
    """(records, fen) of those of the messages that we sent, or took, by message id."""
    model = SentMessage if sent else ReceivedMessage
    totals: dict[str, tuple[int, int]] = {}
    for start in range(0, len(message_ids), IDS_AT_ONCE):
        found = model.objects.filter(message_id__in=message_ids[start : start + IDS_AT_ONCE])
        rows = found.values_list("message_id", "count", "amount_fen")
        totals |= {name: (count, fen) for name, count, fen in rows}
    return totals


def verify_messages() -> Iterator[Law]:
    """Every message still says what it said when it was sent or taken."""
    checked, fault = 0, ""
    for model in (SentMessage, ReceivedMessage):
        for message in model.objects.select_related("body").order_by("pk").iterator(CHUNK):
            checked += 1
            if not fault and _said(message) != (message.count, message.amount_fen, message.digest):
                fault = message.message_id
    yield Law("messages_say_what_they_said", not fault, fault or f"{checked} 个报文 / messages")


def _said(message: SentMessage | ReceivedMessage) -> tuple[int, int, str]:
    """What a message's bytes say: records, fen, digest."""
    try:
        envelope = parcel_of(message).envelope
    except (Refusal, zlib.error):
        return -1, 0, ""
    return envelope.count, envelope.amount_fen, envelope.digest
