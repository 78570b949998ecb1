/*
grain: one trade that locates a passage, or one of its ends; `stage` 0 begins, 1 on the way, 2 ends
key: [pass_key, stage, read_time, node_idx, source, record_key]
inputs: [passage_end, trade]
why: source 1 is a trade. A passage over an open road (fee type 11) has no way to walk.
*/
SELECT pass_key, 1 AS stage, read_time, node_idx, 1 AS source, record_key
FROM trade
WHERE locates = 1 AND pass_key NOT IN (SELECT pass_key FROM passage_end WHERE exit_fee_type = 11)
UNION ALL
SELECT
  pass_key, 0 AS stage, begin_time AS read_time, begin_node AS node_idx, begin_source AS source,
  0 AS record_key
FROM passage_end
WHERE exit_fee_type <> 11
UNION ALL
SELECT
  pass_key, 2 AS stage, end_time AS read_time, end_node AS node_idx, end_source AS source,
  0 AS record_key
FROM passage_end
WHERE exit_fee_type <> 11
