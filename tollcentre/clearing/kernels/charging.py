"""What each passage was charged, unit by unit; the compiled twin of charge and pass_charge."""

import numpy as np
from numba import njit

from tollcentre.passage.terms import (
    COUNT_BITS,
    DIGEST,
    DISCOUNT,
    FEE,
    MARKS,
    PAY,
    RECORD,
    REPEAT_BIT,
    RESULT_SHIFT,
    TIME,
    UNIT,
)

GROUP_RECORD, GROUP_DIGEST, GROUP_SEQ, GROUP_UNIT, GROUP_PAY, GROUP_DISCOUNT, GROUP_FEE = range(7)
"""Columns of a group row: one unit of a record that names several."""


@njit(cache=True, nogil=True)
def chain_rows(keys):
    """Rows of the same key as chains: (slots, next row); a slot leads to a key's first row."""
    size = 16
    while size < 2 * len(keys):
        size *= 2
    slots = np.full(size, -1, np.int32)
    following = np.full(len(keys), -1, np.int32)
    for i in range(len(keys) - 1, -1, -1):
        at = keys[i] & (size - 1)
        while slots[at] >= 0 and keys[slots[at]] != keys[i]:
            at = (at + 1) & (size - 1)
        following[i] = slots[at]
        slots[at] = i
    return slots, following


@njit(cache=True, nogil=True)
def _first_row(slots, groups, key):
    """The first group row of a record, -1 where there is none."""
    at = key & (len(slots) - 1)
    while slots[at] >= 0 and groups[slots[at], GROUP_RECORD] != key:
        at = (at + 1) & (len(slots) - 1)
    return slots[at]


@njit(cache=True, nogil=True)
def _add(begin, filled, key, now, place, pay, discount, fee, unit, time, position, amounts):
    """Add a charge to its unit among those of the passage from `begin` on; returns the end."""
    for at in range(begin, filled):
        if unit[at] == key:
            time[at], position[at] = min(time[at], now), min(position[at], place)
            amounts[0, at] += pay
            amounts[1, at] += discount
            amounts[2, at] += fee
            return filled
    unit[filled], time[filled], position[filled] = key, now, place
    amounts[0, filled], amounts[1, filled], amounts[2, filled] = pay, discount, fee
    return filled + 1


@njit(cache=True, nogil=True)
def _add_group(begin, filled, slots, following, groups, record, digest, now, unit, time, position,
               amounts):  # fmt: skip
    """Add every charge that a record of several units names; returns the end."""
    g = _first_row(slots, groups, record)
    while g >= 0:
        if groups[g, GROUP_DIGEST] == digest:
            filled = _add(
                begin, filled, groups[g, GROUP_UNIT], now, now * 256 + groups[g, GROUP_SEQ],
                groups[g, GROUP_PAY], groups[g, GROUP_DISCOUNT], groups[g, GROUP_FEE], unit, time,
                position, amounts,
            )  # fmt: skip
        g = following[g]
    return filled


@njit(cache=True, nogil=True)
def charge_units(
    first, last, ptr, rows, by_record, slots, following, groups, exit_record, exit_digest,
    exit_time, start, length, sums, amounts, passage, unit, time, position,
):  # fmt: skip
    """Sum the charges of passages first..last-1 by unit.

    A trade of several units has them in the group rows of its record and digest. `by_record` marks
    passages that are charged for the units of their exit record alone. Fills start, length and
    `sums` (pay_fee, discount_fee, fee) of each passage, and passage, unit, time, position and
    amounts, which have room for every row and every group row; returns how many they hold.
    """
    filled = 0
    for p in range(first, last):
        begin = filled
        if by_record[p]:
            filled = _add_group(begin, filled, slots, following, groups, exit_record[p],
                                exit_digest[p], exit_time[p], unit, time, position,
                                amounts)  # fmt: skip
        for i in range(ptr[p], ptr[p + 1] if not by_record[p] else ptr[p]):
            marks = rows[i, MARKS]
            if marks & REPEAT_BIT or (marks >> RESULT_SHIFT) & 0xFF:
                continue
            count = marks & COUNT_BITS
            if count == 1:
                filled = _add(
                    begin, filled, rows[i, UNIT], rows[i, TIME], rows[i, TIME] * 256,
                    rows[i, PAY], rows[i, DISCOUNT], rows[i, FEE], unit, time, position, amounts,
                )  # fmt: skip
            elif count > 1:
                filled = _add_group(begin, filled, slots, following, groups, rows[i, RECORD],
                                    rows[i, DIGEST], rows[i, TIME], unit, time, position,
                                    amounts)  # fmt: skip
        start[p], length[p] = begin, filled - begin
        sums[:, p] = 0
        for at in range(begin, filled):
            passage[at] = p
            for a in range(3):
                sums[a, p] += amounts[a, at]
    return filled
