/*
grain: one step of a passage with the hop that leads there
key: [pass_key, step]
inputs: [read_step, facing_step, kept_step, hop, facing, plain_model]
why: plain means that one way alone is likely and that its speed can be driven; the first read of a
  passage is plain by itself. Facing reads that both stayed are for the search to tell apart.
*/
SELECT
  s.pass_key, s.step, s.stage, s.node_idx, s.read_time, s.prev_time, s.pair_key,
  coalesce(h.fills, 0) AS fills,
  CASE
    WHEN s.stage = 0 THEN 1
    WHEN h.pair_key IS NULL THEN 0
    WHEN f.pair_key IS NOT NULL AND s.read_time - s.prev_time <= m.opposite_s THEN 0
    WHEN s.read_time = 0 OR s.prev_time = 0 THEN 1
    WHEN s.read_time - s.prev_time + m.spare_s < h.metres // m.fastest_mps THEN 0
    ELSE 1
  END AS plain
FROM (
  SELECT r.pass_key, r.step, r.stage, r.node_idx, r.read_time, r.prev_time, r.pair_key
  FROM read_step AS r
  LEFT JOIN (SELECT DISTINCT pass_key FROM facing_step) AS f ON f.pass_key = r.pass_key
  WHERE f.pass_key IS NULL
  UNION ALL
  SELECT pass_key, step, stage, node_idx, read_time, prev_time, pair_key
  FROM kept_step
) AS s
CROSS JOIN plain_model AS m
LEFT JOIN hop AS h ON h.pair_key = s.pair_key
LEFT JOIN facing AS f ON f.pair_key = s.pair_key
