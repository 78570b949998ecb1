"""What a cleared day hands up to the ministry: trades to be booked, and what we served.

What a lane wrote in no national form goes up as blank: the record itself stays as it came.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import duckdb
from django.db import transaction

from tollcentre.lake.actions import write_parquet
from tollcentre.lake.queries import connect, paths
from tollcentre.messages.actions import queue_messages
from tollcentre.messages.queries import event_partition, landed

from ..terms import MINISTRY, TRADES, Route

_TRADES = """
SELECT x.record_id AS transaction_id, p.pass_id, p.issuer_id, p.media_type,
  left(x.card_no, 20) AS card_id,
  CASE WHEN x.pay_card_type IN ('22', '23') THEN x.pay_card_type::INTEGER END AS card_type,
  left(x.obu_id, 20) AS obu_id, p.vehicle_id,
  p.vehicle_type, x.en_station_id, x.en_time, x.station_id AS ex_station_id, x.ex_time,
  p.exit_fee_type, p.pay_fee, p.discount_fee, p.fee, x.trans_fee, p.multi_province,
  p.province_trans_group,
  CASE WHEN regexp_full_match(x.tac, '[0-9A-Fa-f]{{8}}') THEN x.tac END AS tac,
  CASE WHEN x.trans_type IN ('06', '09') THEN x.trans_type END AS trans_type,
  CASE WHEN regexp_full_match(x.terminal_trans_no, '[0-9A-Fa-f]{{8}}') THEN x.terminal_trans_no END
    AS terminal_trans_no,
  CASE WHEN regexp_full_match(x.card_cnt, '[0-9]{{1,10}}') THEN x.card_cnt::BIGINT END
    AS card_counter,
  x.balance_before AS pre_balance, x.balance_after AS post_balance,
  CASE WHEN x.algorithm_identifier IN ('1', '2') THEN x.algorithm_identifier::INTEGER END
    AS algorithm_identifier,
  p.pass_key, p.exit_record_key AS record_key,
  CASE WHEN p.multi_province = 0 AND left(p.issuer_id, 2) = '{own}'
    THEN {here} ELSE {ministry} END AS route
FROM read_parquet({passages}) AS p
JOIN ({exits}) AS x ON x.record_key = p.exit_record_key AND x.content_digest = p.exit_digest
WHERE p.exit_kind = 'own' AND p.media_type = 1 AND p.fee > 0
ORDER BY x.record_id
"""
_UPLOAD = """
SELECT * EXCLUDE (pass_key, record_key, route)
FROM read_parquet({trades}, hive_partitioning = false)
WHERE route = {ministry} AND record_key NOT IN ({went})
ORDER BY issuer_id, transaction_id
"""
_SERVED = """
SELECT pass_id, toll_province || '0201' AS toll_province_id, count(*) AS count,
  sum(pay_fee)::BIGINT AS pay_fee, sum(discount_fee)::BIGINT AS discount_fee,
  sum(fee)::BIGINT AS fee, list(fee ORDER BY position) AS fee_group
FROM (
  SELECT p.pass_id, p.toll_province, s.position, s.pay_fee, s.discount_fee, s.fee
  FROM read_parquet({splits}) AS s
  JOIN read_parquet({passages}) AS p ON p.pass_key = s.pass_key
  WHERE p.pass_id <> '' AND p.toll_province <> ''
    AND (p.exit_kind <> 'own' OR p.multi_province = 1)
) AS served
GROUP BY pass_id, toll_province
ORDER BY pass_id
"""


def queue_uploads(*, run_key: str, earlier: Sequence[str], day: date, own: str, now: int) -> int:
    """Hand a cleared day up: keep the trades that are to be booked, and queue their messages.

    `own` is the own province, `earlier` the day's earlier runs: a trade goes up once. Done twice
    it changes nothing. Gives the messages queued.
    """
    con = connect()
    try:
        passages = _files("passage", run_key)
        write_parquet(
            relation=TRADES,
            partition=f"clear_date={day}",
            run_key=run_key,
            con=con,
            select=_TRADES.format(
                own=own, here=Route.HERE.value, ministry=Route.MINISTRY.value, passages=passages,
                exits=landed("exit_record", [event_partition(day)]),
            ),
            control_sums={"fee": "coalesce(sum(fee), 0)"},
        )  # fmt: skip
        went = [path for key in earlier for path in paths(TRADES, run_key=key)]
        known = f"SELECT record_key FROM read_parquet({went})" if went else "SELECT -1"
        trades = _rows(
            con,
            _UPLOAD.format(
                trades=_files(TRADES, run_key), went=known, ministry=Route.MINISTRY.value
            ),
        )
        served = _rows(con, _SERVED.format(splits=_files("unit_split", run_key), passages=passages))
    finally:
        con.close()
    queued = 0
    with transaction.atomic():
        for issuer, records in _by_issuer(trades):
            queued += len(queue_messages(
                cause=f"{run_key}/{issuer}", kind="exit_upload", receiver=MINISTRY,
                fields={"clear_date": day, "split_no": 1}, records=records, clear_date=day, now=now,
            ))  # fmt: skip
        queued += len(queue_messages(
            cause=run_key, kind="serving_sum", receiver=MINISTRY, fields={"clear_date": day},
            records=served, clear_date=day, now=now,
        ))  # fmt: skip
    return queued


def _files(relation: str, run_key: str) -> str:
    """The files of a run's relation, as DuckDB takes a list."""
    return "[" + ", ".join(f"'{path}'" for path in paths(relation, run_key=run_key)) + "]"


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """The rows of a query by column, without what is blank, lists as tuples."""
    return [
        {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in row.items()
            if value not in (None, "")
        }
        for row in con.sql(sql).to_arrow_table().to_pylist()
    ]


def _by_issuer(trades: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The trades of each issuer; they come in order of issuer."""
    start = 0
    for at in range(1, len(trades) + 1):
        if at == len(trades) or trades[at]["issuer_id"] != trades[start]["issuer_id"]:
            yield trades[start]["issuer_id"], trades[start:at]
            start = at
