"""What comes from the ministry: its word on our changes, and changes that our issuer credits."""

from datetime import date

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.clearing.terms import MINISTRY
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.dispute.queries import payable_fees
from tollcentre.issuing.queries import media_of
from tollcentre.ledger.actions import post_batches
from tollcentre.ledger.terms import Batch
from tollcentre.messages.actions import queue_messages
from tollcentre.messages.terms import Parcel

from ..models import CustomerCredit
from ..queries import changes_by_id
from ..rules import credit_result, customer_lines, issuer_key
from ..terms import (
    NOT_ACCEPTED_YET,
    RESULT_MISFIT,
    ChangeKind,
    ChangeResult,
    ChangeState,
    CreditResult,
)
from .moving import Move, move

ACTOR = "exchange"
STATES = {
    ChangeResult.ACCEPTED: ChangeState.ACCEPTED,
    ChangeResult.REJECTED: ChangeState.REJECTED,
    ChangeResult.CREDITED: ChangeState.CREDITED,
}


def take_toll_change_result(parcel: Parcel, now: int) -> None:
    """Bring our changes into the states that the ministry says, on its clear date.

    Refuses an unknown change and another amount than the change's; a credit that comes before the
    acceptance waits for it.
    """
    hold_trail()
    found = changes_by_id([record["change_id"] for record in parcel.records])
    moves = []
    for record in parcel.records:
        row, result = found[record["change_id"]], ChangeResult(record["result"])
        if record["fee"] != row.fee:
            raise Refusal(RESULT_MISFIT, "fee", change_id=row.change_id, own=row.fee,
                          stated=record["fee"])  # fmt: skip
        if result is ChangeResult.CREDITED and row.state == ChangeState.SENT:
            raise Refusal(NOT_ACCEPTED_YET, "changeId", change_id=row.change_id)
        day: date = parcel.fields["clear_date"]
        moves.append(Move(row, STATES[result], day, ACTOR, record["reason"] or "",
                          parcel.envelope.message_id))  # fmt: skip
    move(moves, now)


def take_toll_change_to_credit(parcel: Parcel, now: int) -> None:
    """Credit our issuer's customers for changes elsewhere, and answer for each of them.

    What cannot be credited is refused with its reason and posts nothing.
    """
    hold_trail()
    envelope, records = parcel.envelope, parcel.records
    toll_party, day = parcel.fields["toll_province_id"], day_of(now)
    keys = {r["change_id"]: (r["of_message_id"], r["transaction_id"]) for r in records}
    payable = payable_fees(keys.values())
    media = media_of(r["medium_no"] for r in records if r["medium_no"])
    before = CustomerCredit.objects.filter(
        result=CreditResult.CREDITED, of_message__in={r["of_message_id"] for r in records}
    )
    credited = dict.fromkeys(keys.values(), 0)
    for row in before.filter(kind=ChangeKind.REFUND):
        key = row.of_message, row.transaction_id
        credited[key] = credited.get(key, 0) + row.fee
    done = set(
        CustomerCredit.objects.filter(
            toll_party=toll_party, change_id__in=list(keys), result=CreditResult.CREDITED
        ).values_list("change_id", flat=True)
    )
    made = []
    for record in records:
        key, kind = keys[record["change_id"]], ChangeKind(record["kind"])
        result = credit_result(
            medium_known=record["medium_no"] in media, trade_fee=payable.get(key),
            credited=credited[key], kind=kind, fee=record["fee"],
            repeated=record["change_id"] in done,
        )  # fmt: skip
        if result is CreditResult.CREDITED and kind is ChangeKind.REFUND:
            credited[key] += record["fee"]
        made.append(CustomerCredit(
            toll_party=toll_party, change_id=record["change_id"], kind=kind,
            issuer_id=envelope.receiver_id, medium_no=record["medium_no"] or "",
            transaction_id=record["transaction_id"], of_message=record["of_message_id"],
            fee=record["fee"], result=result, credited_on=day, message_id=envelope.message_id,
            at=now,
        ))  # fmt: skip
    CustomerCredit.objects.bulk_create(made)
    post_batches(
        [
            Batch(issuer_key(toll_party, one.change_id), day,
                  customer_lines(ChangeKind(one.kind), one.issuer_id, one.fee), ACTOR,
                  f"{one.kind} {one.transaction_id}")
            for one in made if one.result == CreditResult.CREDITED
        ]
    )  # fmt: skip
    record_trail(actor=ACTOR, act="refund.credit_customers", subject=envelope.message_id, detail={
        "changes": len(made), "refused": sum(bool(one.result) for one in made)})  # fmt: skip
    queue_messages(
        cause=f"credited:{envelope.message_id}",
        kind="toll_change_credited",
        receiver=MINISTRY,
        fields={"of_message_id": envelope.message_id},
        records=[
            {"change_id": one.change_id, "result": int(one.result), "fee": one.fee,
             "credited_on": one.credited_on}
            for one in made
        ],
        clear_date=day,
        now=now,
    )  # fmt: skip
