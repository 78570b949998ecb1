/*
grain: one passage with the seats that its medium says the vehicle has
key: [pass_key]
inputs: [trade_by_id]
why: only gantry trades carry the seats; 255 and more stand for unknown.
*/
SELECT pass_key, max(CASE WHEN vehicle_seat < 255 THEN vehicle_seat ELSE 0 END) AS vehicle_seat
FROM trade_by_id
GROUP BY pass_key
