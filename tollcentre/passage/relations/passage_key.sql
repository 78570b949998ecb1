/*
grain: one passage of the clear day
key: [pass_key]
inputs: [exit_counted, overdue_pass]
*/
SELECT pass_key FROM exit_counted WHERE exit_no = 1
UNION ALL
SELECT o.pass_key
FROM overdue_pass AS o
LEFT JOIN exit_counted AS e ON e.pass_key = o.pass_key
WHERE e.pass_key IS NULL
