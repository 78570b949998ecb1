"""What the extension centre booked of a pack: the listed trades are disputed, the rest is due."""

from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.actions import open_holds, post_batch
from tollcentre.ledger.terms import HoldOpening
from tollcentre.messages.terms import MessageFault, Parcel, ResultCode

from ..models import ExtensionPack, PackBooking, PackDispute
from ..rules import confirmed_lines, held_lines, hold_key, issuer_of
from ..terms import NOT_IN_DISPUTE, PACK_BOOKED_BEFORE, PACK_MISFIT, PACK_UNKNOWN

ACTOR = "exchange"


def take_booking(parcel: Parcel, now: int) -> ResultCode:
    """Confirm a pack but for the trades that are listed, whose money is held.

    Refuses an unknown pack, a second booking of one, and figures or trades that are not the
    pack's. Within the caller's transaction.
    """
    fields = parcel.fields
    pack = pack_of(fields["of_message_id"])
    said = {
        "ServiceProviderId": (fields["service_provider_id"], pack.provider.code),
        "IssuerId": (fields["issuer_id"], issuer_of(pack.card_net_no)),
        "Count": (fields["count"], pack.count),
        "Amount": (fields["amount"], pack.fee),
    }
    require_fit(pack, said)
    if PackBooking.objects.filter(pack=pack).exists():
        raise Refusal(PACK_BOOKED_BEFORE, "MessageId", message_id=pack.message_id)
    reasons = {record["trans_id"]: record["result"] for record in parcel.records}
    disputed = list(pack.trades.filter(trans_id__in=reasons).order_by("trans_id"))
    if len(disputed) != len(reasons):
        gone = min(reasons.keys() - {trade.trans_id for trade in disputed})
        raise MessageFault(ResultCode.CONTENT, NOT_IN_DISPUTE, "TransId",
                           message_id=pack.message_id, trans_id=gone)  # fmt: skip
    day, provider = day_of(parcel.envelope.sent_at), pack.provider.code
    confirmed = pack.fee - sum(trade.fee for trade in disputed)
    if confirmed:
        post_batch(
            batch_key=f"extension:{pack.message_id}", clear_date=day, actor=ACTOR,
            lines=confirmed_lines(provider, confirmed),
        )  # fmt: skip
    open_holds(
        [
            HoldOpening(
                hold_key(pack.message_id, trade.trans_id), day, held_lines(provider, trade.fee),
                ACTOR, f"{trade.trade_id} reason {reasons[trade.trans_id]}",
            )
            for trade in disputed
        ]
    )  # fmt: skip
    PackBooking.objects.create(
        pack=pack, message_id=parcel.envelope.message_id, booked_on=day, booked_at=now,
        confirmed_count=pack.count - len(disputed), confirmed_fee=confirmed,
    )  # fmt: skip
    PackDispute.objects.bulk_create(
        PackDispute(trade=trade, reason=reasons[trade.trans_id], opened_on=day)
        for trade in disputed
    )
    return ResultCode.OK


def pack_of(message_id: str) -> ExtensionPack:
    """The pack that went up under that number; Refusal where there is none."""
    found = ExtensionPack.objects.select_related("provider").filter(message_id=message_id).first()
    if found is None:
        raise Refusal(PACK_UNKNOWN, "MessageId", message_id=message_id)
    return found


def require_fit(pack: ExtensionPack, said: dict[str, tuple[object, object]]) -> None:
    """Refuse what a message says of a pack where it is not the pack's own."""
    for name, (stated, own) in said.items():
        if stated != own:
            raise MessageFault(ResultCode.CONTENT, PACK_MISFIT, name, message_id=pack.message_id,
                               name=name, stated=stated, own=own)  # fmt: skip
