/*
grain: one passage and its two ends; an end that is not known lies outside, at time 0
key: [pass_key]
inputs: [passage_base, outside]
why: source 3 entry, 4 exit, 5 comes from outside, 6 leaves to outside, 7 and 8 may do so.
*/
SELECT
  b.pass_key, b.exit_fee_type,
  CASE WHEN b.entry_node >= 0 THEN b.entry_node ELSE o.node_in END AS begin_node,
  CASE WHEN b.entry_node >= 0 THEN b.entry_time ELSE 0 END AS begin_time,
  CASE WHEN b.entry_node >= 0 THEN 3 WHEN b.enters_known = 1 THEN 5 ELSE 7 END AS begin_source,
  CASE WHEN b.exit_node >= 0 THEN b.exit_node ELSE o.node_out END AS end_node,
  CASE WHEN b.exit_node >= 0 THEN b.exit_time ELSE 0 END AS end_time,
  CASE WHEN b.exit_node >= 0 THEN 4 WHEN b.exit_kind = 'elsewhere' THEN 6 ELSE 8 END AS end_source
FROM passage_base AS b
CROSS JOIN outside AS o
