"""What has become of every electronic trade, and who is to act on those that are not done."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from tollcentre.clearing.queries import counted_files, counted_messages, trades_cleared_here
from tollcentre.clearing.terms import MINISTRY
from tollcentre.core.clock import day_of
from tollcentre.messages.queries import outbox
from tollcentre.messages.terms import SentState

from ..models import BookedMessage, Dispute
from ..terms import Direction, Fate, FateRow, Result

_Key = tuple[Direction, Fate, str, date | None]


def fates() -> list[FateRow]:
    """Every trade that went to an issuer, or came to ours, by what has become of it; fee in fen.

    A trade is cleared once the ministry's statistics have counted it, in dispute, bad debt, or it
    waits on the party that is named, since the day that is named. The rows' counts sum to the
    trades there are.
    """
    sums: dict[_Key, list[int]] = defaultdict(lambda: [0, 0])
    for key, count, fee in (*_sent(), *_booked(), *_disputed(), *_here()):
        sums[key][0] += count
        sums[key][1] += fee
    rows = [FateRow(*key, count, fee) for key, (count, fee) in sums.items() if count]
    return sorted(rows, key=lambda row: (row.direction, row.fate, row.waits_on, str(row.since)))


def _sent() -> Iterable[tuple[_Key, int, int]]:
    """Trades that went up and are not booked."""
    booked = set(
        BookedMessage.objects.filter(direction=Direction.TOLL).values_list("of_message", flat=True)
    )
    for message in outbox(kind="exit_upload"):
        if message.message_id in booked:
            continue
        taken = message.state == SentState.TAKEN
        waits_on = message.cause.partition("/")[2] if taken else MINISTRY
        since = day_of(message.settled_at if taken else message.created_at)
        yield (
            (Direction.TOLL, Fate.SENT if taken else Fate.TO_SEND, waits_on, since),
            message.count,
            message.amount_fen,
        )


def _booked() -> Iterable[tuple[_Key, int, int]]:
    """Trades that their issuer confirmed: cleared once the ministry has counted their message."""
    counted = counted_messages()
    for booked in BookedMessage.objects.order_by("pk"):
        cleared = booked.of_message in counted
        direction = Direction(booked.direction)
        key: _Key = (
            (direction, Fate.CLEARED, "", None)
            if cleared
            else (direction, Fate.CONFIRMED, MINISTRY, booked.confirmed_on)
        )
        yield key, booked.count - booked.disputed_count, booked.fee - booked.disputed_fee


def _disputed() -> Iterable[tuple[_Key, int, int]]:
    """Disputed trades: in dispute, ruled payable and counted or not, or bad debt."""
    counted = counted_files()
    found = (
        Dispute.objects.values(
            "direction", "opened_on", "ruling__result", "ruling__file_id", "ruling__ruled_on"
        )
        .annotate(n=Count("pk"), fen=Sum("fee"))
        .order_by("direction", "opened_on")
    )
    for row in found:
        direction, result = Direction(row["direction"]), row["ruling__result"]
        key: _Key
        if result is None:
            key = (direction, Fate.DISPUTED, MINISTRY, row["opened_on"])
        elif result == Result.BAD_DEBT:
            key = (direction, Fate.BAD_DEBT, "", None)
        elif row["ruling__file_id"] in counted:
            key = (direction, Fate.CLEARED, "", None)
        else:
            key = (direction, Fate.CONFIRMED, MINISTRY, row["ruling__ruled_on"])
        yield key, row["n"], row["fen"]


def _here() -> Iterable[tuple[_Key, int, int]]:
    """Trades of our own issuer within the province: they wait on it to book them."""
    for day, issuer, count, fee in trades_cleared_here():
        yield (Direction.TOLL, Fate.HERE, issuer, day), count, fee


def disputes(
    *, viewer: object | None = None, direction: str = "", state: str = "", reason: str = "",
    transaction_id: str = "",
) -> "QuerySet[Dispute]":  # fmt: skip
    """Disputed trades for a page, newest first."""
    found = Dispute.objects.select_related("ruling", "booked").order_by("-pk")
    if direction:
        found = found.filter(direction=direction)
    if reason:
        found = found.filter(reason=reason)
    if transaction_id:
        found = found.filter(transaction_id__startswith=transaction_id)
    states = {
        "open": Q(ruling=None),
        "paid": Q(ruling__result=Result.PAY),
        "bad_debt": Q(ruling__result=Result.BAD_DEBT),
    }
    return found.filter(states[state]) if state else found
