-- What the simulated ministry's centre keeps: fen, epoch seconds, days as 2026-11-22.

-- what a run is and how far its daily work has come
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

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
    planted TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'open', reason INTEGER,
    clear_date TEXT, ruling_due TEXT, ruled_on TEXT, toll_file TEXT, issuer_file TEXT,
    PRIMARY KEY (origin, transaction_id)
) STRICT;
CREATE INDEX IF NOT EXISTS trade_by_id ON trade (transaction_id);
CREATE INDEX IF NOT EXISTS trade_to_book ON trade (book_message);
CREATE INDEX IF NOT EXISTS trade_of_exit ON trade (exit_message);
CREATE INDEX IF NOT EXISTS trade_disputed ON trade (ruling_due) WHERE state = 'disputed';
CREATE INDEX IF NOT EXISTS trade_cleared ON trade (clear_date);
CREATE INDEX IF NOT EXISTS trade_ruled ON trade (ruled_on);

-- the one answer to a message of trades; message_id: blank where the ministry made it
CREATE TABLE IF NOT EXISTS booking (
    of_message TEXT PRIMARY KEY, message_id TEXT NOT NULL, clear_date TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- journeys of the other centre's roads that paid elsewhere; split_fee: the ministry's figure
CREATE TABLE IF NOT EXISTS journey (
    pass_id TEXT PRIMARY KEY, toll_party TEXT NOT NULL, transaction_id TEXT NOT NULL,
    fee INTEGER NOT NULL, pay_fee INTEGER NOT NULL, discount_fee INTEGER NOT NULL,
    split_due TEXT NOT NULL, split_fee INTEGER, split_message TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS journey_due ON journey (split_due) WHERE split_message IS NULL;

-- what the other centre says it holds
CREATE TABLE IF NOT EXISTS held_there (
    message_id TEXT PRIMARY KEY, kind TEXT NOT NULL, count INTEGER NOT NULL,
    amount_fen INTEGER NOT NULL, digest TEXT NOT NULL, day TEXT NOT NULL
) STRICT;

-- faults that were put in, each once a subject
CREATE TABLE IF NOT EXISTS fault (
    name TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (name, subject)
) STRICT;

-- what the other centre did that the protocol does not allow, or that a person has to look at
CREATE TABLE IF NOT EXISTS finding (
    what TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (what, subject)
) STRICT;
