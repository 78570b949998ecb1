/*
grain: one unit of a restored path with its price recomputed
key: [pass_key, position]
inputs: [path_unit, priced_passage, hour_slot, unit_price]
why: the tariff is the one in force at the unit's own time; whole-journey exemptions are decided
  by the exit and were put on the passage.
checks:
  amounts_identity: SELECT pass_key FROM unit_fee WHERE pay_fee <> fee + discount_fee
*/
SELECT
  u.pass_key, u.position, u.node_idx, u.sign, u.unit_time,
  p.profile_idx, coalesce(h.slot_idx, -1) AS slot_idx,
  coalesce(t.tariff_fee, 0) AS tariff_fee,
  coalesce(t.pay_fee, 0) AS pay_fee,
  CASE WHEN p.is_free = 1 THEN coalesce(t.pay_fee, 0)
    ELSE coalesce(t.discount_fee, 0) END AS discount_fee,
  CASE WHEN p.is_free = 1 THEN 0 ELSE coalesce(t.fee, 0) END AS fee,
  CASE WHEN t.price_key IS NULL THEN 1 ELSE 0 END AS unpriced
FROM path_unit AS u
JOIN priced_passage AS p ON p.pass_key = u.pass_key
LEFT JOIN hour_slot AS h ON h.hour = u.unit_time // 3600
LEFT JOIN unit_price AS t
  ON t.price_key = (coalesce(h.slot_idx, 0) * 4096 + p.profile_idx) * 65536 + u.node_idx
