"""What is known of shifts' cash: their lanes, reports and slips, and all that hangs together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, Sum

from tollcentre.core.clock import day_of

from ..models import DepositCredit, DepositSlip, LaneDue, ReportedSlip, ShiftReport
from ..rules import allocate
from ..terms import Means, ShiftFacts, ShiftKey, SlipFacts, SlipShare

KEY = ("station_id", "shift_day", "shift")
AT_ONCE = 500


@dataclass
class CashFacts:
    """Shifts and slips that have to do with each other; complete, so that they can be allocated."""

    shifts: dict[ShiftKey, ShiftFacts] = field(default_factory=dict)
    slips: dict[str, SlipFacts] = field(default_factory=dict)

    def shares(self) -> list[SlipShare]:
        """Which slip pays for which shift."""
        return allocate(self.shifts, self.slips.values())


def slip_key(slip_no: str) -> str:
    """How an expected credit of a slip is named."""
    return f"slip:{slip_no}"


def cash_facts(keys: Iterable[ShiftKey]) -> CashFacts:
    """The facts of these shifts, of every slip that may pay for them, and so on to the end."""
    facts = CashFacts()
    new = set(keys)
    while new:
        facts.shifts |= _shifts(new)
        named = {slip for key in new for slip in facts.shifts[key].slips}
        slips = [*_slips_of_shifts(new), *_slips_by_no(named - facts.slips.keys())]
        facts.slips |= {slip.slip_no: slip for slip in slips}
        reached = {slip.key for slip in slips} | _naming({slip.slip_no for slip in slips})
        new = reached - facts.shifts.keys()
    return facts


def of_shifts(rows: "QuerySet[Any]", keys: Iterable[ShiftKey]) -> Iterator[Any]:
    """The rows of a table that belong to these shifts."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), AT_ONCE):
        part = set(wanted[start : start + AT_ONCE])
        found = rows.filter(
            station_id__in={key.station_id for key in part},
            shift_day__in={key.shift_day for key in part},
        )
        for row in found:
            named = row if isinstance(row, dict) else vars(row)
            if ShiftKey(*(named[name] for name in KEY)) in part:
                yield row


def key_of(row: Any) -> ShiftKey:
    """The shift of a row of a table."""
    return ShiftKey(row.station_id, row.shift_day, row.shift)


def _shifts(keys: set[ShiftKey]) -> dict[ShiftKey, ShiftFacts]:
    sums = (
        LaneDue.objects.filter(means=Means.CASH)
        .values(*KEY)
        .order_by()
        .annotate(fen=Sum("due_fen"))
    )
    lanes = {ShiftKey(*(row[name] for name in KEY)): row["fen"] for row in of_shifts(sums, keys)}
    reports = {key_of(row): row for row in of_shifts(ShiftReport.objects.filter(stands=True), keys)}
    found = {}
    for key in keys:
        report = reports.get(key)
        found[key] = ShiftFacts(
            lanes.get(key, 0),
            None if report is None else report.cash_fen,
            () if report is None else tuple(report.slips),
        )
    return found


def _slips_of_shifts(keys: set[ShiftKey]) -> list[SlipFacts]:
    """The slips that say they are of these shifts."""
    return _with_credits(list(of_shifts(DepositSlip.objects.all(), keys)))


def _slips_by_no(numbers: set[str]) -> list[SlipFacts]:
    rows: list[DepositSlip] = []
    for part in parts(numbers):
        rows += DepositSlip.objects.filter(slip_no__in=part)
    return _with_credits(rows)


def _with_credits(rows: list[DepositSlip]) -> list[SlipFacts]:
    credited: set[str] = set()
    for part in parts(slip_key(row.slip_no) for row in rows):
        found = DepositCredit.objects.filter(key__in=part)
        credited |= set(found.values_list("key", flat=True))
    return [
        SlipFacts(
            row.slip_no, key_of(row), row.amount_fen, row.deposited_at,
            slip_key(row.slip_no) in credited,
        )
        for row in rows
    ]  # fmt: skip


def _naming(numbers: set[str]) -> set[ShiftKey]:
    """The shifts whose standing reports name these slips."""
    found: set[ShiftKey] = set()
    for part in parts(numbers):
        rows = ReportedSlip.objects.filter(report__stands=True, slip_no__in=part)
        found |= {key_of(row.report) for row in rows.select_related("report")}
    return found


def parts(names: Iterable[str]) -> Iterator[list[str]]:
    """The names in order, a few hundred at a time."""
    wanted = sorted(set(names))
    for start in range(0, len(wanted), AT_ONCE):
        yield wanted[start : start + AT_ONCE]


def late_fen(facts: CashFacts, shares: Iterable[SlipShare], by: dict[ShiftKey, Any]) -> dict[
    ShiftKey, int
]:  # fmt: skip
    """What was paid in for each shift after its last day, in fen."""
    late: dict[ShiftKey, int] = {}
    for share in shares:
        if day_of(facts.slips[share.slip_no].deposited_at) > by[share.key]:
            late[share.key] = late.get(share.key, 0) + share.fen
    return late
