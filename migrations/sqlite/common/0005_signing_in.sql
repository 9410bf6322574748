-- How people sign in. What a browser or a mail carries is known by its hash alone: nothing that is read here opens anything.

-- Where mail reaches somebody, in small letters. It was shown by following the link of an invitation that went there.
CREATE TABLE login_address (
    address TEXT PRIMARY KEY,
    login   BLOB NOT NULL REFERENCES login (id),
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX login_address_login ON login_address (login);

-- A browser in which somebody is signed in.
CREATE TABLE session (
    hash       BLOB PRIMARY KEY,
    login      BLOB NOT NULL REFERENCES login (id),
    authority  TEXT REFERENCES authority (code), -- whose provider signed them in: it opens nothing elsewhere; none: all that is theirs
    how        TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,                 -- to the minute
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_login ON session (login);
CREATE INDEX session_expires_at ON session (expires_at);

-- A one-time code that was asked for, whether or not the address is anybody's.
CREATE TABLE sign_in_code (
    attempt    BLOB PRIMARY KEY,                 -- hash of what whoever asked was given
    about      BLOB NOT NULL,                    -- hash of the address
    login      BLOB REFERENCES login (id),       -- none: nobody of ours
    code       BLOB NOT NULL,                    -- the code, keyed with what whoever asked was given
    tries      INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_code_about ON sign_in_code (about, at);
CREATE INDEX sign_in_code_login ON sign_in_code (login) WHERE login IS NOT NULL;

-- Somebody on the way to an authority's identity provider and back: once.
CREATE TABLE provider_visit (
    state      BLOB PRIMARY KEY,                 -- hash
    browser    BLOB NOT NULL,                    -- hash of what their browser was given
    authority  TEXT NOT NULL REFERENCES authority (code),
    return_to  TEXT NOT NULL,                    -- a path of this host
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who signed in or out, and who was not let in.
CREATE TABLE sign_in (
    id        BLOB PRIMARY KEY,
    at        INTEGER NOT NULL,
    login     BLOB REFERENCES login (id),        -- none: nobody of ours
    authority TEXT REFERENCES authority (code),  -- by whose provider or invitation
    how       TEXT NOT NULL,
    outcome   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_authority ON sign_in (authority, id) WHERE authority IS NOT NULL;
CREATE INDEX sign_in_login ON sign_in (login, id) WHERE login IS NOT NULL;
