"""Payments at lanes out of a run's passages and the exit records that they came from."""

from datetime import date

from tollcentre.lake.queries import paths
from tollcentre.messages.queries import event_partition, landed

from .parameters import ANY

_PAYMENTS = """
WITH exits AS (
  SELECT record_key, content_digest, station_id, lane_id, l_date, shift, pay_type, trans_pay_type,
    pay_code, ex_time, pass_id, modify_flag, source_key, original_flag, receive_time
  FROM ({landed}) AS landed
), one_exit AS (
  SELECT * EXCLUDE (record_key),
    CASE WHEN modify_flag = 2 THEN source_key ELSE record_key END AS record_key
  FROM exits
  QUALIFY row_number() OVER (
    PARTITION BY CASE WHEN modify_flag = 2 THEN source_key ELSE record_key END, modify_flag = 2
    ORDER BY original_flag, receive_time DESC, content_digest
  ) = 1
), paid AS (
  SELECT p.pass_key, p.pass_id, p.exit_record_key AS record_key, p.fee, x.station_id, x.lane_id,
    x.l_date, x.shift, x.pay_type, x.trans_pay_type, x.pay_code, coalesce(x.ex_time, p.exit_time)
      AS ex_time
  FROM read_parquet({passages}) AS p
  LEFT JOIN exits AS x
    ON x.record_key = p.exit_record_key AND x.content_digest = p.exit_digest
  WHERE p.exit_kind = 'own' AND p.media_type <> 1 AND p.fee <> 0
  UNION ALL
  SELECT h.pass_key, x.pass_id, h.record_key, h.fee, x.station_id, x.lane_id, x.l_date, x.shift,
    x.pay_type, x.trans_pay_type, x.pay_code, x.ex_time
  FROM read_parquet({held}) AS h
  LEFT JOIN one_exit AS x ON x.record_key = h.record_key
    AND (x.modify_flag = 2) = (h.reason = 'correction_without_source')
  WHERE h.reason IN ('second_exit_record', 'correction_without_source')
    AND h.media_type <> 1 AND h.fee <> 0
)
SELECT p.record_key, p.pass_key, coalesce(p.pass_id, '') AS pass_id,
  coalesce(p.station_id, '') AS station_id, coalesce(p.lane_id, '') AS lane_id,
  coalesce(
    try_cast(left(p.l_date, 10) AS DATE), try_strptime(left(p.l_date, 8), '%Y%m%d')::DATE,
    make_timestamp((p.ex_time + 28800) * 1000000)::DATE, DATE '{day}'
  ) AS shift_day,
  left(coalesce(nullif(ltrim(trim(p.shift), '0'), ''), p.shift, ''), 4) AS shift,
  coalesce(p.ex_time, 0) AS ex_time,
  coalesce(exact.means, plain.means, 'unknown') AS means,
  coalesce(exact.channel, plain.channel, '') AS channel,
  left(coalesce(p.pay_code, ''), 64) AS order_no, p.fee
FROM paid AS p
LEFT JOIN pay_means AS exact
  ON exact.pay_type = p.pay_type AND exact.trans_pay_type = p.trans_pay_type
LEFT JOIN pay_means AS plain ON plain.pay_type = p.pay_type AND plain.trans_pay_type = {any}
ORDER BY station_id, shift_day, shift, ex_time, p.record_key
"""


def payments_sql(run_key: str, day: date) -> str:
    """SQL of what a run's lanes took that no issuer books, one row an exit record; fen.

    It reads the table `pay_means`. The rows' fees sum to what clearing debits the collector.
    """
    return _PAYMENTS.format(
        landed=landed("exit_record", [event_partition(day)]),
        passages=paths("passage", run_key=run_key),
        held=paths("held", run_key=run_key),
        day=day,
        any=ANY,
    )
