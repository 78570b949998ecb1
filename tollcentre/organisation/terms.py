"""The words of organisation: units of the tree, who works in them, what they may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from tollcentre.access.terms import Role
from tollcentre.core.refusal import Reason

UNIT_UNKNOWN = Reason("unit_unknown", "没有登记机构 {unit}", "there is no unit {unit}")
UNIT_CONTRADICTS = Reason(
    "unit_contradicts",
    "机构 {unit} 已登记为{kind}，不能再登记为{other}",
    "unit {unit} is registered as {kind} and cannot become {other}",
)
PARENT_UNFIT = Reason(
    "parent_unfit",
    "{kind}不能隶属于{parent_kind}（{unit} → {parent}）",
    "a {kind} does not belong under a {parent_kind} ({unit} → {parent})",
)
PLACING_CONTRADICTS = Reason(
    "placing_contradicts",
    "机构 {unit} 自 {day} 起已登记隶属 {standing}，不能再登记为 {parent}",
    "unit {unit} already belongs to {standing} from {day}, it cannot be put under {parent}",
)
UNIT_NOT_STANDING = Reason(
    "unit_not_standing",
    "机构 {unit} 在 {day} 不存续",
    "unit {unit} does not stand on {day}",
)
UNIT_CLOSED_WITH_BELOW = Reason(
    "unit_closed_with_below",
    "机构 {unit} 自 {day} 起撤销，而下级 {below} 仍隶属于它",
    "unit {unit} is closed from {day} while {below} still belongs to it",
)
TREE_TURNS_BACK = Reason(
    "tree_turns_back",
    "自 {day} 起机构 {unit} 将隶属于自己的下级",
    "from {day} unit {unit} would belong to a unit below itself",
)
ROLE_UNFIT = Reason(
    "role_unfit", "{kind}没有{role}这一岗位角色", "a {kind} has no post with the role {role}"
)
POST_TAKEN = Reason(
    "post_taken",
    "用户 {user} 在机构 {unit} 已有自 {day} 起的岗位 {title}",
    "{user} already holds the post {title} in {unit} from {day}",
)
POST_UNKNOWN = Reason("post_unknown", "没有岗位 {post}", "there is no post {post}")
POST_ENDS_BEFORE = Reason(
    "post_ends_before",
    "岗位自 {start} 起，不能在 {day} 结束",
    "the post begins on {start} and cannot end on {day}",
)
FIELD_EMPTY = Reason("field_empty", "不能为空", "may not be empty")


class UnitKind(StrEnum):
    """What a unit is (机构类型)."""

    BUREAU = "bureau"
    CENTRE = "centre"
    DEPARTMENT = "department"
    LIAISON = "liaison"
    OFFICE = "office"
    STATION = "station"
    AUDIT_UNIT = "audit_unit"
    OUTLET = "outlet"
    SERVICE_POINT = "service_point"
    BANK = "bank"
    BANK_OUTLET = "bank_outlet"
    ROAD_OWNER = "road_owner"
    VENDOR = "vendor"


PARENTS: Mapping[UnitKind, frozenset[UnitKind]] = MappingProxyType(
    {
        UnitKind.BUREAU: frozenset(),
        UnitKind.CENTRE: frozenset({UnitKind.BUREAU}),
        UnitKind.DEPARTMENT: frozenset({UnitKind.BUREAU, UnitKind.CENTRE}),
        UnitKind.LIAISON: frozenset({UnitKind.CENTRE}),
        UnitKind.OFFICE: frozenset({UnitKind.BUREAU}),
        UnitKind.STATION: frozenset({UnitKind.OFFICE}),
        UnitKind.AUDIT_UNIT: frozenset({UnitKind.OFFICE, UnitKind.STATION}),
        UnitKind.OUTLET: frozenset({UnitKind.CENTRE, UnitKind.LIAISON}),
        UnitKind.SERVICE_POINT: frozenset({UnitKind.CENTRE, UnitKind.LIAISON, UnitKind.OUTLET}),
        UnitKind.BANK: frozenset({UnitKind.CENTRE}),
        UnitKind.BANK_OUTLET: frozenset({UnitKind.BANK}),
        UnitKind.ROAD_OWNER: frozenset({UnitKind.BUREAU}),
        UnitKind.VENDOR: frozenset({UnitKind.BUREAU, UnitKind.CENTRE, UnitKind.OFFICE}),
    }
)
"""Kind → the kinds that it may belong to; a bureau belongs to none."""


class Scope(StrEnum):
    """Whose rows a post sees (数据范围)."""

    ALL = "all"
    BELOW = "below"
    OWN = "own"
    MINE = "mine"


POSTS: Mapping[UnitKind, frozenset[Role]] = MappingProxyType(
    {
        UnitKind.BUREAU: frozenset({Role.MANAGER, Role.AUDITOR}),
        UnitKind.CENTRE: frozenset(Role) - {Role.ROAD_OWNER},
        UnitKind.DEPARTMENT: frozenset(Role) - {Role.ROAD_OWNER},
        UnitKind.LIAISON: frozenset({Role.STATION_OFFICER, Role.OUTLET_CLERK}),
        UnitKind.OFFICE: frozenset({Role.STATION_OFFICER}),
        UnitKind.STATION: frozenset({Role.STATION_OFFICER}),
        UnitKind.AUDIT_UNIT: frozenset({Role.STATION_OFFICER}),
        UnitKind.OUTLET: frozenset({Role.OUTLET_CLERK}),
        UnitKind.SERVICE_POINT: frozenset({Role.OUTLET_CLERK}),
        UnitKind.BANK: frozenset({Role.OUTLET_CLERK}),
        UnitKind.BANK_OUTLET: frozenset({Role.OUTLET_CLERK}),
        UnitKind.ROAD_OWNER: frozenset({Role.ROAD_OWNER}),
    }
)
"""Kind of unit → the roles that a post in it may bear; none where it is not named."""


@dataclass(frozen=True)
class UnitPlaced:
    """A unit as a register says it: from a day on it belongs to a parent, or is closed."""

    code: str
    kind: UnitKind
    name_zh: str
    name_en: str
    parent: str
    from_day: date
    is_closed: bool


@dataclass(frozen=True)
class Placing:
    """Where a unit belongs from a day on; no parent: a root, or closed."""

    unit: str
    from_day: date
    parent: str
    is_closed: bool


@dataclass(frozen=True)
class TreeRow:
    """A unit as it stands on a day: its depth below the root, its parent, how many lie below it."""

    code: str
    kind: UnitKind
    name_zh: str
    name_en: str
    parent: str
    depth: int
    below: int
    posts: int
    since: date
