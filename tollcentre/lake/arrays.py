"""Columns of numbers as arrays, and work on them in parts at once; what kernels are handed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import pyarrow as pa

Columns = dict[str, np.ndarray]
Item = TypeVar("Item")
Part = TypeVar("Part")


def empty_columns(count: int, types: Sequence[type]) -> list[np.ndarray]:
    """Arrays for a kernel to fill; large ones are made here, where memory comes in large pages."""
    return [np.empty(count, kind) for kind in types]


def arrays_of(table: pa.Table) -> Columns:
    """A table's integer columns as arrays of their own."""
    return {
        name: table[name].combine_chunks().to_numpy(zero_copy_only=False)
        for name in table.column_names
    }


def in_parts(
    work: Callable[[int, int], Part], bounds: Sequence[int], threads: int
) -> tuple[Part, ...]:
    """What `work(first, last)` gives for each pair of neighbouring bounds, in their order."""
    pairs = list(zip(bounds, bounds[1:], strict=False))
    return tuple(in_turn(lambda pair: work(*pair), pairs, threads))


def in_turn(work: Callable[[Item], Part], items: Sequence[Item], threads: int) -> list[Part]:
    """What `work` gives for each item, in their order."""
    if threads == 1 or len(items) == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


def blocks_of(table: pa.Table) -> list[Columns]:
    """A table's integer columns as arrays, block by block as it came, without a copy."""
    batches = table.to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
    return [{name: batch[name].to_numpy() for name in table.column_names} for batch in batches]
