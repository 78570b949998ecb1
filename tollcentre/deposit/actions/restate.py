"""Where money stands after a fact has come: figures written anew, and what moved posted."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from tollcentre.access.actions import insert_rows
from tollcentre.ledger.actions import PostingLine, post_batch

from ..models import ChannelBill, DepositDifference, LaneDue, ShiftCash
from ..queries.cash import KEY, cash_facts, key_of, late_fen, of_shifts
from ..queries.matching import match
from ..queries.parameters import deposit_by
from ..rules import cash_lines, cash_position, channel_lines
from ..terms import CashPosition, DepositDifferenceKind, Means, ShiftFacts, ShiftKey

DUE_COLUMNS = (
    "clear_date", "station_id", "shift_day", "shift", "means", "channel", "due_count", "due_fen",
    "matched_count", "matched_fen", "waiting_count", "waiting_fen",
)  # fmt: skip
DIFFERENCE_COLUMNS = (
    "key", "kind", "day", "station_id", "shift_day", "shift", "channel", "order_no", "pass_key",
    "pass_id", "record_key", "count", "lane_fen", "other_fen",
)  # fmt: skip
FIGURES = (
    "lane_fen", "declared_fen", "deposited_fen", "credited_fen", "late_fen", "bank_fen",
    "station_fen", "short_fen", "over_fen", "deposit_by", "state",
)  # fmt: skip
CASH_KINDS = (DepositDifferenceKind.SHORT, DepositDifferenceKind.OVER)
ROWS_AT_ONCE = 2_000


def post_moves(*, cause: str, clear_date: date, lines: Sequence[PostingLine], actor: str) -> None:
    """Post what a fact moved, once; nothing where it moved nothing."""
    if lines:
        post_batch(
            batch_key=f"deposit:{cause}", clear_date=clear_date, lines=lines, actor=actor,
            memo=cause[:96],
        )  # fmt: skip


def restate_cash(keys: Iterable[ShiftKey]) -> list[PostingLine]:
    """Write anew where the cash of these shifts stands, and of all that hangs together with them.

    Gives the lines of what moved, without the bank's side.
    """
    facts = cash_facts(keys)
    shares = facts.shares()
    before = {key_of(row): row for row in of_shifts(ShiftCash.objects.all(), facts.shifts)}
    by = {key: deposit_by(key.shift_day) for key in facts.shifts}
    late = late_fen(facts, shares, by)
    deposited = dict.fromkeys(facts.shifts, 0)
    credited = dict.fromkeys(facts.shifts, 0)
    for share in shares:
        deposited[share.key] += share.fen
        credited[share.key] += share.fen if facts.slips[share.slip_no].credited else 0
    moves: list[tuple[ShiftKey, CashPosition, CashPosition]] = []
    rows: list[list[Any]] = []
    gone: list[int] = []
    differing: list[DepositDifference] = []
    for key in sorted(facts.shifts):
        known, row = facts.shifts[key], before.get(key)
        after = cash_position(known, deposited[key], credited[key])
        figures = (
            known.lane_fen, known.declared_fen, deposited[key], credited[key], late.get(key, 0),
            after.bank_fen, after.station_fen, after.short_fen, after.over_fen, by[key],
            after.state.value,
        )  # fmt: skip
        if row is None or figures != tuple(getattr(row, name) for name in FIGURES):
            moves.append((key, _posted(row), after))
            rows.append(_plain((key.station_id, key.shift_day, key.shift, *figures)))
            gone += [row.pk] if row else []
        differing += _cash_differences(key, known, after)
    _delete(ShiftCash, gone)
    insert_rows(ShiftCash, (*KEY, *FIGURES), rows)
    _replace_cash_differences(facts.shifts, differing)
    return cash_lines(moves)


def _posted(row: ShiftCash | None) -> CashPosition:
    """The position that a row's figures stand for; nothing where there is no row yet."""
    if row is None:
        return cash_position(ShiftFacts(0, None), 0, 0)
    return cash_position(
        ShiftFacts(row.lane_fen, row.declared_fen), row.deposited_fen, row.credited_fen
    )


def _cash_differences(
    key: ShiftKey, facts: ShiftFacts, after: CashPosition
) -> list[DepositDifference]:
    """Short and over of a shift by name: money in the bank, or only declared so far."""
    told = {
        DepositDifferenceKind.SHORT: after.short_fen,
        DepositDifferenceKind.OVER: max(after.over_fen, after.declared_over_fen),
    }
    return [
        DepositDifference(
            key=f"{kind}:{key.text}",
            kind=kind,
            day=key.shift_day,
            station_id=key.station_id,
            shift_day=key.shift_day,
            shift=key.shift,
            lane_fen=facts.lane_fen,
            other_fen=facts.lane_fen + (fen if kind is DepositDifferenceKind.OVER else -fen),
        )
        for kind, fen in told.items()
        if fen
    ]


def _replace_cash_differences(
    keys: Iterable[ShiftKey], differing: Sequence[DepositDifference]
) -> None:
    standing = DepositDifference.objects.filter(kind__in=CASH_KINDS)
    _delete(DepositDifference, [row.pk for row in of_shifts(standing, keys)])
    DepositDifference.objects.bulk_create(differing, batch_size=ROWS_AT_ONCE)


def _delete(model: type[ShiftCash] | type[DepositDifference], gone: Sequence[int]) -> None:
    for start in range(0, len(gone), ROWS_AT_ONCE):
        model.objects.filter(pk__in=gone[start : start + ROWS_AT_ONCE]).delete()


def restate_day(day: date) -> list[PostingLine]:
    """Match anew around a lane day or a bill's day; gives the lines of what moved.

    Writes dues, bills and differences anew, and where the cash of the shifts stands that changed.
    """
    matched = match(day)
    span = (matched.first, matched.last)
    standing = LaneDue.objects.filter(clear_date__range=span)
    before = _cash_of(standing.filter(means=Means.CASH).values_list(*DUE_COLUMNS))
    after = _cash_of(matched.dues)
    standing.delete()
    insert_rows(LaneDue, DUE_COLUMNS, map(_plain, matched.dues))
    DepositDifference.objects.filter(day__range=span).exclude(kind__in=CASH_KINDS).delete()
    insert_rows(DepositDifference, DIFFERENCE_COLUMNS, map(_plain, matched.differences))
    lines = []
    for bill in ChannelBill.objects.filter(bill_day__range=span).order_by("bill_day", "channel"):
        count, paid, over = matched.bills.get((bill.channel, bill.bill_day), (0, 0, 0))
        lines += channel_lines(bill.channel, paid - bill.matched_fen, over - bill.over_fen)
        bill.matched_count, bill.matched_fen, bill.over_fen = count, paid, over
        bill.save()
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return [*lines, *(restate_cash(changed) if changed else ())]


def _plain(row: Sequence[Any]) -> list[Any]:
    """A row as `insert_rows` takes it: days as texts."""
    return [value.isoformat() if isinstance(value, date) else value for value in row]


def _cash_of(rows: Iterable[tuple[Any, ...]]) -> dict[ShiftKey, list[tuple[date, int]]]:
    """The cash of each shift by clear day, out of rows of dues."""
    found: dict[ShiftKey, list[tuple[date, int]]] = {}
    for row in rows:
        due = dict(zip(DUE_COLUMNS, row, strict=True))
        if due["means"] == Means.CASH:
            key = ShiftKey(due["station_id"], due["shift_day"], due["shift"])
            found.setdefault(key, []).append((due["clear_date"], due["due_fen"]))
    return {key: sorted(parts) for key, parts in found.items()}
