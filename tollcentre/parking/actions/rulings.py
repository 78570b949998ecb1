"""What was ruled of disputed trades: payable after all, or bad debt."""

from collections.abc import Mapping
from typing import Any

from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.actions import close_holds
from tollcentre.ledger.terms import HoldRuling
from tollcentre.messages.terms import Parcel, ResultCode

from ..models import PackBooking, PackDispute
from ..rules import hold_key, issuer_of, paid_lines
from ..terms import NOT_IN_DISPUTE, PACK_NOT_BOOKED, RULED_OTHERWISE
from .booking import ACTOR, pack_of, require_fit

PAY = 0
Ruled = list[tuple[PackDispute, int, HoldRuling]]


def take_rulings(parcel: Parcel, now: int) -> ResultCode:
    """Rule the disputed trades of a file, each once: its money is posted, or the hold is voided.

    Refuses a pack that is not booked yet (it waits), a trade that is not in dispute, an amount
    that is not the trades', and another ruling than the first. Within the caller's transaction.
    """
    ruled: Ruled = []
    for record in parcel.records:
        ruled += _rulings(parcel, record)
    close_holds([ruling for _, _, ruling in ruled])
    for dispute, result, ruling in ruled:
        dispute.result, dispute.ruled_on = result, ruling.clear_date
        dispute.file_id = parcel.fields["file_id"]
        dispute.save()
    return ResultCode.OK


def _rulings(parcel: Parcel, record: Mapping[str, Any]) -> Ruled:
    """What is new of the rulings on one pack."""
    fields, day = parcel.fields, day_of(parcel.envelope.sent_at)
    pack = pack_of(record["of_message_id"])
    if not PackBooking.objects.filter(pack=pack).exists():
        raise Refusal(PACK_NOT_BOOKED, "MessageId", message_id=pack.message_id)
    results = {one["trans_id"]: one["result"] for one in record["transactions"]}
    found = PackDispute.objects.select_related("trade").select_for_update(of=("self",))
    disputes = {
        dispute.trade.trans_id: dispute
        for dispute in found.filter(trade__pack=pack, trade__trans_id__in=results)
    }
    for trans_id in sorted(results.keys() - disputes.keys()):
        raise Refusal(NOT_IN_DISPUTE, "TransId", message_id=pack.message_id, trans_id=trans_id)
    said = {
        "ServiceProviderId": (fields["service_provider_id"], pack.provider.code),
        "IssuerId": (fields["issuer_id"], issuer_of(pack.card_net_no)),
        "Amount": (record["amount"], sum(dispute.trade.fee for dispute in disputes.values())),
    }
    require_fit(pack, said)
    ruled: Ruled = []
    for trans_id, dispute in sorted(disputes.items()):
        result = results[trans_id]
        if dispute.result is None:
            lines = paid_lines(pack.provider.code, dispute.trade.fee) if result == PAY else None
            ruling = HoldRuling(hold_key(pack.message_id, trans_id), day, ACTOR,
                                f"ruling {fields['file_id']}", lines)  # fmt: skip
            ruled.append((dispute, result, ruling))
        elif dispute.result != result:
            raise Refusal(RULED_OTHERWISE, "Result", message_id=pack.message_id,
                          trans_id=trans_id, ruled=dispute.result)  # fmt: skip
    return ruled
