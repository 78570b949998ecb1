"""The words of intake: record kinds, their definitions, what became of each row, refusals."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from tollcentre.core.refusal import Reason


class RecordKind(StrEnum):
    """The national record kinds that the road reports."""

    GANTRY_TRADE = "gantry_trade"
    PLATE_READ = "plate_read"
    ENTRY_RECORD = "entry_record"
    EXIT_RECORD = "exit_record"
    BATCH_SUM = "batch_sum"


class Severity(StrEnum):
    """What a failed check means for its row."""

    QUARANTINE = "quarantine"
    ANOMALY = "anomaly"


QUARANTINE_RELATION = "quarantined_row"
CHARGED_UNIT = "charged_unit"


@dataclass(frozen=True)
class Column:
    """One column of a record kind: its names, how its text is checked and what it lands as."""

    name: str
    official: str
    form: str = ""
    width: int = 0
    codes: str = ""
    required: bool = False
    bad: Severity = Severity.ANOMALY
    landed: str = ""
    blank: int = 0
    content: bool = True
    optional: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class DerivedColumn:
    """A column made at intake from the record's own columns."""

    name: str
    sql: str
    type: str = "VARCHAR"
    land: bool = True


@dataclass(frozen=True)
class RowCheck:
    """A check over a row's columns: `fails` is true where the row is named."""

    name: str
    fails: str
    bad: Severity = Severity.ANOMALY


@dataclass(frozen=True)
class Accumulator:
    """`{sum}_before + by = {sum}_after`, wherever both are given and `when` holds."""

    sum: str
    by: str
    when: str


@dataclass(frozen=True)
class UnitGroups:
    """Which `|` lists of a record hold its charged toll units, and when they are landed."""

    ids: str
    signs: str
    pay_fee: str
    fee: str
    discount_fee: str
    source: int
    when: str


@dataclass(frozen=True)
class RecordDefinition:
    """A record kind as data: columns, derived columns, keys and checks."""

    kind: RecordKind
    schema_version: int
    record_id: str
    event_time: str
    detect: tuple[str, ...]
    columns: tuple[Column, ...]
    derived: tuple[DerivedColumn, ...]
    keys: dict[str, str]
    checks: tuple[RowCheck, ...]
    accumulators: tuple[Accumulator, ...] = ()
    units: UnitGroups | None = None

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]

    def official_columns(self) -> tuple[Column, ...]:
        """The columns of the national table, in its order, without the optional ones."""
        return tuple(column for column in self.columns if not column.optional)


@dataclass(frozen=True)
class LandedColumn:
    """A column of a landed relation, and what it reads as in a file of an older schema."""

    name: str
    type: str
    default: str


@dataclass(frozen=True)
class PassIdForm:
    """A known form of a pass id; a name of its own marks a non-standard one."""

    name: str
    pattern: str
    what: str


@dataclass
class IntakeReport:
    """What became of the rows: every row read is accepted, quarantined or a duplicate."""

    accepted: int = 0
    quarantined: int = 0
    duplicates: int = 0
    conflicting_versions: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    anomalies: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    days: set[str] = field(default_factory=set)
    unknown_columns: set[str] = field(default_factory=set)
    files: int = 0
    skipped: list[dict[str, str]] = field(default_factory=list)
    batches: list[str] = field(default_factory=list)

    @property
    def rows_read(self) -> int:
        """Rows of the input that were records or broken lines."""
        return self.accepted + self.quarantined + self.duplicates

    def add(self, other: "IntakeReport") -> None:
        """Take another report's figures into this one."""
        self.accepted += other.accepted
        self.quarantined += other.quarantined
        self.duplicates += other.duplicates
        self.conflicting_versions += other.conflicting_versions
        self.reasons.update(other.reasons)
        self.anomalies.update(other.anomalies)
        self.kinds.update(other.kinds)
        self.days |= other.days
        self.unknown_columns |= other.unknown_columns
        self.files += other.files
        self.skipped += other.skipped
        self.batches += other.batches

    def as_json(self) -> dict[str, object]:
        """The answer of `tollcentre intake --json`."""
        return {
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "duplicates": self.duplicates,
            "reasons": dict(sorted(self.reasons.items())),
            "anomalies": dict(sorted(self.anomalies.items())),
            "conflicting_versions": self.conflicting_versions,
            "rows_read": self.rows_read,
            "kinds": dict(sorted(self.kinds.items())),
            "days": sorted(self.days),
            "files": self.files,
            "skipped": self.skipped,
            "unknown_columns": sorted(self.unknown_columns),
            "batches": self.batches,
        }


PATH_MISSING = Reason("path_missing", "找不到文件或目录：{path}", "no such file or folder: {path}")
UNKNOWN_KIND = Reason(
    "unknown_kind",
    "记录种类 {kind} 不存在；可用：{known}",
    "there is no record kind {kind}; known: {known}",
)
INTAKE_BUSY = Reason(
    "intake_busy", "另一接收任务正在进行，请稍后重试", "another intake is running; try again soon"
)
SENDER_EXISTS = Reason("sender_exists", "发送方 {name} 已存在", "sender {name} exists already")
SENDER_NAME_INVALID = Reason(
    "sender_name_invalid",
    "发送方名称须为 1–64 个字母、数字、点、横线或下划线",
    "a sender's name is 1 to 64 letters, digits, dots, dashes or underscores",
)
KEY_REUSED = Reason(
    "idempotency_key_reused",
    "幂等键 {key} 已用于另一内容的批次",
    "idempotency key {key} was used for a batch with other content",
)
KEY_COLLISION = Reason(
    "key_collision",
    "整数键 {key} 对应多个编号：{ids}",
    "integer key {key} stands for several ids: {ids}",
)
