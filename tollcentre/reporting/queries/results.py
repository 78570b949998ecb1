"""Reading the standing run's relations from the lake."""

from datetime import date
from typing import Any

import duckdb

from tollcentre.core.refusal import Refusal
from tollcentre.daily_run.queries import latest_run
from tollcentre.daily_run.terms import RunInfo
from tollcentre.lake.queries import connect, paths

from ..terms import DAY_NOT_CLEARED, Row


def standing_run(day: date) -> RunInfo:
    """The run whose figures stand for the day; Refusal where the day is not cleared."""
    run = latest_run(day)
    if run is None:
        raise Refusal(DAY_NOT_CLEARED, "DATE", day=day)
    return run


def source(relation: str, run_key: str) -> str:
    """SQL that reads one relation of one run."""
    listed = ", ".join(f"'{path}'" for path in paths(relation, run_key=run_key))
    return f"read_parquet([{listed}])"


def rows_of(sql: str, parameters: dict[str, Any] | None = None) -> list[Row]:
    """The rows of a query as dictionaries."""
    con = connect()
    try:
        found = con.execute(sql, parameters)
        return as_rows(found)
    finally:
        con.close()


def as_rows(found: duckdb.DuckDBPyConnection) -> list[Row]:
    """The rows of an executed query as dictionaries."""
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
