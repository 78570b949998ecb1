"""Windows: which clear days are settled together, when, and which entries they count."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from tollcentre.participants.terms import Agreement, Cycle

from ..terms import DueWindow, StatementSide, Window

ONE_DAY = timedelta(days=1)


def window_end(start: date, cycle: Cycle) -> date:
    """The last clear day of the window that begins on the day: Sundays end weeks."""
    if cycle is Cycle.DAILY:
        return start
    if cycle is Cycle.WEEKLY:
        return start + timedelta(days=6 - start.weekday())
    return start.replace(day=monthrange(start.year, start.month)[1])


def due_windows(
    agreements: Sequence[Agreement], side: StatementSide, start: date, today: date
) -> list[DueWindow]:
    """A party's windows from `start` on that have begun by today, in order, without gap or overlap.

    Nothing is settled before the first agreement. A window ends early where the next one begins;
    it may be closed once its last day is over and the days of its agreement have passed.
    """
    found = []
    start = max(start, agreements[0].from_day)
    while start <= today:
        terms = [one for one in agreements if one.from_day <= start][-1]
        later = [one.from_day - ONE_DAY for one in agreements if one.from_day > start]
        end = min([window_end(start, Cycle(terms.cycle)), *later])
        due_on = end + max(timedelta(days=terms.lag_days), ONE_DAY)
        found.append(
            DueWindow(terms.party_id, terms.agreement_no, terms.model, side, start, end, due_on)
        )
        start = end + ONE_DAY
    return found


def is_member(clear_date: date, seq: int, window: Window, before: Window | None) -> bool:
    """Whether a window counts an entry: it could, and the windows before it could not.

    Ends and cuts of a party's windows only grow, so the one before speaks for all of them.
    """
    if clear_date > window.end or seq > window.cut_seq:
        return False
    return before is None or clear_date > before.end or seq > before.cut_seq


def window_of(clear_date: date, seq: int, windows: Sequence[Window]) -> int | None:
    """The place of the first window that can count an entry; None while it is in no window."""
    for place, window in enumerate(windows):
        if clear_date <= window.end and seq <= window.cut_seq:
            return place
    return None
