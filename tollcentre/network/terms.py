"""The road network's words."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from tollcentre.core.refusal import Reason

VERSION_WITH_OTHER_CONTENT = Reason(
    "network_version_with_other_content",
    "路网版本 {version} 已导入且内容不同：请用新的版本号",
    "network version {version} is already imported with other content: use a new version",
)
VERSION_MALFORMED = Reason(
    "network_version_malformed",
    "版本号 {version} 只能由字母、数字和 . _ - 组成，不超过 32 位",
    "version {version} must be letters, digits and . _ - only, 32 at most",
)
NO_NETWORK = Reason(
    "no_network_version",
    "{day} 没有有效的路网版本，请先导入",
    "no network version is valid on {day}: import one first",
)
NO_SUCH_VERSION = Reason(
    "no_such_network_version",
    "没有路网版本 {version}",
    "there is no network version {version}",
)
FILE_UNREADABLE = Reason(
    "network_file_unreadable",
    "无法读取 {path}：{why}",
    "cannot read {path}: {why}",
)
COLUMNS_MISSING = Reason(
    "network_columns_missing",
    "{path} 缺少列 {columns}",
    "{path} lacks the columns {columns}",
)
NOTHING_USABLE = Reason(
    "network_nothing_usable",
    "{path} 没有一行可用",
    "{path} has no usable row",
)


@dataclass(frozen=True)
class RefusedRow:
    """One row of a network file that was not loaded, and why."""

    file: str
    line: int
    row_id: str
    reason: str
    value: str


@dataclass(frozen=True)
class Flag:
    """A node or gantry that was loaded and is worth a look, and why."""

    row_id: str
    reason: str
    value: str


@dataclass(frozen=True)
class Rate:
    """元每公里 (roadtype 1) or 元每次 (roadtype 2) of one fee type and class, as decimal text."""

    roadtype: int
    feetype: int
    vehicle_type: int
    yuan: str


@dataclass(frozen=True)
class GivenPrice:
    """A unit's price of one class where the network brings a price table; fen."""

    unit_id: str
    vehicle_type: int
    fee_fen: int


@dataclass(frozen=True)
class DiscountRow:
    """A network's own discount; hours are [from, to) of the day.

    Any is 0, for the road an empty text, for the vehicle class −1.
    """

    media_type: int
    vehicle_type: int
    vehicle_class: int
    road_id: str
    seats_most: int
    hour_from: int
    hour_to: int
    factor: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class NetworkSnapshot:
    """One network version as columns; see `network/README.md` for each column."""

    version: str
    nodes: pa.Table
    edges: pa.Table
    gantries: pa.Table
    stations: pa.Table


@dataclass(frozen=True)
class PathTable:
    """Least ways between all nodes: metres (−1 out of reach or bound) and the node before."""

    dist_m: np.ndarray
    pred: np.ndarray


@dataclass(frozen=True)
class VersionInfo:
    """One imported version."""

    version: str
    valid_from: date
    fingerprint: str
    counts: dict[str, int]


@dataclass(frozen=True)
class ImportReport:
    """What an import did: rows loaded, refused and flagged; `unchanged` if it was there before."""

    version: str
    valid_from: date
    unchanged: bool
    counts: dict[str, int]
    refused: tuple[RefusedRow, ...] = ()
    flags: tuple[Flag, ...] = ()
    seconds: float = 0.0

    @property
    def flagged(self) -> dict[str, int]:
        """How many rows were flagged, by reason."""
        return dict(sorted(Counter(flag.reason for flag in self.flags).items()))


@dataclass(frozen=True)
class GantryLookup:
    """Where a read lies: the unit's node index by gantry number and by the master's HEX.

    Several gantries of one unit share a HEX; a HEX of two units is in `ambiguous_hex` and leads
    to neither. A gantry that stands on no unit is left out.
    """

    by_id: dict[str, int]
    by_hex: dict[str, int]
    ambiguous_hex: frozenset[str]


@dataclass(frozen=True)
class BorderUnit:
    """A toll unit at the province's border; boundary 1 enters the province, 2 leaves it."""

    node_idx: int
    unit_id: str
    boundary: int
    hexes: tuple[str, ...]
