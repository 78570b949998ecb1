/*
grain: one passage with the profile that prices it, and whether the whole journey is free
key: [pass_key]
inputs: [passage_base, price_profile, free_period]
why: exemptions and free periods are decided once for the whole journey, by the exit time.
*/
SELECT
  b.pass_key, b.media_type, p.profile_idx,
  CASE WHEN p.exempt = 1 OR f.pass_key IS NOT NULL THEN 1 ELSE 0 END AS is_free
FROM passage_base AS b
JOIN price_profile AS p
  ON p.media_type = b.media_type AND p.vehicle_type = b.vehicle_type
  AND p.vehicle_class = b.vehicle_class AND p.vehicle_seat = b.vehicle_seat
LEFT JOIN (
  SELECT DISTINCT x.pass_key
  FROM passage_base AS x
  JOIN free_period AS t
    ON t.vehicle_type = x.vehicle_type AND x.exit_time >= t.from_time AND x.exit_time < t.to_time
    AND (t.seats_most = 0 OR x.vehicle_seat <= t.seats_most)
) AS f ON f.pass_key = b.pass_key
