"""What the extension centre counted of a clear day, kept and compared with ours."""

from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.messages.terms import Parcel, ResultCode

from ..models import CountedItem, PackStatistic
from ..queries import compared, first_unknown, parameters_at
from ..terms import STATISTIC_TOO_EARLY

PACK, FILE = "pack", "file"


def take_statistics(parcel: Parcel, now: int) -> ResultCode:
    """Keep a statistic; result 8 where it is not our figure.

    One that names a booking or a ruling which has not come waits for it, but not for ever.
    Within the caller's transaction.
    """
    items = [
        (record["service_provider_id"], kind, item)
        for record in parcel.records
        for kind, items in ((PACK, record["message_ids"]), (FILE, record["file_ids"]))
        for item in items
    ]
    waits_until = parcel.envelope.sent_at + parameters_at(day_of(now)).statistic_waits_s
    early = first_unknown(items)
    if early and now < waits_until:
        raise Refusal(STATISTIC_TOO_EARLY, "MessageId", item=early)
    kept = PackStatistic.objects.create(
        message_id=parcel.envelope.message_id, day=parcel.fields["clear_target_date"],
        count=parcel.fields["count"], fee=parcel.fields["amount"], taken_at=now,
        result=ResultCode.OK,
    )  # fmt: skip
    CountedItem.objects.bulk_create(
        CountedItem(statistic=kept, provider_code=provider, kind=kind, item=item)
        for provider, kind, item in dict.fromkeys(items)
    )
    if not compared(kept.day).agrees:
        kept.result = ResultCode.STATISTICS
        kept.save()
    return ResultCode(kept.result)
