/*
grain: one restored passage and what its path costs in this province
key: [pass_key]
inputs: [unit_fee, priced_passage, own]
why: an OBU pays the sum of its units to the fen; every other medium the sum rounded half up to
  the card step (whole yuan) for each province. The difference of the two is the discount.
*/
SELECT
  f.pass_key,
  count(*) AS units,
  sum(f.unpriced)::BIGINT AS unpriced,
  sum(f.tariff_fee)::BIGINT AS tariff_fee,
  CASE WHEN p.media_type = 1 THEN sum(f.pay_fee)::BIGINT
    ELSE (sum(f.pay_fee)::BIGINT + own.card_step // 2) // own.card_step * own.card_step
  END AS pay_fee,
  CASE WHEN p.media_type = 1 THEN sum(f.fee)::BIGINT
    ELSE (sum(f.fee)::BIGINT + own.card_step // 2) // own.card_step * own.card_step
  END AS fee
FROM unit_fee AS f
JOIN priced_passage AS p ON p.pass_key = f.pass_key
CROSS JOIN own
GROUP BY f.pass_key, p.media_type, own.card_step
