-- What a simulated payment channel keeps: fen, epoch seconds, days as 2026-11-22.

-- files of the road that were taken up, each once by name
CREATE TABLE IF NOT EXISTS supply (
    name TEXT PRIMARY KEY, digest TEXT NOT NULL, taken_at INTEGER NOT NULL
) STRICT;

-- what drivers paid; day: the bill it stands on
CREATE TABLE IF NOT EXISTS paid_order (
    order_no TEXT PRIMARY KEY, day TEXT NOT NULL, station_id TEXT NOT NULL,
    paid_at INTEGER NOT NULL, amount_fen INTEGER NOT NULL, fee_fen INTEGER NOT NULL,
    state TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS order_by_day ON paid_order (day, paid_at, order_no);

-- notices; fault: wrong on purpose or repeated; after_seq: closed before this one goes
CREATE TABLE IF NOT EXISTS notice (
    seq INTEGER PRIMARY KEY, order_no TEXT NOT NULL, body BLOB NOT NULL, fault TEXT NOT NULL,
    after_seq INTEGER, behind_until INTEGER, next_try INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', closed_at INTEGER,
    UNIQUE (order_no, fault)
) STRICT;
CREATE INDEX IF NOT EXISTS notice_waiting ON notice (next_try) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS notice_told ON notice (seq) WHERE state = 'told';

-- every request for a bill
CREATE TABLE IF NOT EXISTS request (
    seq INTEGER PRIMARY KEY, day TEXT NOT NULL, status INTEGER NOT NULL, what TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
