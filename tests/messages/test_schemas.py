"""Files of an earlier schema stay readable."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.messages.roadside import DAY, csv_of, rows_of, trades
from tollcentre.core.keys import intern_key
from tollcentre.lake import actions as lake_actions
from tollcentre.lake import queries as lake
from tollcentre.messages import queries
from tollcentre.messages.terms import IntakeReport, RecordKind

TakeIn = Callable[..., IntakeReport]
RELATIONS = [*(kind.value for kind in RecordKind), "charged_unit"]


def test_a_file_without_newer_columns_reads_with_their_defaults(take_in: TakeIn) -> None:
    take_in(csv_of(RecordKind.GANTRY_TRADE, *trades(3)))
    table = pq.read_table(lake.paths("gantry_trade")[0])
    older = table.drop_columns(["anomalies", "vehicle_seat", "medium_key", "tac"])
    lake_actions.write_table(
        relation="gantry_trade", partition=DAY, run_key="older", table=older, schema_version=0
    )
    rows = rows_of("gantry_trade", "intake_key <> '', anomalies, vehicle_seat, medium_key, tac")
    key = intern_key("6201000000000000")
    assert rows[:3] == [(True, "", 0, 0, "")] * 3
    assert (True, "", 5, key, "") in rows
    assert len(rows) == 6


@pytest.mark.parametrize("relation", RELATIONS)
def test_days_without_files_give_no_rows_and_all_columns(relation: str, db: None) -> None:
    con = lake.connect()
    found = con.execute(queries.landed(relation, ["event_day=1999-01-01"]))
    names = [entry[0] for entry in found.description or ()]
    assert names == [column.name for column in queries.columns_of(relation)]
    assert found.fetchall() == []


@pytest.mark.parametrize("kind", list(RecordKind))
def test_landed_files_have_the_declared_columns(
    kind: RecordKind, take_in: TakeIn, golden: Path
) -> None:
    take_in(golden / f"{kind.value}.csv")
    con = lake.connect()
    source = f"read_parquet('{lake.paths(kind.value)[0]}', hive_partitioning = false)"
    found = con.execute(f"DESCRIBE FROM {source}").fetchall()
    declared = [(column.name, column.type) for column in queries.columns_of(kind.value)]
    assert [(row[0], row[1]) for row in found] == declared
