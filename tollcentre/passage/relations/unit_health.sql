/*
grain: one toll unit and how often its gantry saw nothing of a plain passage that drove it
key: [node_idx]
inputs: [plain_unit]
*/
SELECT
  node_idx, count(*)::BIGINT AS passed,
  sum(CASE WHEN sign = 3 THEN 1 ELSE 0 END)::BIGINT AS unseen
FROM plain_unit
GROUP BY node_idx
