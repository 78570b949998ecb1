"""Packs of an extension centre: taken once, acted on once, each answered by one of our own.

The reply to a message goes out in one transaction with what it says; nobody answers a reply.
"""

import hashlib
from collections.abc import Callable

from django.db import transaction

from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal

from ..models import ExchangePeer, ReceivedMessage, SentMessage
from ..queries import inbox_message, parcel_of
from ..terms import (
    NO_SUCH_MESSAGE,
    VALUE_DIFFERS,
    MessageFault,
    Parcel,
    Receipt,
    ReceivedState,
    ResultCode,
)
from .exchange import REPLY, Check, act_on, queue_messages, settle, take_message

PackAct = Callable[[Parcel, int], ResultCode]
"""Acts on a pack at a moment; what it is to be answered with."""


@transaction.atomic
def take_pack(*, peer: ExchangePeer, frame_id: str, xml: bytes, check: Check, now: int) -> Receipt:
    """Take a pack that came in a frame of that id, once, and queue the reply to a faulty one.

    What was taken is answered when it is acted on; what was answered before is answered again.
    """

    def named_alike(parcel: Parcel) -> None:
        check(parcel)
        if parcel.envelope.message_id != frame_id:
            raise MessageFault(
                ResultCode.CONTENT, VALUE_DIFFERS, "MessageId", name="MessageId",
                found=parcel.envelope.message_id, wanted=frame_id,
            )  # fmt: skip

    receipt = take_message(sender=peer, body=xml, check=named_alike, now=now, named=frame_id)
    if receipt.result is ResultCode.DUPLICATE:
        _answer_again(inbox_message(peer.code, frame_id), now)
    elif receipt.result is not ResultCode.OK:
        content = hashlib.sha256(xml).hexdigest()[:16]
        cause = f"fault:{peer.code}:{frame_id}:{content}:{now}"
        _reply(peer.code, frame_id, cause, receipt.result, now)
    return receipt


@transaction.atomic
def act_and_reply(*, row: int, act: PackAct, waits_for: frozenset[str], now: int) -> ReceivedState:
    """Do what a taken pack asks for, as `act_on` does, and queue the reply once it is settled."""
    said: list[ResultCode] = []

    def doing(parcel: Parcel, moment: int) -> None:
        try:
            said.append(act(parcel, moment))
        except Refusal as refusal:
            named = refusal.result if isinstance(refusal, MessageFault) else None
            said.append(named or ResultCode.ADVICE_REFUSED)
            raise

    state = act_on(row=row, act=doing, waits_for=waits_for, now=now)
    message = ReceivedMessage.objects.get(pk=row)
    if said and state is not ReceivedState.WAITING and message.kind != REPLY:
        cause = f"{_cause(message)}:{message.tries}"
        _reply(message.sender, message.message_id, cause, said[0], now)
    return state


def take_pack_reply(parcel: Parcel, now: int) -> ResultCode:
    """Settle the pack of ours that a reply answers; refuses one that we never sent."""
    message_id = parcel.fields["of_message_id"]
    message = SentMessage.objects.select_for_update().filter(
        message_id=message_id, receiver=parcel.envelope.sender_id
    ).first()  # fmt: skip
    if message is None:
        raise Refusal(NO_SUCH_MESSAGE, "MessageId", message_id=message_id)
    result = ResultCode(parcel.fields["result"])
    settle(
        message,
        Receipt(message_id, result, message.count, message.amount_fen, message.digest, ""),
        now,
    )
    return ResultCode.OK


def _answer_again(message: ReceivedMessage, now: int) -> None:
    """Answer what was settled before: a duplicate, unless it was not accepted then."""
    last = SentMessage.objects.filter(cause__startswith=f"{_cause(message)}:").order_by("-id")
    answered = last.first()
    if answered is None:
        return
    result = ResultCode(parcel_of(answered).fields["result"])
    if result is ResultCode.OK:
        result = ResultCode.DUPLICATE
    cause = f"again:{message.sender}:{message.message_id}:{now}"
    _reply(message.sender, message.message_id, cause, result, now)


def _cause(message: ReceivedMessage) -> str:
    return f"reply:{message.sender}:{message.message_id}"


def _reply(peer: str, message_id: str, cause: str, result: ResultCode, now: int) -> None:
    queue_messages(
        cause=cause, kind=REPLY, receiver=peer, records=(), clear_date=None, now=now,
        fields={
            "of_message_id": message_id, "result": int(result), "clear_target_date": day_of(now),
        },
    )  # fmt: skip
