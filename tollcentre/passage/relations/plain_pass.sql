/*
grain: one passage all of whose steps are plain
key: [pass_key]
inputs: [plain_step]
*/
SELECT pass_key
FROM plain_step
GROUP BY pass_key
HAVING min(plain) = 1
