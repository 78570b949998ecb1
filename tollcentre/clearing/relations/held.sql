/*
grain: one amount held in review, and why
key: [pass_key, record_key, reason]
inputs: [passage_amount, unit_split, exit_counted, exit_correction, exit_version, own]
why: dirty money is named, never dropped - a second exit record of one passage, a correction whose
  source has not come, parts that do not add up, nothing to split by, a unit nobody knows.
*/
SELECT pass_key, 0 AS record_key, held_reason AS reason, media_type, issuer_id, held_fee AS fee
FROM passage_amount
WHERE held_reason <> '' AND exit_kind = 'own'
UNION ALL
SELECT pass_key, 0 AS record_key, 'unknown_unit' AS reason, media_type, issuer_id,
  sum(fee)::BIGINT AS fee
FROM unit_split
WHERE owner_id = '' AND exit_kind = 'own'
GROUP BY pass_key, media_type, issuer_id
UNION ALL
SELECT e.pass_key, e.record_key, 'second_exit_record' AS reason, e.media_type, e.issuer_id, e.fee
FROM exit_counted AS e
CROSS JOIN own
WHERE e.exit_no > 1 AND e.toll_province = own.province
UNION ALL
SELECT c.pass_key, c.source_key AS record_key, 'correction_without_source' AS reason,
  min(v.media_type) AS media_type, min(v.issuer_id) AS issuer_id, c.fee
FROM exit_correction AS c
JOIN exit_version AS v ON v.source_key = c.source_key AND v.modify_flag = 2
LEFT JOIN exit_counted AS e ON e.record_key = c.source_key
WHERE e.record_key IS NULL
GROUP BY c.pass_key, c.source_key, c.fee
