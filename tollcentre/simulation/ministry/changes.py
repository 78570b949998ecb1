"""Changes of tolls: the other centre's are judged and passed on, other provinces' are made."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from tollcentre.messages.terms import MessageFault, Parcel, ResultCode

from ..counterpart.store import note
from .desk import Desk
from .outbox import in_parts, post
from .rulings import day_hour_has_come
from .terms import CHANGES_NOT_SENT, ChangeState, ChangeVerdict, PlantedChange, TradeState

ACCEPTED, REJECTED, CREDITED = 1, 2, 3
REFUND = "refund"
MEDIUM_UNKNOWN = (8, 17)
"""Reasons of a dispute that say that the issuer has no such card or OBU."""
NO_SUCH_MEDIUM = "62010000000000000000"


def take_toll_change(desk: Desk, parcel: Parcel) -> int | None:
    """Keeps the other centre's changes; each is answered by itself, later."""
    desk.db.executemany(
        """
        INSERT INTO toll_change (change_id, toll_party, issuer, kind, transaction_id, of_message,
                                 medium, original_fee, fee, parts_fee, parts, planted, due_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?)
        """,
        [
            (r["change_id"], parcel.envelope.sender_id, r["issuer_id"], r["kind"],
             r["transaction_id"], r["of_message_id"], r["medium_no"] or "", r["original_fee"],
             r["fee"], sum(r["fee_group"] or ()), json.dumps(_provinces(r)),
             desk.moment + desk.chance.between(desk.plan.change_after_s, "change", r["change_id"]))
            for r in parcel.records
        ],
    )  # fmt: skip
    return desk.moment


def _provinces(record: Mapping[str, Any]) -> dict[str, int]:
    """What other provinces bear or earn of a change, in fen by province."""
    groups = zip(record["party_group"] or (), record["fee_group"] or (), strict=False)
    named = [(party.partition(":"), fee) for party, fee in groups]
    return {code: fee for (kind, _, code), fee in named if kind == "province" and code}


def answer_changes(desk: Desk) -> bool:
    """Judges the other centre's changes that are due; false where none is.

    A change of a trade that is not settled yet waits until it is.
    """
    rows = desk.db.execute(
        """
        SELECT c.seq, c.*, t.state AS trade_state, t.fee AS trade_fee, t.reason AS trade_reason,
               t.book_message AS book_message
        FROM toll_change AS c LEFT JOIN trade AS t
          ON t.exit_message = c.of_message AND t.transaction_id = c.transaction_id
        WHERE c.state = 'open' AND c.credit_message IS NULL AND c.due_at <= ?
          AND (t.state IS NULL OR t.state IN ('confirmed', 'paid', 'bad_debt'))
        ORDER BY c.due_at, c.seq LIMIT 1000
        """,
        (desk.moment,),
    ).fetchall()
    if not rows:
        return False
    records = []
    for row in rows:
        verdict = _verdict(desk, row)
        accepted = verdict is ChangeVerdict.accepted
        after = desk.chance.between(desk.plan.credit_after_s, "credit", row["change_id"])
        desk.db.execute(
            "UPDATE toll_change SET state = ?, verdict = ?, accepted_on = ?, due_at = ?"
            " WHERE seq = ?",
            (ChangeState.accepted if accepted else ChangeState.rejected, verdict,
             str(desk.day) if accepted else None, desk.moment + after, row["seq"]),
        )  # fmt: skip
        records.append(
            {"change_id": row["change_id"], "result": ACCEPTED if accepted else REJECTED,
             "fee": row["fee"]} | ({} if accepted else {"reason": verdict.value})
        )  # fmt: skip
    _tell(desk, records, f"changes {rows[0]['seq']}")
    for row in rows:
        if desk.parties.ours(row["issuer"]):
            _pass_on(desk, row["seq"], row["book_message"])
    return True


def credit_changes(desk: Desk) -> bool:
    """Plays the issuers elsewhere: says what they have credited by now; false where nothing."""
    rows = desk.db.execute(
        """
        SELECT seq, change_id, fee FROM toll_change
        WHERE state = 'accepted' AND credit_message IS NULL AND due_at <= ?
        ORDER BY due_at, seq LIMIT 1000
        """,
        (desk.moment,),
    ).fetchall()
    if rows:
        _say_credited(desk, rows)
    return bool(rows)


