/*
grain: one device, hour and record kind, declared or arrived
key: [record_kind, device_id, hour]
inputs: [declared_hour, arrived_hour, expected_hour]
why: an hour that a device must declare and did not is told even where nothing of it arrived.
checks:
  no_negative_missing: SELECT device_id FROM device_hour WHERE missing_count < 0
*/
SELECT
  coalesce(d.device_id, a.device_id, e.device_id) AS device_id,
  coalesce(d.hour, a.hour, e.hour) AS hour,
  coalesce(d.record_kind, a.record_kind, e.record_kind) AS record_kind,
  coalesce(d.declared_count, -1) AS declared_count,
  coalesce(d.declared_fee, -1) AS declared_fee,
  coalesce(a.arrived_count, 0) AS arrived_count,
  coalesce(a.arrived_fee, 0) AS arrived_fee,
  coalesce(a.late_count, 0) AS late_count,
  greatest(coalesce(d.declared_count, 0) - coalesce(a.arrived_count, 0), 0) AS missing_count,
  CASE
    WHEN d.declared_count > coalesce(a.arrived_count, 0)
      THEN d.declared_fee - coalesce(a.arrived_fee, 0)
    ELSE 0
  END AS missing_fee,
  e.device_id IS NOT NULL AND d.device_id IS NULL AS owes_declaration,
  CASE
    WHEN d.device_id IS NULL AND a.device_id IS NULL THEN 'silent'
    WHEN d.device_id IS NULL THEN 'undeclared'
    WHEN d.declared_count > coalesce(a.arrived_count, 0) THEN 'missing'
    WHEN d.declared_count < coalesce(a.arrived_count, 0) THEN 'surplus'
    WHEN d.declared_fee <> coalesce(a.arrived_fee, 0) THEN 'fee_differs'
    ELSE 'complete'
  END AS state
FROM declared_hour AS d
FULL JOIN arrived_hour AS a
  ON a.device_id = d.device_id AND a.hour = d.hour AND a.record_kind = d.record_kind
FULL JOIN expected_hour AS e
  ON e.device_id = coalesce(d.device_id, a.device_id)
  AND e.hour = coalesce(d.hour, a.hour)
  AND e.record_kind = coalesce(d.record_kind, a.record_kind)
