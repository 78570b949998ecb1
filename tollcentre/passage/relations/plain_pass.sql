/*
grain: one passage all of whose steps are plain, and whose path nobody decided
key: [pass_key]
inputs: [plain_step, decided_pass]
*/
SELECT s.pass_key
FROM plain_step AS s
LEFT JOIN decided_pass AS d ON d.pass_key = s.pass_key
WHERE d.pass_key IS NULL
GROUP BY s.pass_key
HAVING min(s.plain) = 1
