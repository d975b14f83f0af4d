-- Who is on call: what people and calendars say. The rotations themselves stand in the configuration.

-- Every override that was made. `over_at` is taken out of the body: its end, or when somebody ended it.
CREATE TABLE override (
    id      INTEGER PRIMARY KEY,
    over_at INTEGER NOT NULL,
    body    TEXT    NOT NULL
);
CREATE INDEX override_over_at ON override (over_at);

-- What was read of a rotation's calendar last.
CREATE TABLE calendar (
    rotation TEXT PRIMARY KEY,
    body     TEXT NOT NULL
);
