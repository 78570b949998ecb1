"""Each clear day as the extension centre counted it, against our own figure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from ..models import CountedItem, PackBooking, PackDispute, PackStatistic
from ..terms import ComparedDay, ProviderDay

_Item = tuple[str, str, str]
"""Provider, `pack` or `file`, and its number."""
_Figure = tuple[int, int]
"""Trades and their fee in fen."""
PAY = 0


def statistic_days(*, viewer: object | None = None) -> list[date]:
    """Clear days that we or the extension centre have a figure of, newest first."""
    ruled = PackDispute.objects.filter(result=PAY).values_list("ruled_on", flat=True)
    days = {
        *PackStatistic.objects.values_list("day", flat=True),
        *PackBooking.objects.values_list("booked_on", flat=True),
        *(day for day in ruled if day is not None),
    }
    return sorted(days, reverse=True)


def compared(day: date, *, viewer: object | None = None) -> ComparedDay:
    """A clear day on both sides: ours is what was confirmed or ruled payable on it.

    Theirs is the last statistic that they sent of the day; 0 where there is none.
    """
    told = PackStatistic.objects.filter(day=day).order_by("-id").first()
    items = CountedItem.objects.filter(statistic=told) if told else CountedItem.objects.none()
    theirs = set(items.values_list("provider_code", "kind", "item"))
    ours = _figures(day)
    known = ours | _figures_of(theirs - ours.keys())
    rows = []
    for provider in sorted({name for name, _, _ in ours.keys() | theirs}):
        mine = {item for item in ours if item[0] == provider}
        named = {item for item in theirs if item[0] == provider}
        rows.append(
            ProviderDay(
                provider,
                *_sum(ours[item] for item in mine),
                *_sum(known.get(item, (0, 0)) for item in named),
                tuple(sorted(item for _, _, item in mine - named)),
                tuple(sorted(item[2] for item in named - mine if known.get(item) != (0, 0))),
            )
        )
    our_count, our_fee = _sum(ours.values())
    return ComparedDay(
        day=day, message_id=told.message_id if told else "", our_count=our_count, our_fee=our_fee,
        their_count=told.count if told else 0, their_fee=told.fee if told else 0,
        providers=tuple(rows),
    )  # fmt: skip


def first_unknown(items: Iterable[_Item]) -> str:
    """The first of the packs and files that has not been booked or ruled here; empty if none."""
    wanted = list(items)
    known = _figures_of(wanted)
    return next((item[2] for item in wanted if item not in known), "")


def _figures(day: date) -> dict[_Item, _Figure]:
    """What was confirmed or ruled payable on the day, by pack and file; nothing is left out."""
    booked = PackBooking.objects.filter(booked_on=day, confirmed_count__gt=0)
    found: dict[_Item, _Figure] = {
        (code, "pack", name): (count, fee)
        for code, name, count, fee in booked.values_list(
            "pack__provider__code", "pack__message_id", "confirmed_count", "confirmed_fee"
        )
    }
    paid = PackDispute.objects.filter(result=PAY, ruled_on=day)
    return found | _files(paid)


def _figures_of(items: Iterable[_Item]) -> dict[_Item, _Figure]:
    """What packs and files came to here, on whatever day; those that are not here are left out."""
    names: dict[str, set[str]] = defaultdict(set)
    for _, kind, item in items:
        names[kind].add(item)
    booked = PackBooking.objects.filter(pack__message_id__in=names["pack"])
    found: dict[_Item, _Figure] = {
        (code, "pack", name): (count, fee)
        for code, name, count, fee in booked.values_list(
            "pack__provider__code", "pack__message_id", "confirmed_count", "confirmed_fee"
        )
    }
    return found | _files(PackDispute.objects.filter(file_id__in=names["file"]))


def _files(disputes: "QuerySet[PackDispute]") -> dict[_Item, _Figure]:
    """What was ruled payable by each file; a file of nothing but bad debt came to nothing."""
    rows = disputes.order_by().values_list("trade__provider__code", "file_id")
    paid = Q(result=PAY)
    return {
        (code, "file", name): (count, fee or 0)
        for code, name, count, fee in rows.annotate(
            n=Count("pk", filter=paid), fen=Sum("trade__fee", filter=paid)
        )
    }


def _sum(figures: Iterable[_Figure]) -> _Figure:
    pairs = list(figures)
    return sum(count for count, _ in pairs), sum(fee for _, fee in pairs)
