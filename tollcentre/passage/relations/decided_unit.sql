/*
grain: one toll unit of the path that two people decided for a passage of the day, in order
key: [pass_key, position]
inputs: [decided_path, decided_pass, passage_read, plate_of_passage]
why: a unit at which the passage was read carries sign 1, any other 0 - no fitting found it.
*/
SELECT
  d.pass_key, d.position, d.node_idx,
  CASE WHEN r.pass_key IS NULL THEN 0 ELSE 1 END AS sign, d.unit_time
FROM decided_path AS d
JOIN decided_pass AS b ON b.pass_key = d.pass_key
LEFT JOIN (
  SELECT DISTINCT s.pass_key, s.node_idx
  FROM (
    SELECT pass_key, node_idx FROM passage_read WHERE stage = 1
    UNION ALL
    SELECT pass_key, node_idx FROM plate_of_passage
  ) AS s
  JOIN decided_pass AS p ON p.pass_key = s.pass_key
) AS r
  ON r.pass_key = d.pass_key AND r.node_idx = d.node_idx
