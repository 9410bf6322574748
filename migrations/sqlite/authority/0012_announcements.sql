-- What happened, told by a name and ids to whoever follows; who is told by themselves; and notices to people.

-- Written at the end of the transaction in which it happened. Ids and names only, never a word about anybody.
CREATE TABLE announcement (
    change INTEGER NOT NULL REFERENCES change (id),
    place  INTEGER NOT NULL,                   -- among those of its change, from 1
    name   TEXT NOT NULL,                      -- what happened, in the past tense
    family BLOB REFERENCES family (id),        -- whom it is about; none: no family
    thing  TEXT NOT NULL,                      -- the id of what it happened to
    PRIMARY KEY (change, place)
) STRICT, WITHOUT ROWID;

-- A program elsewhere that is sent each announcement.
CREATE TABLE webhook (
    id          BLOB PRIMARY KEY,
    url         TEXT NOT NULL,
    names       TEXT NOT NULL,                 -- JSON list: which; none: all
    secret      BLOB NOT NULL,                 -- what it is signed with: given to whoever asked for it, once
    former      BLOB,                          -- and what it was signed with before, until
    former_ends INTEGER,
    state       TEXT NOT NULL CHECK (state IN ('on', 'stopped', 'removed')),
    why         TEXT,                          -- it was stopped or removed
    made        INTEGER NOT NULL,
    made_by     TEXT NOT NULL,
    -- The last that arrived, or the last there was when it was made.
    change      INTEGER NOT NULL,
    place       INTEGER NOT NULL,
    tries       INTEGER NOT NULL DEFAULT 0,    -- of the next, that failed
    try_at      INTEGER NOT NULL,              -- not before
    taken_until INTEGER NOT NULL DEFAULT 0     -- some host sends it, until
) STRICT, WITHOUT ROWID;

-- Somebody of another organisation, or of the council, is to know that there is something to know. The message is the proposal's.
CREATE TABLE notice (
    id       BLOB PRIMARY KEY,
    change   INTEGER NOT NULL REFERENCES change (id),
    proposal BLOB NOT NULL REFERENCES proposal (id) ON DELETE CASCADE,
    login    BLOB NOT NULL,                    -- who is told
    made     INTEGER NOT NULL,
    due      INTEGER NOT NULL,                 -- day: by its end they should know
    mailed   INTEGER,                          -- a letter said that something waits
    seen     INTEGER,
    UNIQUE (proposal, login)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_of ON notice (login, id);
CREATE INDEX notice_unmailed ON notice (login) WHERE mailed IS NULL AND seen IS NULL;

-- Goals, for looking each day which of them were to be met.
CREATE INDEX fact_goal ON fact (id) WHERE kind = 'goal';
