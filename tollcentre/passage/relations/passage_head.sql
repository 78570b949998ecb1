/*
grain: one passage that lacks its entry or exit record, with what its trades say of it
key: [pass_key]
inputs: [passage_key, exit_counted, entry_counted, landed_trade]
*/
SELECT
  t.pass_key,
  min(t.trans_time) AS first_time,
  max(t.trans_time) AS last_time,
  max(t.media_type) AS media_type,
  max(t.vehicle_type) AS vehicle_type,
  max(t.vehicle_class) AS vehicle_class,
  max(t.vehicle_key) AS vehicle_key,
  max(t.issuer_id) AS issuer_id,
  max(t.en_station_hex) AS en_station_hex,
  min(CASE WHEN t.en_time > 0 THEN t.en_time END) AS en_time
FROM landed_trade AS t
JOIN (
  SELECT k.pass_key
  FROM passage_key AS k
  LEFT JOIN exit_counted AS e ON e.pass_key = k.pass_key AND e.exit_no = 1
  LEFT JOIN entry_counted AS n ON n.pass_key = k.pass_key
  WHERE e.pass_key IS NULL OR n.pass_key IS NULL
) AS lacking ON lacking.pass_key = t.pass_key
GROUP BY t.pass_key
