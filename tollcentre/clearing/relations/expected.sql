/*
grain: one restored passage and what its path costs in this province
key: [pass_key]
inputs: [unit_fee, priced_passage]
why: an OBU pays the sum of its units to the fen; every other medium the sum rounded half up to
  whole yuan for each province.
*/
SELECT
  f.pass_key,
  count(*) AS units,
  sum(f.unpriced)::BIGINT AS unpriced,
  sum(f.tariff_fee)::BIGINT AS tariff_fee,
  CASE WHEN p.media_type = 1 THEN sum(f.pay_fee)::BIGINT
    ELSE (sum(f.fee)::BIGINT + 50) // 100 * 100 END AS pay_fee,
  CASE WHEN p.media_type = 1 THEN sum(f.discount_fee)::BIGINT ELSE 0 END AS discount_fee,
  CASE WHEN p.media_type = 1 THEN sum(f.fee)::BIGINT
    ELSE (sum(f.fee)::BIGINT + 50) // 100 * 100 END AS fee
FROM unit_fee AS f
JOIN priced_passage AS p ON p.pass_key = f.pass_key
GROUP BY f.pass_key, p.media_type
