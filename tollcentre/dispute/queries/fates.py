"""What has become of every electronic trade, and who is to act on those that are not done."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When

from tollcentre.clearing.queries import (
    counted_files,
    counted_messages,
    day_exits,
    journeys_waiting,
    newest_day,
    parts_waiting,
)
from tollcentre.clearing.terms import MINISTRY
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.deposit.queries import lane_standing
from tollcentre.ledger.queries import lines_held
from tollcentre.messages.queries import outbox
from tollcentre.messages.terms import SentState

from ..models import BookedMessage, Dispute
from ..rules.money import hold_key
from ..terms import NO_SUCH_DISPUTE, Direction, Fate, FateRow, HeldMoney, Result

DAYS = 90
_Key = tuple[Direction, Fate, str, date | None]


def fates(start: date | None = None, end: date | None = None) -> list[FateRow]:
    """Every trade, exit and province's part of these clear days by what has become of it; fen.

    A trade is cleared once the ministry's statistics have counted it or, within the province, our
    own issuer has booked it; it is in dispute, bad debt, or waits on the party that is named, since
    the day that is named. What waits is always told,
    however long ago its day; what is done, of the days from `start` to `end` alone, by default
    the last ninety that were cleared. The rows' counts sum to the trades and exits there are;
    parts are told apart.
    """
    newest = newest_day()
    span = start or (newest - timedelta(days=DAYS) if newest else date.min), end or date.max
    sums: dict[_Key, list[int]] = defaultdict(lambda: [0, 0])
    for key, count, fee in (
        *_sent(),
        *_booked(*span),
        *_disputed(*span),
        *_exits(*span),
        *_lanes(*span),
        *_parts(),
    ):
        sums[key][0] += count
        sums[key][1] += fee
    rows = [FateRow(*key, count, fee) for key, (count, fee) in sums.items() if count]
    return sorted(rows, key=lambda row: (row.direction, row.fate, row.waits_on, str(row.since)))


def _sent() -> Iterable[tuple[_Key, int, int]]:
    """Trades that went up and are not booked."""
    booked = BookedMessage.objects.filter(direction=Direction.TOLL).values("of_message")
    rows = outbox(kind="exit_upload").exclude(message_id__in=booked)
    for state, cause, settled_at, created_at, count, fee in rows.values_list(
        "state", "cause", "settled_at", "created_at", "count", "amount_fen"
    ):
        taken = state == SentState.TAKEN
        waits_on = cause.partition("/")[2] if taken else MINISTRY
        since = day_of(settled_at if taken else created_at)
        yield (
            (Direction.TOLL, Fate.SENT if taken else Fate.TO_SEND, waits_on, since), count, fee,
        )  # fmt: skip


def _booked(start: date, end: date) -> Iterable[tuple[_Key, int, int]]:
    """Trades that their issuer confirmed: cleared once the ministry has counted their message."""
    counted = counted_messages()
    rows = BookedMessage.objects.values_list(
        "direction", "of_message", "clear_date", "confirmed_on",
        F("count") - F("disputed_count"), F("fee") - F("disputed_fee"),
    )  # fmt: skip
    for way, message, day, confirmed_on, count, fee in rows:
        direction = Direction(way)
        if direction is not Direction.LOCAL and message not in counted:
            yield (direction, Fate.CONFIRMED, MINISTRY, confirmed_on), count, fee
        elif start <= day <= end:
            yield (direction, Fate.CLEARED, "", None), count, fee


def _disputed(start: date, end: date) -> Iterable[tuple[_Key, int, int]]:
    """Disputed trades: in dispute, ruled payable and counted or not, or bad debt."""
    counted = counted_files()
    within = Q(booked__clear_date__gte=start, booked__clear_date__lte=end)
    found = (
        Dispute.objects.annotate(within=Case(When(within, then=True), default=False))
        .values(
            "direction", "opened_on", "toll_party", "within",
            "ruling__result", "ruling__file_id", "ruling__ruled_on",
        )
        .annotate(n=Count("pk"), fen=Sum("fee"))
        .order_by("direction", "opened_on")
    )  # fmt: skip
    for row in found:
        direction, result = Direction(row["direction"]), row["ruling__result"]
        local = direction is Direction.LOCAL
        done = result == Result.BAD_DEBT or local or row["ruling__file_id"] in counted
        key: _Key
        if result is None:
            ruler = row["toll_party"] if local else MINISTRY
            key = (direction, Fate.DISPUTED, ruler, row["opened_on"])
        elif not done:
            key = (direction, Fate.CONFIRMED, MINISTRY, row["ruling__ruled_on"])
        elif row["within"]:
            key = (direction, Fate.BAD_DEBT if result else Fate.CLEARED, "", None)
        else:
            continue
        yield key, row["n"], row["fen"]


def _exits(start: date, end: date) -> Iterable[tuple[_Key, int, int]]:
    """Exits without a message: of our own issuer and not booked yet, and free.

    All that wait are told, from the first clear day on.
    """
    booked = BookedMessage.objects.filter(direction=Direction.LOCAL)
    sums = booked.values_list("clear_date", "issuer_id").annotate(n=Sum("count"), fen=Sum("fee"))
    here = {(day, issuer): (count, fee) for day, issuer, count, fee in sums.order_by("clear_date")}
    for day, kind, party, count, fee in day_exits(date.min, date.max):
        if kind == "here":
            done, done_fee = here.get((day, party), (0, 0))
            yield (Direction.LOCAL, Fate.HERE, party, day), count - done, fee - done_fee
        elif kind == "free" and start <= day <= end:
            yield (Direction.TOLL, Fate.FREE, "", None), count, fee


def _lanes(start: date, end: date) -> Iterable[tuple[_Key, int, int]]:
    """What lanes collected: credited by the bank, or waiting for its deposit or payout."""
    for one in lane_standing():
        if one.waits_on:
            yield (Direction.TOLL, Fate.LANE, one.waits_on, one.since), one.count, one.fen
        elif start <= one.clear_date <= end:
            yield (Direction.TOLL, Fate.CREDITED, "", None), one.count, one.fen


def _parts() -> Iterable[tuple[_Key, int, int]]:
    """Other provinces' parts of our exits, and ours of exits elsewhere, that nobody counted yet."""
    counted = counted_files()
    of_ours = Dispute.objects.filter(direction=Direction.TOLL)
    trades: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for message, name, result, file_id in of_ours.values_list(
        "booked__of_message", "transaction_id", "ruling__result", "ruling__file_id"
    ):
        trades[result == Result.BAD_DEBT or file_id in counted].append((message, name))
    for day, _province, count, fee in parts_waiting(waiting=trades[False], done=trades[True]):
        yield (Direction.TOLL, Fate.PART, MINISTRY, day), count, fee
    for day, province, count, fee in journeys_waiting():
        yield (Direction.SERVING, Fate.SERVED, province, day), count, fee


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


def hold_of(dispute: Dispute) -> HeldMoney:
    """What the ledger holds, or held until the ruling, of a dispute: line by line, by party."""
    key = hold_key(dispute.direction, dispute.booked.of_message, dispute.transaction_id)
    return HeldMoney(key, tuple(lines_held([key]).get(key, ())))


def dispute_named(key: int) -> Dispute:
    """One dispute with its ruling; Refusal where there is none."""
    found = Dispute.objects.select_related("ruling", "booked").filter(pk=key).first()
    if found is None:
        raise Refusal(NO_SUCH_DISPUTE, "dispute", dispute=key)
    return found
