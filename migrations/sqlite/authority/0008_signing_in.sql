-- Whom this authority invited, and by which identity provider its people sign in.

-- The latest is in force; one without an issuer: none is.
CREATE TABLE identity_provider (
    change    INTEGER PRIMARY KEY REFERENCES change (id),
    issuer    TEXT,
    client    TEXT,
    secret    TEXT,                              -- where it is, never what it is; none: the client has none
    algorithm TEXT
) STRICT;

-- How a provider calls somebody.
CREATE TABLE provider_subject (
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    login   BLOB NOT NULL,                       -- in the common file
    change  INTEGER NOT NULL REFERENCES change (id),
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE invitation (
    id           BLOB PRIMARY KEY,
    hash         BLOB NOT NULL UNIQUE,           -- of what its mail carries
    address      TEXT NOT NULL,
    name         TEXT NOT NULL,
    organisation TEXT NOT NULL,                  -- in the common file
    login        BLOB,                           -- somebody who has one already and no address; none: whoever the address leads to
    roles        TEXT NOT NULL,                  -- codes, with spaces between
    last         INTEGER,                        -- the roles' last day
    invited_by   TEXT NOT NULL,
    expires_at   INTEGER NOT NULL,
    accepted_at  INTEGER,
    accepted_by  BLOB,                           -- login
    withdrawn_at INTEGER,
    change       INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_address ON invitation (address);
