"""JSON objects read by sight: those that name known keys in the known order, with plain values.

An object that is anything else is left to a reader with care, so nothing here has to name a fault:
what is read here is read the same there.
"""

import numpy as np
from numba import njit, uint64

QUOTE, COMMA, MINUS, POINT, COLON, BACKSLASH, OPEN, CLOSE = 34, 44, 45, 46, 58, 92, 123, 125
ZERO, NINE, SPACE, TAB, NEWLINE, RETURN, LAST_ASCII = 48, 57, 32, 9, 10, 13, 127
PLUS, LOWER_E, UPPER_E, LOWER_U = 43, 101, 69, 117
NULL = np.frombuffer(b"null", dtype=np.uint8)
SHORT_ESCAPES = np.frombuffer(b'"\\/bfnrt', dtype=np.uint8)
NONE = uint64(2**63)


@njit(nogil=True, cache=True)
def read_objects(data, at, ascii_only, texts, bounds, columns, needed, begins, ends, spans, first):
    """Read objects one after the other into rows from `first` on; (rows then, where it ended).

    `texts` are the known keys and `bounds` where each ends, `columns` the field of each or -1 where
    its value is not wanted, `needed` whether an object must have it. A value with escapes gets ~end
    as its end. It ends before an object that is not read by sight, at the end of the tables, or
    where no object begins.
    """
    row = first
    size = uint64(len(data))
    place = uint64(at)
    while row < begins.shape[1]:
        while place < size and (_is_blank(data[place]) or data[place] == COMMA):
            place += uint64(1)
        if place == size or data[place] != OPEN:
            break
        end = _object_end(
            data, place, ascii_only, texts, bounds, columns, needed, begins, ends, row
        )
        if end == NONE:
            for field in range(begins.shape[0]):
                begins[field, row] = 0
                ends[field, row] = 0
            break
        spans[0, row] = place
        spans[1, row] = end
        row += 1
        place = end
    return row, place


@njit(nogil=True, cache=True)
def _object_end(data, at, ascii_only, texts, bounds, columns, needed, begins, ends, row):
    """Where the object that begins at `at` ends, its cells found; NONE where it is not plain."""
    # In one piece: to hand the arrays on for each of two hundred keys costs more than the rest.
    size = uint64(len(data))
    key = -1
    octet = COMMA
    while octet == COMMA:
        at = _past_blanks(data, at + uint64(1))
        if at >= size or data[at] != QUOTE:
            return NONE
        at += uint64(1)
        spelt = False
        while not spelt:
            key += 1
            if key == len(columns):
                return NONE
            known = uint64(bounds[key])
            length = uint64(bounds[key + 1]) - known
            if at + length < size and data[at + length] == QUOTE:
                same = uint64(0)
                while same < length and data[at + same] == texts[known + same]:
                    same += uint64(1)
                spelt = same == length
            if not spelt and needed[key]:
                return NONE
        at = _past_blanks(data, at + length + uint64(1))
        if at >= size or data[at] != COLON:
            return NONE
        at = _past_blanks(data, at + uint64(1))
        if at >= size:
            return NONE
        is_text = data[at] == QUOTE
        begin = at + uint64(is_text)
        escaped = False
        end = begin
        if is_text:
            while end < size and data[end] != QUOTE:
                step = uint64(1)
                if data[end] == BACKSLASH:
                    escaped = True
                    step = _escape_length(data, end)
                if step == 0 or data[end] < SPACE or (ascii_only and data[end] > LAST_ASCII):
                    return NONE
                end += step
            at = end + uint64(1)
        else:
            at = _word_end(data, begin)
            if at == NONE:
                return NONE
            end = begin if data[begin] == NULL[0] else at
        if columns[key] >= 0:
            begins[columns[key], row] = begin
            ends[columns[key], row] = ~end if escaped else end
        at = _past_blanks(data, at)
        octet = data[at] if at < size else 0
    if octet != CLOSE:
        return NONE
    for left_out in range(key + 1, len(columns)):
        if needed[left_out]:
            return NONE
    return at + uint64(1)


@njit(nogil=True, cache=True)
def _is_blank(octet):
    return octet in (SPACE, NEWLINE, TAB, RETURN)


@njit(nogil=True, cache=True, inline="always")
def _past_blanks(data, at):
    while at < uint64(len(data)) and _is_blank(data[at]):
        at += uint64(1)
    return at


@njit(nogil=True, cache=True)
def _escape_length(data, at):
    """The octets of an escape; 0 where it is none, or stands for NUL or looks as if it did."""
    if at + uint64(7) > uint64(len(data)):
        return uint64(0)
    if data[at + uint64(1)] == LOWER_U:
        zeros = 0
        for place in range(at + uint64(2), at + uint64(6)):
            octet = data[place]
            if not (ZERO <= octet <= NINE or 97 <= (octet | 32) <= 102):
                return uint64(0)
            zeros += octet == ZERO
        return uint64(0 if zeros == 4 else 6)
    known = False
    for octet in SHORT_ESCAPES:
        known = known or data[at + uint64(1)] == octet
    # `\\u0000` is a backslash and no NUL, but it is named as one.
    like_nul = data[at + uint64(2)] == LOWER_U
    for place in range(at + uint64(3), min(at + uint64(7), uint64(len(data)))):
        like_nul = like_nul and data[place] == ZERO
    return uint64(2 if known and not like_nul else 0)


@njit(nogil=True, cache=True)
def _word_end(data, at):
    """The end of a null, or of a number as JSON writes it; NONE where neither stands here."""
    size = uint64(len(data))
    same = uint64(0)
    while same < uint64(len(NULL)) and at + same < size and data[at + same] == NULL[same]:
        same += uint64(1)
    if same:
        return at + same if same == uint64(len(NULL)) else NONE
    begin = at + uint64(data[at] == MINUS)
    end = _digits_end(data, begin)
    if end == begin or (data[begin] == ZERO and end > begin + uint64(1)):
        return NONE
    if end < size and data[end] == POINT:
        begin = end + uint64(1)
        end = _digits_end(data, begin)
    if end > begin and end < size and (data[end] == LOWER_E or data[end] == UPPER_E):
        begin = end + uint64(1)
        if begin < size and (data[begin] == PLUS or data[begin] == MINUS):
            begin += uint64(1)
        end = _digits_end(data, begin)
    return end if end > begin else NONE


@njit(nogil=True, cache=True)
def _digits_end(data, at):
    while at < uint64(len(data)) and ZERO <= data[at] <= NINE:
        at += uint64(1)
    return at
