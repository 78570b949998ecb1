-- What a simulated bank keeps: fen, epoch seconds, days as 2026-11-22.

-- files of the road and of others that were taken up, each once by name
CREATE TABLE IF NOT EXISTS supply (
    name TEXT PRIMARY KEY, digest TEXT NOT NULL, taken_at INTEGER NOT NULL
) STRICT;

-- cash that stations paid in; publish_file: the deposit_slip file that told of it
CREATE TABLE IF NOT EXISTS slip (
    slip_no TEXT PRIMARY KEY, station_id TEXT NOT NULL, shift_day TEXT NOT NULL,
    shift INTEGER NOT NULL, amount_fen INTEGER NOT NULL, deposited_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL, publish_file TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS slip_due ON slip (due_at) WHERE publish_file IS NULL;

-- what is to be credited, and when; written: the reference as the statement will show it
CREATE TABLE IF NOT EXISTS credit (
    cause TEXT PRIMARY KEY, due_at INTEGER NOT NULL, amount_fen INTEGER NOT NULL,
    counter_account TEXT NOT NULL, counter_name TEXT NOT NULL, reference TEXT NOT NULL,
    written TEXT NOT NULL, summary TEXT NOT NULL, booked INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS credit_due ON credit (due_at) WHERE booked = 0;

-- the book: every movement once, by what caused it
CREATE TABLE IF NOT EXISTS movement (
    seq INTEGER PRIMARY KEY, cause TEXT NOT NULL UNIQUE, serial TEXT NOT NULL UNIQUE,
    booked_at INTEGER NOT NULL, side TEXT NOT NULL, amount_fen INTEGER NOT NULL,
    counter_account TEXT NOT NULL, counter_name TEXT NOT NULL, reference TEXT NOT NULL,
    written TEXT NOT NULL, summary TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS movement_by_time ON movement (booked_at);

-- bank days that were closed
CREATE TABLE IF NOT EXISTS bank_day (
    day TEXT PRIMARY KEY, opening_fen INTEGER NOT NULL, closing_fen INTEGER NOT NULL,
    movements INTEGER NOT NULL, file_id TEXT NOT NULL
) STRICT;

-- payment files that were taken, and their instructions
CREATE TABLE IF NOT EXISTS taken (
    file_id TEXT PRIMARY KEY, count INTEGER NOT NULL, amount_fen INTEGER NOT NULL,
    digest TEXT NOT NULL, taken_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS payment (
    instruction_id TEXT PRIMARY KEY, file_id TEXT NOT NULL, part INTEGER NOT NULL,
    due_at INTEGER NOT NULL, payee_account TEXT NOT NULL, payee_name TEXT NOT NULL,
    payee_bank TEXT NOT NULL, amount_fen INTEGER NOT NULL, voucher_no TEXT NOT NULL,
    purpose TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending', result INTEGER,
    done_at INTEGER, return_at INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS payment_due ON payment (due_at) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS payment_return ON payment (return_at) WHERE state = 'paid';

-- every answer to a file that came in
CREATE TABLE IF NOT EXISTS receipt (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL, file_id TEXT NOT NULL, result INTEGER NOT NULL,
    reason TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;

-- files for the other side; fault: wrong on purpose; after_seq: closed before this one goes
CREATE TABLE IF NOT EXISTS outgoing (
    seq INTEGER PRIMARY KEY, cause TEXT NOT NULL UNIQUE, file_id TEXT NOT NULL,
    kind TEXT NOT NULL, count INTEGER NOT NULL, amount_fen INTEGER NOT NULL,
    digest TEXT NOT NULL, body BLOB NOT NULL, fault TEXT NOT NULL, after_seq INTEGER,
    behind_until INTEGER, made_at INTEGER NOT NULL, next_try INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting',
    result INTEGER, closed_at INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS outgoing_waiting ON outgoing (next_try) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS outgoing_by_id ON outgoing (file_id);
