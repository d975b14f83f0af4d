-- Durable state of the gateway: what is, how it came to be so, and who did it.

-- Where the feed stands. One row. The epoch is made with the database and changes only when history is not a
-- prefix of before.
CREATE TABLE head (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    epoch TEXT    NOT NULL,
    seq   INTEGER NOT NULL
);

-- Everything that the feed carries, as it is now. `version` is the sequence number at which it came to be so.
CREATE TABLE entity (
    key     TEXT    PRIMARY KEY,
    version INTEGER NOT NULL,
    body    TEXT    NOT NULL
);

-- How it came to be so, for clients that resume. A row without body is a deletion.
CREATE TABLE feed_log (
    seq  INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    key  TEXT    NOT NULL,
    body TEXT
);

-- Every incident that ever was, also after it has left the feed. `open` and `resolved_at` are taken out of the
-- body so that lists and retention need not read it.
CREATE TABLE incident (
    id          INTEGER PRIMARY KEY,
    open        INTEGER NOT NULL,
    resolved_at INTEGER,
    body        TEXT    NOT NULL
);
CREATE INDEX incident_open ON incident (id) WHERE open = 1;
CREATE INDEX incident_resolved_at ON incident (resolved_at) WHERE resolved_at IS NOT NULL;

-- What happened to incidents. `kind` is the JSON word of the contract.
CREATE TABLE timeline (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    incident   INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    actor_name TEXT,
    text       TEXT    NOT NULL,
    note       TEXT    NOT NULL
);
CREATE INDEX timeline_incident ON timeline (incident, id);

-- Who did what. Rows are only ever added; `hash` is SHA-256 over the previous row's hash and this row, so that a
-- row that was changed or taken out later shows.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    hash    TEXT    NOT NULL
);

-- Answers that a retry must get again, byte for byte.
CREATE TABLE kept_answer (
    actor       TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    status      INTEGER NOT NULL,
    body        TEXT    NOT NULL,
    PRIMARY KEY (actor, key)
) WITHOUT ROWID;
CREATE INDEX kept_answer_at ON kept_answer (at);
