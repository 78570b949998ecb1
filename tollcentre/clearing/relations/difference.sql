/*
grain: one thing that does not agree, named
key: [pass_key, kind, unit_key]
inputs: [path_unit, unit_fee, charge, passage_amount, expected, priced_passage, passage_sure,
  held, own,
  net_node, trade]
why: recomputation from the restored path is a check beside the money, not the money; refunds,
  supplements and audits start from these rows. `amount` is what the check expected minus what was
  charged or collected, in fen.
*/
SELECT
  f.pass_key, 'driven_not_charged' AS kind, n.node_key AS unit_key,
  sum(f.fee)::BIGINT AS expected, 0 AS actual, sum(f.fee)::BIGINT AS amount
FROM unit_fee AS f
JOIN net_node AS n ON n.node_idx = f.node_idx
JOIN passage_amount AS a ON a.pass_key = f.pass_key AND a.split_by = 1
LEFT JOIN charge AS c ON c.pass_key = f.pass_key AND c.unit_key = n.node_key
WHERE c.pass_key IS NULL AND f.fee > 0
GROUP BY f.pass_key, n.node_key
UNION ALL
SELECT c.pass_key, 'charged_not_driven' AS kind, c.unit_key, 0 AS expected, c.fee AS actual,
  -c.fee AS amount
FROM charge AS c
JOIN passage_sure AS s ON s.pass_key = c.pass_key AND s.queued = 0
LEFT JOIN net_node AS n ON n.node_key = c.unit_key
LEFT JOIN path_unit AS u ON u.pass_key = c.pass_key AND u.node_idx = n.node_idx
WHERE u.pass_key IS NULL AND c.fee <> 0
UNION ALL
SELECT a.pass_key, 'charged_sum_differs' AS kind, 0 AS unit_key, a.charged_fee AS expected,
  a.own_fee AS actual, a.charged_fee - a.own_fee AS amount
FROM passage_amount AS a
JOIN priced_passage AS p ON p.pass_key = a.pass_key AND p.is_free = 0
CROSS JOIN own
WHERE a.split_by = 1 AND a.exit_kind = 'own' AND a.own_fee <> CASE WHEN a.media_type = 1
  THEN a.charged_fee
  ELSE (a.charged_fee + own.card_step // 2) // own.card_step * own.card_step END
UNION ALL
SELECT a.pass_key, 'recomputed_differs' AS kind, 0 AS unit_key, e.fee AS expected,
  a.own_fee AS actual, e.fee - a.own_fee AS amount
FROM passage_amount AS a
JOIN expected AS e ON e.pass_key = a.pass_key
JOIN passage_sure AS s ON s.pass_key = a.pass_key AND s.queued = 0
WHERE e.fee <> a.own_fee AND a.held_reason = ''
UNION ALL
SELECT s.pass_key, 'path_in_review' AS kind, 0 AS unit_key, 0 AS expected, 0 AS actual, 0 AS amount
FROM passage_sure AS s
WHERE s.queued = 1
UNION ALL
SELECT h.pass_key, h.reason AS kind, min(h.record_key) AS unit_key, 0 AS expected,
  sum(h.fee)::BIGINT AS actual, -sum(h.fee)::BIGINT AS amount
FROM held AS h
GROUP BY h.pass_key, h.reason
UNION ALL
SELECT t.pass_key, 'unknown_gantry' AS kind, t.gantry_key AS unit_key, 0 AS expected,
  sum(t.fee)::BIGINT AS actual, 0 AS amount
FROM trade AS t
WHERE t.node_idx = -1
GROUP BY t.pass_key, t.gantry_key
UNION ALL
SELECT t.pass_key, 'repeated_trade' AS kind, t.gantry_key AS unit_key, 0 AS expected,
  sum(t.fee)::BIGINT AS actual, -sum(t.fee)::BIGINT AS amount
FROM trade AS t
WHERE t.is_repeat = 1
GROUP BY t.pass_key, t.gantry_key
