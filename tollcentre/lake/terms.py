"""The lake's words."""

from dataclasses import dataclass, field

from tollcentre.core.refusal import Reason

CHECK_FAILED = Reason(
    "check_failed",
    "关系 {relation} 的检查 {check} 未通过：{rows} 行，例如 {sample}",
    "check {check} of relation {relation} failed: {rows} rows, such as {sample}",
)
LAKE_FILE_CHANGED = Reason(
    "lake_file_changed",
    "数据湖文件 {path} 与登记不符：{what}",
    "lake file {path} differs from its registration: {what}",
)
ENGINE_MISSING = Reason(
    "engine_missing",
    "引擎 {engine} 不可用：{why}",
    "engine {engine} cannot be used: {why}",
)


@dataclass(frozen=True)
class StoredFile:
    """A registered file: where it is and what it must hold."""

    relation: str
    partition: str
    run_key: str
    path: str
    rows: int
    sha256: str
    control_sums: dict[str, str]
    schema_version: int


@dataclass(frozen=True)
class Relation:
    """One columnar relation: its text, what one row is, its key, inputs and checks."""

    name: str
    grain: str
    key: tuple[str, ...]
    inputs: tuple[str, ...]
    sql: str
    checks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Built:
    """What building one relation gave."""

    name: str
    rows: int
    seconds: float
    checks: tuple[str, ...]
