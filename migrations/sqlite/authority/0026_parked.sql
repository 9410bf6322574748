-- A notice may tell of two more things that become of an installation: that it was parked, and that what was planned for it could not be done. SQLite
-- changes no table's CHECK, so the table is made anew with what it held.
CREATE TABLE notice_now (
    id             BLOB PRIMARY KEY,
    change         INTEGER NOT NULL REFERENCES change (id),
    proposal       BLOB REFERENCES proposal (id) ON DELETE CASCADE, -- of a family: the message is the proposal's
    activation     INTEGER REFERENCES activation (id), -- that ended by itself
    parking        INTEGER REFERENCES parking (id),
    planned_switch INTEGER REFERENCES planned_switch (id), -- that could not be done
    login          BLOB NOT NULL,                  -- who is told
    made           INTEGER NOT NULL,
    due            INTEGER NOT NULL,               -- day: by its end they should know
    mailed         INTEGER,                        -- a letter said that something waits
    seen           INTEGER,
    UNIQUE (proposal, login),
    UNIQUE (activation, login),
    UNIQUE (parking, login),
    UNIQUE (planned_switch, login),
    CHECK ((proposal IS NOT NULL) + (activation IS NOT NULL) + (parking IS NOT NULL) + (planned_switch IS NOT NULL) = 1)
) STRICT, WITHOUT ROWID;
INSERT INTO notice_now (id, change, proposal, activation, login, made, due, mailed, seen)
    SELECT id, change, proposal, activation, login, made, due, mailed, seen FROM notice;
DROP TABLE notice;
ALTER TABLE notice_now RENAME TO notice;
CREATE INDEX notice_of ON notice (login, id);
CREATE INDEX notice_unmailed ON notice (login) WHERE mailed IS NULL AND seen IS NULL;
