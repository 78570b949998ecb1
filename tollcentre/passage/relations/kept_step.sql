/*
grain: one step of such a passage when the reads that fit worse than their facing ones are left out
key: [pass_key, step]
inputs: [facing_step, hop]
why: a doubtful read is supported by a hop from the firm read before it and by one to the firm read
  after it; of two facing ones the one with less support is false. Equal ones both stay, and leave
  the passage to the search.
*/
SELECT
  k.pass_key, k.step, k.stage, k.node_idx, k.read_time, k.prev_node, k.prev_time,
  k.prev_node::BIGINT * 65536 + k.node_idx AS pair_key
FROM (
  SELECT
    c.pass_key, c.step, c.stage, c.node_idx, c.read_time,
    lag(c.node_idx, 1, -1) OVER w AS prev_node,
    lag(c.read_time, 1, 0) OVER w AS prev_time
  FROM (
    SELECT
      b.pass_key, b.step, b.stage, b.node_idx, b.read_time, b.support,
      CASE WHEN b.is_facing = 1
        THEN lag(b.support, 1, 0) OVER (PARTITION BY b.pass_key ORDER BY b.step)
        ELSE 0 END AS support_before,
      CASE WHEN b.next_facing = 1
        THEN lead(b.support, 1, 0) OVER (PARTITION BY b.pass_key ORDER BY b.step)
        ELSE 0 END AS support_after
    FROM (
      SELECT
        a.pass_key, a.step, a.stage, a.node_idx, a.read_time, a.is_facing, a.next_facing,
        CASE WHEN a.is_facing = 0 AND a.next_facing = 0 THEN 2
          ELSE CASE WHEN h.pair_key IS NULL THEN 0 ELSE 1 END
            + CASE WHEN i.pair_key IS NULL THEN 0 ELSE 1 END
        END AS support
      FROM (
        SELECT
          f.pass_key, f.step, f.stage, f.node_idx, f.read_time, f.is_facing, f.next_facing,
          max(CASE WHEN f.is_facing = 0 AND f.next_facing = 0
            THEN f.step::BIGINT * 65536 + f.node_idx END)
            OVER (PARTITION BY f.pass_key ORDER BY f.step
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS firm_before,
          min(CASE WHEN f.is_facing = 0 AND f.next_facing = 0
            THEN f.step::BIGINT * 65536 + f.node_idx END)
            OVER (PARTITION BY f.pass_key ORDER BY f.step
              ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS firm_after
        FROM facing_step AS f
      ) AS a
      LEFT JOIN hop AS h ON h.pair_key = a.firm_before % 65536 * 65536 + a.node_idx
      LEFT JOIN hop AS i ON i.pair_key = a.node_idx::BIGINT * 65536 + a.firm_after % 65536
    ) AS b
  ) AS c
  WHERE c.support >= greatest(c.support_before, c.support_after)
  WINDOW w AS (PARTITION BY c.pass_key ORDER BY c.step)
) AS k
WHERE k.node_idx <> k.prev_node
