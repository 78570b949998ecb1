/*
grain: one toll unit of a passage's restored path, in order of `position`
key: [pass_key, position]
inputs: [plain_unit, hard_unit, open_unit, decided_unit]
*/
SELECT pass_key, position, node_idx, sign, unit_time FROM plain_unit
UNION ALL
SELECT pass_key, position, node_idx, sign, unit_time FROM hard_unit
UNION ALL
SELECT pass_key, position, node_idx, sign, unit_time FROM open_unit
UNION ALL
SELECT pass_key, position, node_idx, sign, unit_time FROM decided_unit
