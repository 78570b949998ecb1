"""Many ids interned at once: the keys of `core.keys.intern_key`, 64 MD5s abreast.

One MD5 is a chain of steps that wait for each other; abreast they fill the vector unit, which
makes a key some ten times cheaper than one by one.
"""

import math

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit, uint32, uint64

from .cells import Octets, fixed, octets_of

ABREAST = 64
BLOCK = 64
STEPS = 64
PIECE_ROWS = 512
START = np.array([0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476], dtype=np.uint32)
SINES = np.array([int(abs(math.sin(step + 1)) * 2**32) for step in range(STEPS)], dtype=np.uint32)
TURNS = np.array([7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21], dtype=np.uint32)


def intern_keys(texts: pa.Array) -> npt.NDArray[np.int64]:
    """The key of every text; each value of a dictionary is interned once. Empty gives 0."""
    if isinstance(texts, pa.DictionaryArray):
        return intern_keys(texts.dictionary)[texts.indices.to_numpy()]
    return _keys(*_texts_of(texts))


def joined_keys(parts: list[pa.Array | str], separator: str) -> npt.NDArray[np.int64]:
    """The keys of each row's parts joined by the separator; a plain text stands in every row.

    One of the parts is a column at least.
    """
    columns: list[tuple[Octets, npt.NDArray[np.int32]]] = []
    between = [b""]
    for part in parts:
        if isinstance(part, str):
            between[-1] += part.encode()
        else:
            whole = part.dictionary_decode() if isinstance(part, pa.DictionaryArray) else part
            columns.append(_texts_of(whole))
            between.append(b"")
        between[-1] += separator.encode()
    between[-1] = between[-1].removesuffix(separator.encode())
    return _joined_keys(columns, [octets_of(text) for text in between])


def _joined_keys(
    columns: list[tuple[Octets, npt.NDArray[np.int32]]],
    between: list[Octets],
) -> npt.NDArray[np.int64]:
    """The keys of the rows of `columns`, one behind the other, with the texts `between` them.

    The first text stands before the first column, the last one behind the last.
    """
    rows = len(columns[0][1]) - 1
    fixed_size = sum(map(len, between))
    keys = np.zeros(rows, dtype=np.int64)
    for first in range(0, rows, PIECE_ROWS):
        # Joined piece by piece, so that the texts are still in the cache when they are digested.
        spans = [bounds[first : first + PIECE_ROWS + 1] for _, bounds in columns]
        ends = np.cumsum(sum(map(np.diff, spans), start=np.int32(fixed_size)), dtype=np.int32)
        bounds = np.concatenate([np.zeros(1, dtype=np.int32), ends])
        texts = np.empty(bounds[-1], dtype=np.uint8)
        place = bounds[:-1].copy()
        for (data, _), span, before in zip(columns, spans, between, strict=False):
            _put(texts, place, before, data, span)
        _put(texts, place, between[-1], between[-1], fixed(np.zeros_like(bounds)))
        keys[first : first + PIECE_ROWS] = _keys(fixed(texts), fixed(bounds))
    return keys


def _texts_of(texts: pa.Array) -> tuple[Octets, npt.NDArray[np.int32]]:
    """The bytes of a text column and where each row's begin and end."""
    _, bounds, octets = texts.buffers()
    rows = slice(texts.offset, texts.offset + len(texts) + 1)
    spans = np.frombuffer(bounds, dtype=np.int32)[rows]
    return octets_of(octets or b""), fixed(spans)


@njit(nogil=True, cache=True)
def _put(texts, place, before, data, bounds):
    """Write what stands before each row's text and the text at the row's place, which moves on."""
    for row in range(len(place)):
        to = uint64(place[row])
        for at in range(uint64(len(before))):
            texts[to + at] = before[at]
        to += uint64(len(before))
        begin = uint64(bounds[row])
        length = uint64(bounds[row + 1]) - begin
        for at in range(length):
            texts[to + at] = data[begin + at]
        place[row] = to + length


