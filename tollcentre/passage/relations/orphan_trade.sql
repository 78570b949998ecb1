/*
grain: one gantry trade that came without a pass id, brought to a passage by medium or plate
key: [record_key]
inputs: [landed_orphan, passage_base, net_gantry]
why: medium first, plate second; of several passages the one that began last before the trade.
*/
SELECT
  t.record_key, p.pass_key, t.gantry_key, coalesce(g.node_idx, -1) AS node_idx,
  t.trans_time - coalesce(g.clock_offset_s, 0) AS read_time, t.trade_result, t.unit_key,
  t.unit_count, t.pay_fee, t.discount_fee, t.fee, t.media_type, t.vehicle_type, t.vehicle_class,
  t.vehicle_seat, t.vehicle_key, t.issuer_id, t.en_station_hex, t.en_time, t.content_digest,
  coalesce(g.locates, 0) AS locates
FROM landed_orphan AS t
JOIN passage_base AS p
  ON (
    (t.medium_key <> 0 AND t.medium_key = p.medium_key)
    OR (t.vehicle_key <> 0 AND t.vehicle_key = p.vehicle_key)
  )
  AND t.trans_time BETWEEN p.entry_time - 60 AND p.exit_time + 60
LEFT JOIN net_gantry AS g ON g.gantry_key = t.gantry_key
QUALIFY row_number() OVER (
  PARTITION BY t.record_key
  ORDER BY
    CASE WHEN t.medium_key <> 0 AND t.medium_key = p.medium_key THEN 0 ELSE 1 END,
    p.entry_time DESC, p.pass_key, t.original_flag, t.receive_time DESC, t.content_digest
) = 1
