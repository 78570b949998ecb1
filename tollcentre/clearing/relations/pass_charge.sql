/*
grain: one passage that was charged for units of this province
key: [pass_key]
inputs: [charge]
*/
SELECT
  pass_key, count(*) AS units,
  sum(pay_fee)::BIGINT AS pay_fee,
  sum(discount_fee)::BIGINT AS discount_fee,
  sum(fee)::BIGINT AS fee
FROM charge
GROUP BY pass_key
