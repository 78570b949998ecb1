/*
grain: one gantry trade of a passage; `repeat_no` > 1 is the same medium again at the same gantry
key: [record_key]
inputs: [trade_by_id, orphan_trade]
*/
SELECT
  record_key, pass_key, gantry_key, node_idx, read_time, trade_result, unit_key, unit_count,
  pay_fee, discount_fee, fee, locates, content_digest,
  CASE
    WHEN trade_result <> 0 THEN 0
    WHEN read_time - lag(read_time, 1, read_time - 86400) OVER (
      PARTITION BY pass_key, gantry_key, trade_result ORDER BY read_time, record_key
    ) <= 600 THEN 1
    ELSE 0
  END AS is_repeat
FROM (
  SELECT
    record_key, pass_key, gantry_key, node_idx, read_time, trade_result, unit_key, unit_count,
    pay_fee, discount_fee, fee, locates, content_digest
  FROM trade_by_id
  UNION ALL
  SELECT
    record_key, pass_key, gantry_key, node_idx, read_time, trade_result, unit_key, unit_count,
    pay_fee, discount_fee, fee, locates, content_digest
  FROM orphan_trade
) AS both_ways
