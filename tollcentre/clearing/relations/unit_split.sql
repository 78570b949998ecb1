/*
grain: one unit's share of a passage's money, with who owned the unit for it
key: [pass_key, unit_key]
inputs: [unit_share, passage_amount, unit_owner]
why: an owner's handover is held against the unit's own time, the exit's, or the clear day's start
  (by which unit_owner is cut already), as agreed; of a unit's rows exactly one fits. A unit that
  the network does not know has no owner; its share is held in review.
checks:
  amounts_identity: SELECT pass_key FROM unit_split WHERE pay_fee <> fee + discount_fee
  shares_sum_to_the_amount: >
    SELECT a.pass_key FROM passage_amount AS a
    LEFT JOIN (SELECT pass_key, sum(fee) AS fee FROM unit_split GROUP BY pass_key) AS s
      ON s.pass_key = a.pass_key
    WHERE a.own_fee <> coalesce(s.fee, 0)
*/
SELECT
  s.pass_key, s.unit_key, s.node_idx, s.position, s.unit_time,
  coalesce(o.owner_id, '') AS owner_id, coalesce(o.legal_owner_id, '') AS legal_owner_id,
  coalesce(o.road_id, '') AS road_id, a.issuer_id, a.toll_province, a.media_type, a.exit_kind,
  s.tariff_fee, s.fee + s.discount_fee AS pay_fee, s.discount_fee, s.fee
FROM unit_share AS s
JOIN passage_amount AS a ON a.pass_key = s.pass_key
LEFT JOIN unit_owner AS o
  ON o.node_idx = s.node_idx AND s.unit_time >= o.from_time AND s.unit_time < o.to_time
  AND a.exit_time >= o.exit_from AND a.exit_time < o.exit_to
