"""Every read of the exchange: peers, outbox, inbox, tries and bodies."""

import zlib
from collections.abc import Iterator, Sequence

from django.db.models import Count, QuerySet, Sum

from tollcentre.core.law import Law
from tollcentre.core.refusal import Refusal

from ..codecs import exchange as codec
from ..models import (
    Arrival,
    ExchangePeer,
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
)

CHUNK = 200


def peer(code: str) -> ExchangePeer:
    """The peer of that code; Refusal where there is none."""
    found = ExchangePeer.objects.filter(code=code).first()
    if found is None:
        raise Refusal(NO_SUCH_PEER, "code", code=code)
    return found


def peer_of_sender(sender: Sender) -> ExchangePeer | None:
    """The peer that shows this sender's token."""
    return ExchangePeer.objects.filter(sender=sender).first()


def messages_due(now: int, limit: int) -> list[SentMessage]:
    """Messages of ours that are to be tried now, the longest due first."""
    found = SentMessage.objects.filter(state=SentState.WAITING, next_try_at__lte=now)
    return list(found.select_related("body").order_by("next_try_at", "id")[:limit])


def received_due(now: int, limit: int) -> list[int]:
    """Row ids of taken messages that are to be acted on now, the earliest taken first."""
    found = ReceivedMessage.objects.filter(state=ReceivedState.WAITING, next_try_at__lte=now)
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
    return codec.decode(Protocol.TRUNK, body_of(message.body))


def body_of(body: MessageBody) -> bytes:
    """The bytes of a message as they were sent or received."""
    return zlib.decompress(bytes(body.compressed))


def message_totals(message_id: str, *, sent: bool) -> tuple[int, int] | None:
    """(records, fen) of a message that we sent, or took; none where there is no such message."""
    model = SentMessage if sent else ReceivedMessage
    return model.objects.filter(message_id=message_id).values_list("count", "amount_fen").first()


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
