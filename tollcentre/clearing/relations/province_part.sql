/*
grain: one province's part of what a multi-province exit collected
key: [pass_key, province]
inputs: [passage_base]
why: the record says `62:4500|61:2300`; a centre's six-digit code stands for its province. A part
  that is no whole number of fen counts 0, so that the parts do not add up and the money is held.
*/
SELECT
  pass_key, left(part, 2) AS province,
  sum(CASE WHEN regexp_matches(split_part(part, ':', 2), '^-?[0-9]{1,15}$')
    THEN split_part(part, ':', 2)::BIGINT ELSE 0 END)::BIGINT AS fee
FROM (
  SELECT pass_key, unnest(string_split(province_trans_group, '|')) AS part
  FROM passage_base
  WHERE exit_kind = 'own' AND multi_province = 1 AND province_trans_group <> ''
) AS parts
WHERE part <> ''
GROUP BY pass_key, left(part, 2)
