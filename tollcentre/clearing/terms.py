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

UPLOADED = "uploaded_record"
"""Lake relation of the records that went up of a day and kind, by upload."""
PARTS = "exchange_part"
"""Lake relation of other provinces' parts of exits as told to the ministry, by message."""
COUNTED_KEY = "counted:"
"""What the keys of batches begin with that move counted parts to the ministry's accounts."""
SERVED = "served_journey"
"""Lake relation of a run's journeys that paid elsewhere, with what our units earned."""


class UploadKind(StrEnum):
    """Records that a cleared day hands up beside its trades (上报种类), by kind of message."""

    OTHER_EXIT = "other_exit_upload"
    ENTRY = "entry_upload"
    GANTRY = "gantry_upload"
    BATCH_SUM = "batch_sum_upload"


@dataclass(frozen=True)
class UploadParameters:
    """What goes up of a clear day, out of `parameters/uploads.yaml`."""

    raw_gantry: bool
    supplement_days: int

    @property
    def kinds(self) -> tuple[UploadKind, ...]:
        """The kinds that go up, in order."""
        return tuple(k for k in UploadKind if self.raw_gantry or k is not UploadKind.GANTRY)


class ProofState(StrEnum):
    """How far the proof has come that both sides hold a day's records of a kind (核对状态)."""

    PROVED = "proved"
    UNDERWAY = "underway"
    LATE = "late"
    DIFFERS = "differs"


@dataclass(frozen=True)
class UploadProof:
    """A day's records of a kind: landed here, sent, taken by and held at the ministry; fen.

    `unfit` records lack what a message requires and are not sent.
    """

    clear_date: date
    kind: str
    uploads: int
    messages: int
    landed_count: int
    landed_fee: int
    unfit: int
    sent_count: int
    sent_fee: int
    taken_count: int
    taken_fee: int
    held_count: int
    held_fee: int
    wrong: int

    @property
    def state(self) -> ProofState:
        """Proved where what landed, went, was taken and is held there is the same."""
        if self.wrong:
            return ProofState.DIFFERS
        sent = self.sent_count, self.sent_fee
        if self.landed_count - self.unfit != self.sent_count:
            return ProofState.LATE
        steps = ((self.taken_count, self.taken_fee), (self.held_count, self.held_fee))
        return ProofState.PROVED if all(step == sent for step in steps) else ProofState.UNDERWAY


class Route(IntEnum):
    """Who has an electronic trade booked (清分路径): this centre's own issuer, or the ministry."""

    HERE = 1
    MINISTRY = 2


class StatisticKind(StrEnum):
    """What a line of a clearing statistic counts: trades, provinces' parts, changes of tolls.

    Of changes (退补费) the party is an issuer, or a centre for its province's shares.
    """

    TRADE = "trade"
    SPLIT = "split"
    CHANGE = "change"


@dataclass(frozen=True)
class CountedPart:
    """A line of a clearing statistic that counts a province's parts (跨省分摊), in fen.

    Side receivable: our parts of exits there; payable: its parts of our exits.
    """

    row: int
    message_id: str
    clear_date: date
    side: str
    province: str
    party_id: str
    of_messages: tuple[str, ...]
    of_files: tuple[str, ...]
    booked_fee: int


@dataclass(frozen=True)
class CrossProvince:
    """Money between us and a province on a clear day (跨省往来), in fen.

    What arose on the day, and what the ministry counted of it or of earlier days.
    """

    clear_date: date
    province: str
    receivable: int
    payable: int
    receivable_counted: int
    payable_counted: int

    @property
    def net(self) -> int:
        """What arose for us less what arose against us."""
        return self.receivable - self.payable

    @property
    def net_counted(self) -> int:
        """What the ministry counted for us less what it counted against us."""
        return self.receivable_counted - self.payable_counted


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
    issuer_id: str
    toll_province: str
    media_type: int
    fee: int
