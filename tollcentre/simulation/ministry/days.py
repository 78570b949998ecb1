"""What is said of a day once it has ended: clearing statistics to each party, and holdings."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from tollcentre.core.clock import day_start
from tollcentre.messages.terms import Parcel

from ..counterpart.store import fact, keep_fact
from .desk import Desk
from .outbox import in_parts, post
from .terms import ISSUER_SIDE, TOLL_SIDE, Side

COUNTED = """
    SELECT '{name}' AS side, 'trade' AS kind, {counterparty} AS counterparty,
           count(*) AS count, sum(fee) AS fee,
           group_concat(DISTINCT CASE WHEN state = 'confirmed' THEN {message} END) AS message_ids,
           group_concat(DISTINCT CASE WHEN state = 'paid' THEN {file} END) AS file_ids
    FROM trade
    WHERE {message} IS NOT NULL AND {party} = :of
      AND ((state = 'confirmed' AND clear_date = :day) OR (state = 'paid' AND ruled_on = :day))
    GROUP BY {counterparty} ORDER BY {counterparty}
"""

OWED_TO_US = """
    SELECT 'receivable' AS side, 'split' AS kind, toll_party AS counterparty, count(*) AS count,
           sum(split_fee) AS fee, group_concat(DISTINCT split_message) AS message_ids,
           NULL AS file_ids
    FROM journey WHERE split_on = :day GROUP BY toll_party ORDER BY toll_party
"""
OWED_BY_US = """
    SELECT 'payable' AS side, 'split' AS kind, province || '0201' AS counterparty,
           count(*) AS count, sum(fee) AS fee, group_concat(DISTINCT message_id) AS message_ids,
           group_concat(DISTINCT file_id) AS file_ids
    FROM (
        SELECT p.province, p.fee,
               CASE WHEN t.state = 'confirmed' THEN p.message_id END AS message_id,
               CASE WHEN t.state = 'paid' THEN t.toll_file END AS file_id
        FROM trade AS t JOIN part AS p
          ON p.message_id = t.exit_message AND p.transaction_id = t.transaction_id
        WHERE t.toll_party = :of AND ((t.state = 'confirmed' AND t.clear_date = :day)
                                      OR (t.state = 'paid' AND t.ruled_on = :day))
        UNION ALL
        SELECT province, fee, message_id, NULL FROM part WHERE clear_date = :day
    ) GROUP BY province ORDER BY province
"""
"""Provinces' parts of journeys that were counted on a day: through us, and through others."""

CHANGES = """
    SELECT CASE kind WHEN 'refund' THEN 'payable' ELSE 'receivable' END AS side, 'change' AS kind,
           issuer AS counterparty, count(*) AS count, sum(fee) AS fee,
           group_concat(DISTINCT told_message) AS message_ids, NULL AS file_ids
    FROM toll_change WHERE toll_party = :of AND counted_on = :day GROUP BY 1, issuer
    UNION ALL
    SELECT CASE kind WHEN 'refund' THEN 'receivable' ELSE 'payable' END, 'change',
           part.key || '0201', count(*), sum(part.value), group_concat(DISTINCT told_message), NULL
    FROM toll_change, json_each(parts) AS part
    WHERE toll_party = :of AND counted_on = :day GROUP BY 1, part.key
    ORDER BY 1, 3
"""
"""Refunds and supplements of the toll side by issuer, and other provinces' shares of them."""
CUSTOMER_CHANGES = """
    SELECT CASE kind WHEN 'refund' THEN 'receivable' ELSE 'payable' END AS side, 'change' AS kind,
           toll_party AS counterparty, count(*) AS count, sum(fee) AS fee,
           group_concat(DISTINCT credit_message) AS message_ids, NULL AS file_ids
    FROM toll_change WHERE issuer = :of AND credit_message IS NOT NULL AND counted_on = :day
    GROUP BY 1, toll_party ORDER BY 1, 3
"""


