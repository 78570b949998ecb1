"""What we know of disputed trades: the record, the reads, the price, lists, TAC, repetitions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from tollcentre.clearing.queries import trades_here
from tollcentre.clearing.terms import MINISTRY
from tollcentre.core.clock import day_of, local_text
from tollcentre.lake.queries import connect
from tollcentre.ledger.queries import lines_held
from tollcentre.messages.queries import (
    event_partition,
    inbox_message,
    landed,
    outbox_message,
    parcel_of,
)

from ..models import Dispute, DisputeEvidence
from ..rules.evidence import told_facts, trade_of
from ..rules.money import hold_key, trade_key
from ..terms import Direction
from .booking import facts_of

DAYS_BEFORE = 3
"""How many days before the exit a journey's reads are looked for."""
_READS = """
SELECT pass_id, gantry_id, trans_time FROM ({trades}) AS t
WHERE pass_id IN (SELECT unnest($names)) ORDER BY pass_id, trans_time, gantry_id
"""


def trade_records(disputes: Iterable[Dispute]) -> dict[int, dict[str, Any]]:
    """The record of each disputed trade as it was booked, by the dispute's row id."""
    by_message: dict[tuple[str, str, str], list[Dispute]] = defaultdict(list)
    for dispute in disputes:
        booked = dispute.booked
        by_message[booked.direction, booked.of_message, booked.issuer_id].append(dispute)
    found: dict[int, dict[str, Any]] = {}
    for (direction, of_message, issuer), of_it in by_message.items():
        wanted = {dispute.transaction_id: dispute.pk for dispute in of_it}
        for record in _records(direction, of_message, issuer):
            if record["transaction_id"] in wanted:
                found[wanted[record["transaction_id"]]] = record
    return found


def _records(direction: str, of_message: str, issuer: str) -> Sequence[dict[str, Any]]:
    if direction == Direction.LOCAL:
        return trades_here(of_message.partition("/")[0], ()).get(issuer, ())
    if direction == Direction.TOLL:
        return parcel_of(outbox_message(of_message)).records
    return parcel_of(inbox_message(MINISTRY, of_message)).records


def evidence_facts(disputes: Sequence[Dispute], now: int) -> dict[int, list[str]]:
    """What we know of each of these disputed trades, as texts in order, by row id."""
    records = trade_records(disputes)
    reads = _reads(records.values())
    trades = {
        dispute.pk: trade_of(
            records[dispute.pk],
            trade_key(dispute.direction, dispute.booked.of_message, dispute.transaction_id),
            dispute.toll_party,
        )
        for dispute in disputes
    }
    known = facts_of(list(trades.values()), now)
    keys = {d.pk: hold_key(d.direction, d.booked.of_message, d.transaction_id) for d in disputes}
    held = lines_held(list(keys.values()))
    return {
        dispute.pk: told_facts(
            trades[dispute.pk],
            records[dispute.pk],
            known[trades[dispute.pk].trade_key],
            checkable=dispute.direction != Direction.TOLL,
            reads=reads.get(records[dispute.pk]["pass_id"] or "", ()),
            held=held[keys[dispute.pk]],
        )
        for dispute in disputes
    }


def _reads(records: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """The gantry trades of these passages that reached us, in order of time, by pass id."""
    names, days = set(), set()
    for record in records:
        if record["pass_id"]:
            names.add(record["pass_id"])
            last = day_of(record["ex_time"])
            days |= {last - timedelta(days=back) for back in range(DAYS_BEFORE)}
    found: dict[str, list[str]] = defaultdict(list)
    if not names:
        return found
    con = connect()
    try:
        sql = landed("gantry_trade", [event_partition(day) for day in sorted(days)])
        rows = con.sql(_READS.format(trades=sql), params={"names": sorted(names)}).fetchall()
    finally:
        con.close()
    for pass_id, gantry_id, moment in rows:
        found[pass_id].append(f"{gantry_id}@{local_text(moment)}")
    return found


def evidence_of(dispute: Dispute) -> list[DisputeEvidence]:
    """What was put together of a dispute, the newest first."""
    return list(DisputeEvidence.objects.filter(dispute=dispute).order_by("-pk"))


def disputes_without_evidence(day: date | None = None) -> list[Dispute]:
    """Disputes that others rule and of which we have said nothing yet, oldest first."""
    found = Dispute.objects.filter(ruling=None, evidence=None).exclude(direction=Direction.LOCAL)
    if day is not None:
        found = found.filter(opened_on=day)
    return list(found.select_related("booked").order_by("pk"))
