"""Clearing's words."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

MINISTRY = "000000"
"""Party code of the ministry's centre (部联网中心)."""
TRADES = "exchange_trade"
"""Lake relation of a run's trades that an issuer is to book, by national names."""

SPLIT_RESULTS = "split_result"
"""Lake relation of the ministry's splits of journeys that were ours in part, by message."""


class Route(IntEnum):
    """Who has an electronic trade booked (清分路径): this centre's own issuer, or the ministry."""

    HERE = 1
    MINISTRY = 2


@dataclass(frozen=True)
class SplitClaim:
    """A journey of an exit elsewhere that the ministry split otherwise than we did, in fen."""

    clear_date: date
    pass_id: str
    toll_province: str
    our_fee: int
    their_fee: int
    message_id: str

    @property
    def claimed(self) -> int:
        """What we are short of, in fen; negative where we were given too much."""
        return self.our_fee - self.their_fee


@dataclass(frozen=True)
class TradeShare:
    """A part of one trade's fee, in fen: a road owner's, another province's, or held in review."""

    party: str
    code: str
    fee: int


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
