"""National place codes and code tables: fixed width, each level a prefix of the next.

Source: 收费公路联网收费 coding rules as found in public provincial systems (docs/handbook).
"""

from enum import IntEnum

ROAD_WIDTH = 7
SECTION_WIDTH = 11
STATION_WIDTH = 14
UNIT_WIDTH = 16
GANTRY_WIDTH = 19
LANE_WIDTH = 21
PASS_ID_WIDTH = 36


class NodeKind(IntEnum):
    """What a node of the road network is (路网节点类型)."""

    CONNECTOR = 0
    UNIT = 1
    BORDER = 2
    STATION = 3
    INTERCHANGE = 9


class MediaType(IntEnum):
    """通行介质类型."""

    OBU = 1
    CPC = 2
    PAPER = 3
    NONE = 9


class ExitFeeType(IntEnum):
    """出口计费方式 (exitFeeType, actualFeeClass): which of the chain's ways priced the exit."""

    UNPRICED = 0
    OBU_SUM = 1
    OBU_SUM_BEFORE_DISCOUNT = 2
    CPC_SUM = 3
    PROVINCE_ONLINE = 4
    MINISTRY_ONLINE = 5
    MINIMUM_FARE = 6
    OPEN_ROAD = 11


class UnitSign(IntEnum):
    """收费单元处理标识: how a unit came into the path (national code 0–5)."""

    DEFAULT = 0
    OWN_GANTRY = 1
    AGENCY = 2
    UNIQUE_PATH = 3
    LEAST_PATH = 4
    MINIMUM_FARE = 5


VEHICLE_TYPES = (1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26)
"""车型: 客1–4, 货1–6, 专项作业1–6."""

VEHICLE_CLASSES = (0, 6, 8, 10, 12, 14, 21, 22, 23, 24, 25, 26, 27, 28)
"""车种: 0 普通, 8 军警, 21 绿通, 22 联合收割机, 23 抢险救灾, 26 应急 and the rest."""

PLATE_COLOURS = (0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 12)
"""车牌颜色."""


def section_of(place_id: str) -> str:
    """The 11-character section code that a unit, gantry, station or lane belongs to."""
    return place_id[:SECTION_WIDTH]


def unit_of_gantry(gantry_id: str) -> str:
    """The 16-character toll unit whose code the gantry number starts with."""
    return gantry_id[:UNIT_WIDTH]


def station_of_lane(lane_id: str) -> str:
    """The 14-character station whose code the lane number starts with."""
    return lane_id[:STATION_WIDTH]


def opposite_unit(unit_id: str) -> str:
    """The same unit of the other carriageway: the direction digit (1 up, 2 down) turned."""
    turned = {"1": "2", "2": "1"}.get(unit_id[14:15], unit_id[14:15])
    return unit_id[:14] + turned + unit_id[15:]
