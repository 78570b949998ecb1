/*
grain: one device, hour and record kind of what was declared
key: [record_kind, device_id, hour]
inputs: [batch_sum]
why: a sum that was declared again counts by its latest version; the two control computers of a
  gantry declare apart and are added up.
*/
WITH counted AS (
  SELECT
    CASE WHEN record_kind = '' THEN 'gantry_trade' ELSE record_kind END AS record_kind,
    device_id, hour_batch_no, count, fee
  FROM batch_sum
  QUALIFY row_number() OVER (
    PARTITION BY record_kind, device_id, computer_order, hour_batch_no
    ORDER BY receive_time DESC, original_flag DESC, record_key, content_digest
  ) = 1
)
SELECT
  record_kind, device_id, hour_batch_no AS hour,
  sum(count)::BIGINT AS declared_count, sum(fee)::BIGINT AS declared_fee
FROM counted
GROUP BY record_kind, device_id, hour_batch_no
