"""The clock that a counterpart goes by."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tollcentre.core.refusal import Refusal

from .terms import CLOCK_UNREADABLE


@dataclass
class Clock:
    """The moment in epoch seconds: of a file where one is named, else of the machine."""

    machine: Callable[[], int]
    file: Path | None = None
    last: int = field(default=0, init=False)

    def now(self) -> int:
        """The file's moment; the last good one while the file is being written."""
        if self.file is None:
            return self.machine()
        with suppress(OSError, ValueError):
            self.last = int(self.file.read_text(encoding="ascii"))
        if not self.last:
            raise Refusal(CLOCK_UNREADABLE, field="clock", path=self.file)
        return self.last
