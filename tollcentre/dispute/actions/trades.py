"""Every write of dispute: trades are booked, each once."""

from collections.abc import Sequence

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail

from ..models import BookedTrade
from ..queries import book, booked
from ..terms import DisputeReason, TradeToBook

INSERT_ROWS = 5_000
PAYABLE = 0


@transaction.atomic
def book_trades(
    *, trades: Sequence[TradeToBook], received_at: int, source: str, actor: str
) -> list[tuple[str, DisputeReason]]:
    """Book the trades of a message and keep how; the disputed ones with their reasons, in order.

    A trade that was booked before keeps its result, whatever is known by now: the same message
    again gives the same answer and changes nothing. `received_at` in epoch seconds.
    """
    hold_trail()
    before = booked(trade.trade_key for trade in trades)
    fresh = [trade for trade in trades if trade.trade_key not in before]
    faults = dict(book(fresh, received_at))
    BookedTrade.objects.bulk_create(
        (
            BookedTrade(
                trade_key=trade.trade_key,
                dedup_key=None if trade.trade_key in faults else trade.dedup_key,
                reason=faults.get(trade.trade_key, PAYABLE),
                fee_fen=trade.fee_fen,
                received_at=received_at,
            )
            for trade in fresh
        ),
        batch_size=INSERT_ROWS,
    )
    if fresh:
        disputed_fen = sum(trade.fee_fen for trade in fresh if trade.trade_key in faults)
        detail = {
            "trades": len(fresh),
            "fee_fen": sum(trade.fee_fen for trade in fresh),
            "disputed": len(faults),
            "disputed_fen": disputed_fen,
        }
        record_trail(actor=actor, act="dispute.book_trades", subject=source, detail=detail)
    results = before | faults
    return [
        (trade.trade_key, reason)
        for trade in trades
        if (reason := results.get(trade.trade_key)) is not None
    ]
