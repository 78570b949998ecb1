"""The words of intake and exchange: records and messages, what became of them, refusals."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from typing import Any

from tollcentre.core.refusal import Reason, Refusal


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


class Protocol(StrEnum):
    """How counterparts talk to us: trunk (干线, JSON), pack (拓展, XML), bank (银行, lines)."""

    TRUNK = "trunk"
    PACK = "pack"
    BANK = "bank"


class PeerKind(StrEnum):
    """Who is at the other end: a centre over HTTP, a bank over SFTP, a channel by signed HTTP, an
    extension centre by packs over TCP.
    """

    CENTRE = "centre"
    BANK = "bank"
    CHANNEL = "channel"
    PACK = "pack"

    @property
    def protocol(self) -> Protocol:
        """How such a peer talks to us."""
        own = {PeerKind.CENTRE: Protocol.TRUNK, PeerKind.PACK: Protocol.PACK}
        return own.get(self, Protocol.BANK)


class ResultCode(IntEnum):
    """What a message is answered with; the national numbers."""

    OK = 1
    HEADER = 2
    SCHEMA = 3
    CONTENT = 4
    DUPLICATE = 5
    ADVICE_REFUSED = 6
    VERSION = 7
    STATISTICS = 8

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return RESULT_NAMES[self][0]

    @property
    def en(self) -> str:
        """The English name."""
        return RESULT_NAMES[self][1]


RESULT_NAMES = {
    ResultCode.OK: ("接收成功", "received"),
    ResultCode.HEADER: ("报文头错误", "header error"),
    ResultCode.SCHEMA: ("报文格式错误", "schema error"),
    ResultCode.CONTENT: ("报文内容错误", "content error"),
    ResultCode.DUPLICATE: ("报文重复", "duplicate message"),
    ResultCode.ADVICE_REFUSED: ("已接收，不接受通知内容", "received, advice refused"),
    ResultCode.VERSION: ("报文版本不支持", "version not supported"),
    ResultCode.STATISTICS: ("清分统计对账失败", "clearing statistics do not reconcile"),
}

Value = int | str | date | tuple[Any, ...] | None
"""A value of a message: fen, epoch seconds or number; text; day; list; None where left out."""


@dataclass(frozen=True)
class Envelope:
    """Who says what to whom, with the totals of what is said.

    `amount_fen` in fen, `sent_at` in epoch seconds. `digest` is SHA-256 in lowercase hex: on the
    trunk over the canonical JSON of the whole document without the digest itself, of a pack over
    its plain XML as sent, of a bank's file over all that stands before it. A bank's file names a
    day: `sent_at` is that day's first second.
    """

    protocol: Protocol
    kind: str
    version: str
    message_id: str
    sender_id: str
    receiver_id: str
    sent_at: int
    count: int
    amount_fen: int
    digest: str


@dataclass(frozen=True)
class Parcel:
    """A message as it was read: envelope, what the body says of the whole, and its records.

    Names are the national ones in snake_case, amounts in fen, times in epoch seconds.
    """

    envelope: Envelope
    fields: dict[str, Any]
    records: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Receipt:
    """The synchronous answer to a message (应答): what was received, and the result; fen."""

    message_id: str
    result: ResultCode
    count: int
    amount_fen: int
    digest: str
    reason: str


@dataclass(frozen=True)
class Notice:
    """What a payment channel says that a driver paid by code: `amount_fen`, epoch seconds."""

    channel: str
    notice_id: str
    order_no: str
    station_id: str
    amount_fen: int
    paid_at: int


class MessageFault(Refusal):
    """A message that is not accepted; `result` answers it, `message_id` is blank if unread."""

    def __init__(
        self, result: ResultCode, reason: Reason, field: str = "", **details: object
    ) -> None:
        self.result = result
        self.message_id = ""
        super().__init__(reason, field, **details)


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

MESSAGE_TOO_LARGE = Reason(
    "message_too_large",
    "报文的{what_zh}超过上限 {most}",
    "the message's {what_en} exceed the limit of {most}",
)
MESSAGE_UNREADABLE = Reason(
    "message_unreadable",
    "报文不是规范的 {shape} 文档：{why_zh}",
    "the message is no well-formed {shape} document: {why_en}",
)
FIELD_MISSING = Reason("field_missing", "缺少字段 {name}", "field {name} is missing")
FIELD_UNKNOWN = Reason(
    "field_unknown", "报文不应有字段 {name}", "the message has no place for field {name}"
)
FIELD_MISFORMED = Reason(
    "field_misformed",
    "字段 {name} 的值 {value} 不符合要求：{wanted_zh}",
    "the value {value} of field {name} does not fit: {wanted_en}",
)
VERSION_UNKNOWN = Reason(
    "version_unknown",
    "不支持报文版本 {version}；可用：{known}",
    "message version {version} is not supported; known: {known}",
)
MESSAGE_KIND_UNKNOWN = Reason(
    "message_kind_unknown",
    "报文种类 {kind} 不存在；可用：{known}",
    "there is no message kind {kind}; known: {known}",
)
TOTAL_DIFFERS = Reason(
    "total_differs",
    "{name} 申报 {declared}，明细合计 {found}",
    "{name} declares {declared}, the records make {found}",
)
DIGEST_DIFFERS = Reason(
    "digest_differs",
    "摘要申报 {declared}，按报文计算为 {found}",
    "the digest declared is {declared}, the message has {found}",
)
RECORD_REPEATED = Reason(
    "record_repeated",
    "明细 {key} 在报文中重复出现",
    "record {key} is in the message more than once",
)


class SentState(StrEnum):
    """How far a message of ours has come (发送状态)."""

    WAITING = "waiting"
    TAKEN = "taken"
    REFUSED = "refused"


class ReceivedState(StrEnum):
    """What became of a message that was taken (处理状态)."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class SentTotals:
    """Messages of ours of a day and kind (发送合计), fen; `wrong`: refused, or held otherwise."""

    messages: int
    count: int
    fee: int
    taken_count: int
    taken_fee: int
    held_count: int
    held_fee: int
    wrong: int


