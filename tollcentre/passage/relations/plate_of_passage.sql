/*
grain: one plate read and a passage of that plate in whose time it lies
key: [record_key, pass_key]
inputs: [landed_plate, passage_base, net_gantry]
*/
SELECT DISTINCT
  r.record_key, p.pass_key, r.gantry_key, g.node_idx, r.pic_time - g.clock_offset_s AS read_time
FROM landed_plate AS r
JOIN net_gantry AS g ON g.gantry_key = r.gantry_key AND g.locates = 1
JOIN passage_base AS p
  ON p.vehicle_key = r.vehicle_key
  AND r.pic_time BETWEEN p.entry_time - 120 AND p.exit_time + 120
WHERE r.vehicle_key <> 0
