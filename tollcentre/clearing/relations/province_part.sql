/*
grain: one province's part of what a multi-province exit collected
key: [pass_key, province]
inputs: [passage_base]
why: the record says `62:4500|61:2300`; a centre's six-digit code stands for its province.
*/
SELECT
  pass_key, left(part, 2) AS province,
  sum(coalesce(try_cast(split_part(part, ':', 2) AS BIGINT), 0))::BIGINT AS fee
FROM (
  SELECT pass_key, unnest(string_split(province_trans_group, '|')) AS part
  FROM passage_base
  WHERE exit_kind = 'own' AND multi_province = 1 AND province_trans_group <> ''
) AS parts
WHERE part <> ''
GROUP BY pass_key, left(part, 2)
