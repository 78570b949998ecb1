/*
grain: one passage with what its trades say of it
key: [pass_key]
inputs: [passage_key, trade_by_id]
*/
SELECT
  k.pass_key,
  coalesce(min(t.read_time), 0) AS first_time,
  coalesce(max(t.read_time), 0) AS last_time,
  coalesce(max(t.media_type), 0) AS media_type,
  coalesce(max(t.vehicle_type), 0) AS vehicle_type,
  coalesce(max(t.vehicle_class), 0) AS vehicle_class,
  coalesce(max(t.vehicle_seat), 0) AS vehicle_seat,
  coalesce(max(t.vehicle_key), 0) AS vehicle_key,
  coalesce(max(t.issuer_id), '') AS issuer_id,
  coalesce(max(t.en_station_hex), '') AS en_station_hex,
  coalesce(min(t.en_time), 0) AS en_time
FROM passage_key AS k
LEFT JOIN trade_by_id AS t ON t.pass_key = k.pass_key
GROUP BY k.pass_key
