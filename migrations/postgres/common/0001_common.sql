-- What belongs to no authority: a short list, in a schema of its own, kept apart from every family. As sqlite/common/0001.
--
-- The host works as a member of `hearth_app`, which owns nothing here and may do what is granted beside each table, no more.
DO $$
BEGIN
    CREATE ROLE hearth_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database of this server has it: the role is the server's
END
$$;
GRANT USAGE ON SCHEMA hearth_common TO hearth_app;
-- So that the host can say which changes to the tables it waits for.
GRANT SELECT ON _sqlx_migrations TO hearth_app;

-- Text in the order of its bytes, as in SQLite, whatever language the server speaks.
CREATE DOMAIN words AS text COLLATE "C";

CREATE TABLE authority (
    code words PRIMARY KEY,             -- ONS code
    name words NOT NULL,
    at   bigint NOT NULL                -- instants are milliseconds since 1970
);
GRANT SELECT, INSERT ON authority TO hearth_app;

CREATE TABLE organisation (
    id   words PRIMARY KEY,             -- short name
    name words NOT NULL,
    kind words NOT NULL                 -- code list organisation-kinds
);
GRANT SELECT, INSERT ON organisation TO hearth_app;

-- A token is known by its hash alone.
CREATE TABLE token (
    hash       bytea PRIMARY KEY,
    name       words NOT NULL,
    authority  words REFERENCES authority (code),
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint
);
GRANT SELECT, INSERT, UPDATE (revoked_at) ON token TO hearth_app;

CREATE TABLE plugin_version (
    digest      bytea PRIMARY KEY,
    name        words NOT NULL,
    version     words NOT NULL,
    publisher   words NOT NULL,
    size        bigint NOT NULL,
    uploaded_by words NOT NULL,
    at          bigint NOT NULL,
    manifest    words NOT NULL,
    bytes       bytea NOT NULL,
    UNIQUE (name, version)
);
GRANT SELECT, INSERT ON plugin_version TO hearth_app;

CREATE TABLE idempotency (
    principal words NOT NULL,
    key       words NOT NULL,
    route     words NOT NULL,
    body      bytea NOT NULL,           -- digest of the request's body
    status    bigint NOT NULL,
    response  bytea NOT NULL,
    at        bigint NOT NULL,
    PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_at ON idempotency (at);
GRANT SELECT, INSERT, DELETE ON idempotency TO hearth_app;
