-- Silences, and what fired, so that it can be said what a silence would have muted.

-- Every silence that ever was, also after it has left the feed. `ended_at` is taken out of the body so that retention
-- need not read it.
CREATE TABLE silence (
    id       INTEGER PRIMARY KEY,
    ended_at INTEGER,
    body     TEXT    NOT NULL
);
CREATE INDEX silence_ended_at ON silence (ended_at) WHERE ended_at IS NOT NULL;

-- Each time that an alert began to fire. `incident` is the one that it opened or joined; its title is read from there.
CREATE TABLE fired (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    product     TEXT    NOT NULL,
    check_id    TEXT    NOT NULL,
    rule        TEXT    NOT NULL,
    severity    TEXT    NOT NULL,
    summary     TEXT    NOT NULL,
    incident    INTEGER,
    UNIQUE (fingerprint, at)
);
CREATE INDEX fired_at ON fired (at);

-- Since when what fired is kept. One row, made when a gateway that keeps it first opens the database.
CREATE TABLE fired_since (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
);
