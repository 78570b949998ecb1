"""Channels' orders against the lane records that they paid, day by day, in the lake.

An order pays one lane record and a lane record takes one order: the first by time, or the one that
was ruled. What remains on either side is a difference with a name, or waits for its bill.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from tollcentre.lake.queries import connect, paths, paths_of_runs

from ..models import ChannelBill, DepositRuling, LaneDay, RefundedOrder
from ..terms import CHANNEL_ORDERS, LANE_PAYMENTS, DepositRulingKind, Means
from .parameters import paid_twice_within_s

NEAR = 1
"""Days by which a lane record and its order may stand apart."""
REACH = 2
"""Days on either side whose matches a new day can change; as many again are read beside them."""

_TABLES = """
CREATE TEMP TABLE lane AS
SELECT l.clear_date, l.record_key, l.pass_key, l.pass_id, l.station_id, l.shift_day, l.shift,
  l.ex_time, l.fee, make_timestamp((l.ex_time + 28800) * 1000000)::DATE AS ex_day,
  coalesce(r.means, l.means) AS means, CASE WHEN r.means IS NULL THEN l.channel ELSE '' END
    AS channel,
  CASE WHEN coalesce(r.means, l.means) <> 'mobile' THEN ''
    WHEN r.means IS NULL THEN l.order_no ELSE r.order_no END AS order_no,
  CASE WHEN r.means IS NULL THEN 1 ELSE 0 END AS is_plain
FROM ({lanes}) AS l
LEFT JOIN ruled AS r ON r.record_key = l.record_key;
CREATE TEMP TABLE taker AS
SELECT record_key, clear_date, order_no, fee FROM lane WHERE order_no <> '' AND fee > 0
QUALIFY row_number() OVER (PARTITION BY order_no ORDER BY is_plain, ex_time, record_key) = 1;
CREATE TEMP TABLE bill AS
SELECT b.channel, b.bill_day, b.order_no, b.station_id, b.paid_at, b.amount_fen,
  greatest(0, b.amount_fen - coalesce(f.amount_fen, 0)) AS net,
  f.order_no IS NOT NULL AS is_refunded,
  row_number() OVER (PARTITION BY b.order_no ORDER BY b.state, b.bill_day, b.channel) AS nth
FROM ({bills}) AS b
LEFT JOIN refund AS f ON f.order_no = b.order_no AND f.channel = b.channel;
CREATE TEMP TABLE pair AS
SELECT b.channel, b.bill_day, b.order_no, b.station_id, b.paid_at, b.amount_fen, b.net,
  b.is_refunded, t.record_key, t.fee,
  CASE WHEN t.fee IS NULL THEN 0 ELSE least(t.fee, b.net) END AS matched
FROM bill AS b
LEFT JOIN taker AS t ON t.order_no = b.order_no AND b.nth = 1
  AND t.clear_date BETWEEN b.bill_day - {near} AND b.bill_day + {near};
CREATE TEMP TABLE fate AS
SELECT l.clear_date, l.record_key, l.pass_key, l.pass_id, l.station_id, l.shift_day, l.shift,
  l.means, coalesce(p.channel, l.channel) AS channel, l.order_no, l.fee,
  coalesce(p.matched, 0) AS matched, coalesce(p.net, 0) AS net,
  CASE
    WHEN l.means = 'unknown' THEN 'means_unknown'
    WHEN l.means <> 'mobile' OR (coalesce(p.matched, 0) = l.fee AND p.net = l.fee) THEN ''
    WHEN l.order_no = '' THEN 'no_order'
    WHEN p.record_key IS NOT NULL AND p.is_refunded THEN 'refunded'
    WHEN p.record_key IS NOT NULL THEN 'amount_differs'
    WHEN t.record_key IS NULL OR t.record_key <> l.record_key THEN 'order_reused'
    WHEN d.ex_day IS NOT NULL THEN 'lane_only'
    ELSE 'waiting'
  END AS kind
FROM lane AS l
LEFT JOIN pair AS p ON p.record_key = l.record_key
LEFT JOIN taker AS t ON t.order_no = l.order_no AND l.order_no <> ''
LEFT JOIN billed AS d ON d.ex_day = l.ex_day AND d.channel = l.channel
"""
_DUES = """
SELECT clear_date, station_id, shift_day, shift, means,
  CASE WHEN means = 'mobile' THEN channel ELSE '' END AS channel,
  count(*) AS due_count, sum(fee)::BIGINT AS due_fen,
  count(*) FILTER (matched > 0) AS matched_count, sum(matched)::BIGINT AS matched_fen,
  count(*) FILTER (kind = 'waiting') AS waiting_count,
  coalesce(sum(fee) FILTER (kind = 'waiting'), 0)::BIGINT AS waiting_fen
