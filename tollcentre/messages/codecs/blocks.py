"""Blocks of records as text columns, each row tied to the line and the bytes that it came from."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..terms import RecordKind


@dataclass(frozen=True)
class BrokenRow:
    """A line or element that is no record: where it is, its bytes and why."""

    line: int
    raw: bytes
    reason: str


@dataclass
class Block:
    """Some rows of one source: `table` holds text columns by our names, row i came by `lines[i]`.

    `raw(i)` gives the verbatim bytes of row i; `broken` are the lines that could not be read.
    """

    kind: RecordKind | None
    table: pa.Table
    lines: npt.NDArray[np.int64]
    raw: Callable[[int], bytes]
    header: str
    encoding: str
    shape: str
    broken: list[BrokenRow] = field(default_factory=list)
    unknown_columns: set[str] = field(default_factory=set)

    @property
    def rows(self) -> int:
        """Rows of the block, broken ones included."""
        return len(self.lines) + len(self.broken)


def empty_block(header: str, encoding: str, shape: str, broken: list[BrokenRow]) -> Block:
    """A block that holds broken rows alone."""
    return Block(
        kind=None,
        table=pa.table({}),
        lines=np.zeros(0, dtype=np.int64),
        raw=lambda _: b"",
        header=header,
        encoding=encoding,
        shape=shape,
        broken=broken,
    )
