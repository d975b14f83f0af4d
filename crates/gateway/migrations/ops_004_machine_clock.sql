-- How far the wall clock was ahead of the machine's own time, by which a clock that was set back while no gateway ran
-- is found out.
CREATE TABLE machine_clock (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    boot     TEXT    NOT NULL,
    ahead_ms INTEGER NOT NULL
);
