"""What we make of the provinces' parts that the ministry's statistics counted."""

from dataclasses import dataclass

from tollcentre.clearing.queries import parts_split, parts_told
from tollcentre.clearing.terms import CountedPart
from tollcentre.messages.queries import kinds_of_sent

from ..models import BookedMessage, Dispute, DisputeRuling
from ..terms import Direction, Result


@dataclass(frozen=True)
class PartFigures:
    """Our figures of a counted line: parts, our own account of them, and what is to be booked."""

    count: int
    our_fee: int
    booked_fee: int


def figures_of(part: CountedPart) -> PartFigures | None:
    """Our figures of a line; none while something that it names has not come; fen."""
    if part.side == "receivable":
        split = parts_split(part)
        return None if split is None else PartFigures(*split)
    if not _have_come(part):
        return None
    disputed = Dispute.objects.filter(
        direction=Direction.TOLL, booked__of_message__in=part.of_messages
    )
    ruled = Dispute.objects.filter(
        direction=Direction.TOLL, ruling__file_id__in=part.of_files, ruling__result=Result.PAY
    )
    count, fee = parts_told(
        part,
        without=disputed.values_list("booked__of_message", "transaction_id"),
        ruled=ruled.values_list("booked__of_message", "transaction_id"),
    )
    return PartFigures(count, fee, fee)


def _have_come(part: CountedPart) -> bool:
    """Whether the trades that a line counts are booked here, and its rulings made."""
    kinds = kinds_of_sent(part.of_messages)
    trades = {message for message, kind in kinds.items() if kind == "exit_upload"}
    booked = BookedMessage.objects.filter(direction=Direction.TOLL, of_message__in=trades)
    files = DisputeRuling.objects.filter(file_id__in=part.of_files).values("file_id").distinct()
    return booked.count() == len(trades) and files.count() == len(set(part.of_files))
