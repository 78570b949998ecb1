/*
grain: one gantry trade that came without a pass id in one version and with it in another
key: [record_key]
inputs: [landed_orphan, landed_trade]
why: the version that names its passage counts, so that the record counts once.
*/
SELECT DISTINCT t.record_key
FROM landed_trade AS t
JOIN (SELECT DISTINCT record_key FROM landed_orphan) AS o ON o.record_key = t.record_key
