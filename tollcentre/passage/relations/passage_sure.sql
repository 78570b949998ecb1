/*
grain: one passage of the day and how sure its restored path is
key: [pass_key]
inputs: [passage_base, plain_pass, hard_sure, open_unit, decided_pass, plain_model]
why: restored_by 1 means plain, 2 searched, 3 named by an open road exit, 4 decided by two people, 0
  not restored; a queued passage waits in review.
checks:
  every_passage_is_there: >
    SELECT b.pass_key FROM passage_base AS b
    LEFT JOIN passage_sure AS s ON s.pass_key = b.pass_key WHERE s.pass_key IS NULL
*/
SELECT
  b.pass_key,
  CASE WHEN d.pass_key IS NOT NULL THEN 1000000
    WHEN coalesce(p.pass_key, o.pass_key) IS NOT NULL THEN m.confidence_ppm
    ELSE coalesce(h.confidence_ppm, 0) END AS confidence_ppm,
  CASE WHEN coalesce(d.pass_key, p.pass_key, o.pass_key) IS NOT NULL THEN 0
    ELSE coalesce(h.queued, 1) END AS queued,
  CASE WHEN d.pass_key IS NOT NULL THEN 4 WHEN o.pass_key IS NOT NULL THEN 3
    WHEN p.pass_key IS NOT NULL THEN 1 WHEN coalesce(h.confidence_ppm, 0) > 0 THEN 2 ELSE 0 END
    AS restored_by,
  coalesce(h.dropped, 0) AS dropped
FROM passage_base AS b
CROSS JOIN plain_model AS m
LEFT JOIN decided_pass AS d ON d.pass_key = b.pass_key
LEFT JOIN plain_pass AS p ON p.pass_key = b.pass_key
LEFT JOIN (SELECT DISTINCT pass_key FROM open_unit) AS o ON o.pass_key = b.pass_key
LEFT JOIN hard_sure AS h ON h.pass_key = b.pass_key