FROM fate WHERE clear_date BETWEEN $first AND $last
GROUP BY ALL ORDER BY ALL
"""
_BILLS = """
SELECT channel, bill_day, count(*) FILTER (record_key IS NOT NULL AND matched > 0),
  sum(matched)::BIGINT, sum(net - matched)::BIGINT
FROM pair WHERE bill_day BETWEEN $first AND $last GROUP BY channel, bill_day
"""
_DIFFERENCES = """
SELECT 'lane:' || record_key AS key, kind, clear_date AS day, station_id, shift_day, shift, channel,
  order_no, pass_key, pass_id, record_key, 1 AS count, fee AS lane_fen, net AS other_fen
FROM fate
WHERE kind NOT IN ('', 'waiting', 'no_order', 'means_unknown')
  AND clear_date BETWEEN $first AND $last
UNION ALL
SELECT kind || ':' || clear_date || ':' || station_id || ':' || shift_day || ':' || shift, kind,
  clear_date, station_id, shift_day, shift, '', '', 0, '', 0, count(*), sum(fee)::BIGINT, 0
FROM fate
WHERE kind IN ('no_order', 'means_unknown') AND clear_date BETWEEN $first AND $last
GROUP BY kind, clear_date, station_id, shift_day, shift
UNION ALL
SELECT 'bill:' || p.channel || ':' || p.bill_day || ':' || p.order_no,
  CASE WHEN EXISTS (
    SELECT 1 FROM pair AS other
    WHERE other.record_key IS NOT NULL AND other.station_id = p.station_id
      AND other.amount_fen = p.amount_fen AND abs(other.paid_at - p.paid_at) <= $within
      AND other.bill_day BETWEEN p.bill_day - 1 AND p.bill_day + 1
  ) THEN 'paid_twice' ELSE 'bill_only' END,
  p.bill_day, p.station_id, NULL, '', p.channel, p.order_no, 0, '', 0, 1, 0, p.net
FROM pair AS p
WHERE p.record_key IS NULL AND p.net > 0 AND p.bill_day BETWEEN $first AND $last
ORDER BY 1
"""
_OF_STATION = """
SELECT * FROM ({lanes}) AS l
WHERE station_id IN (SELECT station_id FROM asked) OR (order_no <> '' AND order_no IN (
  SELECT o.order_no FROM ({lanes}) AS o SEMI JOIN asked ON asked.station_id = o.station_id))
"""
_NO_LANES = """
SELECT NULL::DATE AS clear_date, 0::BIGINT AS record_key, 0::BIGINT AS pass_key, '' AS pass_id,
  '' AS station_id, '' AS lane_id, NULL::DATE AS shift_day, '' AS shift, 0::BIGINT AS ex_time,
  '' AS means, '' AS channel, '' AS order_no, 0::BIGINT AS fee WHERE false
"""
_NO_BILLS = """
SELECT NULL::DATE AS bill_day, '' AS channel, '' AS order_no, '' AS station_id,
  0::BIGINT AS paid_at, 0::BIGINT AS amount_fen, 0::BIGINT AS fee_fen, '' AS state WHERE false