@njit(nogil=True, cache=True)
def _keys(data, bounds):
    """Half of the MD5 of each text as `intern_key` takes it."""
    rows = len(bounds) - 1
    keys = np.zeros(rows, dtype=np.int64)
    words = np.zeros((16, ABREAST), dtype=np.uint32)
    state = np.zeros((4, ABREAST), dtype=np.uint32)
    work = np.zeros((4, ABREAST), dtype=np.uint32)
    blocks = np.zeros(ABREAST, dtype=np.int64)
    for first in range(0, rows, ABREAST):
        live = min(ABREAST, rows - first)
        most = 0
        for lane in range(live):
            blocks[lane] = (bounds[first + lane + 1] - bounds[first + lane] + 8) // BLOCK + 1
            most = max(most, blocks[lane])
        for part in range(4):
            for lane in range(ABREAST):
                state[part, lane] = START[part]
        for block in range(most):
            for lane in range(live):
                if block < blocks[lane]:
                    _load(data, bounds[first + lane], bounds[first + lane + 1], block, words, lane)
            for part in range(4):
                for lane in range(ABREAST):
                    work[part, lane] = state[part, lane]
            _mix(words, work)
            for part in range(4):
                for lane in range(live):
                    if block < blocks[lane]:
                        state[part, lane] += work[part, lane]
        for lane in range(live):
            if bounds[first + lane + 1] > bounds[first + lane]:
                low, high = uint64(state[0, lane]), uint64(state[1, lane])
                keys[first + lane] = (low | (high << uint64(32))) >> uint64(1)
    return keys


@njit(nogil=True, cache=True)
def _load(data, begin, end, block, words, lane):
    """The sixteen words of one block of a text, with the padding that MD5 asks for."""
    at = uint64(begin + block * BLOCK)
    left = max(min(end - begin - block * BLOCK, BLOCK), -1)
    whole = max(left, 0) // 4
    for word in range(whole):
        words[word, lane] = (
            uint32(data[at])
            | (uint32(data[at + uint64(1)]) << uint32(8))
            | (uint32(data[at + uint64(2)]) << uint32(16))
            | (uint32(data[at + uint64(3)]) << uint32(24))
        )
        at += uint64(4)
    if left == BLOCK:
        return
    for word in range(whole, 16):
        words[word, lane] = 0
    if left >= 0:
        value = uint32(0x80) << uint32(8 * (left & 3))
        for octet in range(left & 3):
            value |= uint32(data[at + uint64(octet)]) << uint32(8 * octet)
        words[whole, lane] = value
    if left < BLOCK - 8:
        bits = uint64(end - begin) << uint64(3)
        words[14, lane] = uint32(bits & uint64(0xFFFFFFFF))
        words[15, lane] = uint32(bits >> uint64(32))


@njit(nogil=True, cache=True)
def _mix(words, work):
    """The 64 steps of MD5 over one block of every lane."""
    for step in range(STEPS):
        turn = step >> 4
        word = words[((1, 5, 3, 7)[turn] * step + (0, 1, 5, 0)[turn]) & 15]
        left = TURNS[turn * 4 + (step & 3)]
        right = uint32(32) - left
        a, b = work[-step & 3], work[(1 - step) & 3]
        c, d = work[(2 - step) & 3], work[(3 - step) & 3]
        for lane in range(ABREAST):
            if turn == 0:
                mixed = d[lane] ^ (b[lane] & (c[lane] ^ d[lane]))
            elif turn == 1:
                mixed = c[lane] ^ (d[lane] & (b[lane] ^ c[lane]))
            elif turn == 2:
                mixed = b[lane] ^ c[lane] ^ d[lane]
            else:
                mixed = c[lane] ^ (b[lane] | ~d[lane])
            total = uint32(a[lane] + mixed + SINES[step] + word[lane])
            a[lane] = b[lane] + ((total << left) | (total >> right))
