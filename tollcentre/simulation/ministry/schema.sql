-- What the simulated ministry's centre keeps: fen, epoch seconds, days as 2026-11-22.

-- messages that were taken from the other centre; due_at: when an answer is to be made
CREATE TABLE IF NOT EXISTS taken (
    message_id TEXT PRIMARY KEY, kind TEXT NOT NULL, sender_id TEXT NOT NULL,
    count INTEGER NOT NULL, amount_fen INTEGER NOT NULL, digest TEXT NOT NULL,
    body BLOB NOT NULL, taken_at INTEGER NOT NULL, due_at INTEGER, done_at INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS taken_due ON taken (due_at) WHERE done_at IS NULL;

-- every receipt that was made, whether or not it left as made
CREATE TABLE IF NOT EXISTS receipt (
    seq INTEGER PRIMARY KEY, message_id TEXT NOT NULL, kind TEXT NOT NULL,
    result INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;

-- messages to the other centre; fault: wrong on purpose; after_seq: closed before this one goes
CREATE TABLE IF NOT EXISTS outgoing (
    seq INTEGER PRIMARY KEY, cause TEXT NOT NULL UNIQUE, message_id TEXT NOT NULL,
    kind TEXT NOT NULL, count INTEGER NOT NULL, amount_fen INTEGER NOT NULL,
    digest TEXT NOT NULL, body BLOB NOT NULL, fault TEXT NOT NULL, after_seq INTEGER,
    behind_until INTEGER, made_at INTEGER NOT NULL, next_try INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting',
    result INTEGER, closed_at INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS outgoing_waiting ON outgoing (next_try) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS outgoing_by_id ON outgoing (message_id);

-- every try to send, and what came of it
CREATE TABLE IF NOT EXISTS sending (
    seq INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, outcome TEXT NOT NULL,
    PRIMARY KEY (seq, number)
) STRICT;

-- trades; exit_message: how it came from the toll side, book_message: how it went to our issuer
CREATE TABLE IF NOT EXISTS trade (
    origin TEXT NOT NULL, transaction_id TEXT NOT NULL, toll_party TEXT NOT NULL,
    issuer TEXT NOT NULL, fee INTEGER NOT NULL, exit_message TEXT, book_message TEXT,
    planted TEXT NOT NULL, card TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'open', reason INTEGER,
    clear_date TEXT, ruling_due TEXT, ruled_on TEXT, toll_file TEXT, issuer_file TEXT,
    PRIMARY KEY (origin, transaction_id)
) STRICT;
CREATE INDEX IF NOT EXISTS trade_by_id ON trade (transaction_id);
CREATE INDEX IF NOT EXISTS trade_to_book ON trade (book_message);
CREATE INDEX IF NOT EXISTS trade_of_exit ON trade (exit_message);
CREATE INDEX IF NOT EXISTS trade_disputed ON trade (ruling_due) WHERE state = 'disputed';
CREATE INDEX IF NOT EXISTS trade_cleared ON trade (clear_date);
CREATE INDEX IF NOT EXISTS trade_ruled ON trade (ruled_on);

-- what a side said of a disputed trade before or after its ruling; position: 0 pay, 1 bad debt
CREATE TABLE IF NOT EXISTS evidence (
    of_message TEXT NOT NULL, transaction_id TEXT NOT NULL, message_id TEXT NOT NULL,
    position INTEGER NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (of_message, transaction_id, message_id)
) STRICT;

-- the one answer to a message of trades; message_id: blank where the ministry made it
CREATE TABLE IF NOT EXISTS booking (
    of_message TEXT PRIMARY KEY, message_id TEXT NOT NULL, clear_date TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- journeys of the other centre's roads that paid elsewhere; split_fee: the ministry's figure
CREATE TABLE IF NOT EXISTS journey (
    pass_id TEXT PRIMARY KEY, toll_party TEXT NOT NULL, transaction_id TEXT NOT NULL,
    fee INTEGER NOT NULL, pay_fee INTEGER NOT NULL, discount_fee INTEGER NOT NULL,
    split_due TEXT NOT NULL, split_fee INTEGER, split_message TEXT, split_on TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS journey_split ON journey (split_on);
CREATE INDEX IF NOT EXISTS journey_due ON journey (split_due) WHERE split_message IS NULL;

-- refunds and supplements: of the other centre, or of a province elsewhere for our issuers'
-- customers; of_message: how its trade came; credit_message: how it went to our issuer;
-- told_message: how the other centre was told that it is credited; parts: JSON, province -> fen
CREATE TABLE IF NOT EXISTS toll_change (
    seq INTEGER PRIMARY KEY, change_id TEXT NOT NULL, toll_party TEXT NOT NULL,
    issuer TEXT NOT NULL, kind TEXT NOT NULL, transaction_id TEXT NOT NULL,
    of_message TEXT NOT NULL, medium TEXT NOT NULL, original_fee INTEGER NOT NULL,
    fee INTEGER NOT NULL, parts_fee INTEGER NOT NULL, planted TEXT NOT NULL,
    due_at INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'open', verdict TEXT,
    accepted_on TEXT, credited_on TEXT, credit_message TEXT, answer INTEGER,
    parts TEXT NOT NULL DEFAULT '{}', told_message TEXT, counted_on TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS toll_change_due ON toll_change (due_at)
    WHERE state IN ('open', 'accepted') AND credit_message IS NULL;
CREATE INDEX IF NOT EXISTS toll_change_counted ON toll_change (counted_on)
    WHERE counted_on IS NOT NULL;
CREATE INDEX IF NOT EXISTS toll_change_credit ON toll_change (credit_message);
CREATE INDEX IF NOT EXISTS toll_change_trade ON toll_change (transaction_id);

-- what of an exit of the other centre other provinces earned; clear_date: where no issuer books it
CREATE TABLE IF NOT EXISTS part (
    message_id TEXT NOT NULL, transaction_id TEXT NOT NULL, province TEXT NOT NULL,
    fee INTEGER NOT NULL, clear_date TEXT, PRIMARY KEY (message_id, transaction_id, province)
) STRICT;
CREATE INDEX IF NOT EXISTS part_cleared ON part (clear_date) WHERE clear_date IS NOT NULL;

-- what the other centre says it holds
CREATE TABLE IF NOT EXISTS held_there (
    message_id TEXT PRIMARY KEY, kind TEXT NOT NULL, count INTEGER NOT NULL,
    amount_fen INTEGER NOT NULL, digest TEXT NOT NULL, day TEXT NOT NULL
) STRICT;

-- what the other side is to receive and to pay of a closed clear day; file: the credit at its bank
CREATE TABLE IF NOT EXISTS net (
    clear_date TEXT PRIMARY KEY, receivable INTEGER NOT NULL, payable INTEGER NOT NULL, file TEXT
) STRICT;

-- what the other side has paid, by its bank's list of a day; returned payments are negative
CREATE TABLE IF NOT EXISTS payment_file (name TEXT PRIMARY KEY, taken_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS paid_in (
    name TEXT NOT NULL, serial TEXT NOT NULL, clear_date TEXT NOT NULL, amount_fen INTEGER NOT NULL,
    PRIMARY KEY (name, serial)
) STRICT;
