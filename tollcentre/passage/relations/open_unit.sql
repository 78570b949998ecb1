/*
grain: one toll unit of a passage over an open road
key: [pass_key, position]
inputs: [passage_base, landed_charged, net_node]
why: an open road (fee type 11) is paid where it is passed; its exit record names its units, and
  there is no entry to search from.
*/
SELECT
  b.pass_key, c.seq::BIGINT * 256 AS position, n.node_idx, 1 AS sign, b.exit_time AS unit_time
FROM passage_base AS b
JOIN landed_charged AS c
  ON c.record_key = b.exit_record_key AND c.content_digest = b.exit_digest AND c.source = 2
JOIN net_node AS n ON n.node_key = c.unit_key AND n.is_unit = 1
WHERE b.exit_fee_type = 11
