"""The laws of deposit: what lanes took against clearing, every fen's place, and the ledger."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Sum

from tollcentre.core.law import Law
from tollcentre.ledger.queries import account_nets, batch_nets

from ..models import (
    ChannelBill,
    DepositCredit,
    DepositSlip,
    LaneDay,
    LaneDue,
    ReportedSlip,
    ShiftCash,
    ShiftReport,
)
from ..rules import cash_position
from ..terms import Means, ShiftKey
from .cash import cash_facts, key_of
from .matching import match

LAWS = (
    "lane_payments_are_what_clearing_collected",
    "lane_cash_is_credited_waiting_or_short",
    "mobile_payments_are_matched_waiting_or_differ",
    "deposit_slips_and_orders_pay_once",
    "deposit_accounts_are_where_money_stands",
)
"""The laws in the order in which they are told."""
DUE = ("clear_date", "station_id", "shift_day", "shift", "means", "channel")
DUE_FIGURES = (
    "due_count", "due_fen", "matched_count", "matched_fen", "waiting_count", "waiting_fen",
)  # fmt: skip


def verify_deposits() -> Iterator[Law]:
    """Each law of LAWS, re-computed from what was handed in, the lake and the ledger."""
    found = LaneDay.objects.count()
    for name, check in zip(LAWS, (_collected, _cash, _mobile, _once, _accounts), strict=True):
        fault = check()
        yield Law(name, not fault, fault or f"{found} 日 / days")


def _collected() -> str:
    """Dues of a run sum to what clearing debited the collector of it."""
    for day in LaneDay.objects.order_by("clear_date"):
        due = LaneDue.objects.filter(clear_date=day.clear_date).aggregate(fen=Sum("due_fen"))
        own = due["fen"] or 0
        posted = batch_nets(day.run_key).get("receivable.collector", 0)
        if own != posted:
            return f"{day.run_key}: {own} ≠ {posted}"
    return ""


def _cash() -> str:
    """Each shift's cash stands where its reports and slips say, and sums to what its lanes took."""
    keys = {key_of(row) for row in ShiftReport.objects.filter(stands=True)}
    keys |= {key_of(row) for row in DepositSlip.objects.all()}
    keys |= {key_of(row) for row in LaneDue.objects.filter(means=Means.CASH)}
    standing = {key_of(row): row for row in ShiftCash.objects.all()}
    facts = cash_facts(keys)
    sums: dict[ShiftKey, list[int]] = {key: [0, 0] for key in facts.shifts}
    for share in facts.shares():
        sums[share.key][0] += share.fen
        sums[share.key][1] += share.fen if facts.slips[share.slip_no].credited else 0
    for key, known in sorted(facts.shifts.items()):
        row, (deposited, credited) = standing.pop(key, None), sums[key]
        at = cash_position(known, deposited, credited)
        wanted = (known.lane_fen, known.declared_fen, deposited, credited, at.bank_fen,
                  at.station_fen, at.short_fen, at.over_fen, at.state)  # fmt: skip
        if row is None or wanted != _figures(row):
            return f"{key.text}: {wanted}"
        if at.paid_fen + at.bank_fen + at.station_fen + at.short_fen != known.lane_fen:
            return f"{key.text}: {known.lane_fen}"
    idle = (key for key, row in standing.items() if any(_figures(row)[2:8]) or row.lane_fen)
    return next((key.text for key in idle), "")


def _figures(row: ShiftCash) -> tuple[object, ...]:
    return (row.lane_fen, row.declared_fen, row.deposited_fen, row.credited_fen, row.bank_fen,
            row.station_fen, row.short_fen, row.over_fen, row.state)  # fmt: skip


def _days() -> list[date]:
    days = set(LaneDay.objects.values_list("clear_date", flat=True))
    return sorted(days | set(ChannelBill.objects.values_list("bill_day", flat=True)))


def _mobile() -> str:
    """Matching anew gives the figures that stand, and waiting is of what is due."""
    for day in _days():
        again = {row[:6]: row[6:] for row in match(day).dues if row[0] == day}
        rows = LaneDue.objects.filter(clear_date=day).values_list(*DUE, *DUE_FIGURES)
        standing = {row[:6]: row[6:] for row in rows}
        for named in again.keys() | standing.keys():
            if again.get(named) != standing.get(named):
                return f"{named}: {standing.get(named)} ≠ {again.get(named)}"
    return ""


def _once() -> str:
    """Every slip pays for shifts exactly what it is, every bill's order for one lane record."""
    slips = DepositSlip.objects.aggregate(fen=Sum("amount_fen"))["fen"] or 0
    cash = ShiftCash.objects.aggregate(fen=Sum("deposited_fen"))["fen"] or 0
    if slips != cash:
        return f"{slips} ≠ {cash}"
    matched = ChannelBill.objects.aggregate(fen=Sum("matched_fen"))["fen"] or 0
    lanes = LaneDue.objects.aggregate(fen=Sum("matched_fen"))["fen"] or 0
    if matched != lanes:
        return f"{matched} ≠ {lanes}"
    for report in ShiftReport.objects.filter(stands=True):
        named = ReportedSlip.objects.filter(report=report).count()
        if named != len(report.slips):
            return f"{key_of(report).text}"
    return ""


def _accounts() -> str:
    """Shortage, overage, channels and the collector stand in the ledger as they stand here."""
    cash = ShiftCash.objects.aggregate(
        short=Sum("short_fen"), over=Sum("over_fen"), bank=Sum("bank_fen"),
        station=Sum("station_fen"),
    )  # fmt: skip
    bills = ChannelBill.objects.values("channel").order_by("channel").annotate(
        matched=Sum("matched_fen"), over=Sum("over_fen")
    )  # fmt: skip
    due = LaneDue.objects.exclude(means=Means.CASH).aggregate(
        fen=Sum("due_fen"), matched=Sum("matched_fen")
    )
    wanted = {
        "receivable.shortage": cash["short"] or 0,
        "held.overage": -(cash["over"] or 0) - sum(bill["over"] for bill in bills),
        "receivable.collector": (cash["bank"] or 0) + (cash["station"] or 0)
        + (due["fen"] or 0) - (due["matched"] or 0),
    }  # fmt: skip
    for bill in bills:
        shown = DepositCredit.objects.filter(key__startswith=f"payout:{bill['channel']}:")
        paid = shown.aggregate(fen=Sum("gross_fen"))["fen"] or 0
        wanted[f"receivable.channel.{bill['channel']}"] = bill["matched"] + bill["over"] - paid
    nets = account_nets(list(wanted))
    for account, fen in wanted.items():
        if nets.get(account, 0) != fen:
            return f"{account}: {nets.get(account, 0)} ≠ {fen}"
    return ""
