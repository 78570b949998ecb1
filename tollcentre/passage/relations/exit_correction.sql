/*
grain: one corrected exit record
key: [source_key]
inputs: [exit_version]
why: a correction (modifyFlag 2) names its source and carries the difference; it may come first.
*/
SELECT
  source_key,
  min(pass_key) AS pass_key,
  sum(pay_fee)::BIGINT AS pay_fee,
  sum(fee)::BIGINT AS fee,
  sum(discount_fee)::BIGINT AS discount_fee,
  count(*)::BIGINT AS corrections
FROM exit_version
WHERE modify_flag = 2
GROUP BY source_key
