/*
grain: one unit that a passage was charged for
key: [pass_key, unit_key]
inputs: [trade, landed_charged, passage_base]
why: fee types 4, 5 and 11 carry their units in the exit record; all others are what gantries
  charged. A unit charged several times counts its sum; a repeat within minutes is no charge.
*/
SELECT
  c.pass_key, c.unit_key, min(c.charge_time) AS charge_time, min(c.position) AS position,
  sum(c.pay_fee)::BIGINT AS pay_fee,
  sum(c.discount_fee)::BIGINT AS discount_fee,
  sum(c.fee)::BIGINT AS fee
FROM (
  SELECT
    t.pass_key, t.unit_key, t.read_time AS charge_time, t.read_time * 256 AS position,
    t.pay_fee, t.discount_fee, t.fee, 1 AS source
  FROM trade AS t
  WHERE t.trade_result = 0 AND t.is_repeat = 0 AND t.unit_count = 1
  UNION ALL
  SELECT
    t.pass_key, g.unit_key, t.read_time AS charge_time, t.read_time * 256 + g.seq AS position,
    g.pay_fee, g.discount_fee, g.fee, 1 AS source
  FROM landed_charged AS g
  JOIN trade AS t ON t.record_key = g.record_key AND t.content_digest = g.content_digest
  WHERE g.source = 1 AND t.trade_result = 0 AND t.is_repeat = 0 AND t.unit_count > 1
  UNION ALL
  SELECT
    p.pass_key, g.unit_key, p.exit_time AS charge_time, p.exit_time * 256 + g.seq AS position,
    g.pay_fee, g.discount_fee, g.fee, 2 AS source
  FROM landed_charged AS g
  JOIN passage_base AS p
    ON p.exit_record_key = g.record_key AND p.exit_digest = g.content_digest
  WHERE g.source = 2
) AS c
JOIN passage_base AS b ON b.pass_key = c.pass_key
WHERE c.source = CASE WHEN b.exit_fee_type IN (4, 5, 11) THEN 2 ELSE 1 END
GROUP BY c.pass_key, c.unit_key
