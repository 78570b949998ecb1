"""Statements and what was said of them, as far as the viewer may see."""

from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from tollcentre.access.terms import Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.queries import moved_on

from ..models import (
    SettlementLine,
    SettlementStatement,
    StatementConfirmation,
    StatementContest,
)
from ..rules import cause_of, party_account
from ..terms import (
    OWN_BATCHES,
    STATEMENT_UNKNOWN,
    Movement,
    StatementSide,
    StatementState,
    Window,
)
from .own import own
from .windows import as_movements, closed_windows, movements_of


def statements(
    *,
    viewer: Viewer,
    state: str = "",
    party_id: str = "",
    start: date | None = None,
    end: date | None = None,
    with_empty: bool = True,
) -> QuerySet:
    """Statements for a page, newest first; a road owner sees the own ones.

    Of windows that end within `start`–`end`; without `with_empty`, of those that had anything.
    """
    found = own(SettlementStatement.objects.all(), viewer)
    wanted = {
        "state": state,
        "party_id__icontains": party_id,
        "end_day__gte": start,
        "end_day__lte": end,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    confirmed = StatementConfirmation.objects.filter(statement=OuterRef("pk"))
    found = found.annotate(
        is_confirmed=Exists(confirmed),
        open_contests=Count("contests", filter=Q(contests__answer__isnull=True)),
    )
    if not with_empty:
        found = found.exclude(entries_fen=0, carried_in_fen=0)
    return found.order_by("-end_day", "party_id")


def statement_row(statement_no: str, *, viewer: Viewer) -> SettlementStatement:
    """The statement of that number; Refusal where the viewer sees none."""
    row = statements(viewer=viewer).filter(statement_no=statement_no).first()
    if row is None:
        raise Refusal(STATEMENT_UNKNOWN, "statement_no", statement_no=statement_no)
    found: SettlementStatement = row
    return found


def statement_lines(statement_no: str, *, viewer: Viewer) -> list[SettlementLine]:
    """The lines of a statement in order, as far as the viewer sees it."""
    row = statement_row(statement_no, viewer=viewer)
    return list(row.lines.select_related("statement").order_by("clear_date", "cause"))


def statement_movements(
    statement_no: str, *, viewer: Viewer, clear_date: date | None = None, cause: str = ""
) -> list[Movement]:
    """The ledger's batches behind a statement, or behind one of its lines."""
    row = statement_row(statement_no, viewer=viewer)
    return [
        one
        for one in movements_in(row)
        if (clear_date is None or one.clear_date == clear_date)
        and (not cause or cause_of(one.batch_key, one.clear_date, row.start_day) == cause)
    ]


def movements_in(row: SettlementStatement) -> list[Movement]:
    """What the window of a statement counts, out of the ledger."""
    own = Window(row.start_day, row.end_day, row.cut_seq)
    before = [window for window in closed_windows(row.party_id) if window.end < own.start]
    return movements_of(row.party_id, StatementSide(row.side), own, before[-1] if before else None)


def all_movements(party_id: str, side: StatementSide) -> list[Movement]:
    """Every movement of a party that a window is to count, for the laws."""
    found = moved_on(party_account(party_id, side), besides=OWN_BATCHES)
    return as_movements(side, found)


def contests(*, viewer: Viewer, statement_no: str = "", is_open: bool | None = None) -> QuerySet:
    """Objections of owners, newest first; a road owner sees the own ones."""
    found = StatementContest.objects.select_related("statement", "answer")
    found = own(found, viewer, "statement__party_id")
    if statement_no:
        found = found.filter(statement__statement_no=statement_no)
    if is_open is not None:
        found = found.filter(answer__isnull=is_open)
    return found.order_by("-pk")


def to_be_confirmed(*, viewer: Viewer) -> "QuerySet[SettlementStatement]":
    """Released statements of which their owner has said neither that they are right nor not."""
    found = statements(viewer=viewer).filter(
        state__in=[StatementState.RELEASED, StatementState.PAID], side=StatementSide.PAY
    )
    told = (
        StatementConfirmation.objects.values("statement"),
        StatementContest.objects.values("statement"),
    )
    return found.exclude(pk__in=told[0]).exclude(pk__in=told[1])


def confirmation_of(statement_no: str) -> StatementConfirmation | None:
    """The owner's word that a statement is right, if it was given."""
    found: StatementConfirmation | None = StatementConfirmation.objects.filter(
        statement__statement_no=statement_no
    ).first()
    return found
