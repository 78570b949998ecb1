"""Pure decisions of deposit: which slip pays for which shift, where each fen is, what is posted."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from tollcentre.core.clock import day_from
from tollcentre.core.refusal import Refusal
from tollcentre.ledger.terms import PostingLine, Side

from .terms import (
    SHIFT_FIELD_MISFORMED,
    CashPosition,
    ReportedShift,
    ShiftFacts,
    ShiftKey,
    ShiftState,
    SlipFacts,
    SlipShare,
)

REPORT_COLUMNS = (
    "station_id", "shift_day", "shift", "operator_id", "cash_fen", "mobile_fen", "slips",
    "closed_at",
)  # fmt: skip
LARGEST = 1 << 53
_SHAPES: tuple[tuple[str, re.Pattern[str], str, str], ...] = (
    ("station_id", re.compile(r"[0-9A-Z]{14}"), "14 位站码", "a station code of 14 characters"),
    ("shift", re.compile(r"[0-9A-Za-z]{1,4}"), "1–4 个字母或数字", "1 to 4 letters or digits"),
    ("operator_id", re.compile(r"[^|]{0,32}"), "至多 32 个字符", "at most 32 characters"),
    ("cash_fen", re.compile(r"\d{1,15}", re.ASCII), "非负整数分", "whole fen, not negative"),
    ("mobile_fen", re.compile(r"\d{1,15}", re.ASCII), "非负整数分", "whole fen, not negative"),
    (
        "slips",
        re.compile(r"([^;|\s]{1,32}(;[^;|\s]{1,32})*)?"),
        "缴款单号，以 ; 分隔",
        "slip numbers between ;",
    ),
    ("closed_at", re.compile(r"\d{1,12}", re.ASCII), "epoch 秒", "epoch seconds"),
)


def reported(row: Mapping[str, str]) -> ReportedShift | Refusal:
    """The shift report of a line; a slip that it names twice is named once."""
    for name, shape, zh, en in _SHAPES:
        if not shape.fullmatch(row[name]):
            return _misformed(name, row[name], zh, en)
    try:
        day = day_from(row["shift_day"])
    except ValueError:
        return _misformed("shift_day", row["shift_day"], "日期", "a day")
    return ReportedShift(
        ShiftKey(row["station_id"], day, shift_name(row["shift"])),
        row["operator_id"],
        int(row["cash_fen"]),
        int(row["mobile_fen"]),
        tuple(sorted({slip for slip in row["slips"].split(";") if slip})),
        int(row["closed_at"]),
    )


def shift_name(text: str) -> str:
    """A shift as it is named here: lanes write `01`, banks 1."""
    return text.lstrip("0") or text


def _misformed(name: str, value: str, zh: str, en: str) -> Refusal:
    return Refusal(SHIFT_FIELD_MISFORMED, name, name=name, value=value, wanted_zh=zh, wanted_en=en)


def deadline(day: date, working_days: int, off: frozenset[date], on: frozenset[date]) -> date:
    """The last day on which a shift's cash is paid in in time: so many working days later."""
    left = working_days
    while left:
        day += timedelta(1)
        left -= day in on or (day.weekday() < 5 and day not in off)
    return day


def allocate(shifts: Mapping[ShiftKey, ShiftFacts], slips: Iterable[SlipFacts]) -> list[SlipShare]:
    """Which slip pays for which shift; every fen of a slip goes somewhere, once.

    A slip pays for the shifts whose reports name it, or for its own where none does. Slips in order
    of paying in fill the shifts in order, each up to what it declared or its lanes took, whichever
    is more; what is left over stands with the slip's last shift.
    """
    named: dict[str, list[ShiftKey]] = defaultdict(list)
    for key in sorted(shifts):
        for slip_no in shifts[key].slips:
            named[slip_no].append(key)
    room = {key: max(facts.lane_fen, facts.declared_fen or 0) for key, facts in shifts.items()}
    shares = []
    for slip in sorted(slips, key=lambda slip: (slip.deposited_at, slip.slip_no)):
        left = slip.amount_fen
        keys = named.get(slip.slip_no) or [slip.key]
        for key in keys:
            fen = left if key == keys[-1] else min(left, max(0, room.get(key, 0)))
            room[key] = room.get(key, 0) - fen
            left -= fen
            if fen:
                shares.append(SlipShare(slip.slip_no, key, fen))
    return shares


def cash_position(facts: ShiftFacts, deposited_fen: int, credited_fen: int) -> CashPosition:
    """Where a shift's cash is, in fen, and what it waits for.

    Short is what neither the report declared nor the bank was paid; over is what the bank has
    beyond what the lanes took.
    """
    lane, declared = facts.lane_fen, facts.declared_fen
    short = 0 if declared is None else max(0, lane - max(declared, credited_fen, 0))
    paid = min(lane, credited_fen)
    open_fen = lane - paid - short
    bank = min(open_fen, max(0, deposited_fen - credited_fen)) if open_fen > 0 else 0
    over = credited_fen - paid
    declared_over = max(0, (declared or 0) - lane)
    return CashPosition(
        paid, bank, open_fen - bank, short, over, declared_over,
        _state(facts, deposited_fen, credited_fen, short, over),
    )  # fmt: skip


def _state(facts: ShiftFacts, deposited: int, credited: int, short: int, over: int) -> ShiftState:
    if facts.declared_fen is None and facts.lane_fen:
        return ShiftState.TO_REPORT
    if deposited < (facts.declared_fen or 0):
        return ShiftState.TO_DEPOSIT
    if credited < deposited:
        return ShiftState.TO_CREDIT
    if short:
        return ShiftState.SHORT
    return ShiftState.OVER if over else ShiftState.SETTLED


def cash_lines(
    moves: Iterable[tuple[ShiftKey, CashPosition, CashPosition]],
) -> list[PostingLine]:
    """What moves when shifts' positions change, but for the bank's side, in fen."""
    lines = []
    for key, before, after in moves:
        collected = after.paid_fen + after.short_fen - before.paid_fen - before.short_fen
        for account, fen in (
            ("receivable.shortage", after.short_fen - before.short_fen),
            ("receivable.collector", -collected),
            ("held.overage", before.over_fen - after.over_fen),
        ):
            lines += line(account, fen, memo=key.text)
    return lines


def channel_lines(channel: str, matched_fen: int, over_fen: int) -> list[PostingLine]:
    """What a channel owes for orders that pay lane records, and for those that pay none; fen."""
    return [
        *line(f"receivable.channel.{channel}", matched_fen + over_fen, party_id=channel),
        *line("receivable.collector", -matched_fen, memo=channel),
        *line("held.overage", -over_fen, memo=channel),
    ]


def payout_lines(channel: str, gross_fen: int, fee_fen: int, memo: str) -> list[PostingLine]:
    """What a channel's payout settles, but for the bank's side, in fen."""
    return [
        *line("expense.channel_fee", fee_fen, memo=memo),
        *line(f"receivable.channel.{channel}", -gross_fen, party_id=channel, memo=memo),
    ]


def line(account: str, debit_fen: int, *, party_id: str = "", memo: str = "") -> list[PostingLine]:
    """One line, on the other side where the amount is negative; none for nothing."""
    if not debit_fen:
        return []
    side = Side.DEBIT if debit_fen > 0 else Side.CREDIT
    return [PostingLine(account, side.value, abs(debit_fen), party_id=party_id, memo=memo)]


def worst(states: Sequence[ShiftState]) -> ShiftState:
    """The state that a station's day is shown with: the first of its shifts' in order."""
    return min(states, key=list(ShiftState).index, default=ShiftState.SETTLED)
