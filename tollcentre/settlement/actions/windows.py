"""Close windows: the period is locked, its statement is drafted; each once."""

from datetime import date

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.clock import day_of
from tollcentre.ledger.queries import head_seq

from ..models import SettlementLine, SettlementStatement
from ..queries.windows import (
    closed_windows,
    movements_of,
    parameter,
    settled_parties,
    windows_to_close,
)
from ..rules import lines_of, statement_no
from ..terms import DueWindow, StatementState, Window


def close_windows(*, now: int, actor: str, party_id: str = "", until: date | None = None) -> int:
    """Close every window whose days are over and whose lag has passed; how many were new.

    Of one party, or of all; none that ends after `until`. Done twice it changes nothing.
    """
    today, closed = day_of(now), 0
    for party in [party_id] if party_id else settled_parties():
        closed += _close_party(party, today, until or today, now, actor)
    return closed


@transaction.atomic
def _close_party(party_id: str, today: date, until: date, now: int, actor: str) -> int:
    hold_trail()
    due = [
        window
        for window in windows_to_close(party_id, today)
        if window.due_on <= today and window.end <= until
    ]
    for window in due:
        _close(window, now, actor)
    return len(due)


def _close(due: DueWindow, now: int, actor: str) -> None:
    """One window: what it counts is fixed by its end and by the newest batch of the ledger."""
    closed = closed_windows(due.party_id)
    before = closed[-1] if closed else None
    window = Window(due.start, due.end, head_seq())
    lines = lines_of(movements_of(due.party_id, due.side, window, before), due.start)
    carried = carried_into(due.party_id)
    entries = sum(line.fen for line in lines)
    settles = carried + entries >= parameter("least_payment_fen", due.end)
    statement = SettlementStatement.objects.create(
        statement_no=statement_no(due.party_id, due.end),
        party_id=due.party_id,
        side=due.side,
        agreement_no=due.agreement_no,
        model=due.model,
        start_day=due.start,
        end_day=due.end,
        due_on=due.due_on,
        cut_seq=window.cut_seq,
        carried_in_fen=carried,
        entries_fen=entries,
        total_fen=carried + entries,
        closed_at=now,
        state=StatementState.DRAFTED if settles else StatementState.CARRIED,
    )
    SettlementLine.objects.bulk_create(
        SettlementLine(
            statement=statement,
            clear_date=line.clear_date,
            cause=line.cause,
            fen=line.fen,
            entries=line.entries,
        )
        for line in lines
    )
    record_trail(
        actor=actor,
        act="settlement.close_window",
        subject=statement.statement_no,
        detail={
            "start": due.start,
            "end": due.end,
            "cut_seq": window.cut_seq,
            "carried_in_fen": carried,
            "total_fen": statement.total_fen,
            "lines": [[line.clear_date, line.cause, line.fen] for line in lines],
        },
    )


def carried_into(party_id: str) -> int:
    """What the party's last statement carries into its next: below what is paid, or a debt."""
    last = SettlementStatement.objects.filter(party_id=party_id).order_by("-end_day").first()
    if last is None or last.state != StatementState.CARRIED:
        return 0
    return int(last.total_fen)
