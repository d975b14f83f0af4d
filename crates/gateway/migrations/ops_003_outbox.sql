-- What people must be told outside the console, written with the change that it tells of. `body` is the row as a
-- whole; the other columns are taken out of it for the questions that are asked.
CREATE TABLE outbox (
    place      INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL UNIQUE,
    channel    TEXT    NOT NULL,
    incident   INTEGER,
    state      TEXT    NOT NULL,
    next_at    INTEGER NOT NULL,
    failed_at  INTEGER,
    settled_at INTEGER,
    digest     TEXT,
    body       TEXT    NOT NULL
);
CREATE INDEX outbox_waiting ON outbox (channel, next_at, place) WHERE state = 'waiting';
CREATE INDEX outbox_unsettled ON outbox (place) WHERE state IN ('waiting', 'sending');
CREATE INDEX outbox_incident ON outbox (incident, place) WHERE settled_at IS NULL;
CREATE INDEX outbox_digest ON outbox (digest, place) WHERE digest IS NOT NULL;
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX outbox_dead ON outbox (settled_at) WHERE state = 'dead';
CREATE INDEX outbox_delivered ON outbox (channel, settled_at) WHERE state = 'delivered';
CREATE INDEX outbox_failed ON outbox (channel, failed_at) WHERE failed_at IS NOT NULL;
