/*
grain: one trade that locates a passage, or one of its ends; `stage` 0 begins, 1 on the way, 2 ends
key: [pass_key, stage, read_time, node_idx, source, record_key]
inputs: [passage_base, trade, outside]
why: source 1 trade, 3 entry, 4 exit, 5 comes from outside, 6 leaves to outside, 7 and 8 may do so.
*/
SELECT pass_key, 1 AS stage, read_time, node_idx, 1 AS source, record_key
FROM trade
WHERE locates = 1 AND pass_key NOT IN (SELECT pass_key FROM passage_base WHERE exit_fee_type = 11)
UNION ALL
SELECT
  pass_key, 0 AS stage,
  CASE WHEN entry_node >= 0 THEN entry_time ELSE 0 END AS read_time,
  CASE WHEN entry_node >= 0 THEN entry_node ELSE outside.node_in END AS node_idx,
  CASE WHEN entry_node >= 0 THEN 3 WHEN enters_known = 1 THEN 5 ELSE 7 END AS source,
  0 AS record_key
FROM passage_base
CROSS JOIN outside
WHERE exit_fee_type <> 11
UNION ALL
SELECT
  pass_key, 2 AS stage,
  CASE WHEN exit_node >= 0 THEN exit_time ELSE 0 END AS read_time,
  CASE WHEN exit_node >= 0 THEN exit_node ELSE outside.node_out END AS node_idx,
  CASE WHEN exit_node >= 0 THEN 4 WHEN exit_kind = 'elsewhere' THEN 6 ELSE 8 END AS source,
  0 AS record_key
FROM passage_base
CROSS JOIN outside
WHERE exit_fee_type <> 11
