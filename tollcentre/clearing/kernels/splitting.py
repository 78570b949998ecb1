"""Exact shares of what passages paid; the compiled twin of unit_share, unit_split and owner_net."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def largest_remainder(amount, total, weights, position, unit, begin, end, rest, shares):
    """Split `amount` by the weights from begin to end: floors, then remainders by size.

    Ties go to the earlier position, then to the smaller unit key; a negative amount is split as its
    positive and turned. `total` is the positive sum of the weights; `shares` begins with the first.
    """
    size, sign = abs(amount), -1 if amount < 0 else 1
    left = 0
    if size == total:
        for i in range(begin, end):
            shares[i - begin] = weights[i]
    else:
        left = size
        for i in range(begin, end):
            shares[i - begin] = size * weights[i] // total
            rest[i - begin] = size * weights[i] % total
            left -= shares[i - begin]
    for _ in range(left):
        best = -1
        for i in range(begin, end):
            if rest[i - begin] < 0:
                continue
            if best < 0 or rest[i - begin] > rest[best - begin] or (
                rest[i - begin] == rest[best - begin]
                and (position[i] < position[best]
                     or (position[i] == position[best] and unit[i] < unit[best]))
            ):  # fmt: skip
                best = i
        shares[best - begin] += 1
        rest[best - begin] = -1
    for i in range(end - begin):
        shares[i] *= sign


@njit(cache=True, nogil=True)
def owner_row(owner_ptr, bounds, node, time, exit_time):
    """The ownership row of a unit for its own and the exit's time, -1 where nobody owns it."""
    if node < 0:
        return -1
    for row in range(owner_ptr[node], owner_ptr[node + 1]):
        fits = bounds[row, 0] <= time < bounds[row, 1]
        if fits and bounds[row, 2] <= exit_time < bounds[row, 3]:
            return row
    return -1


@njit(cache=True, nogil=True)
def split_passages(
    first, last, by, own_fee, own_discount, is_obu, group, start, length, unit, node, time,
    position, pay, discount, fee, owner_ptr, bounds, exit_time, cells, pass_key, amounts,
    key, weight, owner, of_group,
):  # fmt: skip
    """Split what passages first..last-1 paid over their weights and net it by owner and group.

    `by[p]` says whether the passage's money is split at all. The weights of passage p lie from
    `start[p]` on. Adds units, pay_fee, discount_fee and fee to `cells[owner row, group]`; gives
    pass key, weight row, owner row, group and (tariff_fee, pay_fee, discount_fee, fee) of
    unit_split's rows; the owner row is the last one where nobody owns the unit.
    """
    most = 1
    for p in range(first, last):
        most = max(most, length[p])
    rest, shares, off = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    nobody = len(bounds)
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
        splits_discount = discounts > 0 and own_discount[p] != 0
        if splits_discount:
            largest_remainder(
                own_discount[p], discounts, discount, position, unit, begin, end, rest, off
            )
        for i in range(begin, end):
            row = owner_row(owner_ptr, bounds, node[i], time[i], exit_time[p])
            key[filled], weight[filled], of_group[filled] = pass_key[p], i, group[p]
            owner[filled] = row if row >= 0 else nobody
            less = off[i - begin] if splits_discount else 0
            amounts[0, filled] = pay[i] if is_obu[p] else fee[i]
            amounts[1, filled] = shares[i - begin] + less
            amounts[2, filled], amounts[3, filled] = less, shares[i - begin]
            cells[owner[filled], group[p], 0] += 1
            cells[owner[filled], group[p], 1] += shares[i - begin] + less
            cells[owner[filled], group[p], 2] += less
            cells[owner[filled], group[p], 3] += shares[i - begin]
            filled += 1
    return (
        key[:filled], weight[:filled], owner[:filled], of_group[:filled], amounts[:, :filled]
    )  # fmt: skip
