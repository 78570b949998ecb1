"""What became of a passage's money after it was posted: booked, disputed, given back, paid."""

from collections.abc import Iterator
from datetime import date

from tollcentre.access.terms import Permission, Viewer
from tollcentre.dispute.queries import bookings_of, disputes
from tollcentre.refund.queries import changes
from tollcentre.settlement.queries import paid_in

from ..terms import ChainStep, Row


def money_chain(answer: Row, viewer: Viewer) -> list[ChainStep]:
    """The steps of an explained passage's money after its postings, in order; fen.

    `answer` is what `explain_passage` gives. Of its owners those that the viewer sees.
    """
    day = date.fromisoformat(answer["clear_date"])
    steps: list[ChainStep] = []
    if viewer.may(Permission.VIEW_DISPUTES):
        steps += _booked(answer, day)
    if viewer.may(Permission.VIEW_REFUNDS) and answer["pass_id"]:
        steps += [
            ChainStep("change", row.kind, row.change_id, row.passage_day, row.fee, row.state)
            for row in changes(viewer=viewer, text=answer["pass_id"])
        ]
    for owner in sorted({row["legal_owner_id"] or row["owner_id"] for row in answer["split"]}):
        if owner and viewer.sees_owner(owner):
            steps += _paid(owner, day, viewer)
    return steps


def _booked(answer: Row, day: date) -> Iterator[ChainStep]:
    """How the issuer booked the trade; what it disputed and how that was ruled."""
    exits = [row for row in answer["records"] if row["kind"] == "exit_record"]
    passage = answer["passage"]
    if not exits or passage["exit_kind"] != "own" or passage["media_type"] != 1:
        return
    for row in bookings_of(day, passage["issuer_id"], local=not passage["multi_province"]):
        yield ChainStep("booked", row.direction, row.of_message, row.confirmed_on, row.fee,
                        passage["issuer_id"])  # fmt: skip
    for one in disputes(transaction_id=exits[-1]["record_id"]):
        yield ChainStep("disputed", one.direction, str(one.pk), one.opened_on, one.fee,
                        str(one.reason))  # fmt: skip
        ruling = getattr(one, "ruling", None)
        if ruling is not None:
            yield ChainStep("ruled", one.direction, str(one.pk), ruling.ruled_on, one.fee,
                            str(ruling.result))  # fmt: skip


def _paid(owner: str, day: date, viewer: Viewer) -> Iterator[ChainStep]:
    """In which statements and payments the owner's money of the day ended."""
    for row in paid_in(owner, day, viewer=viewer):
        if not row.statement_no:
            yield ChainStep("open", owner, "", None, row.fen, "")
            continue
        yield ChainStep("settled", owner, row.statement_no, None, row.fen, row.voucher_no)
        if row.instruction_id:
            yield ChainStep("paid", owner, row.instruction_id, row.paid_on, None,
                            row.payment_state)  # fmt: skip
