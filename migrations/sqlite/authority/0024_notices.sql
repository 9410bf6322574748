-- A notice may tell of an installation too: that it failed and the host went back from it. It hangs on the activation that ended so, and is about no
-- family. SQLite takes no column's NOT NULL away, so the table is made anew with what it held.
CREATE TABLE notice_now (
    id         BLOB PRIMARY KEY,
    change     INTEGER NOT NULL REFERENCES change (id),
    proposal   BLOB REFERENCES proposal (id) ON DELETE CASCADE, -- of a family: the message is the proposal's
    activation INTEGER REFERENCES activation (id), -- of an installation
    login      BLOB NOT NULL,                  -- who is told
    made       INTEGER NOT NULL,
    due        INTEGER NOT NULL,               -- day: by its end they should know
    mailed     INTEGER,                        -- a letter said that something waits
    seen       INTEGER,
    UNIQUE (proposal, login),
    UNIQUE (activation, login),
    CHECK ((proposal IS NULL) <> (activation IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO notice_now (id, change, proposal, login, made, due, mailed, seen) SELECT id, change, proposal, login, made, due, mailed, seen FROM notice;
DROP TABLE notice;
ALTER TABLE notice_now RENAME TO notice;
CREATE INDEX notice_of ON notice (login, id);
CREATE INDEX notice_unmailed ON notice (login) WHERE mailed IS NULL AND seen IS NULL;
