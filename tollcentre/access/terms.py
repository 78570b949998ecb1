"""The words of access: who may do what, who may see which rows, and the trail of acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from tollcentre.core.refusal import Reason

APPROVAL_KEY_WITH_OTHER_CONTENT = Reason(
    "approval_key_with_other_content",
    "审批编号 {key} 已用于其他内容",
    "approval key {key} was already used for other content",
)
NO_SUCH_APPROVAL = Reason(
    "no_such_approval", "没有审批单 {key}", "there is no approval request {key}"
)
APPROVAL_ALREADY_DECIDED = Reason(
    "approval_already_decided",
    "审批单 {key} 已由 {checker} 处理：{decision}",
    "approval request {key} was already decided by {checker}: {decision}",
)
MAKER_MAY_NOT_APPROVE = Reason(
    "maker_may_not_approve",
    "经办人 {maker} 不能复核自己的申请",
    "{maker} made this request and may not decide on it",
)
REFUSAL_REASON_MISSING = Reason(
    "refusal_reason_missing",
    "退回须写明理由",
    "say why the request is turned down",
)
PERMISSION_MISSING = Reason(
    "permission_missing",
    "用户 {user} 没有权限：{permission}",
    "{user} lacks the permission {permission}",
)
NO_SUCH_USER = Reason("no_such_user", "没有用户 {user}", "there is no user {user}")


class Role(StrEnum):
    """What a person of the centre, or of a road owner, is here (角色)."""

    CLEARING_CLERK = "clearing_clerk"
    AUDITOR = "auditor"
    MANAGER = "manager"
    ROAD_OWNER = "road_owner"
    STATION_OFFICER = "station_officer"
    OUTLET_CLERK = "outlet_clerk"
    SYSTEM_ADMINISTRATOR = "system_administrator"


class Permission(StrEnum):
    """One thing that a role may do or see (权限)."""

    VIEW_BOARD = "view_board"
    RUN_CLEAR_DAY = "run_clear_day"
    RESTATE_DAY = "restate_day"
    APPROVE = "approve"
    VIEW_PASSAGES = "view_passages"
    REVIEW_PASSAGES = "review_passages"
    VIEW_PLATES = "view_plates"
    VIEW_STATEMENTS = "view_statements"
    VIEW_LEDGER = "view_ledger"
    VIEW_NETWORK = "view_network"
    IMPORT_NETWORK = "import_network"
    VIEW_TARIFF = "view_tariff"
    VIEW_COMPLETENESS = "view_completeness"
    VIEW_INTAKE = "view_intake"
    IMPORT_RECORDS = "import_records"
    VIEW_DISPUTES = "view_disputes"
    VIEW_PARTIES = "view_parties"
    RULE_DISPUTES = "rule_disputes"
    VIEW_DEPOSITS = "view_deposits"
    VIEW_CHANNELS = "view_channels"
    RULE_DEPOSITS = "rule_deposits"
    VIEW_REFUNDS = "view_refunds"
    RAISE_REFUNDS = "raise_refunds"
    VIEW_EXCHANGE = "view_exchange"
    RUN_EXCHANGE = "run_exchange"
    VIEW_SETTLEMENT = "view_settlement"
    SETTLE = "settle"
    ANSWER_STATEMENTS = "answer_statements"
    VIEW_ORGANISATION = "view_organisation"
    APPOINT = "appoint"
    VIEW_CUSTOMERS = "view_customers"
    ISSUE = "issue"
    UNMASK = "unmask"
    VIEW_TRAIL = "view_trail"
    MANAGE_USERS = "manage_users"


ROLE_TITLES: Mapping[Role, tuple[str, str]] = MappingProxyType(
    {
        Role.CLEARING_CLERK: ("清分员", "clearing clerk"),
        Role.AUDITOR: ("稽核员", "auditor"),
        Role.MANAGER: ("管理者", "manager"),
        Role.ROAD_OWNER: ("业主", "road owner"),
        Role.STATION_OFFICER: ("站务员", "station officer"),
        Role.OUTLET_CLERK: ("营业员", "outlet clerk"),
        Role.SYSTEM_ADMINISTRATOR: ("系统管理员", "system administrator"),
    }
)
"""中文 and English name of each role."""

_READ_THE_DAY = frozenset(
    {
        Permission.VIEW_BOARD,
        Permission.VIEW_PASSAGES,
        Permission.VIEW_STATEMENTS,
        Permission.VIEW_LEDGER,
        Permission.VIEW_NETWORK,
        Permission.VIEW_TARIFF,
        Permission.VIEW_COMPLETENESS,
        Permission.VIEW_INTAKE,
        Permission.VIEW_DISPUTES,
        Permission.VIEW_PARTIES,
        Permission.VIEW_DEPOSITS,
        Permission.VIEW_CHANNELS,
        Permission.VIEW_REFUNDS,
        Permission.VIEW_EXCHANGE,
        Permission.VIEW_SETTLEMENT,
        Permission.VIEW_ORGANISATION,
    }
)
ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.CLEARING_CLERK: _READ_THE_DAY
        | {
            Permission.RUN_CLEAR_DAY,
            Permission.RESTATE_DAY,
            Permission.REVIEW_PASSAGES,
            Permission.VIEW_PLATES,
            Permission.IMPORT_RECORDS,
            Permission.RUN_EXCHANGE,
            Permission.SETTLE,
            Permission.RULE_DISPUTES,
            Permission.RULE_DEPOSITS,
            Permission.RAISE_REFUNDS,
        },
        Role.AUDITOR: _READ_THE_DAY
        | {
            Permission.REVIEW_PASSAGES,
            Permission.VIEW_PLATES,
            Permission.VIEW_TRAIL,
            Permission.VIEW_CUSTOMERS,
        },
        Role.MANAGER: _READ_THE_DAY
        | {
            Permission.APPROVE,
            Permission.VIEW_TRAIL,
            Permission.VIEW_CUSTOMERS,
            Permission.UNMASK,
        },
        Role.ROAD_OWNER: frozenset(
            {
                Permission.VIEW_STATEMENTS,
                Permission.ANSWER_STATEMENTS,
                Permission.VIEW_PARTIES,
                Permission.VIEW_NETWORK,
                Permission.VIEW_TARIFF,
            }
        ),
        # Of the own station, office or sub-centre, by the tree of units.
        Role.STATION_OFFICER: frozenset(
            {
                Permission.VIEW_COMPLETENESS,
                Permission.VIEW_DEPOSITS,
                Permission.VIEW_ORGANISATION,
            }
        ),
        # Of the own outlet, service point or bank branch, by the tree of units.
        Role.OUTLET_CLERK: frozenset(
            {
                Permission.VIEW_CUSTOMERS,
                Permission.ISSUE,
                Permission.UNMASK,
                Permission.VIEW_PLATES,
                Permission.VIEW_ORGANISATION,
            }
        ),
        # Keeps the house running and touches no money: duties are separate.
        Role.SYSTEM_ADMINISTRATOR: frozenset(
            {
                Permission.VIEW_BOARD,
                Permission.VIEW_NETWORK,
                Permission.IMPORT_NETWORK,
                Permission.VIEW_TARIFF,
                Permission.VIEW_COMPLETENESS,
                Permission.VIEW_INTAKE,
                Permission.VIEW_EXCHANGE,
                Permission.VIEW_TRAIL,
                Permission.VIEW_ORGANISATION,
                Permission.APPOINT,
                Permission.MANAGE_USERS,
            }
        ),
    }
)
"""What each role may do: the only place where it is said."""

DEMO_USERS: Mapping[str, Role] = MappingProxyType(
    {
        "clerk": Role.CLEARING_CLERK,
        "auditor": Role.AUDITOR,
        "manager": Role.MANAGER,
        "owner": Role.ROAD_OWNER,
        "outlet": Role.OUTLET_CLERK,
        "admin": Role.SYSTEM_ADMINISTRATOR,
    }
)
"""Demo user names, one a role; their passwords are made per home."""


@dataclass(frozen=True)
class Viewer:
    """Who asks: the required argument of every query that a face calls.

    `owner_ids` None sees the rows of every owner; a set sees those owners' rows only, an empty
    set none. `unit_codes` says the same of the organisation's units, such as stations; `only_mine`
    sees of them what is the viewer's own alone, where rows have a person.
    """

    name: str
    roles: frozenset[Role]
    owner_ids: frozenset[str] | None
    unit_codes: frozenset[str] | None = None
    only_mine: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether one of the viewer's roles holds the permission."""
        return any(permission in ROLE_PERMISSIONS[role] for role in self.roles)

    def sees_unit(self, code: str) -> bool:
        """Whether rows of this unit are within the viewer's scope."""
        return self.unit_codes is None or code in self.unit_codes

    def sees_owner(self, owner_id: str) -> bool:
        """Whether rows of this owner are within the viewer's scope."""
        return self.owner_ids is None or owner_id in self.owner_ids


SHELL_VIEWER = Viewer("shell", frozenset(Role) - {Role.ROAD_OWNER}, None)
"""Who works at the machine's own command line: sees everything, holds every staff role."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act to be put into the trail; `detail` holds plain JSON values and dates."""

    actor: str
    act: str
    subject: str
    detail: Mapping[str, object]


@dataclass(frozen=True)
class TrailEntry:
    """One act of the trail as others see it; `at` in epoch seconds."""

    seq: int
    at: int
    actor: str
    act: str
    subject: str
    detail: dict[str, object]
    hash: str


class ApprovalState(StrEnum):
    """Where a request for approval stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True)
class ApprovalInfo:
    """A request of one person (maker) and the decision of another (checker); times epoch s."""

    approval_key: str
    act: str
    subject: str
    detail: dict[str, object]
    reason: str
    maker: str
    requested_at: int
    state: ApprovalState
    checker: str = ""
    decision_reason: str = ""
    decided_at: int = 0
