-- What belongs to no authority: a short list, kept apart from every family.

CREATE TABLE authority (
    code TEXT PRIMARY KEY,          -- ONS code
    name TEXT NOT NULL,
    at   INTEGER NOT NULL           -- instants are milliseconds since 1970
) STRICT, WITHOUT ROWID;

CREATE TABLE organisation (
    id   TEXT PRIMARY KEY,          -- short name
    name TEXT NOT NULL,
    kind TEXT NOT NULL              -- code list organisation-kinds
) STRICT, WITHOUT ROWID;

-- A token is known by its hash alone.
CREATE TABLE token (
    hash       BLOB PRIMARY KEY,
    name       TEXT NOT NULL,
    authority  TEXT REFERENCES authority (code),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

-- The bytes come last, so that a list of versions does not read them.
CREATE TABLE plugin_version (
    digest      BLOB PRIMARY KEY,
    name        TEXT NOT NULL,
    version     TEXT NOT NULL,
    publisher   TEXT NOT NULL,
    size        INTEGER NOT NULL,
    uploaded_by TEXT NOT NULL,
    at          INTEGER NOT NULL,
    manifest    TEXT NOT NULL,
    bytes       BLOB NOT NULL,
    UNIQUE (name, version)
) STRICT;

CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key       TEXT NOT NULL,
    route     TEXT NOT NULL,
    body      BLOB NOT NULL,        -- digest of the request's body
    status    INTEGER NOT NULL,
    response  BLOB NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);
