/*
grain: one exit record that is no correction, with its corrections netted in
key: [record_key]
inputs: [exit_version, exit_correction]
checks:
  amounts_identity: SELECT record_key FROM exit_counted WHERE pay_fee <> fee + discount_fee
*/
SELECT
  e.record_key, e.content_digest,
  CASE WHEN e.pass_key = 0 THEN e.record_key ELSE e.pass_key END AS pass_key,
  e.pass_id, e.vehicle_key, e.vehicle_id, e.en_station_key, e.en_time, e.station_key, e.ex_time,
  e.media_type, e.medium_key, e.medium_no, e.issuer_id, e.toll_province,
  e.pay_fee + coalesce(c.pay_fee, 0) AS pay_fee,
  e.fee + coalesce(c.fee, 0) AS fee,
  e.discount_fee + coalesce(c.discount_fee, 0) AS discount_fee,
  coalesce(c.corrections, 0) AS corrections,
  e.exit_fee_type, e.pay_type, e.vehicle_type, e.vehicle_class, e.vehicle_seat,
  e.province_trans_group, e.multi_province,
  row_number() OVER (
    PARTITION BY CASE WHEN e.pass_key = 0 THEN e.record_key ELSE e.pass_key END
    ORDER BY e.ex_time, e.record_key
  ) AS exit_no
FROM exit_version AS e
LEFT JOIN exit_correction AS c ON c.source_key = e.record_key
WHERE e.modify_flag <> 2
