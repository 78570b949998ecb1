/*
grain: one read of a passage that is not plain, plate reads included
key: [pass_key, stage, read_time, node_idx, source, record_key]
inputs: [passage_base, passage_read, plate_of_passage, plain_pass, decided_pass]
why: a plain passage is told by its trades alone; plates (source 2) help where those leave a doubt.
*/
SELECT r.pass_key, r.stage, r.read_time, r.node_idx, r.source, r.record_key
FROM passage_read AS r
LEFT JOIN plain_pass AS p ON p.pass_key = r.pass_key
LEFT JOIN decided_pass AS d ON d.pass_key = r.pass_key
WHERE p.pass_key IS NULL AND d.pass_key IS NULL
UNION ALL
SELECT v.pass_key, 1 AS stage, v.read_time, v.node_idx, 2 AS source, v.record_key
FROM plate_of_passage AS v
JOIN passage_base AS b ON b.pass_key = v.pass_key AND b.exit_fee_type <> 11
LEFT JOIN plain_pass AS p ON p.pass_key = v.pass_key
LEFT JOIN decided_pass AS d ON d.pass_key = v.pass_key
WHERE p.pass_key IS NULL AND d.pass_key IS NULL
