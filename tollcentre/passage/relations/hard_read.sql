/*
grain: one read of a passage that is not plain
key: [pass_key, stage, read_time, node_idx, source, record_key]
inputs: [passage_read, plain_pass]
*/
SELECT r.pass_key, r.stage, r.read_time, r.node_idx, r.source, r.record_key
FROM passage_read AS r
LEFT JOIN plain_pass AS p ON p.pass_key = r.pass_key
WHERE p.pass_key IS NULL
