/*
grain: one gantry trade of a passage; is_repeat marks the same passing charged again
key: [record_key]
inputs: [trade_by_id, orphan_trade, trade_again]
*/
SELECT
  t.record_key, t.pass_key, t.gantry_key, t.node_idx, t.read_time, t.trade_result, t.unit_key,
  t.unit_count, t.pay_fee, t.discount_fee, t.fee, t.locates, t.content_digest,
  CASE WHEN a.record_key IS NULL THEN 0 ELSE 1 END AS is_repeat
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
) AS t
LEFT JOIN trade_again AS a ON a.record_key = t.record_key
