/*
grain: one unit's share of a passage's money
key: [pass_key, unit_key]
inputs: [split_weight, split_total]
why: quota R·w/S, floor, then one fen each by size of remainder, ties by path order; a negative
  amount is split as its positive and turned. Where R = S the weight itself is the share.
*/
SELECT
  w.pass_key, w.unit_key, w.node_idx, w.position, w.unit_time, w.tariff_fee,
  w.fee_weight AS fee,
  CASE WHEN w.own_discount = t.discount_weight THEN w.discount_weight ELSE 0 END AS discount_fee
FROM split_weight AS w
JOIN split_total AS t ON t.pass_key = w.pass_key
WHERE t.fee_weight > 0 AND w.own_fee = t.fee_weight
  AND (w.own_discount = t.discount_weight OR w.own_discount = 0 OR t.discount_weight = 0)
UNION ALL
SELECT
  q.pass_key, q.unit_key, q.node_idx, q.position, q.unit_time, q.tariff_fee,
  CASE WHEN q.own_fee < 0 THEN -1 ELSE 1 END * (q.fee_floor
    + CASE WHEN q.fee_rank <= abs(q.own_fee) - q.fee_floors THEN 1 ELSE 0 END) AS fee,
  0 AS discount_fee
FROM (
  SELECT
    f.pass_key, f.unit_key, f.node_idx, f.position, f.unit_time, f.tariff_fee, f.own_fee,
    f.fee_floor,
    sum(f.fee_floor) OVER (PARTITION BY f.pass_key) AS fee_floors,
    row_number() OVER (
      PARTITION BY f.pass_key ORDER BY f.fee_rest DESC, f.position, f.unit_key
    ) AS fee_rank
  FROM (
    SELECT
      w.pass_key, w.unit_key, w.node_idx, w.position, w.unit_time, w.tariff_fee, w.own_fee,
      abs(w.own_fee) * w.fee_weight // t.fee_weight AS fee_floor,
      abs(w.own_fee) * w.fee_weight % t.fee_weight AS fee_rest
    FROM split_weight AS w
    JOIN split_total AS t ON t.pass_key = w.pass_key
    WHERE t.fee_weight > 0 AND w.own_fee <> t.fee_weight
      AND (w.own_discount = 0 OR t.discount_weight = 0)
  ) AS f
) AS q
UNION ALL
SELECT
  q.pass_key, q.unit_key, q.node_idx, q.position, q.unit_time, q.tariff_fee,
  CASE WHEN q.own_fee < 0 THEN -1 ELSE 1 END * (q.fee_floor
    + CASE WHEN q.fee_rank <= abs(q.own_fee) - q.fee_floors THEN 1 ELSE 0 END) AS fee,
  CASE WHEN q.own_discount < 0 THEN -1 ELSE 1 END * (q.discount_floor
    + CASE WHEN q.discount_rank <= abs(q.own_discount) - q.discount_floors
      THEN 1 ELSE 0 END) AS discount_fee
FROM (
  SELECT
    f.pass_key, f.unit_key, f.node_idx, f.position, f.unit_time, f.tariff_fee, f.own_fee,
    f.own_discount, f.fee_floor, f.discount_floor,
    sum(f.fee_floor) OVER (PARTITION BY f.pass_key) AS fee_floors,
    sum(f.discount_floor) OVER (PARTITION BY f.pass_key) AS discount_floors,
    row_number() OVER (
      PARTITION BY f.pass_key ORDER BY f.fee_rest DESC, f.position, f.unit_key
    ) AS fee_rank,
    row_number() OVER (
      PARTITION BY f.pass_key ORDER BY f.discount_rest DESC, f.position, f.unit_key
    ) AS discount_rank
  FROM (
    SELECT
      w.pass_key, w.unit_key, w.node_idx, w.position, w.unit_time, w.tariff_fee, w.own_fee,
      w.own_discount,
      abs(w.own_fee) * w.fee_weight // t.fee_weight AS fee_floor,
      abs(w.own_fee) * w.fee_weight % t.fee_weight AS fee_rest,
      abs(w.own_discount) * w.discount_weight // t.discount_weight AS discount_floor,
      abs(w.own_discount) * w.discount_weight % t.discount_weight AS discount_rest
    FROM split_weight AS w
    JOIN split_total AS t ON t.pass_key = w.pass_key
    WHERE t.fee_weight > 0 AND t.discount_weight > 0 AND w.own_discount <> 0
      AND NOT (w.own_fee = t.fee_weight AND w.own_discount = t.discount_weight)
  ) AS f
) AS q
