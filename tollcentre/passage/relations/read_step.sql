/*
grain: one step of a passage to another place than before, by its trades alone
key: [pass_key, step]
inputs: [passage_read]
*/
SELECT
  s.pass_key, s.step, s.stage, s.node_idx, s.read_time, s.prev_node, s.prev_time,
  s.prev_node::BIGINT * 65536 + s.node_idx AS pair_key
FROM (
  SELECT
    pass_key, stage, node_idx, read_time,
    lag(node_idx, 1, -1) OVER w AS prev_node,
    lag(read_time, 1, 0) OVER w AS prev_time,
    row_number() OVER w AS step
  FROM passage_read
  WINDOW w AS (PARTITION BY pass_key ORDER BY stage, read_time, node_idx, source, record_key)
) AS s
WHERE s.node_idx <> s.prev_node
