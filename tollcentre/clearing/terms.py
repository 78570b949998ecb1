"""Clearing's words."""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Side of a net row."""

    DEBIT = "debit"
    CREDIT = "credit"


class HeldReason(StrEnum):
    """Why money is held in review instead of being split (留待复核)."""

    PROVINCE_PARTS_MISFIT = "province_parts_misfit"
    NOTHING_TO_SPLIT_BY = "nothing_to_split_by"
    UNKNOWN_UNIT = "unknown_unit"
    SECOND_EXIT_RECORD = "second_exit_record"
    CORRECTION_WITHOUT_SOURCE = "correction_without_source"


class DifferenceKind(StrEnum):
    """What does not agree between charge, collection and the restored path (差异)."""

    DRIVEN_NOT_CHARGED = "driven_not_charged"
    CHARGED_NOT_DRIVEN = "charged_not_driven"
    CHARGED_SUM_DIFFERS = "charged_sum_differs"
    RECOMPUTED_DIFFERS = "recomputed_differs"
    PATH_IN_REVIEW = "path_in_review"
    UNKNOWN_GANTRY = "unknown_gantry"
    REPEATED_TRADE = "repeated_trade"


@dataclass(frozen=True)
class PartyNet:
    """One party's claim or debt of a clear day; fee in fen, may be negative after corrections."""

    side: Side
    party: str
    owner_id: str
    legal_owner_id: str
    issuer_id: str
    toll_province: str
    media_type: int
    fee: int
