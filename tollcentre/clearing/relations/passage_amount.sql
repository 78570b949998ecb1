/*
grain: one passage and its money - what was collected and what of it is this province's to split
key: [pass_key]
inputs: [passage_base, pass_charge, province_part, expected, passage_sure, own]
why: single-province exits are ours whole; of multi-province ones the part the record gives us;
  of exits elsewhere the exit province owes us our own units (a whole-yuan sum for other media).
  `split_by` 1 charged units, 2 restored path; 0 nothing to split by, the money is held.
checks:
  collected_is_accounted: >
    SELECT pass_key FROM passage_amount
    WHERE exit_kind = 'own' AND collected <> own_fee + others_fee + held_fee
*/
SELECT
  a.pass_key, a.exit_kind, a.exit_time, a.media_type, a.issuer_id, a.toll_province,
  a.exit_fee_type, a.collected,
  CASE WHEN a.split_by = 0 THEN 0 ELSE a.own_fee END AS own_fee,
  CASE WHEN a.split_by = 0 THEN 0 ELSE a.own_discount END AS own_discount,
  a.others_fee,
  CASE WHEN a.misfit = 1 THEN a.collected WHEN a.split_by = 0 THEN a.own_fee ELSE 0 END AS held_fee,
  CASE
    WHEN a.misfit = 1 AND a.collected <> 0 THEN 'province_parts_misfit'
    WHEN a.split_by = 0 AND a.own_fee <> 0 THEN 'nothing_to_split_by'
    ELSE ''
  END AS held_reason,
  a.split_by, a.misfit, a.charged_fee, a.charged_units
FROM (
  SELECT
    b.pass_key, b.exit_kind, b.exit_time, b.media_type, b.issuer_id, b.toll_province,
    b.exit_fee_type,
    CASE WHEN b.exit_kind = 'own' THEN b.fee ELSE 0 END AS collected,
    CASE
      WHEN b.exit_kind <> 'own' AND b.media_type = 1 THEN coalesce(c.fee, 0)
      WHEN b.exit_kind <> 'own'
        THEN (coalesce(c.fee, 0) + own.card_step // 2) // own.card_step * own.card_step
      WHEN b.multi_province = 0 THEN b.fee
      WHEN coalesce(g.all_fee, 0) <> b.fee THEN 0
      ELSE coalesce(g.own_fee, 0)
    END AS own_fee,
    CASE
      WHEN b.media_type <> 1 THEN 0
      WHEN b.exit_kind = 'own' AND b.multi_province = 0 THEN b.discount_fee
      ELSE coalesce(c.discount_fee, 0)
    END AS own_discount,
    CASE WHEN b.exit_kind = 'own' AND b.multi_province = 1 AND coalesce(g.all_fee, 0) = b.fee
      THEN coalesce(g.all_fee, 0) - coalesce(g.own_fee, 0) ELSE 0 END AS others_fee,
    CASE WHEN b.exit_kind = 'own' AND b.multi_province = 1 AND coalesce(g.all_fee, 0) <> b.fee
      THEN 1 ELSE 0 END AS misfit,
    CASE
      WHEN b.exit_fee_type = 6 AND coalesce(s.queued, 1) = 0 AND coalesce(e.fee, 0) > 0 THEN 2
      WHEN b.exit_fee_type <> 6 AND coalesce(c.fee, 0) > 0 THEN 1
      ELSE 0
    END AS split_by,
    coalesce(c.fee, 0) AS charged_fee, coalesce(c.units, 0) AS charged_units
  FROM passage_base AS b
  CROSS JOIN own
  LEFT JOIN pass_charge AS c ON c.pass_key = b.pass_key
  LEFT JOIN expected AS e ON e.pass_key = b.pass_key
  LEFT JOIN passage_sure AS s ON s.pass_key = b.pass_key
  LEFT JOIN (
    SELECT
      p.pass_key, sum(p.fee)::BIGINT AS all_fee,
      sum(CASE WHEN p.province = own.province THEN p.fee ELSE 0 END)::BIGINT AS own_fee
    FROM province_part AS p
    CROSS JOIN own
    GROUP BY p.pass_key
  ) AS g ON g.pass_key = b.pass_key
) AS a
