-- Families on their way from one authority to another: what lies between their two files. The package goes when they have settled it.
CREATE TABLE handover (
    id         BLOB PRIMARY KEY,
    from_whom  TEXT NOT NULL REFERENCES authority (code),
    to_whom    TEXT NOT NULL REFERENCES authority (code),
    terms      TEXT NOT NULL,       -- JSON: sections, legal basis, reason, first day, by whom and when it was made, what it holds
    digest     BLOB NOT NULL,       -- of the package
    package    BLOB,
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'taking', 'taken', 'withdrawn', 'refused', 'settled')),
    answered_by TEXT,
    answer     TEXT,                -- why it was refused
    at         INTEGER NOT NULL,
    answered_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX handover_to ON handover (to_whom, id);
CREATE INDEX handover_from ON handover (from_whom, id);
