/*
grain: one step of a passage that both carriageways of a place read within seconds
key: [pass_key, step]
inputs: [read_step, facing, plain_model]
why: one of the two reads is the antenna reaching over (对向误读). `is_facing` marks the step from
  the one carriageway to the other, `next_facing` the step before it.
*/
SELECT
  s.pass_key, s.step, s.stage, s.node_idx, s.read_time, s.is_facing,
  lead(s.is_facing, 1, 0) OVER (PARTITION BY s.pass_key ORDER BY s.step) AS next_facing
FROM (
  SELECT
    r.pass_key, r.step, r.stage, r.node_idx, r.read_time,
    CASE WHEN f.pair_key IS NOT NULL AND r.read_time - r.prev_time <= m.opposite_s
      THEN 1 ELSE 0 END AS is_facing
  FROM read_step AS r
  JOIN (
    SELECT DISTINCT t.pass_key
    FROM read_step AS t
    JOIN facing AS g ON g.pair_key = t.pair_key
    CROSS JOIN plain_model AS n
    WHERE t.read_time - t.prev_time <= n.opposite_s
  ) AS p ON p.pass_key = r.pass_key
  CROSS JOIN plain_model AS m
  LEFT JOIN facing AS f ON f.pair_key = r.pair_key
) AS s
