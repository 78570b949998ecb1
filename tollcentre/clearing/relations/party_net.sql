/*
grain: one party's claim or debt of the clear day
key: [side, party, owner_id, issuer_id, toll_province, media_type]
inputs: [owner_net, passage_amount, province_part, held, own]
why: what was collected here or is due from the exit province is debited; what owners earned,
  other provinces are owed and is held in review is credited. An owner is the legal one, or the
  operating code where a section has none.
checks:
  debits_equal_credits: >
    SELECT d FROM (SELECT sum(CASE WHEN side = 'debit' THEN fee ELSE -fee END) AS d
    FROM party_net) AS t WHERE coalesce(d, 0) <> 0
*/
SELECT 'debit' AS side,
  CASE WHEN media_type = 1 THEN 'issuer' ELSE 'collector' END AS party,
  '' AS owner_id, issuer_id, toll_province, media_type,
  sum(fee)::BIGINT AS fee
FROM (
  SELECT issuer_id, toll_province, media_type, collected AS fee
  FROM passage_amount WHERE exit_kind = 'own'
  UNION ALL
  SELECT h.issuer_id, own.province AS toll_province, h.media_type, h.fee
  FROM held AS h CROSS JOIN own
  WHERE h.reason IN ('second_exit_record', 'correction_without_source')
) AS collected
GROUP BY issuer_id, toll_province, media_type
UNION ALL
SELECT 'debit' AS side, 'province' AS party, '' AS owner_id, '' AS issuer_id,
  toll_province, media_type, sum(own_fee)::BIGINT AS fee
FROM passage_amount
WHERE exit_kind <> 'own'
GROUP BY toll_province, media_type
UNION ALL
SELECT 'credit' AS side, CASE WHEN owner_id = '' THEN 'unknown' ELSE 'owner' END AS party, owner_id,
  issuer_id, toll_province, media_type, sum(fee)::BIGINT AS fee
FROM (
  SELECT CASE WHEN legal_owner_id = '' THEN owner_id ELSE legal_owner_id END AS owner_id,
    issuer_id, toll_province, media_type, fee
  FROM owner_net
  WHERE owner_id <> '' OR exit_kind <> 'own'
) AS earned
GROUP BY owner_id, issuer_id, toll_province, media_type
UNION ALL
SELECT 'credit' AS side, 'other_province' AS party, '' AS owner_id,
  a.issuer_id, p.province AS toll_province, a.media_type, sum(p.fee)::BIGINT AS fee
FROM province_part AS p
JOIN passage_amount AS a ON a.pass_key = p.pass_key AND a.misfit = 0
CROSS JOIN own
WHERE p.province <> own.province
GROUP BY a.issuer_id, p.province, a.media_type
UNION ALL
SELECT 'credit' AS side, 'review' AS party, '' AS owner_id, h.issuer_id,
  own.province AS toll_province, h.media_type, sum(h.fee)::BIGINT AS fee
FROM held AS h
CROSS JOIN own
GROUP BY h.issuer_id, own.province, h.media_type
