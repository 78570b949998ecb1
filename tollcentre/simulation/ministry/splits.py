"""What the other centre earned of journeys that paid elsewhere: its own figure, or nearly."""

import re
from datetime import timedelta

from tollcentre.messages.terms import Parcel

from ..counterpart.store import note
from .desk import Desk
from .outbox import in_parts, post
from .rulings import day_hour_has_come

PART = re.compile(r"-?[0-9]{1,15}")


def take_serving_sum(desk: Desk, parcel: Parcel) -> int | None:
    """Keeps the journeys that paid elsewhere; a later sum stands for an earlier one until split."""
    for record in parcel.records:
        if desk.parties.ours(str(record["toll_province_id"])):
            continue
        pass_id = str(record["pass_id"])
        days = desk.chance.between(desk.plan.split_after_days, "split_day", pass_id)
        kept = desk.db.execute(
            """
            INSERT INTO journey (pass_id, toll_party, transaction_id, fee, pay_fee, discount_fee,
                                 split_due)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (pass_id) DO UPDATE SET
                toll_party = excluded.toll_party, transaction_id = excluded.transaction_id,
                fee = excluded.fee, pay_fee = excluded.pay_fee,
                discount_fee = excluded.discount_fee
            WHERE split_message IS NULL
            """,
            (
                pass_id, record["toll_province_id"], record["ex_transaction_id"], record["fee"],
                record["pay_fee"], record["discount_fee"], str(desk.day + timedelta(days=days)),
            ),
        )  # fmt: skip
        if not kept.rowcount:
            message_id = parcel.envelope.message_id
            note(desk.db, "sum_after_split", pass_id, f"of message {message_id}", desk.moment)
    return desk.moment


def keep_parts(desk: Desk, parcel: Parcel, clear_date: str | None) -> None:
    """Keeps what other provinces earned of exits, as the records say it: `61:2300|62:4500`.

    Nothing is split of a record whose parts do not add up to its fee.
    """
    rows = []
    for record in parcel.records:
        parts = _parts_of(str(record["province_trans_group"] or ""))
        if record["multi_province"] == 1 and sum(parts.values()) == record["fee"]:
            rows += [
                (parcel.envelope.message_id, record["transaction_id"], province, fee, clear_date)
                for province, fee in parts.items()
                if fee and not desk.parties.ours(province)
            ]
    desk.db.executemany("INSERT INTO part VALUES (?, ?, ?, ?, ?)", rows)


def take_other_exits(desk: Desk, parcel: Parcel) -> int | None:
    """Keeps the parts of exits that no issuer books: they count on the day that they came."""
    keep_parts(desk, parcel, str(desk.day))
    return desk.moment


def _parts_of(group: str) -> dict[str, int]:
    """Province → its part in fen."""
    found: dict[str, int] = {}
    for one in group.split("|"):
        province, _, fee = one.partition(":")
        if PART.fullmatch(fee):
            found[province[:2]] = found.get(province[:2], 0) + int(fee)
    return found


def split_due(desk: Desk) -> bool:
    """Sends the splits whose day has come, once a day; false where the day's hour has not."""
    if not day_hour_has_come(desk, "split_through", desk.plan.split_at_s):
        return False
    rows = desk.db.execute(
        "SELECT * FROM journey WHERE split_message IS NULL AND split_due <= ? ORDER BY pass_id",
        (str(desk.day),),
    ).fetchall()
    records = []
    for row in rows:
        off = _difference(desk, row["pass_id"])
        records.append(
            {"pass_id": row["pass_id"], "transaction_id": row["transaction_id"],
             "toll_province_id": row["toll_party"], "fee": row["fee"] + off,
             "pay_fee": row["pay_fee"] + off, "discount_fee": row["discount_fee"]}
        )  # fmt: skip
    for number, part in enumerate(in_parts(records), 1):
        message_id = post(
            desk, cause=f"split {desk.day} {number}", kind="split_result",
            receiver=desk.parties.centre, fields={"clear_date": desk.day}, records=part,
        )  # fmt: skip
        desk.db.executemany(
            "UPDATE journey SET split_fee = ?, split_message = ?, split_on = ? WHERE pass_id = ?",
            [(record["fee"], message_id, str(desk.day), record["pass_id"]) for record in part],
        )
    return True


def _difference(desk: Desk, pass_id: str) -> int:
    """Fen by which the ministry's figure differs; mostly 0."""
    if not desk.chance.happens(desk.plan.split_differs_ppm, "split_differs", pass_id):
        return 0
    size = desk.chance.between(desk.plan.split_difference_fen, "split_difference", pass_id)
    return size if desk.chance.happens(500_000, "split_sign", pass_id) else -size
