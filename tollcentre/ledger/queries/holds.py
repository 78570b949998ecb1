"""Money in dispute: which holds are open, posted or voided, and what they hold."""

from collections.abc import Sequence
from datetime import date

from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.refusal import Refusal

from ..models import Hold
from ..rules import line_from
from ..terms import NO_SUCH_HOLD, AccountKind, HoldInfo, HoldState, PostingLine
from .books import chart, entries_seen, in_parts, posted, total_of, values_of


def hold_info(row: Hold) -> HoldInfo:
    """A row of `holds` as a value."""
    closing = getattr(row, "closing", None)
    if closing is None:
        return HoldInfo(row.hold_key, HoldState.OPEN, posted(row.opened))
    state, closed = HoldState(closing.outcome), posted(closing.batch)
    return HoldInfo(row.hold_key, state, posted(row.opened), closed)


def holds_by_key(hold_keys: Sequence[str]) -> dict[str, HoldInfo]:
    """The holds of these keys that exist, for the ledger's actions and for other domains."""
    rows = Hold.objects.select_related("opened__reverses", "closing__batch__reverses")
    return {
        row.hold_key: hold_info(row)
        for part in in_parts(hold_keys)
        for row in rows.filter(hold_key__in=part)
    }


def lines_held(hold_keys: Sequence[str]) -> dict[str, list[PostingLine]]:
    """The lines that opened each of these holds, for who is to rule on them."""
    seqs = {key: hold.opened.seq for key, hold in holds_by_key(hold_keys).items()}
    values = values_of(list(seqs.values()))
    return {key: [line_from(line) for line in values[seq]] for key, seq in seqs.items()}


def holds(
    *,
    viewer: Viewer,
    state: str = "",
    hold_key: str = "",
    start: date | None = None,
    end: date | None = None,
) -> QuerySet:
    """Holds, the newest first, for a face to page: their `state`, and in fen what they held.

    `receivable_fen` is in dispute with who pays, `payable_fen` with who is paid; `hold_key` is a
    part of the key, `start` and `end` the first and last clear date of the opening. A road owner
    sees the holds and amounts with entries that are their own.
    """
    found = Hold.objects.select_related("opened", "closing__batch").annotate(
        state=Coalesce("closing__outcome", Value(HoldState.OPEN.value)),
        receivable_fen=_held_fen(viewer, AccountKind.ASSET, "debit_fen", "credit_fen"),
        payable_fen=_held_fen(viewer, AccountKind.LIABILITY, "credit_fen", "debit_fen"),
    )
    if viewer.owner_ids is not None or not viewer.may(Permission.VIEW_LEDGER):
        found = found.filter(opened_id__in=entries_seen(viewer).values("batch_id"))
    if state == HoldState.OPEN:
        found = found.filter(closing__isnull=True)
    elif state:
        found = found.filter(closing__outcome=state)
    wanted = {
        "hold_key__icontains": hold_key,
        "opened__clear_date__gte": start,
        "opened__clear_date__lte": end,
    }
    return found.filter(**{name: value for name, value in wanted.items() if value}).order_by(
        "-opened"
    )


def _held_fen(viewer: Viewer, kind: AccountKind, more: str, less: str) -> Coalesce:
    """What the opening put on accounts for holds of that kind, as far as the viewer sees it."""
    families = [family.family for family in chart().families.values() if family.is_for_holds]
    own = entries_seen(viewer).filter(
        batch_id=OuterRef("opened_id"), account__family__in=families, account__kind=kind.value
    )
    net = own.order_by().values("batch_id").annotate(net=total_of(more) - total_of(less))
    return Coalesce(Subquery(net.values("net")), Value(0), output_field=BigIntegerField())


def hold(hold_key: str, *, viewer: Viewer) -> HoldInfo:
    """The hold of that key; Refusal where the viewer sees none."""
    row = holds(viewer=viewer).filter(hold_key=hold_key).first()
    if row is None:
        raise Refusal(NO_SUCH_HOLD, "hold_key", hold_key=hold_key)
    return hold_info(row)


def hold_entries(hold_key: str, *, viewer: Viewer) -> QuerySet:
    """The entries that opened and closed a hold, in order, for a face to page."""
    seen = entries_seen(viewer)
    found = seen.filter(batch__hold__hold_key=hold_key) | seen.filter(
        batch__closes__hold__hold_key=hold_key
    )
    return found.select_related("account", "batch").order_by("batch_id", "line_no")
