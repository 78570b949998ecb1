"""Hold money in dispute (暂挂): pending when opened, then posted or voided, exactly once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.db import transaction

from tollcentre.access.actions import hold_trail, insert_rows
from tollcentre.core.refusal import Refusal

from ..models import Hold, HoldClosing
from ..queries import chart, holds_by_key, values_of
from ..rules import batch_key_of, line_from, voiding, why_not_close, why_not_open
from ..terms import (
    NO_SUCH_HOLD,
    Batch,
    HoldInfo,
    HoldOpening,
    HoldRuling,
    HoldState,
    PostingLine,
)
from .append import Posting, append

ACTS = {
    HoldState.OPEN: "ledger.open_hold",
    HoldState.POSTED: "ledger.post_hold",
    HoldState.VOIDED: "ledger.void_hold",
}


def open_hold(
    *, hold_key: str, clear_date: date, lines: Sequence[PostingLine], actor: str, memo: str = ""
) -> HoldInfo:
    """Hold money while it is in dispute, once a key; some line is on an account for holds.

    The same key with the same content gives the earlier hold; with other content it is refused,
    as is a hold for the first reason of `rules.why_not_open`.
    """
    return open_holds([HoldOpening(hold_key, clear_date, lines, actor, memo)])[0]


def post_hold(
    *, hold_key: str, clear_date: date, lines: Sequence[PostingLine], actor: str, reason: str
) -> HoldInfo:
    """Rule on a hold, once: the lines clear what it holds, by account and every dimension.

    Refuses for the first reason of `rules.why_not_close`; the same ruling again changes nothing.
    """
    return close_holds([HoldRuling(hold_key, clear_date, actor, reason, lines)])[0]


def void_hold(*, hold_key: str, clear_date: date, actor: str, reason: str) -> HoldInfo:
    """Undo a hold, once, by the exact mirror of its opening on the clear date of the voiding.

    Refuses for the first reason of `rules.why_not_close`; voiding again changes nothing.
    """
    return close_holds([HoldRuling(hold_key, clear_date, actor, reason)])[0]


@transaction.atomic
def open_holds(openings: Sequence[HoldOpening]) -> list[HoldInfo]:
    """Open many holds in their order, all or none, as `open_hold` opens each."""
    for opening in openings:
        refusal = why_not_open(opening, chart())
        if refusal is not None:
            raise refusal
    posted = append([_posting(one, HoldState.OPEN, one.lines, one.memo) for one in openings])
    pairs = list(zip(openings, posted, strict=True))
    fresh = {one.hold_key: batch.seq for one, batch in pairs if not batch.repeated}
    insert_rows(Hold, ("hold_key", "opened"), fresh.items())
    earlier = holds_by_key([one.hold_key for one in openings if one.hold_key not in fresh])
    return [
        replace(earlier[one.hold_key], opened=batch)
        if one.hold_key in earlier
        else HoldInfo(one.hold_key, HoldState.OPEN, batch)
        for one, batch in pairs
    ]


@transaction.atomic
def close_holds(rulings: Sequence[HoldRuling]) -> list[HoldInfo]:
    """Post or void many holds in their order, all or none, as `post_hold` and `void_hold` do."""
    hold_trail()
    found = holds_by_key([ruling.hold_key for ruling in rulings])
    opened = values_of([hold.opened.seq for hold in found.values()])
    states = {hold_key: hold.state for hold_key, hold in found.items()}
    postings = []
    for ruling in rulings:
        hold = found.get(ruling.hold_key)
        if hold is None:
            raise Refusal(NO_SUCH_HOLD, "hold_key", hold_key=ruling.hold_key)
        values, state = opened[hold.opened.seq], states[ruling.hold_key]
        refusal = why_not_close(ruling, state, hold.opened.clear_date, values, chart())
        if refusal is not None:
            raise refusal
        states[ruling.hold_key] = ruling.outcome
        lines = ruling.lines
        if lines is None:
            lines = [line_from(line) for line in voiding(values, ruling.clear_date)]
        postings.append(_posting(ruling, ruling.outcome, lines, ruling.reason))
    closed = list(zip(rulings, append(postings), strict=True))
    rows = [
        (batch.seq, found[ruling.hold_key].opened.seq, ruling.outcome.value)
        for ruling, batch in closed
        if not batch.repeated
    ]
    insert_rows(HoldClosing, ("batch", "hold", "outcome"), rows)
    return [
        replace(found[ruling.hold_key], state=ruling.outcome, closed=batch)
        for ruling, batch in closed
    ]


def _posting(
    one: HoldOpening | HoldRuling, state: HoldState, lines: Sequence[PostingLine], memo: str
) -> Posting:
    """The batch that opens or closes a hold."""
    key = batch_key_of(one.hold_key, state)
    return Posting(Batch(key, one.clear_date, lines, one.actor, memo), ACTS[state])
