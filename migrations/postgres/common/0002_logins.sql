-- Whoever signs in. What they may do is each authority's own to say, in its own tables. As sqlite/common/0002.

CREATE TABLE login (
    id           bytea PRIMARY KEY,
    name         words NOT NULL,
    organisation words NOT NULL REFERENCES organisation (id), -- who employs them
    created_at   bigint NOT NULL,
    closed_at    bigint                                       -- from then on nothing opens
);
GRANT SELECT, INSERT, UPDATE (closed_at) ON login TO hearth_app;

-- Where a login was ever given a role: so that "which councils are mine" asks those and no others.
CREATE TABLE login_authority (
    login     bytea NOT NULL REFERENCES login (id),
    authority words NOT NULL REFERENCES authority (code),
    PRIMARY KEY (login, authority)
);
GRANT SELECT, INSERT ON login_authority TO hearth_app;

-- A token is a person's (login), a system's (authority and roles) or the operator's (neither). A person's may be bound to one authority.
ALTER TABLE token ADD COLUMN login bytea REFERENCES login (id);
ALTER TABLE token ADD COLUMN roles words;    -- of a system: codes, with spaces between
ALTER TABLE token ADD COLUMN verbs words;    -- it opens these alone; none: all that its holder may
ALTER TABLE token ADD COLUMN made_by words NOT NULL DEFAULT 'operator';
ALTER TABLE token ADD COLUMN used_on bigint; -- the last day on which it opened anything
CREATE INDEX token_authority ON token (authority) WHERE authority IS NOT NULL;
GRANT UPDATE (used_on) ON token TO hearth_app;

-- Tokens of authorities could do everything there, and go on doing what a council's own system does.
UPDATE token SET roles = 'system' WHERE authority IS NOT NULL;
