"""The banks' statements and their lines, for pages."""

from datetime import date

from django.db.models import Count, F, Q, QuerySet

from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.refusal import Refusal

from ..models import BankLine, BankStatement
from ..terms import LINE_UNKNOWN, ExpectedItem
from .expected import expected_items, to_match


def bank_statements(*, viewer: Viewer, bank_id: str = "") -> QuerySet:
    """The banks' statements for a page, newest first, with how many lines wait."""
    found = BankStatement.objects.all()
    if not viewer.may(Permission.VIEW_SETTLEMENT):
        return found.none()
    if bank_id:
        found = found.filter(bank_id=bank_id)
    waiting = Count("lines", filter=Q(lines__match__isnull=True))
    return found.annotate(waiting=waiting).order_by("-day", "bank_id")


def lines_of_banks(
    *, viewer: Viewer, bank_id: str = "", day: date | None = None, is_open: bool | None = None,
    reference: str = "",
) -> QuerySet:  # fmt: skip
    """Lines of the banks' statements for a page, newest first, with their matches."""
    found = BankLine.objects.select_related("statement", "match").prefetch_related("match__items")
    if not viewer.may(Permission.VIEW_SETTLEMENT):
        return found.none()
    wanted = {
        "statement__bank_id": bank_id,
        "statement__day": day,
        "reference__icontains": reference,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    if is_open is not None:
        found = found.filter(match__isnull=is_open)
    return found.annotate(bank_id=F("statement__bank_id")).order_by(
        "-statement__day", "-booked_at", "line_key"
    )


def bank_line(line_key: str, *, viewer: Viewer) -> BankLine:
    """The line of that key; Refusal where the viewer sees none."""
    row = lines_of_banks(viewer=viewer).filter(line_key=line_key).first()
    if row is None:
        raise Refusal(LINE_UNKNOWN, "line", key=line_key)
    found: BankLine = row
    return found


def items_for(row: BankLine) -> list[ExpectedItem]:
    """What is expected at the line's bank on its side, the nearest amount first."""
    items = expected_items(row.statement.bank_id, to_match(row).references)
    usable = [item for item in items if not item.fen or (item.fen > 0) == (row.fen > 0)]
    return sorted(usable, key=lambda item: (abs(item.fen - row.fen), item.key))
