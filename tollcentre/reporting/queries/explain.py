"""One passage from the reads that saw it to the postings that its money went into."""

from datetime import date, timedelta
from typing import Any

import duckdb

from tollcentre.access.terms import Viewer
from tollcentre.core.clock import local_text
from tollcentre.core.keys import intern_key
from tollcentre.core.refusal import Refusal
from tollcentre.daily_run.queries import standing_runs
from tollcentre.lake.queries import connect, paths_of_runs
from tollcentre.messages.queries import event_partition, landed
from tollcentre.network.queries import unit_names
from tollcentre.participants.queries import party_names
from tollcentre.passage.queries import model

from ..terms import NO_SUCH_PASSAGE, NOT_YOURS, Row
from .results import as_rows, source

_RECORDS = {
    "gantry_trade": (
        "record_key, trade_id, gantry_id, trans_time AS time, fee, pay_fee, discount_fee,"
        " toll_interval_id, trade_result, vehicle_id, special_type, intake_key",
        "trans_time",
    ),
    "plate_read": (
        "record_key, pic_id, gantry_id, pic_time AS time, vehicle_id, shoot_position, reliability,"
        " intake_key",
        "pic_time",
    ),
    "entry_record": (
        "record_key, station_id, lane_id, en_time AS time, vehicle_id, vehicle_type, intake_key",
        "en_time",
    ),
    "exit_record": (
        "record_key, record_id, station_id, lane_id, ex_time AS time, vehicle_id, ex_vehicle_type,"
        " exit_fee_type, pay_fee, discount_fee, fee, province_trans_group, modify_flag, source_id,"
        " intake_key",
        "ex_time",
    ),
}


def explain_passage(pass_id: str, viewer: Viewer) -> Row:
    """Everything behind one passage: records, path, price, split, postings, differences.

    `pass_id` is the 36-character id, or the passage's integer key. Amounts in fen, times as
    Shanghai text beside epoch seconds. Refuses an unknown passage, and one in which the viewer's
    owner has no share.
    """
    key = int(pass_id) if pass_id.isdigit() and len(pass_id) < 20 else intern_key(pass_id.strip())
    con = connect()
    try:
        run_key, passage = _find(con, key, pass_id)
        answer: Row = {
            "pass_id": passage["pass_id"],
            "pass_key": key,
            "clear_date": run_key[0].isoformat(),
            "run_key": run_key[1],
            "passage": _timed(passage, ("entry_time", "exit_time")),
            "records": _records(con, key, run_key),
            "path": _path(con, key, run_key[1]),
            "split": _of(con, "unit_split", key, run_key[1], "position, unit_key"),
            "differences": _of(con, "difference", key, run_key[1], "kind, unit_key"),
            "held": _of(con, "held", key, run_key[1], "reason, record_key"),
        }
    finally:
        con.close()
    if viewer.owner_ids is not None:
        shared = {row["legal_owner_id"] for row in answer["split"]}
        if not shared & set(viewer.owner_ids):
            raise Refusal(NOT_YOURS, "pass_id", what=pass_id)
    _name_owners(answer)
    answer["postings"] = _postings(answer)
    return answer


def _find(con: duckdb.DuckDBPyConnection, key: int, pass_id: str) -> tuple[tuple[date, str], Row]:
    """The newest standing run that holds the passage, and its row."""
    runs = {run.run_key: run.clear_date for run in standing_runs()}
    files = paths_of_runs("passage", list(runs))
    if files:
        listed = ", ".join(f"'{path}'" for path in files)
        found = as_rows(
            con.execute(
                f"SELECT *, parse_filename(filename, true) AS run_key"
                f" FROM read_parquet([{listed}], filename = true) WHERE pass_key = $key",
                {"key": key},
            )
        )
        if found:
            row = max(found, key=lambda r: runs[r["run_key"]])
            run_key = row.pop("run_key")
            row.pop("filename", None)
            return (runs[run_key], run_key), row
    raise Refusal(NO_SUCH_PASSAGE, "PASS_ID", passage=pass_id)


