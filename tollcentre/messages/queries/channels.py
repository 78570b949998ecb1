"""Every read of what payment channels say: notices, and bills as they are asked for."""

from datetime import date

from django.db.models import QuerySet

from tollcentre.core.refusal import Refusal

from ..models import BillToFetch, BillTry, ChannelNotice
from ..terms import NO_SUCH_MESSAGE, ReceivedState


def notices_due(now: int, limit: int) -> list[int]:
    """Row ids of notices that are to be handed on now, the earliest taken first."""
    found = ChannelNotice.objects.filter(state=ReceivedState.WAITING, next_try_at__lte=now)
    return list(found.order_by("id").values_list("pk", flat=True)[:limit])


def notices(
    *, viewer: object | None = None, channel: str = "", state: str = "", order_no: str = ""
) -> "QuerySet[ChannelNotice]":
    """Notices of channels, newest first."""
    found = ChannelNotice.objects.order_by("-id")
    if channel:
        found = found.filter(channel=channel)
    if state:
        found = found.filter(state=state)
    return found.filter(order_no__startswith=order_no) if order_no else found


def bills_due(channel: str, now: int, limit: int) -> list[BillToFetch]:
    """Bills of a channel that are to be asked for now, the longest due first."""
    found = BillToFetch.objects.filter(channel=channel, settled_at=0, next_try_at__lte=now)
    return list(found.order_by("next_try_at", "day")[:limit])


def channel_bills(
    *, viewer: object | None = None, channel: str = "", missing: bool = False
) -> "QuerySet[BillToFetch]":
    """Bills of channels by day, newest first; those that are not here yet where `missing`."""
    found = BillToFetch.objects.order_by("-day", "channel")
    if channel:
        found = found.filter(channel=channel)
    return found.filter(settled_at=0) if missing else found


def bill_tries(channel: str, day: date) -> "tuple[BillToFetch, QuerySet[BillTry]]":
    """A channel's bill of a day and every time it was asked for; Refusal where there is none."""
    bill = BillToFetch.objects.filter(channel=channel, day=day).first()
    if bill is None:
        raise Refusal(NO_SUCH_MESSAGE, "day", message_id=f"{channel} {day}")
    return bill, BillTry.objects.filter(bill=bill).order_by("id")
