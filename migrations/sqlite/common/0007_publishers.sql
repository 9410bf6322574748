-- Who signs plugins, with which keys; whose a plugin's name is; what was signed, and where it came from.
CREATE TABLE publisher (
    id           TEXT PRIMARY KEY,   -- short name, as manifests have it
    name         TEXT NOT NULL,
    organisation TEXT REFERENCES organisation (id), -- none: a name that the operator entered
    at           INTEGER NOT NULL,
    by           TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Public keys, as minisign writes them. A publisher may have several: the old and the new one are both good until one is revoked.
CREATE TABLE publisher_key (
    id           TEXT PRIMARY KEY,   -- 16 hexadecimal digits, as minisign shows them
    publisher    TEXT NOT NULL REFERENCES publisher (id),
    key          TEXT NOT NULL,
    at           INTEGER NOT NULL,
    by           TEXT NOT NULL,
    until        INTEGER,            -- the last day on which it signs
    revoked_at   INTEGER,
    revoked_by   TEXT,
    revoked_as   TEXT CHECK (revoked_as IN ('superseded', 'compromised')),
    revoked_why  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX publisher_key_of ON publisher_key (publisher, id);

-- Names belong to whoever first published them signed. The shape of a name is what is left of it when what looks alike is the same.
CREATE TABLE plugin_name (
    shape     TEXT PRIMARY KEY,
    name      TEXT NOT NULL,         -- the first
    publisher TEXT NOT NULL REFERENCES publisher (id),
    at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE plugin_signature (
    digest    BLOB NOT NULL REFERENCES plugin_version (digest),
    key       TEXT NOT NULL REFERENCES publisher_key (id),
    signature TEXT NOT NULL,         -- the whole .minisig
    at        INTEGER NOT NULL,
    by        TEXT NOT NULL,
    PRIMARY KEY (digest, key)
) STRICT, WITHOUT ROWID;

-- Where a version was taken from that was not sent as a file.
CREATE TABLE plugin_source (
    digest    BLOB PRIMARY KEY REFERENCES plugin_version (digest),
    reference TEXT NOT NULL,         -- oci://…, without credentials
    manifest  TEXT NOT NULL,         -- digest of the registry's manifest
    at        INTEGER NOT NULL,
    by        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Grows by one with whatever may change whom a host believes: what hosts remember holds until then.
CREATE TABLE plugin_trust (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    turn INTEGER NOT NULL
) STRICT;
INSERT INTO plugin_trust (one, turn) VALUES (1, 0);
