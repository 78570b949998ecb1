/*
grain: one step of a passage to another place than before, with the hop that leads there
key: [pass_key, step]
inputs: [passage_read, hop]
why: plain means that no gantry lies between, that one way alone leads there, and that the
  speed is one that can be driven; the first read of a passage is plain by itself.
*/
SELECT
  s.pass_key, s.step, s.stage, s.source, s.node_idx, s.read_time, s.prev_node, s.prev_time,
  s.pair_key, coalesce(h.fills, 0) AS fills,
  CASE
    WHEN s.stage = 0 THEN 1
    WHEN h.pair_key IS NULL THEN 0
    WHEN s.read_time = 0 OR s.prev_time = 0 THEN 1
    WHEN s.read_time - s.prev_time + 60 < h.metres // 45 THEN 0
    ELSE 1
  END AS plain
FROM (
  SELECT
    pass_key, stage, source, node_idx, read_time,
    lag(node_idx, 1, -1) OVER w AS prev_node,
    lag(read_time, 1, 0) OVER w AS prev_time,
    lag(node_idx, 1, -1) OVER w * 65536 + node_idx AS pair_key,
    row_number() OVER w AS step
  FROM passage_read
  WINDOW w AS (PARTITION BY pass_key ORDER BY stage, read_time, node_idx, source, record_key)
) AS s
LEFT JOIN hop AS h ON h.pair_key = s.pair_key
WHERE s.node_idx <> s.prev_node
