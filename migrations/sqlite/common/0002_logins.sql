-- Whoever signs in. What they may do is each authority's own to say, in its own file.

-- A person who works with families, once for all councils that they work for.
CREATE TABLE login (
    id           BLOB PRIMARY KEY,
    name         TEXT NOT NULL,
    organisation TEXT NOT NULL REFERENCES organisation (id), -- who employs them
    created_at   INTEGER NOT NULL,
    closed_at    INTEGER                                     -- from then on nothing opens
) STRICT, WITHOUT ROWID;

-- Where a login was ever given a role: so that "which councils are mine" opens those files and no others.
CREATE TABLE login_authority (
    login     BLOB NOT NULL REFERENCES login (id),
    authority TEXT NOT NULL REFERENCES authority (code),
    PRIMARY KEY (login, authority)
) STRICT, WITHOUT ROWID;

-- A token is a person's (login), a system's (authority and roles) or the operator's (neither). A person's may be bound to one authority.
ALTER TABLE token ADD COLUMN login BLOB REFERENCES login (id);
ALTER TABLE token ADD COLUMN roles TEXT;     -- of a system: codes, with spaces between
ALTER TABLE token ADD COLUMN verbs TEXT;     -- it opens these alone; none: all that its holder may
ALTER TABLE token ADD COLUMN made_by TEXT NOT NULL DEFAULT 'operator';
ALTER TABLE token ADD COLUMN used_on INTEGER; -- the last day on which it opened anything
CREATE INDEX token_authority ON token (authority) WHERE authority IS NOT NULL;

-- Tokens of authorities could do everything there, and go on doing what a council's own system does.
UPDATE token SET roles = 'system' WHERE authority IS NOT NULL;
