-- How people sign in. What a browser or a mail carries is known by its hash alone: nothing that is read here opens anything.
-- As sqlite/common/0005.

-- Where mail reaches somebody, in small letters. It was shown by following the link of an invitation that went there.
CREATE TABLE login_address (
    address words PRIMARY KEY,
    login   bytea NOT NULL REFERENCES login (id),
    at      bigint NOT NULL
);
CREATE UNIQUE INDEX login_address_login ON login_address (login);
GRANT SELECT, INSERT ON login_address TO hearth_app;

-- A browser in which somebody is signed in.
CREATE TABLE session (
    hash       bytea PRIMARY KEY,
    login      bytea NOT NULL REFERENCES login (id),
    authority  words REFERENCES authority (code), -- whose provider signed them in: it opens nothing elsewhere; none: all that is theirs
    how        words NOT NULL,
    created_at bigint NOT NULL,
    seen_at    bigint NOT NULL,                   -- to the minute
    expires_at bigint NOT NULL
);
CREATE INDEX session_login ON session (login);
CREATE INDEX session_expires_at ON session (expires_at);
GRANT SELECT, INSERT, DELETE, UPDATE (seen_at) ON session TO hearth_app;

-- A one-time code that was asked for, whether or not the address is anybody's.
CREATE TABLE sign_in_code (
    attempt    bytea PRIMARY KEY,                 -- hash of what whoever asked was given
    about      bytea NOT NULL,                    -- hash of the address
    login      bytea REFERENCES login (id),       -- none: nobody of ours
    code       bytea NOT NULL,                    -- the code, keyed with what whoever asked was given
    tries      bigint NOT NULL,
    at         bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX sign_in_code_about ON sign_in_code (about, at);
CREATE INDEX sign_in_code_login ON sign_in_code (login) WHERE login IS NOT NULL;
GRANT SELECT, INSERT, DELETE, UPDATE (tries) ON sign_in_code TO hearth_app;

-- Somebody on the way to an authority's identity provider and back: once.
CREATE TABLE provider_visit (
    state      bytea PRIMARY KEY,                 -- hash
    browser    bytea NOT NULL,                    -- hash of what their browser was given
    authority  words NOT NULL REFERENCES authority (code),
    return_to  words NOT NULL,                    -- a path of this host
    expires_at bigint NOT NULL
);
GRANT SELECT, INSERT, DELETE ON provider_visit TO hearth_app;

-- Who signed in or out, and who was not let in.
CREATE TABLE sign_in (
    id        bytea PRIMARY KEY,
    at        bigint NOT NULL,
    login     bytea REFERENCES login (id),        -- none: nobody of ours
    authority words REFERENCES authority (code),  -- by whose provider or invitation
    how       words NOT NULL,
    outcome   words NOT NULL
);
CREATE INDEX sign_in_authority ON sign_in (authority, id) WHERE authority IS NOT NULL;
CREATE INDEX sign_in_login ON sign_in (login, id) WHERE login IS NOT NULL;
GRANT SELECT, INSERT, DELETE ON sign_in TO hearth_app;
