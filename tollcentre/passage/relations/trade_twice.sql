/*
grain: one gantry trade that arrived in several versions, the one that counts
key: [record_key]
inputs: [landed_trade]
why: only the few trades with several versions are ranked; the original first, then the latest
  received, then the smallest digest.
*/
SELECT t.record_key, t.content_digest
FROM landed_trade AS t
JOIN (
  SELECT record_key FROM landed_trade GROUP BY record_key HAVING count(*) > 1
) AS several ON several.record_key = t.record_key
QUALIFY row_number() OVER (
  PARTITION BY t.record_key ORDER BY t.original_flag, t.receive_time DESC, t.content_digest
) = 1