def make_changes(desk: Desk) -> bool:
    """Sends refunds that other provinces owe our issuers' customers, once a day, some faulty."""
    if not day_hour_has_come(desk, "changes_through", desk.plan.changes_at_s):
        return False
    rows = desk.db.execute(
        """
        SELECT * FROM trade WHERE exit_message IS NULL AND state IN ('confirmed', 'paid')
          AND coalesce(ruled_on, clear_date) < ?
          AND NOT EXISTS (SELECT 1 FROM toll_change AS c
                          WHERE c.transaction_id = trade.transaction_id
                            AND c.of_message = trade.book_message)
        ORDER BY toll_party, issuer, book_message, transaction_id
        """,
        (str(desk.day),),
    ).fetchall()
    chosen: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        name = (row["book_message"], row["transaction_id"])
        if row["fee"] > 0 and desk.chance.happens(desk.plan.change_ppm, "change", *name):
            chosen.setdefault((row["toll_party"], row["issuer"]), []).append(_refund(desk, row))
    for (toll_party, issuer), changes in chosen.items():
        for number, part in enumerate(in_parts(changes), 1):
            _send(desk, part, toll_party, issuer, f"changes of {toll_party} to {issuer} "
                  f"{desk.day} {number}")  # fmt: skip
        again = [one for one in changes if one["planted"] == PlantedChange.repeated]
        if again:
            _send(desk, again, toll_party, issuer,
                  f"changes again of {toll_party} to {issuer} {desk.day}")  # fmt: skip
    return True


def take_toll_change_credited(desk: Desk, parcel: Parcel) -> int | None:
    """Keeps what our issuer made of the changes of a message, and tells the toll side if ours."""
    of_message = str(parcel.fields["of_message_id"])
    rows = {
        row["change_id"]: row
        for row in desk.db.execute(
            "SELECT seq, change_id, toll_party, fee, state, planted FROM toll_change"
            " WHERE credit_message = ?",
            (of_message,),
        )
    }
    said = {str(record["change_id"]): record for record in parcel.records}
    if rows.keys() != said.keys() or any(said[n]["fee"] != rows[n]["fee"] for n in rows):
        raise MessageFault(
            ResultCode.CONTENT, CHANGES_NOT_SENT, "ofMessageId", of_message=of_message
        )
    ours = []
    for name, row in rows.items():
        record = said[name]
        desk.db.execute(
            "UPDATE toll_change SET answer = ? WHERE seq = ?", (record["result"], row["seq"])
        )
        if record["result"]:
            desk.db.execute(
                "UPDATE toll_change SET state = ? WHERE seq = ?", (ChangeState.refused, row["seq"])
            )
            if desk.parties.ours(row["toll_party"]):
                note(desk.db, "own_change_refused", name, str(record["result"]), desk.moment)
        elif desk.parties.ours(row["toll_party"]):
            ours.append(row)
        else:
            _mark_credited(desk, row["seq"], str(record["credited_on"]))
    if ours:
        _say_credited(desk, ours)
    return desk.moment


def _verdict(desk: Desk, row: sqlite3.Row) -> ChangeVerdict:
    """What the ministry makes of a change, the first that applies."""
    if row["trade_state"] is None:
        return ChangeVerdict.unknown_transaction
    before = desk.db.execute(
        """
        SELECT count(*) AS same, coalesce(sum(CASE WHEN kind = 'refund'
            AND state IN ('accepted', 'credited') THEN fee ELSE 0 END), 0) AS fee,
          coalesce(sum(change_id = :change_id), 0) AS twice
        FROM toll_change WHERE of_message = :of_message AND transaction_id = :transaction_id
          AND seq < :seq
        """,
        {name: row[name] for name in ("change_id", "of_message", "transaction_id", "seq")},
    ).fetchone()
    if before["twice"]:
        return ChangeVerdict.repeated_change
    if row["trade_state"] == TradeState.bad_debt:
        return ChangeVerdict.bad_debt
    if desk.parties.ours(row["issuer"]) and row["trade_reason"] in MEDIUM_UNKNOWN:
        return ChangeVerdict.medium_unknown
    above = row["kind"] == REFUND and before["fee"] + row["fee"] > row["trade_fee"]
    if above or row["original_fee"] != row["trade_fee"]:
        return ChangeVerdict.above_original
    if row["parts_fee"] != row["fee"]:
        return ChangeVerdict.parts_misfit
    if desk.chance.happens(desk.plan.change_reject_ppm, "reject", row["change_id"]):
        return ChangeVerdict.not_agreed
    return ChangeVerdict.accepted


