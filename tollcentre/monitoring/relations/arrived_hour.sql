/*
grain: one device, hour and record kind of what arrived
key: [record_kind, device_id, hour]
inputs: [arrived_record]
why: a record that arrived in several versions counts once, with the version that clearing takes.
*/
WITH counted AS (
  SELECT record_kind, record_key, device_id, hour, fee
  FROM arrived_record
  QUALIFY row_number() OVER (
    PARTITION BY record_kind, record_key
    ORDER BY original_flag, receive_time DESC, content_digest
  ) = 1
)
SELECT
  record_kind, device_id, hour, count(*)::BIGINT AS arrived_count, sum(fee)::BIGINT AS arrived_fee
FROM counted
GROUP BY record_kind, device_id, hour
