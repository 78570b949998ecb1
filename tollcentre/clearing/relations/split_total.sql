/*
grain: one passage whose money is split, with its weights' sums
key: [pass_key]
inputs: [split_weight]
*/
SELECT
  pass_key, sum(fee_weight)::BIGINT AS fee_weight, sum(discount_weight)::BIGINT AS discount_weight
FROM split_weight
GROUP BY pass_key
