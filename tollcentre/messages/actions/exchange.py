"""Every write of the exchange: what we send, what we took, and every try of both.

What a message does, it does in one transaction with saying that it is done; what we send is
written in the transaction of what made it. So each happens once, however often it is delivered.
"""

import hashlib
import logging
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction

from tollcentre.access.actions import record_trail
from tollcentre.core.clock import day_of
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
from ..queries import body_of, inbox_message, outbox_message, peer
from ..terms import (
    CAUSE_WITH_OTHER_CONTENT,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    MESSAGE_KNOWN_OTHERWISE,
    MESSAGE_NEEDS_NO_PERSON,
    NOT_FOR_US,
    PEER_ADDRESS_WRONG,
    PEER_EXISTS,
    MessageFault,
    Parcel,
    Protocol,
    Receipt,
    ReceivedState,
    ResultCode,
    SentState,
)
from .senders import create_sender

LOG = logging.getLogger(__name__)
RECORDS_A_MESSAGE = 10_000
FAULT_WIDTH = 255
Check = Callable[[Parcel], None]
Act = Callable[[Parcel, int], None]


def moment() -> int:
    """The present in epoch seconds: the machine's, or what TOLLCENTRE_CLOCK_FILE says."""
    if settings.CLOCK_FILE:
        return int(Path(settings.CLOCK_FILE).read_text(encoding="utf-8"))
    return int(time.time())


@transaction.atomic
def add_peer(*, code: str, own_code: str, address: str, actor: str, now: int) -> str:
    """Register a centre; the token that it is to show us, which is told this once.

    Refuses a known code and an address that is no HTTP address.
    """
    _require_address(address)
    if ExchangePeer.objects.filter(code=code).exists():
        raise Refusal(PEER_EXISTS, "code", code=code)
    token = create_sender(name=f"centre-{code}", actor=actor)
    ExchangePeer.objects.create(
        code=code, own_code=own_code, address=address.rstrip("/"), added_at=now,
        sender=Sender.objects.get(name=f"centre-{code}"),
    )  # fmt: skip
    record_trail(actor=actor, act="messages.add_peer", subject=code, detail={"address": address})
    return token


def _require_address(address: str) -> None:
    if not address.startswith(("http://", "https://")):
        raise Refusal(PEER_ADDRESS_WRONG, "address", address=address)


@transaction.atomic
def move_peer(*, code: str, address: str, actor: str) -> None:
    """Let a peer listen elsewhere from now on; refuses an unknown peer and a wrong address."""
    _require_address(address)
    record_trail(actor=actor, act="messages.move_peer", subject=code, detail={"address": address})
    ExchangePeer.objects.filter(pk=peer(code).pk).update(address=address.rstrip("/"))


def queue_messages(
    *,
    cause: str,
    kind: str,
    receiver: str,
    fields: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
    clear_date: date | None,
    now: int,
) -> list[SentMessage]:
    """Write messages to the outbox within the caller's transaction, each of few enough records.

    One cause makes its messages once: the same content again changes nothing, other content is
    refused. Without records it makes one empty message.
    """
    towards = peer(receiver)
    made = []
    for number, start in enumerate(range(0, max(len(records), 1), RECORDS_A_MESSAGE), 1):
        message_id = _message_id(towards.own_code, kind, cause, number, clear_date or day_of(now))
        body = codec.encode(
            protocol=Protocol.TRUNK, kind=kind, version=codec.versions_of(Protocol.TRUNK)[-1],
            message_id=message_id, sender_id=towards.own_code,
            receiver_id=receiver, sent_at=now, fields=dict(fields),
            records=[dict(record) for record in records[start : start + RECORDS_A_MESSAGE]],
        )  # fmt: skip
        made.append(_queue(message_id, cause, body, clear_date, now))
    return made


def _message_id(own_code: str, kind: str, cause: str, number: int, day: date) -> str:
    """The id of a cause's n-th message: whose, when, a digest of the cause, and its number."""
    digest = hashlib.sha256(f"{kind}\x1f{cause}".encode()).hexdigest()[:16]
    return f"{own_code}{day:%Y%m%d}{digest}{number:04d}"


