/*
grain: one gantry trade of a passage, known by its pass id
key: [record_key]
inputs: [landed_trade, passage_key, net_gantry, trade_twice]
*/
SELECT
  t.record_key, t.pass_key, t.gantry_key, coalesce(g.node_idx, -1) AS node_idx,
  t.trans_time - coalesce(g.clock_offset_s, 0) AS read_time, t.trade_result, t.unit_key,
  t.unit_count, t.pay_fee, t.discount_fee, t.fee, t.content_digest, t.vehicle_seat,
  coalesce(g.locates, 0) AS locates
FROM landed_trade AS t
JOIN passage_key AS k ON k.pass_key = t.pass_key
LEFT JOIN net_gantry AS g ON g.gantry_key = t.gantry_key
LEFT JOIN trade_twice AS v ON v.record_key = t.record_key
WHERE v.record_key IS NULL OR v.content_digest = t.content_digest
