"""Chance by seed and name: the same question gets the same answer, whenever it is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

Choice = TypeVar("Choice")
MILLION = 1_000_000


@dataclass(frozen=True)
class Chance:
    """What a seed decides; `name` says what is asked and of which trade or message."""

    seed: int

    def below(self, limit: int, *name: object) -> int:
        """A whole number from 0 up to, not including, the limit."""
        text = "\x1f".join(str(part) for part in (self.seed, *name))
        digest = blake2b(text.encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % limit

    def happens(self, ppm: int, *name: object) -> bool:
        """Whether what comes true in `ppm` of a million cases does here."""
        return self.below(MILLION, *name) < ppm

    def between(self, ends: tuple[int, int], *name: object) -> int:
        """A whole number from the first end to the last, both included."""
        return ends[0] + self.below(ends[1] - ends[0] + 1, *name)

    def pick(self, among: Sequence[Choice], *name: object) -> Choice:
        """One of several, each as likely."""
        return among[self.below(len(among), *name)]

    def weigh(self, weights: Mapping[Choice, int], *name: object) -> Choice:
        """One of several by weight; the order of the mapping counts."""
        left = self.below(sum(weights.values()), *name)
        for choice, weight in weights.items():
            left -= weight
            if left < 0:
                return choice
        raise ValueError("no weight is above 0")
