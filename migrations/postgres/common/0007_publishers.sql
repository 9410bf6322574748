-- Who signs plugins, with which keys; whose a plugin's name is; what was signed, and where it came from. As sqlite/common/0007.
CREATE TABLE publisher (
    id           words PRIMARY KEY,  -- short name, as manifests have it
    name         words NOT NULL,
    organisation words REFERENCES organisation (id), -- none: a name that the operator entered
    at           bigint NOT NULL,
    by           words NOT NULL
);
GRANT SELECT, INSERT ON publisher TO hearth_app;

CREATE TABLE publisher_key (
    id           words PRIMARY KEY,  -- 16 hexadecimal digits, as minisign shows them
    publisher    words NOT NULL REFERENCES publisher (id),
    key          words NOT NULL,
    at           bigint NOT NULL,
    by           words NOT NULL,
    until        bigint,             -- the last day on which it signs
    revoked_at   bigint,
    revoked_by   words,
    revoked_as   words CHECK (revoked_as IN ('superseded', 'compromised')),
    revoked_why  words
);
CREATE INDEX publisher_key_of ON publisher_key (publisher, id);
GRANT SELECT, INSERT, UPDATE (revoked_at, revoked_by, revoked_as, revoked_why) ON publisher_key TO hearth_app;

CREATE TABLE plugin_name (
    shape     words PRIMARY KEY,
    name      words NOT NULL,        -- the first
    publisher words NOT NULL REFERENCES publisher (id),
    at        bigint NOT NULL
);
GRANT SELECT, INSERT ON plugin_name TO hearth_app;

CREATE TABLE plugin_signature (
    digest    bytea NOT NULL REFERENCES plugin_version (digest),
    key       words NOT NULL REFERENCES publisher_key (id),
    signature words NOT NULL,        -- the whole .minisig
    at        bigint NOT NULL,
    by        words NOT NULL,
    PRIMARY KEY (digest, key)
);
GRANT SELECT, INSERT ON plugin_signature TO hearth_app;

CREATE TABLE plugin_source (
    digest    bytea PRIMARY KEY REFERENCES plugin_version (digest),
    reference words NOT NULL,        -- oci://…, without credentials
    manifest  words NOT NULL,        -- digest of the registry's manifest
    at        bigint NOT NULL,
    by        words NOT NULL
);
GRANT SELECT, INSERT ON plugin_source TO hearth_app;

CREATE TABLE plugin_trust (
    one  bigint PRIMARY KEY CHECK (one = 1),
    turn bigint NOT NULL
);
INSERT INTO plugin_trust (one, turn) VALUES (1, 0);
GRANT SELECT, UPDATE (turn) ON plugin_trust TO hearth_app;
