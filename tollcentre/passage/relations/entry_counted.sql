/*
grain: the entry record of a passage that counts
key: [pass_key]
inputs: [landed_entry, passage_key]
*/
SELECT
  e.pass_key, e.record_key, e.pass_id, e.station_key, e.en_time, e.vehicle_key, e.vehicle_id,
  e.media_type, e.medium_key, e.medium_no, e.issuer_id, e.vehicle_type, e.vehicle_class
FROM landed_entry AS e
JOIN passage_key AS k ON k.pass_key = e.pass_key
QUALIFY row_number() OVER (
  PARTITION BY e.pass_key
  ORDER BY e.original_flag, e.en_time, e.receive_time DESC, e.record_key, e.content_digest
) = 1
