/*
grain: one unit that shares in a passage's money, with its weights
key: [pass_key, unit_key]
inputs: [passage_amount, charge, path_weight, net_node]
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
  w.pass_key, w.unit_key, w.node_idx, w.position, w.unit_time, w.fee AS fee_weight,
  w.discount_fee AS discount_weight, w.tariff_fee, a.own_fee, a.own_discount
FROM path_weight AS w
JOIN passage_amount AS a ON a.pass_key = w.pass_key
