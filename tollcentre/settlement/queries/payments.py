"""Payments: what is known of an instruction, and where it stands."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from tollcentre.access.terms import Viewer
from tollcentre.core.refusal import Refusal

from ..models import MatchedItem, PaymentInstruction, PaymentReport
from ..terms import (
    INSTRUCTION_NOT_OVER,
    INSTRUCTION_UNKNOWN,
    OVER,
    ItemKind,
    PaymentFacts,
    ReportKind,
)
from .own import own

MOVES = {ItemKind.PAYMENT: (True, False), ItemKind.RETURN: (False, True),
         ItemKind.UNDONE: (True, True)}  # fmt: skip
"""Kind of matched item → whether it shows the instruction debited, credited."""


def item_key(kind: ItemKind, reference: str) -> str:
    """The key under which an expected movement is fulfilled, once."""
    return f"{kind}:{reference}"


def instruction_row(instruction_id: str) -> PaymentInstruction:
    """The instruction of that id, for settlement's actions; Refusal where there is none."""
    rows = PaymentInstruction.objects.select_related("statement", "position", "file")
    row = rows.filter(instruction_id=instruction_id).first()
    if row is None:
        raise Refusal(INSTRUCTION_UNKNOWN, "instruction_id", instruction_id=instruction_id)
    return row


def not_over(row: PaymentInstruction) -> Refusal:
    """Why an instruction may not be followed by another."""
    return Refusal(
        INSTRUCTION_NOT_OVER,
        "instruction_id",
        instruction_id=row.instruction_id,
        state=row.state,
    )


def facts_of(row: PaymentInstruction) -> PaymentFacts:
    """All that is known of an instruction."""
    reports = dict(PaymentReport.objects.filter(instruction=row).values_list("kind", "result"))
    keys = [item_key(kind, row.instruction_id) for kind in MOVES]
    kinds = MatchedItem.objects.filter(item_key__in=keys).values_list("kind", flat=True)
    moved = [MOVES[ItemKind(kind)] for kind in kinds]
    return PaymentFacts(
        is_sent=row.file_id is not None,
        result=reports.get(ReportKind.RESULT),
        is_returned=ReportKind.RETURN in reports,
        is_debited=any(debited for debited, _ in moved),
        is_credited=any(credited for _, credited in moved),
    )


def instructions(
    *, viewer: Viewer, state: str = "", bank_id: str = "", party_id: str = "", name: str = ""
) -> QuerySet:
    """Payment instructions for a page, newest first; a road owner sees the own ones."""
    found = own(PaymentInstruction.objects.select_related("statement", "position", "file"), viewer)
    wanted = {
        "state": state,
        "bank_id": bank_id,
        "party_id__icontains": party_id,
        "instruction_id__icontains": name,
    }
    found = found.filter(**{key: value for key, value in wanted.items() if value})
    return found.order_by("-pk")


def to_reinstruct(*, viewer: Viewer) -> QuerySet:
    """Instructions that are over and that no other follows: their money is still owed."""
    later = PaymentInstruction.objects.filter(
        Q(statement=OuterRef("statement")) | Q(position=OuterRef("position")),
        attempt__gt=OuterRef("attempt"),
    )
    return instructions(viewer=viewer).filter(~Exists(later), state__in=OVER)
