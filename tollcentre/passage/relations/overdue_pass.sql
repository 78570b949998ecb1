/*
grain: one journey that no exit record ended within the waiting days, its last read that day
key: [pass_key]
inputs: [old_read_key, later_read_key]
why: a passage without exit belongs to the day of its last read plus the waiting days.
*/
SELECT o.pass_key, max(o.pass_id) AS pass_id, max(o.vehicle_id) AS vehicle_id
FROM old_read_key AS o
LEFT JOIN later_read_key AS l ON l.pass_key = o.pass_key
WHERE o.pass_key <> 0 AND l.pass_key IS NULL
GROUP BY o.pass_key
