/*
grain: one passage of the day whose path two people decided
key: [pass_key]
inputs: [decided_path, passage_base]
*/
SELECT DISTINCT d.pass_key
FROM decided_path AS d
JOIN passage_base AS b ON b.pass_key = d.pass_key