def _pass_on(desk: Desk, seq: int, book_message: str | None) -> None:
    """Sends an accepted change of the sender's own issuer's customer to that issuer."""
    row = desk.db.execute("SELECT * FROM toll_change WHERE seq = ?", (seq,)).fetchone()
    if row["state"] != ChangeState.accepted:
        return
    message_id = post(
        desk, cause=f"change {row['change_id']} to its issuer", kind="toll_change_to_credit",
        receiver=row["issuer"],
        fields={"clear_date": desk.day, "toll_province_id": row["toll_party"]},
        records=[
            {"change_id": row["change_id"], "kind": row["kind"],
             "transaction_id": row["transaction_id"], "of_message_id": book_message,
             "medium_no": row["medium"], "original_fee": row["original_fee"], "fee": row["fee"]}
        ],
    )  # fmt: skip
    desk.db.execute("UPDATE toll_change SET credit_message = ? WHERE seq = ?", (message_id, seq))


def _refund(desk: Desk, trade: sqlite3.Row) -> dict[str, Any]:
    """A refund of a trade that left elsewhere, faulty where the seed says so."""
    name = (trade["book_message"], trade["transaction_id"])
    change = {
        "change_id": f"{trade['toll_party']}{desk.day:%Y%m%d}"
        f"{desk.chance.below(10**12, 'change_id', *name):012d}",
        "kind": REFUND, "transaction_id": trade["transaction_id"],
        "of_message_id": trade["book_message"], "medium_no": trade["card"],
        "original_fee": trade["fee"],
        "fee": desk.chance.between((1, trade["fee"]), "refund_fee", *name), "planted": "",
    }  # fmt: skip
    if desk.chance.happens(desk.plan.faulty_change_ppm, "faulty_change", *name):
        planted = desk.chance.pick(tuple(PlantedChange), *name, "kind_of_change")
        change["planted"] = planted
        if planted is PlantedChange.unknown_medium:
            change["medium_no"] = NO_SUCH_MEDIUM
        elif planted is PlantedChange.above_original:
            change["fee"] = trade["fee"] + 1
    return change


def _send(
    desk: Desk, changes: Sequence[dict[str, Any]], toll_party: str, issuer: str, cause: str
) -> None:
    message_id = post(
        desk, cause=cause, kind="toll_change_to_credit", receiver=issuer,
        fields={"clear_date": desk.day, "toll_province_id": toll_party},
        records=[{name: one[name] for name in one if name != "planted"} for one in changes],
    )  # fmt: skip
    desk.db.executemany(
        """
        INSERT INTO toll_change (change_id, toll_party, issuer, kind, transaction_id, of_message,
                                 medium, original_fee, fee, parts_fee, planted, due_at, state,
                                 accepted_on, credit_message)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'accepted', ?, ?)
        """,
        [
            (one["change_id"], toll_party, issuer, one["kind"], one["transaction_id"],
             one["of_message_id"], one["medium_no"], one["original_fee"], one["fee"], one["fee"],
             one["planted"], desk.moment, str(desk.day), message_id)
            for one in changes
        ],
    )  # fmt: skip


def _say_credited(desk: Desk, rows: Sequence[sqlite3.Row]) -> None:
    for row in rows:
        _mark_credited(desk, row["seq"], str(desk.day))
    records = [{"change_id": row["change_id"], "result": CREDITED, "fee": row["fee"]}
               for row in rows]  # fmt: skip
    told = _tell(desk, records, f"credited {rows[0]['seq']}")
    desk.db.executemany(
        "UPDATE toll_change SET told_message = ? WHERE seq = ?", [(told, r["seq"]) for r in rows]
    )


def _mark_credited(desk: Desk, seq: int, day: str) -> None:
    desk.db.execute(
        "UPDATE toll_change SET state = ?, credited_on = ?, counted_on = ? WHERE seq = ?",
        (ChangeState.credited, day, str(desk.day), seq),
    )


def _tell(desk: Desk, records: Sequence[dict[str, Any]], cause: str) -> str:
    return post(
        desk, cause=cause, kind="toll_change_result", receiver=desk.parties.centre,
        fields={"clear_date": desk.day}, records=records,
    )  # fmt: skip
