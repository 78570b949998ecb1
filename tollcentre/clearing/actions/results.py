"""What the ministry's centre says of a clear day: splits by journey, statistics by party."""

import pyarrow as pa

from tollcentre.core.keys import intern_key
from tollcentre.lake.actions import write_table
from tollcentre.messages.terms import Parcel

from ..models import ClearingStatistic
from ..terms import SPLIT_RESULTS


def take_split_result(parcel: Parcel, now: int) -> None:
    """Keep the ministry's split of journeys that were ours in part, one file a message."""
    columns = {
        name: [record[name] for record in parcel.records]
        for name in ("pass_id", "transaction_id", "toll_province_id", "pay_fee", "discount_fee",
                     "fee")
    }  # fmt: skip
    write_table(
        relation=SPLIT_RESULTS,
        partition=f"clear_date={parcel.fields['clear_date']}",
        run_key=parcel.envelope.message_id,
        table=pa.table({"pass_key": list(map(intern_key, columns["pass_id"])), **columns}),
    )


def take_statistics(parcel: Parcel, now: int) -> None:
    """Keep the lines of a clearing statistic."""
    ClearingStatistic.objects.bulk_create(
        ClearingStatistic(
            message_id=parcel.envelope.message_id,
            clear_date=parcel.fields["clear_date"],
            side=record["side"],
            kind=record["kind"],
            party_id=record["party_id"],
            count=record["count"],
            fee=record["fee"],
            of_messages=list(record["message_ids"] or ()),
            of_files=list(record["file_ids"] or ()),
            received_at=now,
        )
        for record in parcel.records
    )


def keep_counted(row: int, *, count: int, our_fee: int, booked_fee: int) -> None:
    """Put down what we make of a line of provinces' parts, and what was booked by it; fen."""
    ClearingStatistic.objects.filter(pk=row).update(
        our_count=count, our_fee=our_fee, booked_fee=booked_fee
    )
