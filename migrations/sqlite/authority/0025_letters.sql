-- Letters on their way to people, and how far the feed of what happened is not kept any more.

-- A letter, written in the transaction of what it says waits, and sent until the server took it. Its kind is all that it says.
CREATE TABLE letter (
    id     BLOB PRIMARY KEY,                   -- its Message-ID: the same however often it is sent
    change INTEGER NOT NULL REFERENCES change (id),
    login  BLOB NOT NULL,                      -- to whom
    kind   TEXT NOT NULL CHECK (kind IN ('waits', 'front-door')),
    tries  INTEGER NOT NULL DEFAULT 0,
    try_at INTEGER,                            -- not before; none: it was sent, or given up
    sent   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX letter_due ON letter (try_at, id) WHERE try_at IS NOT NULL;
CREATE INDEX letter_to ON letter (login, kind) WHERE try_at IS NOT NULL;

-- What was announced up to there is gone: whoever read less far is told so. The latest counts.
CREATE TABLE feed_cut (
    change     INTEGER PRIMARY KEY REFERENCES change (id),
    cut_change INTEGER NOT NULL,
    cut_place  INTEGER NOT NULL
) STRICT;
