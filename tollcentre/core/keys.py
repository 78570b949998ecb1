"""Long national ids are interned to one int64, so that joins use one integer key."""

import hashlib


def intern_key(text: str) -> int:
    """The 63-bit key of an id: the first 8 bytes of its MD5, little end first, shifted right.

    The same in SQL: `(md5_number_upper(text) >> 1)::BIGINT` (DuckDB). An empty id has key 0.
    Not a dictionary, so the order of arrival cannot matter; a day's keys are checked to be one
    to one with their ids, and a collision is refused, never merged.
    """
    if not text:
        return 0
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def intern_key_sql(expression: str) -> str:
    """The same key as DuckDB SQL over a VARCHAR expression; NULL and empty give 0."""
    return (
        f"CASE WHEN coalesce({expression}, '') = '' THEN 0::BIGINT"
        f" ELSE (md5_number_upper({expression}) >> 1)::BIGINT END"
    )
