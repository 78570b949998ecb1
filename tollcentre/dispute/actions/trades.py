"""Every write of dispute: trades are booked, each once."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from tollcentre.access.actions import hold_trail, insert_rows, record_trail

from ..models import BookedTrade
from ..queries import book, booked
from ..queries.booking import RULED, charges_paid, in_parts
from ..terms import DisputeReason, TradeToBook

COLUMNS = ("trade_key", "charge_key", "dedup_key", "reason", "fee_fen", "received_at")
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
    insert_rows(
        BookedTrade,
        COLUMNS,
        (_row(trade, faults.get(trade.trade_key), received_at) for trade in fresh),
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


def _row(
    trade: TradeToBook, reason: DisputeReason | None, received_at: int
) -> tuple[str | int | None, ...]:
    """How a trade was booked; a payable one holds its charge, an unreadable one records none."""
    charge = "" if reason is DisputeReason.FIELD_MALFORMED else trade.dedup_key
    held = charge if reason is None else None
    return trade.trade_key, charge, held, int(reason or PAYABLE), trade.fee_fen, received_at


def hold_charges(trade_keys: Iterable[str]) -> None:
    """Let trades that were ruled payable hold their charges, where no earlier one does.

    Each is booked once more, as payable: a later record of the same charge is a repeated trade.
    """
    rows = [
        row for part in in_parts(trade_keys)
        for row in BookedTrade.objects.filter(trade_key__in=part).exclude(charge_key="")
    ]  # fmt: skip
    held = set(charges_paid(row.charge_key for row in rows))
    fresh = {row.charge_key: row for row in reversed(rows) if row.charge_key not in held}
    insert_rows(
        BookedTrade,
        COLUMNS,
        (
            (f"{RULED}{row.trade_key}", charge, charge, PAYABLE, row.fee_fen, row.received_at)
            for charge, row in fresh.items()
        ),
    )
