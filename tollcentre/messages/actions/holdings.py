"""What both sides hold of a day, told each other and compared by digest."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from tollcentre.core.clock import day_of, day_start

from ..models import ExchangePeer, HoldingsCheck, ReceivedMessage, SentMessage
from ..terms import Parcel, PeerKind, SentState
from .exchange import queue_messages

KIND = "holdings"
HELD, HELD_OTHERWISE = 1, 2


@transaction.atomic
def queue_holdings(*, now: int) -> int:
    """Tell every centre what we sent and took on the day before; done twice it changes nothing.

    Gives the messages queued.
    """
    day = day_of(now) - timedelta(days=1)
    queued = 0
    for peer in ExchangePeer.objects.filter(kind=PeerKind.CENTRE).order_by("code"):
        cause = f"holdings/{peer.code}/{day}"
        if day < day_of(peer.added_at) or SentMessage.objects.filter(cause=cause).exists():
            continue
        made = queue_messages(
            cause=cause, kind=KIND, receiver=peer.code, fields={"day": day},
            records=_held(peer.code, day), clear_date=None, now=now,
        )  # fmt: skip
        queued += len(made)
    return queued


def _held(code: str, day: date) -> list[dict[str, Any]]:
    """What passed between us and a peer on the day, by message id."""
    start, end = day_start(day), day_start(day + timedelta(days=1))
    sent = SentMessage.objects.filter(
        receiver=code, state=SentState.TAKEN, settled_at__gte=start, settled_at__lt=end
    )
    taken = ReceivedMessage.objects.filter(sender=code, received_at__gte=start, received_at__lt=end)
    columns = ("message_id", "kind", "count", "amount_fen", "digest")
    rows = [*sent.values_list(*columns), *taken.values_list(*columns)]
    names = ("message_id", "kind", "count", "amount", "digest")
    return [dict(zip(names, row, strict=True)) for row in sorted(rows)]


def take_holdings(parcel: Parcel, now: int) -> None:
    """Compare what a peer holds with what we hold, message by message, and keep the outcome."""
    ids = [record["message_id"] for record in parcel.records]
    known = dict(SentMessage.objects.filter(message_id__in=ids).values_list("message_id", "digest"))
    known |= dict(
        ReceivedMessage.objects.filter(
            sender=parcel.envelope.sender_id, message_id__in=ids
        ).values_list("message_id", "digest")
    )
    _mark_held(parcel)
    HoldingsCheck.objects.create(
        message_id=parcel.envelope.message_id,
        peer=parcel.envelope.sender_id,
        day=parcel.fields["day"],
        count=len(ids),
        unknown_here=[name for name in ids if name not in known],
        differing=[
            record["message_id"]
            for record in parcel.records
            if known.get(record["message_id"], record["digest"]) != record["digest"]
        ],
        checked_at=now,
    )


def _mark_held(parcel: Parcel) -> None:
    """Put down of each message of ours whether the peer holds what we sent."""
    told = {record["message_id"]: record for record in parcel.records}
    names = ("kind", "count", "amount_fen", "digest")
    same: dict[bool, list[int]] = {True: [], False: []}
    ours = SentMessage.objects.filter(message_id__in=told, receiver=parcel.envelope.sender_id)
    for key, message_id, *kept in ours.values_list("pk", "message_id", *names):
        said = told[message_id]
        same[[said["kind"], said["count"], said["amount"], said["digest"]] == kept].append(key)
    SentMessage.objects.filter(pk__in=same[True]).update(held_there=HELD)
    SentMessage.objects.filter(pk__in=same[False]).update(held_there=HELD_OTHERWISE)
