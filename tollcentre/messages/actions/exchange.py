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
from tollcentre.core.clock import day_of, day_start
from tollcentre.core.refusal import Refusal

from ..codecs import exchange as codec
from ..models import (
    Arrival,
    ChannelNotice,
    ExchangePeer,
    MessageBody,
    ReceivedMessage,
    SendTry,
    SentMessage,
)
from ..queries import body_of, inbox_message, message_id_of, outbox_message, parcel_of, peer
from ..terms import (
    CAUSE_WITH_OTHER_CONTENT,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    MESSAGE_KNOWN_OTHERWISE,
    MESSAGE_NEEDS_NO_PERSON,
    NO_SUCH_MESSAGE,
    NOT_FOR_US,
    RECORDS_A_MESSAGE,
    MessageFault,
    Parcel,
    PeerKind,
    Protocol,
    Receipt,
    ReceivedState,
    ResultCode,
    SentState,
)

LOG = logging.getLogger(__name__)
RECEIPT = "receipt"
REPLY = "pack_reply"
UNANSWERED = (RECEIPT, REPLY)
"""The kinds of message that nothing answers."""
FAULT_WIDTH = 255
Check = Callable[[Parcel], None]
Act = Callable[[Parcel, int], None]


def moment() -> int:
    """The present in epoch seconds: the machine's, or what TOLLCENTRE_CLOCK_FILE says."""
    if settings.CLOCK_FILE:
        return int(Path(settings.CLOCK_FILE).read_text(encoding="utf-8"))
    return int(time.time())


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
    protocol = PeerKind(towards.kind).protocol
    day = clear_date or day_of(now)
    made = []
    for number, start in enumerate(range(0, max(len(records), 1), RECORDS_A_MESSAGE), 1):
        message_id = _message_id(towards, kind, cause, number, day)
        sent_at = day_start(day) if protocol is Protocol.BANK else now
        body = codec.encode(
            protocol=protocol, kind=kind, version=codec.versions_of(protocol)[-1],
            message_id=message_id, sender_id=towards.own_code, receiver_id=receiver,
            sent_at=sent_at, fields=dict(fields),
            records=[dict(record) for record in records[start : start + RECORDS_A_MESSAGE]],
        )  # fmt: skip
        made.append(_queue(protocol, cause, body, clear_date, now))
    return made


def _message_id(towards: ExchangePeer, kind: str, cause: str, number: int, day: date) -> str:
    """The id of a cause's n-th message: whose, when, a digest of the cause, and its number.

    Of a pack it is the number after the last one, unless its cause has made it already.
    """
    if towards.kind == PeerKind.PACK:
        return _pack_id(towards, cause, number)
    if towards.kind == PeerKind.CENTRE:
        return message_id_of(towards.own_code, kind, cause, number, day)
    digest = hashlib.sha256(f"{kind}\x1f{cause}".encode()).hexdigest()[:16]
    return codec.bank_file_id(
        kind=kind, sender_id=towards.own_code, receiver_id=towards.code, day=day,
        sequence=f"{digest}{number:04d}",
    )  # fmt: skip


def _pack_id(towards: ExchangePeer, cause: str, number: int) -> str:
    """The number that a cause's n-th pack has, or the next one: they grow by one."""
    # Whoever numbers a pack waits here for the others.
    ExchangePeer.objects.select_for_update().get(pk=towards.pk)
    packs = SentMessage.objects.filter(protocol=Protocol.PACK)
    made = packs.filter(cause=cause).order_by("id").values_list("message_id", flat=True)
    if len(made) >= number:
        return str(made[number - 1])
    last = packs.order_by("-id").values_list("message_id", flat=True).first()
    return str(int(last or 0) + 1)


