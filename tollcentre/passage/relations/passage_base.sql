/*
grain: one passage of the clear day before restoration
key: [pass_key]
inputs: [passage_key, passage_head, passage_seat, exit_counted, entry_counted, overdue_pass,
  net_station, net_station_hex, own]
why: an exit elsewhere is one whose toll province is another, or whose last read waited too long.
*/
SELECT
  k.pass_key,
  coalesce(e.pass_id, n.pass_id, o.pass_id, '') AS pass_id,
  coalesce(e.record_key, 0) AS exit_record_key,
  coalesce(e.content_digest, 0) AS exit_digest,
  CASE
    WHEN e.pass_key IS NULL THEN 'no_exit'
    WHEN e.toll_province = own.province THEN 'own'
    ELSE 'elsewhere'
  END AS exit_kind,
  coalesce(e.ex_time, h.last_time, n.en_time, 0) AS exit_time,
  coalesce(n.en_time, nullif(e.en_time, 0), h.en_time, h.first_time, e.ex_time, 0)
    AS entry_time,
  coalesce(ns.node_idx, es.node_idx, hs.node_idx, -1) AS entry_node,
  CASE WHEN coalesce(nullif(e.en_station_key, 0), n.station_key, 0) <> 0
    OR coalesce(h.en_station_hex, '') <> '' THEN 1 ELSE 0 END AS enters_known,
  CASE WHEN e.pass_key IS NOT NULL AND e.toll_province = own.province
    THEN coalesce(xs.node_idx, -1) ELSE -1 END AS exit_node,
  coalesce(nullif(e.media_type, 0), n.media_type, nullif(h.media_type, 0), 9) AS media_type,
  coalesce(nullif(e.medium_key, 0), n.medium_key, 0) AS medium_key,
  coalesce(nullif(e.medium_no, ''), n.medium_no, '') AS medium_no,
  coalesce(nullif(e.issuer_id, ''), nullif(n.issuer_id, ''), h.issuer_id, '') AS issuer_id,
  coalesce(nullif(e.vehicle_key, 0), n.vehicle_key, h.vehicle_key, 0) AS vehicle_key,
  coalesce(nullif(e.vehicle_id, ''), n.vehicle_id, o.vehicle_id, '') AS vehicle_id,
  coalesce(nullif(e.vehicle_type, 0), n.vehicle_type, h.vehicle_type, 0) AS vehicle_type,
  coalesce(e.vehicle_class, n.vehicle_class, h.vehicle_class, 0) AS vehicle_class,
  coalesce(s.vehicle_seat, 0) AS vehicle_seat,
  coalesce(e.exit_fee_type, 0) AS exit_fee_type,
  coalesce(e.toll_province, '') AS toll_province,
  coalesce(e.pay_type, 0) AS pay_type,
  coalesce(e.pay_fee, 0) AS pay_fee,
  coalesce(e.fee, 0) AS fee,
  coalesce(e.discount_fee, 0) AS discount_fee,
  coalesce(e.corrections, 0) AS corrections,
  coalesce(e.multi_province, 0) AS multi_province,
  coalesce(e.province_trans_group, '') AS province_trans_group
FROM passage_key AS k
CROSS JOIN own
LEFT JOIN passage_head AS h ON h.pass_key = k.pass_key
LEFT JOIN passage_seat AS s ON s.pass_key = k.pass_key
LEFT JOIN exit_counted AS e ON e.pass_key = k.pass_key AND e.exit_no = 1
LEFT JOIN entry_counted AS n ON n.pass_key = k.pass_key
LEFT JOIN overdue_pass AS o ON o.pass_key = k.pass_key
LEFT JOIN net_station AS ns ON ns.station_key = n.station_key
LEFT JOIN net_station AS es ON es.station_key = e.en_station_key
LEFT JOIN net_station_hex AS hs ON hs.hex = h.en_station_hex
LEFT JOIN net_station AS xs ON xs.station_key = e.station_key
