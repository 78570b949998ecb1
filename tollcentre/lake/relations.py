"""Relations as files: one SQL text each, with a header that declares grain, key and checks."""

from functools import cache
from pathlib import Path

import sqlglot
import yaml
from sqlglot import exp
from sqlglot.dialects.dialect import rename_func
from sqlglot.generators.postgres import PostgresGenerator

from .terms import Relation


@cache
def load_folder(folder: Path) -> dict[str, Relation]:
    """The relations of a domain's `relations/` folder, by name."""
    return {path.stem: load(path) for path in sorted(folder.glob("*.sql"))}


def load(path: Path) -> Relation:
    """Read `/* yaml header */ SELECT …`; the file's name is the relation's.

    The header declares grain, key, inputs and, under `checks`, queries that must give no row.
    """
    text = path.read_text(encoding="utf-8")
    if not text.startswith("/*"):
        raise ValueError(f"{path}: a relation starts with its header")
    header_text, _, sql = text[2:].partition("*/")
    header = yaml.safe_load(header_text)
    return Relation(
        name=path.stem,
        grain=header["grain"],
        key=tuple(header["key"]),
        inputs=tuple(header.get("inputs", ())),
        sql=sql.strip(),
        checks=dict(header.get("checks", {})),
    )


@cache
def for_spark(sql: str) -> str:
    """The same text in Spark's dialect."""
    return sqlglot.transpile(sql, read="duckdb", write="spark")[0]


class _PostgresText(PostgresGenerator):
    """PostgreSQL's text, where the general one would not run there or say something else."""

    TRANSFORMS = {
        **PostgresGenerator.TRANSFORMS,
        # Of two integers `/` is an integer, cut towards zero as `//` is; DIV() would be numeric.
        exp.IntDiv: lambda self, node: self.binary(node, "/"),
        exp.Split: rename_func("STRING_TO_ARRAY"),
        exp.TryCast: lambda self, node: _guarded_cast(self, node),
    }


def _guarded_cast(writer: PostgresGenerator, node: exp.TryCast) -> str:
    """NULL instead of an error where the text is no value of the type."""
    value, type_ = writer.sql(node, "this"), writer.sql(node, "to")
    valid = f"PG_INPUT_IS_VALID({value}, '{type_}')"
    return f"CASE WHEN {valid} THEN CAST({value} AS {type_}) END"


@cache
def for_postgres(sql: str) -> str:
    """The same text in PostgreSQL's dialect, integers staying integers.

    A text that looks like a number and is no integer (`1.5`, `1e3`) reads as NULL by `try_cast`.
    """
    writer = _PostgresText(dialect="postgres", unsupported_level=sqlglot.ErrorLevel.RAISE)
    return writer.generate(sqlglot.parse_one(sql, read="duckdb"))


def key_check(relation: Relation) -> str:
    """The query that gives a row for every key that stands twice."""
    key = ", ".join(relation.key)
    return (
        f"SELECT {key}, count(*) AS times FROM {relation.name} GROUP BY {key} HAVING count(*) > 1"
    )
