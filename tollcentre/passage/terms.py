"""Restoration's words."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from tollcentre.core.refusal import Reason


class Source(IntEnum):
    """What kind of record says that a vehicle was at a place."""

    TRADE = 1
    PLATE = 2
    ENTRY = 3
    EXIT = 4
    FROM_OUTSIDE = 5
    TO_OUTSIDE = 6
    MAYBE_FROM_OUTSIDE = 7
    MAYBE_TO_OUTSIDE = 8
    UNKNOWN_START = 9
    UNKNOWN_END = 10


class Unrestored(StrEnum):
    """Why a journey has no restored path."""

    NO_WAY = "no_way_explains_the_reads"
    LOW_CONFIDENCE = "low_confidence"
    NO_READS = "no_usable_reads"


READS_COLUMNS_MISSING = Reason(
    "reads_columns_missing",
    "文件缺少列 {columns}",
    "the file lacks the columns {columns}",
)
READS_FILE_UNREADABLE = Reason(
    "reads_file_unreadable",
    "无法读取 {path}：{why}",
    "cannot read {path}: {why}",
)


@dataclass(frozen=True)
class RestorationModel:
    """Dated parameters of the search; costs are natural logarithms of odds.

    `drop_cost` by source is how dear it is to call such a read false; `queue_below_ppm` the
    confidence under which a journey goes to the review queue instead of being guessed.
    """

    drop_cost: dict[int, float]
    queue_below_ppm: int
    exit_wait_days: int
    search: dict[str, Any]
    speed: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RestoreReport:
    """What restoring a file gave: counts of journeys, and rows refused by reason."""

    passages: int
    restored: int
    queued: int
    unrestored: int
    rows: int
    refused: dict[str, int]
