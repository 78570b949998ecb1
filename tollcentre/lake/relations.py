"""Relations as files: one SQL text each, with a header that declares grain, key and checks."""

from functools import cache
from pathlib import Path

import sqlglot
import yaml

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


def key_check(relation: Relation) -> str:
    """The query that gives a row for every key that stands twice."""
    key = ", ".join(relation.key)
    return (
        f"SELECT {key}, count(*) AS times FROM {relation.name} GROUP BY {key} HAVING count(*) > 1"
    )
