"""Passages walked read by read: which are plain, and the units that a plain one drove.

The compiled twin of the relations read_step, facing_step, kept_step, plain_step, plain_pass and
plain_unit; it works on the packed rows of `gathering`.
"""

import numpy as np
from numba import njit

from ..terms import GANTRY_SHIFT, MARKS, RECORD, TIME

POSITION_STEP = 256
SEEN_NO = 255
SEEN, UNIQUE = 1, 3


@njit(cache=True, nogil=True)
def _hop(hop_ptr, hop_head, tail, head):
    """The number of the hop from tail to head, -1 where there is none."""
    if tail < 0:
        return -1
    for h in range(hop_ptr[tail], hop_ptr[tail + 1]):
        if hop_head[h] == head:
            return h
    return -1


@njit(cache=True, nogil=True)
def _faces(opposite, before, place, seconds, opposite_s):
    """Whether two reads are of both carriageways of one place, within seconds of each other."""
    across = 0 <= before < len(opposite) and opposite[before] == place
    return across and seconds <= opposite_s


@njit(cache=True, nogil=True)
def _steps_of(rows, begin, end, node, locates, ends, step_no, place, time, before, since):
    """Steps to another place than before; returns how many. `ends` = entry, its time, exit, …"""
    count = 1
    step_no[0], place[0], time[0], before[0], since[0] = 1, ends[0], ends[1], -1, 0
    last_place, last_time = ends[0], ends[1]
    number = 1
    for i in range(begin, end + 1):
        if i < end:
            gantry = rows[i, MARKS] >> GANTRY_SHIFT
            if not locates[gantry]:
                continue
            here, now = np.int64(node[gantry]), rows[i, TIME]
        else:
            here, now = ends[2], ends[3]
        number += 1
        if here != last_place:
            step_no[count], place[count], time[count] = number, here, now
            before[count], since[count] = last_place, last_time
            count += 1
        last_place, last_time = here, now
    return count


@njit(cache=True, nogil=True)
def _support(k, count, place, facing, hop_ptr, hop_head):
    """How well a step fits between the firm ones around it: 0..2; a firm one itself has 2."""
    if not facing[k] and not (k + 1 < count and facing[k + 1]):
        return 2
    support = 0
    for j in range(k - 1, -1, -1):
        if not facing[j] and not facing[j + 1]:
            support += _hop(hop_ptr, hop_head, place[j], place[k]) >= 0
            break
    for j in range(k + 1, count):
        if not facing[j] and not (j + 1 < count and facing[j + 1]):
            support += _hop(hop_ptr, hop_head, place[k], place[j]) >= 0
            break
    return support


@njit(cache=True, nogil=True)
def _keep_steps(count, facing, hop_ptr, hop_head, step_no, place, time, before, since, support):
    """Leave out the reads that fit worse than their facing ones; returns how many steps stay."""
    for k in range(count):
        support[k] = _support(k, count, place, facing, hop_ptr, hop_head)
    kept = 0
    last_place, last_time = np.int64(-1), np.int64(0)
    for k in range(count):
        if facing[k] and support[k] < support[k - 1]:
            continue
        if k + 1 < count and facing[k + 1] and support[k] < support[k + 1]:
            continue
        here, now = place[k], time[k]
        if here != last_place:
            step_no[kept], place[kept], time[kept] = step_no[k], here, now
            before[kept], since[kept] = last_place, last_time
            kept += 1
        last_place, last_time = here, now
    return kept


@njit(cache=True, nogil=True)
def _plain_hops(count, hop_ptr, hop_head, hop_m, opposite, place, time, before, since, model,
                hops):  # fmt: skip
    """Fill `hops` with each step's hop; False where one has none, is too fast or still faces."""
    for k in range(1, count):
        hop = _hop(hop_ptr, hop_head, before[k], place[k])
        if hop < 0 or _faces(opposite, before[k], place[k], time[k] - since[k], model[0]):
            return False
        timed = time[k] != 0 and since[k] != 0
        if timed and time[k] - since[k] + model[1] < hop_m[hop] // model[2]:
            return False
        hops[k] = hop
    return True