def _queue(
    protocol: Protocol, cause: str, body: bytes, clear_date: date | None, now: int
) -> SentMessage:
    """One message in the outbox, or the one that its cause made before."""
    parcel = codec.decode(protocol, body)
    envelope = parcel.envelope
    message_id = envelope.message_id
    earlier = SentMessage.objects.select_related("body").filter(message_id=message_id).first()
    if earlier is not None:
        before = codec.decode(protocol, body_of(earlier.body))
        if (before.fields, before.records) != (parcel.fields, parcel.records):
            raise Refusal(CAUSE_WITH_OTHER_CONTENT, "message_id", message_id=message_id)
        return earlier
    return SentMessage.objects.create(
        message_id=message_id, receiver=envelope.receiver_id, protocol=protocol,
        kind=envelope.kind, version=envelope.version, cause=cause, clear_date=clear_date,
        count=envelope.count, amount_fen=envelope.amount_fen, digest=envelope.digest,
        body=_keep_body(body), created_at=now, state=SentState.WAITING, next_try_at=now,
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
    says that; of anything else nothing is known, and it is tried again later. A bank's receipt
    comes as a file of its own, the reply to a pack as a pack; what nothing answers is done once
    it was handed over.
    """
    message = SentMessage.objects.select_for_update().get(message_id=message_id)
    message.tries += 1
    _settle(message, receipt, fault, now)
    if message.state == SentState.WAITING:
        message.next_try_at = now + pause_s(message.tries)
    message.save()
    return SentState(message.state)


def take_receipt(parcel: Parcel, now: int) -> None:
    """Settle the files of ours that a bank's receipt answers; refuses one that we never sent."""
    for record in parcel.records:
        message = SentMessage.objects.select_for_update().filter(
            message_id=record["of_file"], receiver=parcel.envelope.sender_id
        ).first()  # fmt: skip
        if message is None:
            raise Refusal(NO_SUCH_MESSAGE, "of_file", message_id=record["of_file"])
        receipt = Receipt(message.message_id, ResultCode(record["result"]), record["count"],
                          record["amount_fen"], record["digest"], "")  # fmt: skip
        settle(message, receipt, now)


def settle(message: SentMessage, receipt: Receipt, now: int) -> None:
    """Put down, within the caller's transaction, what a peer answered to a locked message."""
    _settle(message, receipt, "", now)
    message.save()


def _settle(message: SentMessage, receipt: Receipt | None, fault: str, now: int) -> None:
    """Put down what is known of a message of ours; what was taken once stays taken."""
    result = 0 if receipt is None else int(receipt.result)
    if receipt is not None and not fault:
        fault = _misfit(message, receipt)
    SendTry.objects.create(message=message, at=now, result=result, fault=fault[:FAULT_WIDTH])
    if fault or message.state == SentState.TAKEN:
        return
    if receipt is None:
        taken = known = message.kind in UNANSWERED
    else:
        taken = receipt.result in (ResultCode.OK, ResultCode.DUPLICATE)
        known = taken or message.state == SentState.WAITING
    if known:
        message.state = SentState.TAKEN if taken else SentState.REFUSED
        message.result, message.settled_at = result, now


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


def take_message(
    *, sender: ExchangePeer, body: bytes, check: Check, now: int, named: str = ""
) -> Receipt:
    """Take a message that a peer delivers, once; the receipt that it is to be given.

    `check` refuses, with a MessageFault, what is not taken here; `named` is what it was called on
    its way. What is refused changes nothing but the list of arrivals.
    """
    parcel: Parcel | None = None
    message_id, fault = "", ""
    try:
        parcel = codec.decode(PeerKind(sender.kind).protocol, body)
        message_id = parcel.envelope.message_id
        _require_ours(sender, parcel)
        check(parcel)
        result = _keep_message(sender, parcel, body, now)
    except MessageFault as refusal:
        result, fault = refusal.result, refusal.text()
        message_id = message_id or refusal.message_id or named
    Arrival.objects.create(
        sender=sender.code, message_id=message_id[:64], at=now, size_bytes=len(body),
        body_sha256=hashlib.sha256(body).hexdigest(), result=int(result), fault=fault[:512],
    )  # fmt: skip
    if parcel is None:
        return Receipt(message_id, result, 0, 0, "", fault)
    envelope = parcel.envelope
    return Receipt(message_id, result, envelope.count, envelope.amount_fen, envelope.digest, fault)


def _require_ours(sender: ExchangePeer, parcel: Parcel) -> None:
    """Refuse a message of another sender, or for another than us.

    A centre may name any party of our province; to banks and channels we are one.
    """
    envelope = parcel.envelope
    ours = envelope.receiver_id == sender.own_code
    result, field = ResultCode.HEADER, "receiverId"
    if sender.kind == PeerKind.CENTRE:
        ours = envelope.receiver_id[:2] == sender.own_code[:2]
    elif sender.kind != PeerKind.PACK:
        result, field = ResultCode.ADVICE_REFUSED, "H.receiver"
    if envelope.sender_id != sender.code or not ours:
        raise MessageFault(result, NOT_FOR_US, field,
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
        sender=sender.code, message_id=envelope.message_id, protocol=envelope.protocol,
        kind=envelope.kind, version=envelope.version, count=envelope.count,
        amount_fen=envelope.amount_fen, digest=envelope.digest, body=_keep_body(body),
        received_at=now, state=ReceivedState.WAITING, next_try_at=now,
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
    return do_once(message, lambda: act(parcel_of(message), now), waits_for, now)


def do_once(
    taken: ReceivedMessage | ChannelNotice, do: Callable[[], None],
    waits_for: frozenset[str] | None, now: int,
) -> ReceivedState:  # fmt: skip
    """Do what a locked row asks for unless it was done, and put down what came of it.

    Without `waits_for` every refusal is tried again.
    """
    if taken.state != ReceivedState.WAITING:
        return ReceivedState(taken.state)
    taken.tries += 1
    taken.fault = ""
    taken.next_try_at = now + pause_s(taken.tries)
    try:
        with transaction.atomic():
            do()
        taken.state, taken.settled_at = ReceivedState.DONE, now
    except Refusal as refusal:
        taken.fault = refusal.text()[:FAULT_WIDTH]
        if waits_for is not None and refusal.code not in waits_for:
            taken.state, taken.settled_at = ReceivedState.FAILED, now
    except OperationalError:
        raise
    except Exception as error:
        # A fault of ours must not stop the messages behind it: it is told, and tried again later.
        LOG.exception("%s %s", type(taken).__name__, taken.pk)
        taken.fault = f"{type(error).__name__}: {error}"[:FAULT_WIDTH]
    taken.save()
    return ReceivedState(taken.state)


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
