-- The extension centre's own state; amounts in fen, moments in epoch seconds, days as texts.
-- What was taken; a pack is due to be booked at due_at.
CREATE TABLE IF NOT EXISTS taken (
    message_id TEXT PRIMARY KEY, kind TEXT NOT NULL, digest TEXT NOT NULL, count INTEGER NOT NULL,
    amount_fen INTEGER NOT NULL, provider TEXT NOT NULL, issuer TEXT NOT NULL,
    taken_at INTEGER NOT NULL, due_at INTEGER, booked_on TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trade (
    message_id TEXT NOT NULL, trans_id INTEGER NOT NULL, fee INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open', reason INTEGER, ruling_due TEXT, ruled_on TEXT,
    file_id TEXT,
    PRIMARY KEY (message_id, trans_id)
) WITHOUT ROWID;
-- What goes out: a message is answered by one of the platform's, a reply by its ack alone.
CREATE TABLE IF NOT EXISTS outgoing (
    seq INTEGER PRIMARY KEY, message_id TEXT NOT NULL, cause TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL, body BLOB NOT NULL, fault TEXT NOT NULL DEFAULT '', after_seq INTEGER,
    state TEXT NOT NULL DEFAULT 'waiting', tries INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL, made_at INTEGER NOT NULL, result INTEGER, closed_at INTEGER
);
CREATE INDEX IF NOT EXISTS outgoing_due ON outgoing (state, next_try);
