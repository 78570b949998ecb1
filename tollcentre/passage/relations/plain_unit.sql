/*
grain: one toll unit of a plain passage, in order of `position`
key: [pass_key, position]
inputs: [plain_step, plain_pass, hop_fill, net_node]
why: a gap of a plain passage has one way, so its units carry sign 3 (unique path).
*/
SELECT
  s.pass_key, s.step * 256 + 255 AS position, s.node_idx, 1 AS sign, s.read_time AS unit_time
FROM plain_step AS s
JOIN plain_pass AS p ON p.pass_key = s.pass_key
JOIN net_node AS n ON n.node_idx = s.node_idx AND n.is_unit = 1
WHERE s.stage = 1
UNION ALL
SELECT
  s.pass_key, s.step * 256 + f.fill_no AS position, f.node_idx, 3 AS sign,
  CASE
    WHEN s.prev_time = 0 THEN s.read_time
    WHEN s.read_time = 0 THEN s.prev_time
    ELSE s.prev_time + greatest(s.read_time - s.prev_time, 0) * f.offset_m // f.metres
  END AS unit_time
FROM plain_step AS s
JOIN plain_pass AS p ON p.pass_key = s.pass_key
JOIN hop_fill AS f ON f.pair_key = s.pair_key
WHERE s.fills > 0