def _queue(
    message_id: str, cause: str, body: bytes, clear_date: date | None, now: int
) -> SentMessage:
    """One message in the outbox, or the one that its cause made before."""
    parcel = codec.decode(Protocol.TRUNK, body)
    envelope = parcel.envelope
    earlier = SentMessage.objects.select_related("body").filter(message_id=message_id).first()
    if earlier is not None:
        before = codec.decode(Protocol.TRUNK, body_of(earlier.body))
        if (before.fields, before.records) != (parcel.fields, parcel.records):
            raise Refusal(CAUSE_WITH_OTHER_CONTENT, "message_id", message_id=message_id)
        return earlier
    return SentMessage.objects.create(
        message_id=message_id, receiver=envelope.receiver_id, kind=envelope.kind,
        version=envelope.version, cause=cause, clear_date=clear_date, count=envelope.count,
        amount_fen=envelope.amount_fen, digest=envelope.digest, body=_keep_body(body),
        created_at=now, state=SentState.WAITING, next_try_at=now,
    )  # fmt: skip


def _keep_body(body: bytes) -> MessageBody:
    """The stored body, once for the same bytes."""
    kept, _ = MessageBody.objects.get_or_create(
        sha256=hashlib.sha256(body).hexdigest(),
        defaults={"size_bytes": len(body), "compressed": zlib.compress(body, 6)},
    )
    return kept


@transaction.atomic
def record_try(*, message_id: str, receipt: Receipt | None, fault: str, now: int) -> SentState:
    """Put down one try to hand a message over, and where the message stands by it.

    It was taken where the receipt says so of the very message; it was refused where the receipt
    says that; of anything else nothing is known, and it is tried again later.
    """
    message = SentMessage.objects.select_for_update().get(message_id=message_id)
    result = 0 if receipt is None else int(receipt.result)
    if receipt is not None and not fault:
        fault = _misfit(message, receipt)
    SendTry.objects.create(message=message, at=now, result=result, fault=fault[:FAULT_WIDTH])
    message.tries += 1
    if message.state == SentState.WAITING:
        if fault or receipt is None:
            message.next_try_at = now + pause_s(message.tries)
        else:
            taken = receipt.result in (ResultCode.OK, ResultCode.DUPLICATE)
            message.state = SentState.TAKEN if taken else SentState.REFUSED
            message.result, message.settled_at = result, now
    message.save()
    return SentState(message.state)


def _misfit(message: SentMessage, receipt: Receipt) -> str:
    """What of the receipt is not of this message; empty where it fits.

    A receipt of a body that could not be read cannot name the message.
    """
    taken = receipt.result in (ResultCode.OK, ResultCode.DUPLICATE)
    if receipt.message_id != message.message_id and (taken or receipt.message_id):
        return f"messageId {receipt.message_id}"
    if not taken:
        return ""
    said = {"count": receipt.count, "amount": receipt.amount_fen, "digest": receipt.digest}
    kept = {"count": message.count, "amount": message.amount_fen, "digest": message.digest}
    return ", ".join(f"{key} {said[key]} ≠ {kept[key]}" for key in kept if said[key] != kept[key])


def pause_s(tries: int) -> int:
    """Seconds from the n-th try to the next."""
    return min(FIRST_PAUSE_S << min(tries - 1, 20), LONGEST_PAUSE_S)


def take_message(*, sender: ExchangePeer, body: bytes, check: Check, now: int) -> Receipt:
    """Take a message that a peer delivers, once; the receipt that it is to be given.

    `check` refuses, with a MessageFault, what is not taken here. What is refused changes nothing
    but the list of arrivals.
    """
    parcel: Parcel | None = None
    message_id, fault = "", ""
    try:
        parcel = codec.decode(Protocol.TRUNK, body)
        message_id = parcel.envelope.message_id
        _require_ours(sender, parcel)
        check(parcel)
        result = _keep_message(sender, parcel, body, now)
    except MessageFault as refusal:
        result, fault = refusal.result, refusal.text()
        message_id = message_id or refusal.message_id
    Arrival.objects.create(
        sender=sender.code, message_id=message_id[:64], at=now, size_bytes=len(body),
        body_sha256=hashlib.sha256(body).hexdigest(), result=int(result), fault=fault[:512],
    )  # fmt: skip
    if parcel is None:
        return Receipt(message_id, result, 0, 0, "", fault)
    envelope = parcel.envelope
    return Receipt(message_id, result, envelope.count, envelope.amount_fen, envelope.digest, fault)


