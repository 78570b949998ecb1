/*
grain: what one owner earned from one issuer, exit province and medium on the clear day
key: [owner_id, legal_owner_id, road_id, issuer_id, toll_province, media_type, exit_kind]
inputs: [unit_split]
checks:
  amounts_identity: SELECT owner_id FROM owner_net WHERE pay_fee <> fee + discount_fee
  nets_sum_to_shares: >
    SELECT s.fee FROM (SELECT coalesce(sum(fee), 0) AS fee FROM unit_split) AS s
    CROSS JOIN (SELECT coalesce(sum(fee), 0) AS fee FROM owner_net) AS n WHERE s.fee <> n.fee
*/
SELECT
  owner_id, legal_owner_id, road_id, issuer_id, toll_province, media_type, exit_kind,
  count(*) AS units,
  sum(pay_fee)::BIGINT AS pay_fee,
  sum(discount_fee)::BIGINT AS discount_fee,
  sum(fee)::BIGINT AS fee
FROM unit_split
GROUP BY owner_id, legal_owner_id, road_id, issuer_id, toll_province, media_type, exit_kind
