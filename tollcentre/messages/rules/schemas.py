"""The schema of every landed relation, from its definition, and the SQL that reads it."""

from collections.abc import Sequence

from ..terms import LandedColumn, RecordDefinition
from .selects import TYPES

HEAD = (
    LandedColumn("schema_version", "SMALLINT", "0"),
    LandedColumn("record_key", "BIGINT", "0"),
    LandedColumn("content_digest", "BIGINT", "0"),
    LandedColumn("intake_key", "VARCHAR", "''"),
    LandedColumn("anomalies", "VARCHAR", "''"),
)
UNIT_COLUMNS = (
    LandedColumn("schema_version", "SMALLINT", "0"),
    LandedColumn("record_key", "BIGINT", "0"),
    LandedColumn("content_digest", "BIGINT", "0"),
    LandedColumn("source", "SMALLINT", "0"),
    LandedColumn("pass_key", "BIGINT", "0"),
    LandedColumn("event_time", "BIGINT", "0"),
    LandedColumn("gantry_key", "BIGINT", "0"),
    LandedColumn("seq", "SMALLINT", "0"),
    LandedColumn("unit_key", "BIGINT", "0"),
    LandedColumn("toll_interval_id", "VARCHAR", "''"),
    LandedColumn("sign", "SMALLINT", "0"),
    LandedColumn("pay_fee", "BIGINT", "0"),
    LandedColumn("discount_fee", "BIGINT", "0"),
    LandedColumn("fee", "BIGINT", "0"),
)


def landed_columns(definition: RecordDefinition) -> tuple[LandedColumn, ...]:
    """The columns of the kind's landed relation, in order."""
    typed = [
        LandedColumn(column.name, TYPES[column.landed], str(column.blank))
        for column in definition.columns
        if column.landed
    ]
    made = [
        LandedColumn(derived.name, derived.type, "''" if derived.type == "VARCHAR" else "0")
        for derived in definition.derived
        if derived.land
    ]
    keys = [LandedColumn(key, "BIGINT", "0") for key in definition.keys]
    texts = [
        LandedColumn(column.name, "VARCHAR", "''")
        for column in definition.columns
        if not column.landed
    ]
    return (*HEAD, *typed, *made, *keys, *texts)


def landed_sql(columns: Sequence[LandedColumn], paths: Sequence[str], *, fill: bool) -> str:
    """SQL over these files with every column of today's schema, whatever schema they have.

    `fill`: some files are of an older schema, so a column that they lack reads as its default.
    """
    empty = ", ".join(f"NULL::{column.type} AS {column.name}" for column in columns)
    nothing = f"SELECT {empty} WHERE false"
    names = ", ".join(column.name for column in columns)
    if not paths:
        return f"SELECT {names} FROM ({nothing})"
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    files = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    if not fill:
        return f"SELECT {names} FROM {files}"
    filled = ", ".join(
        f"coalesce({column.name}, {column.default})::{column.type} AS {column.name}"
        for column in columns
    )
    return f"SELECT {filled} FROM (FROM {files} UNION ALL BY NAME {nothing})"
