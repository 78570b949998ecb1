/*
grain: one unit that shares in a passage's money, with its weights
key: [pass_key, unit_key]
inputs: [passage_amount, charge, unit_fee, net_node]
*/
SELECT
  c.pass_key, c.unit_key, coalesce(n.node_idx, -1) AS node_idx, c.position,
  c.charge_time AS unit_time, c.fee AS fee_weight, c.discount_fee AS discount_weight,
  CASE WHEN a.media_type = 1 THEN c.pay_fee ELSE c.fee END AS tariff_fee,
  a.own_fee, a.own_discount
FROM charge AS c
JOIN passage_amount AS a ON a.pass_key = c.pass_key AND a.split_by = 1
LEFT JOIN net_node AS n ON n.node_key = c.unit_key AND n.is_unit = 1
UNION ALL
SELECT
  f.pass_key, n.node_key AS unit_key, f.node_idx, min(f.position) AS position,
  min(f.unit_time) AS unit_time, sum(f.fee)::BIGINT AS fee_weight,
  sum(f.discount_fee)::BIGINT AS discount_weight, sum(f.tariff_fee)::BIGINT AS tariff_fee,
  a.own_fee, a.own_discount
FROM unit_fee AS f
JOIN passage_amount AS a ON a.pass_key = f.pass_key AND a.split_by = 2
JOIN net_node AS n ON n.node_idx = f.node_idx
GROUP BY f.pass_key, n.node_key, f.node_idx, a.own_fee, a.own_discount
