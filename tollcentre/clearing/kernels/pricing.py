"""Prices of restored paths; the compiled twin of the relations unit_fee and expected."""

from numba import njit

TARIFF, PAY, DISCOUNT, FEE = range(4)


@njit(cache=True, nogil=True)
def price_paths(
    first, last, start, length, position, node, sign, time, other_start, other_length,
    other_position, other_node, other_sign, other_time, profile, is_free, is_obu, hour_first,
    hour_slot, price_row, prices, card_step, sums, fees, passage, out_position, out_node,
    out_sign, out_time, out_profile, out_slot, unpriced,
):  # fmt: skip
    """Price every unit of passages first..last-1 at its own time, and add each passage up.

    A passage's path lies in the first arrays or, where `other_length` says so, in the others.
    `price_row[slot, profile, node]` leads to the amounts in `prices`, -1 where there is none. Fills
    `sums` (units, unpriced, tariff_fee, pay_fee, fee) and the columns of unit_fee behind it. An OBU
    pays the sum of its units; any other medium the sum rounded half up to the card step.
    """
    at = 0
    for p in range(first, last):
        units = length[p] + other_length[p]
        total_tariff = total_pay = total_fee = lacking = 0
        for i in range(units):
            if other_length[p]:
                j = other_start[p] + i
                out_position[at], out_node[at] = other_position[j], other_node[j]
                out_sign[at], out_time[at] = other_sign[j], other_time[j]
            else:
                j = start[p] + i
                out_position[at], out_node[at] = position[j], node[j]
                out_sign[at], out_time[at] = sign[j], time[j]
            passage[at], out_profile[at] = p, profile[p]
            hour = out_time[at] // 3600 - hour_first
            slot = hour_slot[hour] if 0 <= hour < len(hour_slot) else -1
            out_slot[at] = slot
            row = price_row[max(slot, 0), profile[p], out_node[at]]
            unpriced[at] = row < 0
            lacking += row < 0
            tariff, pay, fee = 0, 0, 0
            if row >= 0:
                tariff, pay = prices[row, TARIFF], prices[row, PAY]
                fee = 0 if is_free[p] else prices[row, FEE]
            fees[TARIFF, at], fees[PAY, at] = tariff, pay
            fees[DISCOUNT, at], fees[FEE, at] = pay - fee, fee
            total_tariff += tariff
            total_pay += pay
            total_fee += fee
            at += 1
        if not is_obu[p]:
            total_pay = (total_pay + card_step // 2) // card_step * card_step
            total_fee = (total_fee + card_step // 2) // card_step * card_step
        sums[0, p], sums[1, p], sums[2, p] = units, lacking, total_tariff
        sums[3, p], sums[4, p] = total_pay, total_fee
