"""Allotted against paid by a day, and the page that adds up."""

from collections import defaultdict
from datetime import date

from django.db.models import Sum

from tollcentre.access.terms import Viewer
from tollcentre.ledger.queries import chart, family_nets

from ..models import MatchedItem, SettlementStatement
from ..terms import (
    MATCH_BATCHES,
    AddingRow,
    AllottedRow,
    ItemKind,
    PaymentState,
    Remittance,
    StatementSide,
)
from .statements import statements

OWNERS_SIDE = {
    "payable.owner": "held",
    "held.review": "held",
    "held.overage": "held",
    "held.dispute": "in_dispute",
    "settled.owner": "allotted",
    "settled.treasury": "remitted",
}
"""Family of what was collected for others → its figure; all others are where it came from."""
FIGURES = ("collected", "allotted", "remitted", "held", "in_dispute")
WAITS_ON = {
    PaymentState.READY: "us",
    PaymentState.SENT: "bank",
    PaymentState.ANSWERED: "bank",
    PaymentState.PAID: "",
    PaymentState.REFUSED: "us",
    PaymentState.RETURNING: "bank",
    PaymentState.RETURNED: "us",
}
US = "us"


def paid_by(by: date) -> dict[str, int]:
    """What left our accounts for each statement by a day, less what came back; fen."""
    items = MatchedItem.objects.filter(
        kind__in=[ItemKind.PAYMENT, ItemKind.RETURN], match__day__lte=by
    )
    paid: dict[str, int] = defaultdict(int)
    for reference, fen in items.values_list("reference").annotate(fen=Sum("fen")):
        paid[reference.rpartition("-")[0]] -= fen
    return paid


def allotted_against_paid(by: date, *, viewer: Viewer) -> list[AllottedRow]:
    """Every statement released by a day with what was paid of it: the reconciling list."""
    paid = paid_by(by)
    rows = statements(viewer=viewer).filter(
        side=StatementSide.PAY, released_on__isnull=False, released_on__lte=by
    )
    found = []
    for row in rows.prefetch_related("instructions"):
        last = max(row.instructions.all(), key=lambda one: one.attempt, default=None)
        state = PaymentState(last.state) if last is not None else PaymentState.READY
        found.append(
            AllottedRow(
                row.statement_no, row.party_id, row.released_on, row.voucher_no, row.total_fen,
                paid[row.statement_no], last.instruction_id if last else "", state,
                WAITS_ON[state], last.state_since if last else row.closed_at,
            )
        )  # fmt: skip
    return found


def remittance(by: date, *, viewer: Viewer) -> Remittance:
    """Allotted and paid by a day, of the owners that the viewer sees."""
    rows = allotted_against_paid(by, viewer=viewer)
    return Remittance(by, sum(row.total_fen for row in rows), sum(row.paid_fen for row in rows))


def adding(
    *, viewer: Viewer, start: date | None = None, end: date | None = None
) -> list[AddingRow]:
    """The figures of collected − allotted = remitted + held + in dispute, family by family.

    Of batches of clear dates `start`–`end`. Collected is what every other family gained, and what
    was paid out of it; the figures on the right are what the owners' side was credited with. Both
    come from different entries, and agree because debits equal credits.
    """
    nets = family_nets(viewer=viewer, prefixes=[MATCH_BATCHES], start=start, end=end)
    rows = []
    for family in chart().families:
        figure = OWNERS_SIDE.get(family, "collected")
        plain, matches = nets.get((family, ""), 0), nets.get((family, MATCH_BATCHES), 0)
        if figure == "collected":
            rows.append(AddingRow(figure, family, "", plain + matches))
        elif figure in ("allotted", "remitted"):
            rows.append(AddingRow("collected", family, MATCH_BATCHES, matches))
            rows.append(AddingRow(figure, family, "", -plain))
        else:
            rows.append(AddingRow(figure, family, "", -(plain + matches)))
    return [row for row in rows if row.fen]


def figures_of(rows: list[AddingRow]) -> dict[str, int]:
    """The sum of each figure, in order."""
    return {name: sum(row.fen for row in rows if row.figure == name) for name in FIGURES}


def released_totals() -> dict[str, int]:
    """What released statements come to, by the model of their agreements; fen."""
    rows = SettlementStatement.objects.filter(released_on__isnull=False)
    return dict(rows.values_list("model").annotate(fen=Sum("total_fen")).order_by("model"))
