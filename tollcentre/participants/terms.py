"""The words of participants."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tollcentre.core.refusal import Reason

OWNERSHIP_CONTRADICTS = Reason(
    "ownership_contradicts",
    "路段 {section} 自 {day} 起已登记业主 {standing}，不能再登记为 {owner}",
    "section {section} already belongs to {standing} from {day}, it cannot be given to {owner}",
)


class PartyKind(StrEnum):
    """What a party is (参与方类型)."""

    ROAD_OWNER = "road_owner"
    ISSUER = "issuer"
    CENTRE = "centre"
    BANK = "bank"
    TREASURY = "treasury"


@dataclass(frozen=True)
class Owned:
    """A section's legal owner from a day on, until another row of the section follows."""

    section_id: str
    owner_id: str
    from_day: date


@dataclass(frozen=True)
class PartyInfo:
    """A party and its names."""

    code: str
    kind: PartyKind
    name_zh: str
    name_en: str