"""


@dataclass(frozen=True)
class Matched:
    """What matching gave for the days around one: rows of dues, bills and differences, in fen."""

    first: date
    last: date
    dues: list[tuple[Any, ...]]
    bills: dict[tuple[str, date], tuple[int, int, int]]
    differences: list[tuple[Any, ...]]


def match(day: date) -> Matched:
    """Match anew what a lane day or a bill of the day can have changed."""
    first, last = day - timedelta(REACH), day + timedelta(REACH)
    asked = {"first": first, "last": last}
    con = connect()
    try:
        name_matching(con, first, last)
        dues = con.execute(_DUES, asked).fetchall()
        bills = con.execute(_BILLS, asked).fetchall()
        differing = con.execute(
            _DIFFERENCES, asked | {"within": paid_twice_within_s(day)}
        ).fetchall()
    finally:
        con.close()
    sums = {(row[0], row[1]): (row[2], row[3], row[4]) for row in bills}
    return Matched(first, last, dues, sums, differing)


def name_matching(
    con: duckdb.DuckDBPyConnection, first: date, last: date, station_id: str = ""
) -> None:
    """Make the tables `lane`, `pair` and `fate` of the days from first to last and around them.

    Of one station: only its own lane records, those that name the same orders, and these orders.
    """
    first, last = first - timedelta(REACH), last + timedelta(REACH)
    con.register("ruled", _ruled(first, last))
    con.register("refund", _refunds(first))
    con.register("billed", _billed(first, last))
    lanes, bills = _lanes(first, last), bills_sql(first, last)
    if station_id:
        con.register("asked", pa.table({"station_id": [station_id]}))
        lanes = _OF_STATION.format(lanes=lanes)
        bills = f"SELECT * FROM ({bills}) AS b WHERE order_no IN (SELECT order_no FROM lane)"
    con.execute(_TABLES.format(lanes=lanes, bills=bills, near=NEAR))


def _lanes(first: date, last: date) -> str:
    days = LaneDay.objects.filter(clear_date__range=(first, last))
    files = paths_of_runs(LANE_PAYMENTS, list(days.values_list("run_key", flat=True)))
    if not files:
        return _NO_LANES
    return f"SELECT * FROM read_parquet({files}, hive_partitioning = true)"


def bills_sql(first: date, last: date) -> str:
    """SQL of the orders of every bill of the days from first to last."""
    days = [f"bill_day={first + timedelta(n)}" for n in range((last - first).days + 1)]
    files = paths(CHANNEL_ORDERS, partitions=days)
    return f"SELECT * FROM read_parquet({files}, hive_partitioning = true)" if files else _NO_BILLS


def _ruled(first: date, last: date) -> pa.Table:
    """Lane records of which it was ruled who paid them."""
    found = DepositRuling.objects.filter(
        in_effect=True, clear_date__range=(first, last), record_key__gt=0
    )
    rows = list(found.values_list("record_key", "kind", "order_no"))
    means = {
        DepositRulingKind.PAID_IN_CASH: Means.CASH,
        DepositRulingKind.PAID_BY_ORDER: Means.MOBILE,
    }
    return pa.table(
        {
            "record_key": pa.array([row[0] for row in rows], pa.int64()),
            "means": pa.array([means[DepositRulingKind(row[1])].value for row in rows], "string"),
            "order_no": pa.array([row[2] for row in rows], pa.string()),
        }
    )


def _refunds(first: date) -> pa.Table:
    rows = list(
        RefundedOrder.objects.filter(bill_day__gte=first).values_list(
            "channel", "order_no", "amount_fen"
        )
    )
    return pa.table(
        {
            "channel": pa.array([row[0] for row in rows], pa.string()),
            "order_no": pa.array([row[1] for row in rows], pa.string()),
            "amount_fen": pa.array([row[2] for row in rows], pa.int64()),
        }
    )


def _billed(first: date, last: date) -> pa.Table:
    """Days of which a channel's bill is in; channel empty where every channel's is."""
    around = (first - timedelta(NEAR), last + timedelta(NEAR))
    bills: dict[date, set[str]] = {}
    for channel, day in ChannelBill.objects.filter(bill_day__range=around).values_list(
        "channel", "bill_day"
    ):
        bills.setdefault(day, set()).add(channel)
    rows: list[tuple[date, str]] = []
    for day, channels in sorted(bills.items()):
        rows += [(day, channel) for channel in sorted(channels)]
        seen = {
            channel
            for near in range(-NEAR, NEAR + 1)
            for channel in bills.get(day + timedelta(near), ())
        }
        if seen == channels:
            rows.append((day, ""))
    return pa.table(
        {
            "ex_day": pa.array([row[0] for row in rows], pa.date32()),
            "channel": pa.array([row[1] for row in rows], pa.string()),
        }
    )


def days_of_orders(channel: str, orders: Sequence[str], first: date, last: date) -> dict[str, date]:
    """The day of the bill that has each of these orders as paid, where one of the days has."""
    if not orders:
        return {}
    con = connect()
    try:
        found = con.execute(
            f"SELECT order_no, min(bill_day) FROM ({bills_sql(first, last)}) AS b"
            " WHERE state = 'paid' AND channel = $channel AND list_contains($orders, order_no)"
            " GROUP BY order_no",
            {"channel": channel, "orders": list(orders)},
        ).fetchall()
    finally:
        con.close()
    return dict(found)
