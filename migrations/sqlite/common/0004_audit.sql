-- The audit trail of what belongs to no authority, as an authority has its own.

CREATE TABLE audit_entry (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    principal TEXT NOT NULL,
    act       TEXT NOT NULL CHECK (act IN ('read', 'wrote', 'refused')),
    what      TEXT NOT NULL,
    purpose   TEXT,
    family    BLOB,
    person    BLOB,
    thing     TEXT,
    sections  TEXT NOT NULL,
    change    INTEGER,
    effects   BLOB
) STRICT;
CREATE INDEX audit_principal ON audit_entry (principal, id);
CREATE INDEX audit_at ON audit_entry (at);

CREATE TABLE audit_seal (
    number  INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    entries BLOB NOT NULL,
    before  BLOB,
    digest  BLOB NOT NULL
) STRICT;
