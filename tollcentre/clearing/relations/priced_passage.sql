/*
grain: one passage with the profile that prices it, and whether the whole journey is free
key: [pass_key]
inputs: [passage_base, price_profile, free_period]
why: exemptions and free periods are decided once for the whole journey, by the exit time.
*/
SELECT
  b.pass_key, b.media_type, p.profile_idx,
  CASE WHEN p.exempt = 1 OR max(f.profile_idx) IS NOT NULL THEN 1 ELSE 0 END AS is_free
FROM passage_base AS b
JOIN price_profile AS p
  ON p.media_type = b.media_type AND p.vehicle_type = b.vehicle_type
  AND p.vehicle_class = b.vehicle_class AND p.vehicle_seat = b.vehicle_seat
LEFT JOIN free_period AS f
  ON f.profile_idx = p.profile_idx AND b.exit_time >= f.from_time AND b.exit_time < f.to_time
GROUP BY b.pass_key, b.media_type, p.profile_idx, p.exempt
