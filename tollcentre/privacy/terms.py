"""The words of privacy: kinds of personal data, and why one is not taken, read or shown."""

from dataclasses import dataclass
from enum import StrEnum

from tollcentre.core.refusal import Reason

PERSONAL_KEYS_MISSING = Reason(
    "personal_keys_missing",
    "{place} 没有个人信息密钥；运行 tollcentre setup",
    "there are no keys for personal data at {place}; run tollcentre setup",
)
PERSONAL_KEYS_MALFORMED = Reason(
    "personal_keys_malformed",
    "{place} 的个人信息密钥格式不对",
    "the keys for personal data at {place} are malformed",
)
PERSONAL_KEYS_LOST = Reason(
    "personal_keys_lost",
    "已有加密的客户资料，而 {place} 没有密钥；请取回备份的密钥，新密钥解不开它们",
    "there is sealed data and no key at {place}: bring the key back, a new one would not open it",
)
SEALED_UNREADABLE = Reason(
    "sealed_unreadable",
    "加密的 {kind} 读不出：密钥不对或内容被改动",
    "a sealed {kind} cannot be read: another key, or changed",
)
REASON_FOR_UNMASKING_MISSING = Reason(
    "reason_for_unmasking_missing",
    "查看完整个人信息须写明理由（至少 4 个字）",
    "say why the personal data is to be shown whole (at least 4 characters)",
)


class PersonalKind(StrEnum):
    """A kind of personal data (个人信息种类)."""

    NAME = "name"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    BANK_ACCOUNT = "bank_account"
    ADDRESS = "address"


@dataclass(frozen=True)
class SealingKeys:
    """Keys that sealed data is made and found with; never shown."""

    standing: int
    sealing: dict[int, bytes]
    searching: bytes

    def __repr__(self) -> str:
        return f"SealingKeys({self.standing})"
