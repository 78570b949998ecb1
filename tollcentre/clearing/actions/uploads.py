"""What a cleared day hands up to the ministry: trades to be booked, and what we served.

What a lane wrote in no national form goes up as blank: the record itself stays as it came.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb
from django.db import transaction

from tollcentre.lake.actions import write_parquet
from tollcentre.lake.queries import connect, paths, paths_of_runs
from tollcentre.messages.actions import queue_messages, queue_rows
from tollcentre.messages.queries import causes_sent, event_partition, landed

from ..models import DayExit
from ..queries.records import files_of
from ..terms import MINISTRY, SERVED, TRADES, Route
from .parts import keep_parts

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
  CASE WHEN regexp_full_match(x.terminal_no, '[0-9A-Fa-f]{{12}}') THEN x.terminal_no END
    AS terminal_no,
  CASE WHEN regexp_full_match(x.terminal_trans_no, '[0-9A-Fa-f]{{8}}') THEN x.terminal_trans_no END
    AS terminal_trans_no,
  CASE WHEN regexp_full_match(x.card_cnt, '[0-9]{{1,10}}') THEN x.card_cnt::BIGINT END
    AS card_counter,
  x.balance_before AS pre_balance, x.balance_after AS post_balance,
  CASE WHEN x.algorithm_identifier IN ('1', '2') THEN x.algorithm_identifier::INTEGER END
    AS algorithm_identifier,
  CASE WHEN regexp_full_match(x.key_version, '[0-9]{{1,3}}') THEN x.key_version::INTEGER END
    AS key_version,
  p.pass_key, p.exit_record_key AS record_key, x.station_id,
  CASE WHEN p.multi_province = 0 AND left(p.issuer_id, 2) = '{own}'
    THEN {here} ELSE {ministry} END AS route
FROM read_parquet({passages}) AS p
JOIN ({exits}) AS x ON x.record_key = p.exit_record_key AND x.content_digest = p.exit_digest
WHERE p.exit_kind = 'own' AND p.media_type = 1 AND p.fee > 0
ORDER BY x.record_id
"""
_UPLOAD = """
SELECT issuer_id AS batch, * EXCLUDE (pass_key, record_key, route, station_id)
FROM read_parquet({trades}, hive_partitioning = false)
WHERE route = {ministry} AND record_key NOT IN ({went})
"""
_SERVED = """
SELECT pass_id, toll_province || '0201' AS toll_province_id, count(*) AS count,
  sum(pay_fee)::BIGINT AS pay_fee, sum(discount_fee)::BIGINT AS discount_fee,
  sum(fee)::BIGINT AS fee, string_agg(fee, '|' ORDER BY position) AS fee_group,
  '' AS unit_group, '' AS ex_transaction_id, min(pays_elsewhere) AS pays_elsewhere
FROM (
  SELECT p.pass_id, p.toll_province, s.position, s.pay_fee, s.discount_fee, s.fee,
    p.exit_kind <> 'own' AS pays_elsewhere
  FROM read_parquet({splits}) AS s
  JOIN read_parquet({passages}) AS p ON p.pass_key = s.pass_key
  WHERE p.pass_id <> '' AND p.toll_province <> ''
    AND (p.exit_kind <> 'own' OR p.multi_province = 1)
) AS served
GROUP BY pass_id, toll_province
"""
_DAY_EXITS = """
SELECT 'here' AS kind, issuer_id AS party, count(*), sum(fee)::BIGINT
FROM (
  SELECT transaction_id, issuer_id, min(fee) AS fee
  FROM read_parquet({trades}, hive_partitioning = false, union_by_name = true)
  WHERE route = {here} GROUP BY transaction_id, issuer_id
) AS trades
GROUP BY issuer_id
UNION ALL
SELECT kind, CASE WHEN kind = 'lane' THEN station_id ELSE '' END AS party, count(*),
  sum(fee)::BIGINT
FROM (
  SELECT CASE WHEN p.fee = 0 THEN 'free' ELSE 'lane' END AS kind, x.station_id, p.fee
  FROM read_parquet({passages}) AS p
  JOIN ({exits}) AS x ON x.record_key = p.exit_record_key AND x.content_digest = p.exit_digest
  WHERE p.exit_kind = 'own' AND (p.media_type <> 1 OR p.fee <= 0)
) AS lanes
GROUP BY ALL
"""


