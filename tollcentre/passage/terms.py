"""Restoration's words."""

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np

from tollcentre.access.terms import ApprovalState
from tollcentre.core.refusal import Reason

RECORD, DIGEST, TIME, UNIT, PAY, DISCOUNT, FEE, MARKS = range(8)
"""Columns of a packed trade; MARKS holds the gantry's number and the three fields below it."""
COUNT_BITS = 0xFF
RESULT_SHIFT = 8
REPEAT_BIT = 1 << 16
GANTRY_SHIFT = 20
DECIDE_PATH = "passage.decide_path"
"""The act that a second person approves: this passage drove these units."""


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


class RestoredBy(IntEnum):
    """What found the path of a passage, as `passage_sure.restored_by` names it (还原方式)."""

    NOTHING = 0
    ONE_WAY = 1
    SEARCH = 2
    OPEN_ROAD = 3
    PERSON = 4


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
NOT_IN_REVIEW = Reason(
    "passage_not_in_review",
    "通行 {passage} 不在复核队列中",
    "passage {passage} is not in the review queue",
)
REASON_MISSING = Reason("decision_reason_missing", "请写明理由", "say the reason for the decision")
PATH_EMPTY = Reason("path_has_no_unit", "没有填写收费单元", "the path has no toll unit")
UNIT_UNKNOWN = Reason(
    "path_unit_unknown",
    "路网版本 {version} 没有收费单元 {unit}",
    "network version {version} has no toll unit {unit}",
)
UNITS_NOT_JOINED = Reason(
    "path_units_not_joined",
    "收费单元 {unit} 不能从前一单元 {before} 直接驶入",
    "toll unit {unit} cannot be driven into from {before} before it",
)
DECISION_WAITS = Reason(
    "path_decision_waits",
    "通行 {passage} 已有复核决定在等待审批（{maker}）",
    "a decision on passage {passage} by {maker} already waits for approval",
)


@dataclass(frozen=True)
class RestorationModel:
    """Dated parameters of the search; costs are natural logarithms of odds.

    `drop_cost` by source is how dear it is to call such a read false; `queue_below_ppm` the
    confidence under which a journey goes to the review queue instead of being guessed. `plain` says
    which journeys need no search; `journey_days` how many days before its last read a journey's
    records may lie.
    """

    drop_cost: dict[int, float]
    queue_below_ppm: int
    exit_wait_days: int
    journey_days: int
    plain: dict[str, Any]
    search: dict[str, Any]
    speed: dict[str, Any] = field(default_factory=dict)

    @property
    def reach_days(self) -> int:
        """How many days before its clear day the records of a passage may lie."""
        return self.exit_wait_days + self.journey_days


@dataclass(frozen=True)
class RestoreReport:
    """What restoring a file gave: counts of journeys, and rows refused by reason."""

    passages: int
    restored: int
    queued: int
    unrestored: int
    rows: int
    refused: dict[str, int]


@dataclass(frozen=True)
class DayTrades:
    """A day's trades packed, in order of passage and time; passage p has rows ptr[p]..ptr[p+1]-1.

    `gantry_key`, `node` and `locates` are by a gantry's number, `pass_key` by a passage's.
    """

    rows: np.ndarray
    ptr: np.ndarray
    pass_key: np.ndarray
    gantry_key: np.ndarray
    node: np.ndarray
    locates: np.ndarray


@dataclass(frozen=True)
class Paths:
    """Toll units of passages first..last-1: passage p has `length[p]` of them from `start[p]`.

    `start` and `length` are by all passages of the day.
    """

    first: int
    last: int
    start: np.ndarray
    length: np.ndarray
    position: np.ndarray
    node: np.ndarray
    sign: np.ndarray
    time: np.ndarray


@dataclass(frozen=True)
class Walked:
    """Which passages are plain, their paths in parts of the day, and the reads of all others."""

    plain: np.ndarray
    parts: tuple[Paths, ...]
    hard_reads: np.ndarray


@dataclass(frozen=True)
class Candidate:
    """One path that could explain a passage in review: what the search weighed, for a person.

    `seen` counts its units that were read, `left_out` the reads that it calls false; `share_ppm`
    is its share of the probability of all explanations.
    """

    units: tuple[str, ...]
    length_m: int
    seen: int
    left_out: int
    share_ppm: int


@dataclass(frozen=True)
class PathDecisionInfo:
    """One person's decision on a passage's path, and where its approval stands; times epoch s.

    `stands` says that it is approved and no later approved decision supersedes it.
    """

    approval_key: str
    pass_key: int
    pass_id: str
    clear_date: date
    network_version: str
    units: tuple[tuple[str, int], ...]
    reason: str
    maker: str
    asked_at: int
    state: ApprovalState
    checker: str
    decision_reason: str
    decided_at: int
    stands: bool
