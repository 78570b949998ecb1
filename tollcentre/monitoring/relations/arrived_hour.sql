/*
grain: one device, hour and record kind of what arrived
key: [record_kind, device_id, hour]
inputs: [arrived_record]
why: a record that arrived in several versions counts once, with the version that clearing takes;
  such records are few, so only they are put in order.
*/
WITH repeated AS (
  SELECT record_kind, record_key
  FROM arrived_record
  GROUP BY record_kind, record_key
  HAVING count(*) > 1
),
counted AS (
  SELECT a.record_kind, a.device_id, a.hour, a.fee, a.late
  FROM arrived_record AS a
  ANTI JOIN repeated AS r ON r.record_key = a.record_key AND r.record_kind = a.record_kind
  UNION ALL
  SELECT v.record_kind, v.device_id, v.hour, v.fee, v.late
  FROM (
    SELECT a.record_kind, a.device_id, a.hour, a.fee, a.late
    FROM arrived_record AS a
    SEMI JOIN repeated AS r ON r.record_key = a.record_key AND r.record_kind = a.record_kind
    QUALIFY row_number() OVER (
      PARTITION BY a.record_kind, a.record_key
      ORDER BY a.original_flag, a.receive_time DESC, a.content_digest
    ) = 1
  ) AS v
)
SELECT
  record_kind, device_id, hour, count(*)::BIGINT AS arrived_count, sum(fee)::BIGINT AS arrived_fee,
  sum(late)::BIGINT AS late_count
FROM counted
GROUP BY record_kind, device_id, hour
