"""The words of the status lists.

Source: field and code names of public issuer systems; the OBU codes from 101 on are the ministry's
of 2020, where the OBU is what is charged.
"""

from dataclasses import dataclass
from enum import IntEnum

from tollcentre.core.refusal import Reason

LISTED_MEDIUM_MALFORMED = Reason(
    "listed_medium_malformed",
    "介质编号 {value} 应为 16 位（OBU）或 20 位（卡）数字",
    "medium number {value} must have 16 digits (an OBU) or 20 (a card)",
)
LIST_TYPE_UNKNOWN = Reason(
    "list_type_unknown",
    "名单类型 {value} 不存在：卡为 1–6，OBU 为 1–4、101–105",
    "there is no list type {value}: 1–6 for a card, 1–4 and 101–105 for an OBU",
)
LIST_STATUS_UNKNOWN = Reason(
    "list_status_unknown",
    "名单状态 {value} 不存在：1 进入，2 解除",
    "there is no list status {value}: 1 enters, 2 leaves",
)
LIST_VERSION_MALFORMED = Reason(
    "list_version_malformed",
    "名单版本 {value} 应为 yyyyMMddHHmm",
    "list version {value} must be yyyyMMddHHmm",
)
CREATION_TIME_MALFORMED = Reason(
    "creation_time_malformed", "产生时间 {value} 不是时间", "creation time {value} is no time"
)

CARD_DIGITS = 20


class CardListType(IntEnum):
    """卡名单类型: 卡挂失, 无卡挂起, 无卡注销, 账户透支, 合作机构黑名单, 车型不符."""

    LOST = 1
    SUSPENDED = 2
    CANCELLED = 3
    OVERDRAWN = 4
    PARTNER_LISTED = 5
    VEHICLE_TYPE_DIFFERS = 6


class ObuListType(IntEnum):
    """OBU 名单类型: 标签挂失, 无签挂起, 无签注销, 车型不符; from 101 on 核销, 挂起, 未关联扣款渠道,
    账户透支, 支付机构限制使用.
    """

    LOST = 1
    SUSPENDED = 2
    CANCELLED = 3
    VEHICLE_TYPE_DIFFERS = 4
    WRITTEN_OFF = 101
    HELD = 102
    UNLINKED = 103
    OVERDRAWN = 104
    PARTNER_RESTRICTED = 105


class ListStatus(IntEnum):
    """进入 or 解除."""

    ENTER = 1
    LEAVE = 2


@dataclass(frozen=True)
class StatusListEntry:
    """A medium enters or leaves the list of a type; version yyyyMMddHHmm, time in epoch seconds."""

    medium_no: str
    list_type: int
    status: ListStatus
    version: int
    creation_time: int = 0
