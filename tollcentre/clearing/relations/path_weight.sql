/*
grain: one unit of a restored path by which a passage's money is split
key: [pass_key, unit_key]
inputs: [passage_amount, unit_fee, net_node]
why: a minimum fare (fee type 6) has no charged units; it goes by the path's prices.
*/
SELECT
  f.pass_key, n.node_key AS unit_key, f.node_idx, min(f.position) AS position,
  min(f.unit_time) AS unit_time, sum(f.fee)::BIGINT AS fee,
  sum(f.discount_fee)::BIGINT AS discount_fee, sum(f.tariff_fee)::BIGINT AS tariff_fee
FROM unit_fee AS f
JOIN passage_amount AS a ON a.pass_key = f.pass_key AND a.split_by = 2
JOIN net_node AS n ON n.node_idx = f.node_idx
GROUP BY f.pass_key, n.node_key, f.node_idx