def _of(
    con: duckdb.DuckDBPyConnection, relation: str, key: int, run_key: str, order: str
) -> list[Row]:
    """The passage's rows of one relation of the run."""
    return as_rows(
        con.execute(
            f"SELECT * FROM {source(relation, run_key)} WHERE pass_key = $key ORDER BY {order}",
            {"key": key},
        )
    )


def _timed(row: Row, fields: tuple[str, ...]) -> Row:
    """The row with a Shanghai text beside each time."""
    texts = {f"{name}_text": local_text(row[name]) for name in fields if row.get(name)}
    return {**row, **texts}


def _records(con: duckdb.DuckDBPyConnection, key: int, run_key: tuple[date, str]) -> list[Row]:
    """Every record that the run brought to the passage, in order of time."""
    records: list[Row] = []
    used = {
        "gantry_trade": f"record_key IN (SELECT record_key FROM"
        f" {source('passage_trade', run_key[1])} WHERE pass_key = $key)",
        "plate_read": f"record_key IN (SELECT record_key FROM"
        f" {source('passage_plate', run_key[1])} WHERE pass_key = $key)",
        "entry_record": "pass_key = $key",
        "exit_record": "pass_key = $key",
    }
    wait = model(run_key[0]).reach_days
    span = [event_partition(run_key[0] - timedelta(days)) for days in range(wait + 1)]
    for relation, (columns, time_column) in _RECORDS.items():
        found = con.execute(
            f"SELECT {columns} FROM ({landed(relation, span)}) AS l WHERE {used[relation]}"
            f" ORDER BY {time_column}, record_key, content_digest",
            {"key": key},
        )
        records += [{"kind": relation, **_timed(row, ("time",))} for row in as_rows(found)]
    return sorted(records, key=lambda row: (row["time"], row["kind"], row["record_key"]))


def _path(con: duckdb.DuckDBPyConnection, key: int, run_key: str) -> list[Row]:
    """The restored units with sign, confidence and recomputed price."""
    rows = _of(con, "unit_fee", key, run_key, "position")
    version = _version_of(run_key)
    names = unit_names(version)
    path = []
    for seq, row in enumerate(rows, 1):
        unit_id, name = names.get(row["node_idx"], ("", ""))
        path.append(
            _timed({"seq": seq, "toll_interval_id": unit_id, "name": name, **row}, ("unit_time",))
        )
    return path


def _version_of(run_key: str) -> str:
    for run in standing_runs():
        if run.run_key == run_key:
            return run.network_version
    raise AssertionError(f"run {run_key} was just read")


def _name_owners(answer: Row) -> None:
    """Owners and units by name, and each split row's place in the path."""
    names = party_names()
    units = unit_names(_version_of(answer["run_key"]))
    for row in answer["split"]:
        row["owner_name"] = names.get(row["legal_owner_id"], row["legal_owner_id"])
        row["toll_interval_id"], row["name"] = units.get(row["node_idx"], ("", ""))


def _postings(answer: Row) -> list[dict[str, Any]]:
    """The ledger accounts that the passage's money is part of, in fen."""
    sums: dict[tuple[str, str], int] = {}
    passage = answer["passage"]
    if passage["exit_kind"] == "own":
        issuer = passage["issuer_id"] or "unknown"
        receiver = f"receivable.issuer.{issuer}" if passage["media_type"] == 1 else (
            "receivable.collector")  # fmt: skip
        sums["debit", receiver] = passage["collected"]
    else:
        province = passage["toll_province"] or "unknown"
        sums["debit", f"receivable.province.{province}"] = passage["own_fee"]
    for row in answer["split"]:
        owner = row["legal_owner_id"] or row["owner_id"]
        account = f"payable.owner.{owner}" if owner else "held.review"
        sums["credit", account] = sums.get(("credit", account), 0) + row["fee"]
    if passage["others_fee"]:
        sums["credit", "payable.province"] = passage["others_fee"]
    if passage["held_fee"]:
        held = sums.get(("credit", "held.review"), 0)
        sums["credit", "held.review"] = held + passage["held_fee"]
    return [
        {"batch_key": answer["run_key"], "side": side, "account": account, "amount_fen": amount}
        for (side, account), amount in sums.items()
        if amount
    ]
