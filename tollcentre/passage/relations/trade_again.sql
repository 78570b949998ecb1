/*
grain: one successful trade of a medium at a gantry that had charged it minutes before
key: [record_key]
inputs: [trade_by_id, orphan_trade]
why: the same journey seen again at the same gantry within ten minutes is one passing; only the
  few pairs that come more than once are ranked.
*/
SELECT s.record_key
FROM (
  SELECT
    t.record_key,
    t.read_time - lag(t.read_time, 1, t.read_time - 86400) OVER (
      PARTITION BY t.pass_key, t.gantry_key ORDER BY t.read_time, t.record_key
    ) AS since
  FROM (
    SELECT record_key, pass_key, gantry_key, read_time FROM trade_by_id WHERE trade_result = 0
    UNION ALL
    SELECT record_key, pass_key, gantry_key, read_time FROM orphan_trade WHERE trade_result = 0
  ) AS t
  JOIN (
    SELECT b.pass_key, b.gantry_key
    FROM (
      SELECT pass_key, gantry_key FROM trade_by_id WHERE trade_result = 0
      UNION ALL
      SELECT pass_key, gantry_key FROM orphan_trade WHERE trade_result = 0
    ) AS b
    GROUP BY b.pass_key, b.gantry_key
    HAVING count(*) > 1
  ) AS again ON again.pass_key = t.pass_key AND again.gantry_key = t.gantry_key
) AS s
WHERE s.since <= 600
