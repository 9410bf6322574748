-- Whom this authority invited, and by which identity provider its people sign in. As sqlite/authority/0008.

-- The latest is in force; one without an issuer: none is.
CREATE TABLE identity_provider (
    authority words NOT NULL DEFAULT this_authority(),
    change    bigint NOT NULL,
    issuer    words,
    client    words,
    secret    words,                             -- where it is, never what it is; none: the client has none
    algorithm words,
    PRIMARY KEY (authority, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('identity_provider');
GRANT SELECT, INSERT ON identity_provider TO hearth_app;

-- How a provider calls somebody.
CREATE TABLE provider_subject (
    authority words NOT NULL DEFAULT this_authority(),
    issuer    words NOT NULL,
    subject   words NOT NULL,
    login     bytea NOT NULL,                    -- in the common schema
    change    bigint NOT NULL,
    PRIMARY KEY (authority, issuer, subject),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('provider_subject');
GRANT SELECT, INSERT ON provider_subject TO hearth_app;

CREATE TABLE invitation (
    authority    words NOT NULL DEFAULT this_authority(),
    id           bytea NOT NULL,
    hash         bytea NOT NULL,                 -- of what its mail carries
    address      words NOT NULL,
    name         words NOT NULL,
    organisation words NOT NULL,                 -- in the common schema
    login        bytea,                          -- somebody who has one already and no address; none: whoever the address leads to
    roles        words NOT NULL,                 -- codes, with spaces between
    last         bigint,                         -- the roles' last day
    invited_by   words NOT NULL,
    expires_at   bigint NOT NULL,
    accepted_at  bigint,
    accepted_by  bytea,                          -- login
    withdrawn_at bigint,
    change       bigint NOT NULL,
    PRIMARY KEY (authority, id),
    UNIQUE (authority, hash),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CREATE INDEX invitation_address ON invitation (authority, address);
CALL keep_apart('invitation');
GRANT SELECT, INSERT, UPDATE (accepted_at, accepted_by, withdrawn_at) ON invitation TO hearth_app;