@njit(cache=True, nogil=True)
def _fill_time(since, now, offset_m, metres):
    """When a filled unit was driven: in proportion to the metres between the reads around it."""
    if since == 0:
        return now
    if now == 0:
        return since
    return since + max(now - since, 0) * offset_m // metres


@njit(cache=True, nogil=True)
def walk(
    rows, ptr, first, last, node, locates, ends, skipped, is_unit, opposite, hop_ptr, hop_head,
    hop_m, fill_ptr, fill_node, fill_offset, model, plain, start, length, position, unit, sign,
    unit_time,
):  # fmt: skip
    """Walk passages first..last-1: marks the plain ones and gives their units.

    `ends[p]` is entry node and time, exit node and time; `model` is opposite_s, spare_s and
    fastest_mps. Gives position, node, sign and time of the units, in the given arrays or, where
    those are too short, in longer ones; passage p has `length[p]` of them from `start[p]` on.
    """
    most = np.int64(2)
    for p in range(first, last):
        most = max(most, ptr[p + 1] - ptr[p] + 2)
    work = np.empty((7, most), np.int64)
    step_no, place, time, before, since = work[0], work[1], work[2], work[3], work[4]
    hops, support = work[5], work[6]
    facing = np.zeros(most, np.bool_)
    filled = 0
    for p in range(first, last):
        start[p], length[p], plain[p] = filled, 0, False
        if skipped[p]:
            continue
        count = _steps_of(rows, ptr[p], ptr[p + 1], node, locates, ends[p], step_no, place, time,
                          before, since)  # fmt: skip
        any_facing = False
        for k in range(count):
            facing[k] = _faces(opposite, before[k], place[k], time[k] - since[k], model[0])
            any_facing |= facing[k]
        if any_facing:
            count = _keep_steps(count, facing, hop_ptr, hop_head, step_no, place, time, before,
                                since, support)  # fmt: skip
        if not _plain_hops(count, hop_ptr, hop_head, hop_m, opposite, place, time, before, since,
                           model, hops):  # fmt: skip
            continue
        plain[p] = True
        most = filled + count
        for k in range(1, count):
            most += fill_ptr[hops[k] + 1] - fill_ptr[hops[k]]
        if most > len(position):
            while most > len(position):
                position = np.concatenate((position, np.empty_like(position)))
                unit = np.concatenate((unit, np.empty_like(unit)))
                sign = np.concatenate((sign, np.empty_like(sign)))
                unit_time = np.concatenate((unit_time, np.empty_like(unit_time)))
        for k in range(count):
            fills = fill_ptr[hops[k] + 1] - fill_ptr[hops[k]] if k else 0
            for f in range(fills):
                at = fill_ptr[hops[k]] + f
                position[filled] = step_no[k] * POSITION_STEP + f
                unit[filled], sign[filled] = fill_node[at], UNIQUE
                unit_time[filled] = _fill_time(since[k], time[k], fill_offset[at], hop_m[hops[k]])
                filled += 1
            # The first step and the last are the ends of the journey, never reads on the way.
            if 0 < k < count - 1 and is_unit[place[k]]:
                position[filled] = step_no[k] * POSITION_STEP + SEEN_NO
                unit[filled], sign[filled], unit_time[filled] = place[k], SEEN, time[k]
                filled += 1
        length[p] = filled - start[p]
    return position[:filled], unit[:filled], sign[:filled], unit_time[:filled]


@njit(cache=True, nogil=True)
def hard_rows(rows, ptr, first, last, node, locates, wanted):
    """The locating reads of the wanted passages: passage, time, node and record key."""
    count = 0
    for p in range(first, last):
        if wanted[p]:
            count += ptr[p + 1] - ptr[p]
    found = np.empty((4, count), np.int64)
    filled = 0
    for p in range(first, last):
        if not wanted[p]:
            continue
        for i in range(ptr[p], ptr[p + 1]):
            gantry = rows[i, MARKS] >> GANTRY_SHIFT
            if locates[gantry]:
                found[0, filled], found[1, filled] = p, rows[i, TIME]
                found[2, filled], found[3, filled] = node[gantry], rows[i, RECORD]
                filled += 1
    return found[:, :filled]