def close_day(desk: Desk) -> bool:
    """Sends the statistics of the first clear day that has ended and was not closed."""
    day = _ended(desk, "statistics_through", desk.plan.statistics_at_s)
    if day is None:
        return False
    issuers = desk.db.execute(
        "SELECT DISTINCT issuer FROM trade WHERE book_message IS NOT NULL"
    ).fetchall()
    own = {desk.parties.issuer, *desk.media.by_issuer, *(row["issuer"] for row in issuers)}
    told = [_send_statistics(desk, day, desk.parties.centre, TOLL_SIDE)]
    told += [_send_statistics(desk, day, issuer, ISSUER_SIDE) for issuer in sorted(own)]
    receivable, payable = (sum(fen[way.name] for fen in told) for way in (TOLL_SIDE, ISSUER_SIDE))
    desk.db.execute("INSERT INTO net VALUES (?, ?, ?, NULL)", (str(day), receivable, payable))
    return True


def list_holdings(desk: Desk) -> bool:
    """Sends what was taken and sent on the first ended day that was not listed."""
    day = _ended(desk, "holdings_through", desk.plan.holdings_at_s)
    if day is None:
        return False
    start = day_start(day)
    rows = desk.db.execute(
        """
        SELECT message_id, kind, count, amount_fen AS amount, digest FROM taken
        WHERE taken_at >= :start AND taken_at < :end
        UNION
        SELECT message_id, kind, count, amount_fen, digest FROM outgoing
        WHERE fault = '' AND state = 'taken' AND closed_at >= :start AND closed_at < :end
        ORDER BY message_id
        """,
        {"start": start, "end": day_start(day + timedelta(days=1))},
    ).fetchall()
    for number, part in enumerate(in_parts([dict(row) for row in rows]) or [[]], 1):
        post(
            desk, cause=f"holdings {day} {number}", kind="holdings",
            receiver=desk.parties.centre, fields={"day": day}, records=part,
        )  # fmt: skip
    return True


def take_holdings(desk: Desk, parcel: Parcel) -> int | None:
    """Keeps what the other centre says it holds; the report compares it."""
    desk.db.executemany(
        "INSERT OR REPLACE INTO held_there VALUES (?, ?, ?, ?, ?, ?)",
        [
            (r["message_id"], r["kind"], r["count"], r["amount"], r["digest"],
             str(parcel.fields["day"]))
            for r in parcel.records
        ],
    )  # fmt: skip
    return desk.moment


def _ended(desk: Desk, name: str, at_s: int) -> date | None:
    """The day after the last one done, where it has ended and the hour has come; noted as done."""
    day = date.fromisoformat(fact(desk.db, name)) + timedelta(days=1)
    if desk.moment < day_start(day + timedelta(days=1)) + at_s:
        return None
    keep_fact(desk.db, name, str(day))
    return day


def _send_statistics(desk: Desk, day: date, party: str, side: Side) -> dict[str, int]:
    """Puts a party's statistics down; returns their fen by side."""
    queries = [COUNTED.format(**asdict(side))]
    if side is TOLL_SIDE:
        queries += [OWED_TO_US, OWED_BY_US, CHANGES]
    else:
        queries.append(CUSTOMER_CHANGES)
    given = {"of": party, "day": str(day)}
    rows = [row for query in queries for row in desk.db.execute(query, given).fetchall()]
    records = [
        {"side": row["side"], "kind": row["kind"], "party_id": row["counterparty"],
         "count": row["count"], "fee": row["fee"], "message_ids": _ids(row["message_ids"]),
         "file_ids": _ids(row["file_ids"])}
        for row in rows
    ]  # fmt: skip
    fen = {
        way.name: sum(row["fee"] for row in rows if row["side"] == way.name)
        for way in (TOLL_SIDE, ISSUER_SIDE)
    }
    fields: dict[str, Any] = {
        "clear_date": day, "count": sum(row["count"] for row in rows),
        "amount": sum(row["fee"] for row in rows), **fen,
    }  # fmt: skip
    post(
        desk, cause=f"statistics {day} {party}", kind="clearing_statistics", receiver=party,
        fields=fields, records=records,
    )  # fmt: skip
    return fen


def _ids(text: str | None) -> tuple[str, ...]:
    return tuple(sorted(text.split(","))) if text else ()
