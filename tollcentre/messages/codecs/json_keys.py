"""The keys of a source's JSON objects as they come to be known; reading by sight goes by them."""

import json
from functools import lru_cache

import numpy as np

from ..kernels.cells import octets_of
from ..terms import RecordKind
from .definitions import definition, detect, folded, names_of

KEYS_MAX = 1000


@lru_cache
def names_in_order(kind: RecordKind) -> list[str]:
    """The names of all columns of the kind, in order."""
    return [column.name for column in definition(kind).columns]


@lru_cache(maxsize=4096)
def column_of(kind: RecordKind, key: str) -> int:
    """The number of the column that a sender's key means; -1 where it means none."""
    spellings = names_of(kind)
    name = spellings.get(key) or spellings.get(folded(key))
    return names_in_order(kind).index(name) if name else -1


class Keys:
    """Keys of one kind in one order; an object may leave some out.

    `texts` holds them as they are spelt and `bounds` where each ends; `columns` are the numbers of
    what they mean; `needed` are those that an object must have to be sure to be of the kind.
    """

    def __init__(self, kind: RecordKind, *, detected: bool) -> None:
        self.kind = kind
        self.detected = detected
        self.names: list[str] = []

    def learn(self, names: tuple[str, ...]) -> bool:
        """Know these keys too; False where their order is another, or they are too many."""
        merged = _merged(self.names, names)
        if merged is None or len(merged) > KEYS_MAX:
            return False
        if self.detected and detect(merged) != self.kind:
            return False
        self.names = _spelt_once(self.kind, merged)
        texts = [json.dumps(name, ensure_ascii=False)[1:-1].encode() for name in self.names]
        self.texts = octets_of(b"".join(texts))
        self.bounds = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        columns = [column_of(self.kind, name) for name in self.names]
        self.columns = np.array(columns, dtype=np.int64)
        self.needed = np.array(self._needed(), dtype=np.bool_)
        return True

    def _needed(self) -> list[bool]:
        """All keys are needed where an object with fewer could be another kind's."""
        if not self.detected:
            return [False] * len(self.names)
        spellings = names_of(self.kind)
        telling = {spellings[name] for name in definition(self.kind).detect}
        needed = [spellings.get(folded(name)) in telling for name in self.names]
        least = [name for name, must in zip(self.names, needed, strict=True) if must]
        for other in RecordKind:
            # The object that is most like the other kind.
            of_other = [name for name in self.names if folded(name) in names_of(other)]
            if detect([*least, *of_other]) != self.kind:
                return [True] * len(self.names)
        return needed


def _merged(old: list[str], new: tuple[str, ...]) -> list[str] | None:
    """Old and new keys in an order that agrees with both; None where there is none."""
    places = {name: place for place, name in enumerate(old)}
    merged: list[str] = []
    done = 0
    for name in new:
        place = places.get(name)
        if place is None:
            merged.append(name)
        elif place < done:
            return None
        else:
            merged += old[done : place + 1]
            done = place + 1
    return merged + old[done:]


def _spelt_once(kind: RecordKind, names: list[str]) -> list[str]:
    """The keys that are text, without a column's second spelling: that one is read with care."""
    kept: dict[int | str, str] = {}
    for name in names:
        column = column_of(kind, name)
        if name.encode(errors="replace").decode() == name:
            kept.setdefault(name if column < 0 else column, name)
    return list(kept.values())
