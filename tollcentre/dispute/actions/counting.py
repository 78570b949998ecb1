"""What the ministry's statistics counted of provinces' parts moves to its accounts."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction

from tollcentre.clearing.actions import keep_counted
from tollcentre.clearing.queries import counted_parts
from tollcentre.clearing.terms import COUNTED_KEY, CountedPart
from tollcentre.ledger.actions import PostingLine, post_batch

from ..queries.counting import PartFigures, figures_of
from ..rules.money import counted_lines
from .results import ACTOR


def book_counted() -> int:
    """Book every statistic whose provinces' parts can be counted by now; how many were.

    From then on the ministry owes us our parts of exits elsewhere, and we owe it the other
    provinces' parts of ours. A statistic that names what has not come yet waits. Done twice it
    changes nothing.
    """
    by_message: dict[str, list[CountedPart]] = defaultdict(list)
    for part in counted_parts(booked=False):
        by_message[part.message_id].append(part)
    return sum(_book(message_id, parts) for message_id, parts in by_message.items())


@transaction.atomic
def _book(message_id: str, parts: list[CountedPart]) -> bool:
    """Book the lines of one statistic together; false where one cannot be counted yet."""
    found = [(part, figures) for part in parts if (figures := figures_of(part)) is not None]
    if len(found) < len(parts):
        return False
    lines = list(_lines(found))
    if lines:
        post_batch(
            batch_key=f"{COUNTED_KEY}{message_id}", clear_date=parts[0].clear_date, lines=lines,
            actor=ACTOR,
        )  # fmt: skip
    for part, figures in found:
        keep_counted(
            part.row, count=figures.count, our_fee=figures.our_fee, booked_fee=figures.booked_fee
        )
    return True


def _lines(found: Iterable[tuple[CountedPart, PartFigures]]) -> Iterable[PostingLine]:
    for part, figures in found:
        if figures.booked_fee:
            yield from counted_lines(part.side, part.province, figures.booked_fee)
