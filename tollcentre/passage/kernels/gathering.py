"""A day's trades brought together by passage: one packed row a trade, in order of time.

The compiled twin of the relations trade_twice, trade_by_id, trade_again and trade. A row is one
cache line, so that everything after reads memory in order. Keys are spread evenly (MD5), so their
low bits serve as hashes.
"""

import numpy as np
from numba import njit

from ..terms import (
    COUNT_BITS,
    DIGEST,
    DISCOUNT,
    FEE,
    GANTRY_SHIFT,
    MARKS,
    PAY,
    RECORD,
    REPEAT_BIT,
    RESULT_SHIFT,
    TIME,
    UNIT,
)

REPEAT_S = 600


@njit(cache=True, nogil=True)
def hash_table(keys):
    """Open addressing over distinct non-negative keys: slot → position, -1 where empty."""
    size = 16
    while size < 2 * len(keys):
        size *= 2
    slots = np.full(size, -1, np.int32)
    for i in range(len(keys)):
        at = keys[i] & (size - 1)
        while slots[at] >= 0:
            at = (at + 1) & (size - 1)
        slots[at] = i
    return slots


@njit(cache=True, nogil=True)
def find_keys(slots, keys, wanted, found):
    """Fill `found` with the position of each wanted key, -1 where there is none."""
    mask = len(slots) - 1
    for i in range(len(wanted)):
        at = wanted[i] & mask
        while slots[at] >= 0 and keys[slots[at]] != wanted[i]:
            at = (at + 1) & mask
        found[i] = slots[at]


@njit(cache=True, nogil=True)
def mark_twice(record_key, once, twice):
    """Set the bit of each record key in `once`, or in `twice` where it was set before."""
    mask = 64 * len(once) - 1
    for i in range(len(record_key)):
        slot = record_key[i] & mask
        bit = np.uint64(1) << np.uint64(slot & 63)
        if once[slot >> 6] & bit:
            twice[slot >> 6] |= bit
        once[slot >> 6] |= bit


@njit(cache=True, nogil=True)
def rows_twice(record_key, twice):
    """Rows whose record key may stand twice: all that do, and a few others of the same bit."""
    mask = 64 * len(twice) - 1
    count = 0
    rows = np.empty(1024, np.int64)
    for i in range(len(record_key)):
        slot = record_key[i] & mask
        if twice[slot >> 6] & (np.uint64(1) << np.uint64(slot & 63)):
            if count == len(rows):
                rows = np.concatenate((rows, np.empty_like(rows)))
            rows[count] = i
            count += 1
    return rows[:count]


def losing_versions(
    record_key: np.ndarray, original: np.ndarray, received: np.ndarray, digest: np.ndarray
) -> np.ndarray:
    """Positions of records that stand in several versions, other than the version that counts.

    The original first, then the latest received, then the smallest digest.
    """
    rows = np.lexsort((digest, -received, original, record_key))
    keys = record_key[rows]
    fresh = np.ones(len(rows), bool)
    fresh[1:] = keys[1:] != keys[:-1]
    winner = rows[np.flatnonzero(fresh)][np.cumsum(fresh) - 1] if len(rows) else rows
    return rows[digest[rows] != digest[winner]]


@njit(cache=True, nogil=True)
def count_rows(passage, counts):
    """Add one for each row of a passage; -1 is no passage."""
    for i in range(len(passage)):
        if passage[i] >= 0:
            counts[passage[i]] += 1


@njit(cache=True, nogil=True)
def pack(
    first, last, passage, record_key, digest, time, unit_key, pay, discount, fee, result, units,
    gantry, offset, cursor, rows,
):  # fmt: skip
    """Write each trade of passages first..last-1 into its passage's next row.

    `offset` is what a gantry's clock is ahead.
    """
    for i in range(len(passage)):
        p = passage[i]
        if p < first or p >= last:
            continue
        row = rows[cursor[p]]
        cursor[p] += 1
        row[RECORD] = record_key[i]
        row[DIGEST] = digest[i]
        row[TIME] = time[i] - offset[gantry[i]]
        row[UNIT] = unit_key[i]
        row[PAY] = pay[i]
        row[DISCOUNT] = discount[i]
        row[FEE] = fee[i]
        row[MARKS] = (
            (np.int64(gantry[i]) << GANTRY_SHIFT)
            | (np.int64(result[i]) << RESULT_SHIFT)
            | np.int64(min(max(units[i], 0), COUNT_BITS))
        )


@njit(cache=True, nogil=True)
def _before(a, b, node):
    """Whether row `a` comes before row `b`: time, then node, then record key."""
    if a[TIME] != b[TIME]:
        return a[TIME] < b[TIME]
    first, second = node[a[MARKS] >> GANTRY_SHIFT], node[b[MARKS] >> GANTRY_SHIFT]
    if first != second:
        return first < second
    return a[RECORD] < b[RECORD]


@njit(cache=True, nogil=True)
def order_rows(ptr, first, last, node, rows):
    """Sort the rows of passages first..last-1 in place and mark the repeats.

    A successful trade is a repeat where its gantry had charged the passage minutes before.
    """
    kept = np.empty(rows.shape[1], np.int64)
    for p in range(first, last):
        for i in range(ptr[p] + 1, ptr[p + 1]):
            j = i
            if not _before(rows[i], rows[i - 1], node):
                continue
            kept[:] = rows[i]
            while j > ptr[p] and _before(kept, rows[j - 1], node):
                rows[j] = rows[j - 1]
                j -= 1
            rows[j] = kept
        for i in range(ptr[p] + 1, ptr[p + 1]):
            if (rows[i, MARKS] >> RESULT_SHIFT) & 0xFF:
                continue
            gantry = rows[i, MARKS] >> GANTRY_SHIFT
            for j in range(i - 1, ptr[p] - 1, -1):
                other = rows[j, MARKS]
                if other >> GANTRY_SHIFT == gantry and not (other >> RESULT_SHIFT) & 0xFF:
                    if rows[i, TIME] - rows[j, TIME] <= REPEAT_S:
                        rows[i, MARKS] |= REPEAT_BIT
                    break


@njit(cache=True, nogil=True)
def most_seats(passage, seats, most):
    """The largest known number of seats of each passage; 255 and more stand for unknown."""
    for i in range(len(passage)):
        p = passage[i]
        if p >= 0 and seats[i] < 255 and seats[i] > most[p]:
            most[p] = seats[i]
