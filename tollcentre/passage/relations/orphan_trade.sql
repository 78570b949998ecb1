/*
grain: one gantry trade that came without a pass id, brought to a passage by medium or plate
key: [record_key]
inputs: [landed_orphan, orphan_named, passage_base, net_gantry]
why: medium first, plate second; of several passages the one that began last before the trade.
  Two joins of one key each, because a join on either key would compare everything with everything.
*/
SELECT
  t.record_key, t.pass_key, t.gantry_key, coalesce(g.node_idx, -1) AS node_idx,
  t.trans_time - coalesce(g.clock_offset_s, 0) AS read_time, t.trade_result, t.unit_key,
  t.unit_count, t.pay_fee, t.discount_fee, t.fee, t.content_digest,
  coalesce(g.locates, 0) AS locates
FROM (
  SELECT
    o.record_key, p.pass_key, o.gantry_key, o.trans_time, o.trade_result, o.unit_key,
    o.unit_count, o.pay_fee, o.discount_fee, o.fee, o.content_digest, o.original_flag,
    o.receive_time, 0 AS by_plate, p.entry_time
  FROM landed_orphan AS o
  JOIN passage_base AS p
    ON p.medium_key = o.medium_key
    AND o.trans_time BETWEEN p.entry_time - 60 AND p.exit_time + 60
  WHERE o.medium_key <> 0
  UNION ALL
  SELECT
    o.record_key, p.pass_key, o.gantry_key, o.trans_time, o.trade_result, o.unit_key,
    o.unit_count, o.pay_fee, o.discount_fee, o.fee, o.content_digest, o.original_flag,
    o.receive_time, 1 AS by_plate, p.entry_time
  FROM landed_orphan AS o
  JOIN passage_base AS p
    ON p.vehicle_key = o.vehicle_key
    AND o.trans_time BETWEEN p.entry_time - 60 AND p.exit_time + 60
  WHERE o.vehicle_key <> 0
) AS t
LEFT JOIN net_gantry AS g ON g.gantry_key = t.gantry_key
LEFT JOIN orphan_named AS n ON n.record_key = t.record_key
WHERE n.record_key IS NULL
QUALIFY row_number() OVER (
  PARTITION BY t.record_key
  ORDER BY t.by_plate, t.entry_time DESC, t.pass_key, t.original_flag, t.receive_time DESC,
    t.content_digest
) = 1