def _require_ours(sender: ExchangePeer, parcel: Parcel) -> None:
    """Refuse a message of another sender, or for a party of another province than ours."""
    envelope = parcel.envelope
    ours = envelope.receiver_id[:2] == sender.own_code[:2]
    if envelope.sender_id != sender.code or not ours:
        raise MessageFault(ResultCode.HEADER, NOT_FOR_US, "receiverId",
                           receiver=envelope.receiver_id, sender=envelope.sender_id)  # fmt: skip


@transaction.atomic
def _keep_message(sender: ExchangePeer, parcel: Parcel, body: bytes, now: int) -> ResultCode:
    """Put a message in the inbox, or find it there."""
    envelope = parcel.envelope
    # One message of a peer at a time: two deliveries of the same at one moment are two.
    ExchangePeer.objects.select_for_update().get(pk=sender.pk)
    earlier = ReceivedMessage.objects.filter(
        sender=sender.code, message_id=envelope.message_id
    ).first()
    if earlier is not None:
        if earlier.digest != envelope.digest:
            raise MessageFault(ResultCode.CONTENT, MESSAGE_KNOWN_OTHERWISE, "messageId",
                               message_id=envelope.message_id)  # fmt: skip
        return ResultCode.DUPLICATE
    ReceivedMessage.objects.create(
        sender=sender.code, message_id=envelope.message_id, kind=envelope.kind,
        version=envelope.version, count=envelope.count, amount_fen=envelope.amount_fen,
        digest=envelope.digest, body=_keep_body(body), received_at=now,
        state=ReceivedState.WAITING, next_try_at=now,
    )  # fmt: skip
    return ResultCode.OK


@transaction.atomic
def act_on(*, row: int, act: Act, waits_for: frozenset[str], now: int) -> ReceivedState:
    """Do what a taken message asks for, once, in one transaction with saying so.

    A refusal whose code is in `waits_for` speaks of something that has not come yet: it is tried
    again later. Any other leaves the message for a person. What no refusal names leaves nothing
    half-done either, is told as the message's fault and tried again later.
    """
    message = ReceivedMessage.objects.select_for_update().get(pk=row)
    if message.state != ReceivedState.WAITING:
        return ReceivedState(message.state)
    message.tries += 1
    message.fault = ""
    message.next_try_at = now + pause_s(message.tries)
    try:
        with transaction.atomic():
            act(codec.decode(Protocol.TRUNK, body_of(message.body)), now)
        message.state, message.settled_at = ReceivedState.DONE, now
    except Refusal as refusal:
        message.fault = refusal.text()[:FAULT_WIDTH]
        if refusal.code not in waits_for:
            message.state, message.settled_at = ReceivedState.FAILED, now
    except OperationalError:
        raise
    except Exception as error:
        # A fault of ours must not stop the messages behind it: it is told, and tried again later.
        LOG.exception("message %s of %s", message.message_id, message.sender)
        message.fault = f"{type(error).__name__}: {error}"[:FAULT_WIDTH]
    message.save()
    return ReceivedState(message.state)


@transaction.atomic
def send_again(*, message_id: str, actor: str, now: int) -> None:
    """A person has a refused message tried again; refuses any other."""
    message = outbox_message(message_id)
    _again(message, SentState.REFUSED, message.state, message_id, actor, now)


@transaction.atomic
def act_again(*, sender: str, message_id: str, actor: str, now: int) -> None:
    """A person has a failed message acted on again; refuses any other."""
    message = inbox_message(sender, message_id)
    _again(message, ReceivedState.FAILED, message.state, message_id, actor, now)


def _again(
    message: SentMessage | ReceivedMessage, wanted: str, state: str, message_id: str, actor: str,
    now: int,
) -> None:  # fmt: skip
    if state != wanted:
        raise Refusal(MESSAGE_NEEDS_NO_PERSON, "message_id", message_id=message_id)
    record_trail(actor=actor, act="messages.again", subject=message_id, detail={"state": state})
    type(message).objects.filter(pk=message.pk).update(state="waiting", next_try_at=now)
