"""What each passage was charged, unit by unit; the compiled twin of charge and pass_charge."""

import numpy as np
from numba import njit

from tollcentre.passage.terms import (
    COUNT_BITS,
    DIGEST,
    FEE,
    MARKS,
    PAY,
    RECORD,
    REPEAT_BIT,
    RESULT_SHIFT,
    TIME,
    UNIT,
)


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
def _first_row(slots, keys, key):
    """The first row of a key, -1 where there is none."""
    at = key & (len(slots) - 1)
    while slots[at] >= 0 and keys[slots[at]] != key:
        at = (at + 1) & (len(slots) - 1)
    return slots[at]


@njit(cache=True, nogil=True)
def _add(begin, filled, unit_key, time, position, amounts, out_unit, out_time, out_position,
         out_amounts):  # fmt: skip
    """Add a charge to its unit among those of the passage from `begin` on; returns the end."""
    for at in range(begin, filled):
        if out_unit[at] == unit_key:
            out_time[at] = min(out_time[at], time)
            out_position[at] = min(out_position[at], position)
            for a in range(3):
                out_amounts[a, at] += amounts[a]
            return filled
    out_unit[filled], out_time[filled], out_position[filled] = unit_key, time, position
    for a in range(3):
        out_amounts[a, filled] = amounts[a]
    return filled + 1


@njit(cache=True, nogil=True)
def _room(filled, most, passage, unit, time, position, amounts):
    """The arrays, twice as long where the units of one more record might not fit."""
    if filled + most <= len(unit):
        return passage, unit, time, position, amounts
    return (
        np.concatenate((passage, np.empty_like(passage))),
        np.concatenate((unit, np.empty_like(unit))),
        np.concatenate((time, np.empty_like(time))),
        np.concatenate((position, np.empty_like(position))),
        np.concatenate((amounts, np.empty_like(amounts)), axis=1),
    )


@njit(cache=True, nogil=True)
def charge_units(
    first, last, ptr, rows, by_record, slots, following, group_record, group_digest, group_seq,
    group_unit, group_amounts, exit_record, exit_digest, exit_time,
    start, length, sums, most, amounts, passage, unit, time, position,
):  # fmt: skip
    """Sum the charges of passages first..last-1 by unit.

    A trade of several units has them in the group rows of its record and digest. `by_record` marks
    passages that are charged for the units of their exit record alone; one record names fewer than
    `most` units. Fills start, length and `sums` (pay_fee, discount_fee, fee) of each passage; gives
    passage, unit, time, position and amounts, in the given arrays or in longer ones.
    """
    filled = 0
    for p in range(first, last):
        begin = filled
        passage, unit, time, position, amounts = _room(filled, most, passage, unit, time,
                                                       position, amounts)  # fmt: skip
        if by_record[p]:
            g = _first_row(slots, group_record, exit_record[p])
            while g >= 0:
                if group_digest[g] == exit_digest[p]:
                    filled = _add(begin, filled, group_unit[g], exit_time[p],
                                  exit_time[p] * 256 + group_seq[g], group_amounts[:, g], unit,
                                  time, position, amounts)  # fmt: skip
                g = following[g]
        for i in range(ptr[p], ptr[p + 1] if not by_record[p] else ptr[p]):
            marks = rows[i, MARKS]
            if marks & REPEAT_BIT or (marks >> RESULT_SHIFT) & 0xFF:
                continue
            count = marks & COUNT_BITS
            now = rows[i, TIME]
            if count == 1:
                filled = _add(begin, filled, rows[i, UNIT], now, now * 256,
                              rows[i, PAY : FEE + 1], unit, time, position, amounts)  # fmt: skip
            elif count > 1:
                g = _first_row(slots, group_record, rows[i, RECORD])
                while g >= 0:
                    if group_digest[g] == rows[i, DIGEST]:
                        filled = _add(begin, filled, group_unit[g], now, now * 256 + group_seq[g],
                                      group_amounts[:, g], unit, time, position,
                                      amounts)  # fmt: skip
                    g = following[g]
            passage, unit, time, position, amounts = _room(filled, most, passage, unit, time,
                                                           position, amounts)  # fmt: skip
        start[p], length[p] = begin, filled - begin
        sums[:, p] = 0
        for at in range(begin, filled):
            passage[at] = p
            for a in range(3):
                sums[a, p] += amounts[a, at]
    return passage[:filled], unit[:filled], time[:filled], position[:filled], amounts[:, :filled]