RECORDS_A_MESSAGE = 10_000
"""The most records that a message of ours holds."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5, 1800
"""Seconds between tries: doubled from the first on, never longer than the longest."""

PEER_EXISTS = Reason("peer_exists", "对端 {code} 已登记", "peer {code} is registered already")
PEER_CODE_WRONG = Reason(
    "peer_code_wrong",
    "对端编号 {code} 须为 1–16 个字母、数字或横线",
    "a peer's code is 1 to 16 letters, digits or dashes, not {code}",
)
PACK_CODE_WRONG = Reason(
    "pack_code_wrong",
    "拓展协议的编号 {code} 须为 16 位十六进制大写",
    "a code of the pack protocol is 16 hex digits in capitals, not {code}",
)
NO_SUCH_PEER = Reason("no_such_peer", "没有登记对端 {code}", "there is no peer {code}")
PEER_ADDRESS_WRONG = Reason(
    "peer_address_wrong",
    "对端地址 {address} 不对，应如 {wanted}",
    "the peer's address {address} is none; write it as {wanted}",
)
CAUSE_WITH_OTHER_CONTENT = Reason(
    "cause_with_other_content",
    "报文 {message_id} 已按另一内容生成",
    "message {message_id} was already made with other content",
)
MESSAGE_KNOWN_OTHERWISE = Reason(
    "message_known_otherwise",
    "报文编号 {message_id} 已用于另一内容",
    "message id {message_id} was already used with other content",
)
NOT_FOR_US = Reason(
    "message_not_for_us",
    "报文的收方 {receiver} 或发方 {sender} 不符",
    "the message names receiver {receiver} and sender {sender}: not this exchange",
)
KIND_NOT_TAKEN = Reason(
    "message_kind_not_taken", "不接收 {kind} 类报文", "messages of kind {kind} are not taken here"
)
NO_SUCH_MESSAGE = Reason(
    "no_such_message", "没有报文 {message_id}", "there is no message {message_id}"
)
MESSAGE_NEEDS_NO_PERSON = Reason(
    "message_needs_no_person",
    "报文 {message_id} 未被拒绝或出错，无须人工重发",
    "message {message_id} was neither refused nor has it failed: nothing to do again",
)
CSV_UNREADABLE = Reason("csv_unreadable", "无法读取 {path}：{why}", "cannot read {path}: {why}")
CSV_COLUMNS_MISSING = Reason(
    "csv_columns_missing", "{path} 缺少列 {columns}", "{path} lacks the columns {columns}"
)
VALUE_DIFFERS = Reason(
    "value_differs",
    "{name} 应为 {wanted}，实为 {found}",
    "{name} should be {wanted} and is {found}",
)
RECORDS_MIXED = Reason(
    "records_mixed",
    "同一报文包的 {name} 必须一致：{first} 与 {other}",
    "all records of a pack have the same {name}: {first} and {other}",
)
MARKUP_REFUSED = Reason(
    "markup_refused",
    "报文包不得含有注释、CDATA、DTD、实体、处理指令或命名空间：{what}",
    "a pack holds no comment, CDATA, DTD, entity, processing instruction or namespace: {what}",
)
SCHEMA_BROKEN = Reason(
    "schema_broken",
    "{name} 不符合报文模式 {schema}：{why_zh}",
    "{name} does not follow the schema {schema}: {why_en}",
)
FILE_NAME_WRONG = Reason(
    "file_name_wrong",
    "文件名或编号 {name} 与种类、发方、收方、日期不符",
    "the file name or id {name} does not say kind, sender, receiver, day and a sequence",
)
FRAME_BROKEN = Reason(
    "frame_broken", "报文帧的{what_zh}不正确", "the frame's {what_en} is not right"
)