def keep_trades(*, run_key: str, earlier: Sequence[str], day: date, own: str) -> None:
    """Keep the trades of a cleared day that an issuer is to book, and how many exits need none.

    `own` is the own province, `earlier` the day's earlier runs.
    """
    con = connect()
    try:
        passages = _files("passage", run_key)
        exits = landed("exit_record", [event_partition(day)])
        write_parquet(
            relation=TRADES,
            partition=f"clear_date={day}",
            run_key=run_key,
            con=con,
            select=_TRADES.format(
                own=own, here=Route.HERE.value, ministry=Route.MINISTRY.value, passages=passages,
                exits=exits,
            ),
            control_sums={"fee": "coalesce(sum(fee), 0)"},
        )  # fmt: skip
        _keep_day_exits(con, day, [*earlier, run_key], passages, exits)
    finally:
        con.close()


def queue_uploads(*, run_key: str, earlier: Sequence[str], day: date, own: str, now: int) -> int:
    """Hand a cleared day up: queue the messages of its kept trades, and of what we served.

    `own` is the own province, `earlier` the day's earlier runs: a trade goes up once. Done twice
    it changes nothing. Gives the messages queued.
    """
    con = connect()
    try:
        queued = _queue_trades(con, run_key, earlier, day, own, now)
        queued += _queue_served(con, run_key, day, _files("passage", run_key), now)
    finally:
        con.close()
    return queued


def _keep_day_exits(
    con: duckdb.DuckDBPyConnection, day: date, runs: Sequence[str], passages: str, exits: str
) -> None:
    """Keep how many exits of the day no message takes up: they clear here, at the lane, or free.

    A trade that several runs of the day have kept counts once.
    """
    rows = con.execute(
        _DAY_EXITS.format(
            trades=paths_of_runs(TRADES, list(runs)), here=Route.HERE.value, passages=passages,
            exits=exits,
        )
    ).fetchall()  # fmt: skip
    with transaction.atomic():
        DayExit.objects.filter(clear_date=day).delete()
        DayExit.objects.bulk_create(
            DayExit(clear_date=day, kind=kind, party=party, count=count, fee=fee)
            for kind, party, count, fee in rows
        )


def _queue_trades(
    con: duckdb.DuckDBPyConnection, run_key: str, earlier: Sequence[str], day: date, own: str,
    now: int,
) -> int:  # fmt: skip
    """Queue the trades that an issuer is to book through the ministry, a cause an issuer."""
    went = [path for key in earlier for path in paths(TRADES, run_key=key)]
    known = f"SELECT record_key FROM read_parquet({went})" if went else "SELECT -1"
    rows = _UPLOAD.format(trades=_files(TRADES, run_key), went=known, ministry=Route.MINISTRY.value)
    issuers = [row[0] for row in con.execute(f"SELECT DISTINCT batch FROM ({rows})").fetchall()]
    causes = {issuer: f"{run_key}/{issuer}" for issuer in sorted(issuers)}
    keep_parts(con, rows=rows, kind="exit_upload", causes=causes, day=day, own=own, key=run_key)
    return queue_rows(
        con=con, rows=f"{rows} ORDER BY batch, transaction_id", cause_of=lambda one: causes[one],
        kind="exit_upload", receiver=MINISTRY, fields={"clear_date": day, "split_no": 1},
        clear_date=day, now=now,
    )  # fmt: skip


def _queue_served(
    con: duckdb.DuckDBPyConnection, run_key: str, day: date, passages: str, now: int
) -> int:
    """Queue what we earned of journeys that drove in several provinces, and keep those of others.

    A day without any hands up an empty message, which says so.
    """
    rows = _SERVED.format(splits=_files("unit_split", run_key), passages=passages)
    write_parquet(
        relation=SERVED, partition=f"clear_date={day}", run_key=run_key, con=con,
        select="SELECT pass_id, left(toll_province_id, 2) AS province, fee"
        f" FROM ({rows}) WHERE pays_elsewhere ORDER BY pass_id",
        control_sums={"fee": "coalesce(sum(fee), 0)"},
    )  # fmt: skip
    message: dict[str, Any] = {
        "kind": "serving_sum", "receiver": MINISTRY, "fields": {"clear_date": day},
        "clear_date": day, "now": now,
    }  # fmt: skip
    queued = queue_rows(
        con=con, rows=f"SELECT '' AS batch, * FROM ({rows}) ORDER BY pass_id",
        cause_of=lambda batch: run_key, **message,
    )  # fmt: skip
    if causes_sent([run_key]):
        return queued
    with transaction.atomic():
        return len(queue_messages(cause=run_key, records=[], **message))


def _files(relation: str, run_key: str) -> str:
    """The files of a run's relation, as DuckDB takes a list."""
    return files_of(paths(relation, run_key=run_key))
