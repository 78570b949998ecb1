"""Exact shares of what passages paid; the compiled twin of unit_share, unit_split and owner_net."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def largest_remainder(amount, total, weights, position, unit, begin, end, rest, shares):
    """Split `amount` by the weights from begin to end: floors, then remainders by size.

    Ties go to the earlier position, then to the smaller unit key; a negative amount is split as its
    positive and turned. `total` is the positive sum of the weights.
    """
    size, sign = abs(amount), -1 if amount < 0 else 1
    if size == total:
        for i in range(begin, end):
            shares[i] = sign * weights[i]
        return
    left = size
    for i in range(begin, end):
        shares[i] = size * weights[i] // total
        rest[i] = size * weights[i] % total
        left -= shares[i]
    for _ in range(left):
        best = -1
        for i in range(begin, end):
            if rest[i] < 0:
                continue
            if best < 0 or rest[i] > rest[best] or (
                rest[i] == rest[best]
                and (position[i] < position[best]
                     or (position[i] == position[best] and unit[i] < unit[best]))
            ):  # fmt: skip
                best = i
        shares[best] += 1
        rest[best] = -1
    if sign < 0:
        for i in range(begin, end):
            shares[i] = -shares[i]


@njit(cache=True, nogil=True)
def owner_row(owner_ptr, owner_from, owner_to, node, time):
    """The ownership row of a unit at a time, -1 where nobody is known to own it."""
    if node < 0:
        return -1
    for row in range(owner_ptr[node], owner_ptr[node + 1]):
        if owner_from[row] <= time < owner_to[row]:
            return row
    return -1


@njit(cache=True, nogil=True)
def split_passages(
    first, last, by, own_fee, own_discount, group, start, length, unit, node, time, position,
    discount, fee, owner_ptr, owner_from, owner_to, cells,
):  # fmt: skip
    """Split what passages first..last-1 paid over their weights and net it by owner and group.

    `by[p]` says whether the passage's money is split at all. The weights of passage p lie from
    `start[p]` on. Adds units, pay_fee, discount_fee and fee to `cells[owner row + 1, group]`; gives
    the rows of unit_split: passage, weight row, owner row, fee and discount.
    """
    count = 0
    for p in range(first, last):
        if by[p]:
            count += length[p]
    passage, weight = np.empty(count, np.int32), np.empty(count, np.int64)
    owner = np.empty(count, np.int32)
    out_fee, out_discount = np.empty(count, np.int64), np.empty(count, np.int64)
    rest, shares, off = np.empty_like(fee), np.empty_like(fee), np.empty_like(fee)
    filled = 0
    for p in range(first, last):
        if not by[p]:
            continue
        begin, end = start[p], start[p] + length[p]
        fees = discounts = 0
        for i in range(begin, end):
            fees += fee[i]
            discounts += discount[i]
        if fees <= 0:
            continue
        largest_remainder(own_fee[p], fees, fee, position, unit, begin, end, rest, shares)
        off[begin:end] = 0
        if discounts > 0 and own_discount[p] != 0:
            largest_remainder(
                own_discount[p], discounts, discount, position, unit, begin, end, rest, off
            )
        for i in range(begin, end):
            row = owner_row(owner_ptr, owner_from, owner_to, node[i], time[i])
            passage[filled], weight[filled], owner[filled] = p, i, row
            out_fee[filled], out_discount[filled] = shares[i], off[i]
            cell = cells[row + 1, group[p]]
            cell[0] += 1
            cell[1] += shares[i] + off[i]
            cell[2] += off[i]
            cell[3] += shares[i]
            filled += 1
    return (
        passage[:filled], weight[:filled], owner[:filled], out_fee[:filled], out_discount[:filled]
    )  # fmt: skip
