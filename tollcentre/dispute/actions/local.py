"""Both sides ours: trades of our own issuer within the province, booked in this centre."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from tollcentre.access.actions import SYSTEM, hold_trail
from tollcentre.clearing.queries import shares_of_run, trades_here
from tollcentre.core.clock import day_of

from ..models import BookedMessage
from ..rules.evidence import trade_of
from ..rules.money import trade_key
from ..terms import Direction
from .results import open_disputes
from .trades import book_trades

CENTRE = "0201"


def book_here(
    *, run_key: str, earlier: Sequence[str], day: date, own: str, now: int
) -> list[BookedMessage]:
    """Book the trades of a cleared day that are our own issuer's within the province.

    Each is checked as one from elsewhere is, and no message tells of it. What is booked stays due
    from the issuer as the day has posted it; what is disputed is held until it is ruled here. Done
    twice it changes nothing; a trade that an earlier run of the day had was booked with it.
    """
    return [
        booked
        for issuer, records in trades_here(run_key, earlier).items()
        if (booked := _book(run_key, issuer, records, day, own, now)) is not None
    ]


@transaction.atomic
def _book(
    run_key: str, issuer: str, records: list[dict[str, Any]], day: date, own: str, now: int
) -> BookedMessage | None:
    """Book one issuer's trades of a run; none where they are booked already."""
    hold_trail()
    of_message = f"{run_key}/{issuer}"
    if BookedMessage.objects.filter(direction=Direction.LOCAL, of_message=of_message).exists():
        return None
    toll_party = f"{own}{CENTRE}"
    keys = {
        record["transaction_id"]: trade_key(Direction.LOCAL, of_message, record["transaction_id"])
        for record in records
    }
    found = book_trades(
        trades=[trade_of(record, keys[record["transaction_id"]], toll_party) for record in records],
        received_at=now,
        source=of_message,
        actor=SYSTEM,
    )
    reasons = {key: int(reason) for key, reason in found}
    disputed = [
        (record, reasons[keys[record["transaction_id"]]])
        for record in records
        if keys[record["transaction_id"]] in reasons
    ]
    booked = BookedMessage.objects.create(
        direction=Direction.LOCAL,
        of_message=of_message,
        result_message="",
        issuer_id=issuer,
        toll_party=toll_party,
        clear_date=day,
        confirmed_on=day_of(now),
        count=len(records),
        fee=sum(record["fee"] for record in records),
        disputed_count=len(disputed),
        disputed_fee=sum(record["fee"] for record, _ in disputed),
        booked_at=now,
    )
    names = [record["transaction_id"] for record, _ in disputed]
    shares = shares_of_run(run_key, names, own=own) if names else {}
    open_disputes(booked, disputed, shares)
    return booked
