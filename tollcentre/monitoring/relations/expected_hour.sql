/*
grain: one device, hour and record kind that is to be declared
key: [record_kind, device_id, hour]
inputs: [expected_device, declared_hour]
why: an hour is looked for once most devices have declared it, so that neither a day that is still
  being taken in nor one of which we were sent a few late passages is missed as a whole.
*/
WITH told AS (
  SELECT d.record_kind, d.hour, count(*) AS devices
  FROM declared_hour AS d
  SEMI JOIN expected_device AS e
    ON e.record_kind = d.record_kind AND e.device_id = d.device_id
  GROUP BY d.record_kind, d.hour
),
standing AS (
  SELECT record_kind, count(*) AS devices FROM expected_device GROUP BY record_kind
)
SELECT e.record_kind, e.device_id, t.hour
FROM expected_device AS e
JOIN standing AS s ON s.record_kind = e.record_kind
JOIN told AS t ON t.record_kind = e.record_kind AND 2 * t.devices > s.devices
