/*
grain: one exit record, the version of it that counts
key: [record_key]
inputs: [landed_exit]
why: a record that arrived in several versions counts once - the original first, then the latest
  received, then the smallest digest, so the order of arrival cannot matter.
*/
SELECT
  record_key, content_digest, pass_key, pass_id, vehicle_key, vehicle_id, en_station_key, en_time,
  station_key,
  ex_time, media_type, medium_key, medium_no, issuer_id, toll_province, pay_fee, fee, discount_fee,
  exit_fee_type, pay_type, vehicle_type, vehicle_class, vehicle_seat, province_trans_group,
  multi_province, modify_flag, source_key
FROM landed_exit
QUALIFY row_number() OVER (
  PARTITION BY record_key ORDER BY original_flag, receive_time DESC, content_digest
) = 1
