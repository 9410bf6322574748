-- What an authority says about plugins from elsewhere, and which installation takes the place of which.

-- The latest counts. Nothing said: plugins that nobody signed may be adopted, and the catalogue does not name the authority.
CREATE TABLE plugin_rule (
    change   INTEGER PRIMARY KEY REFERENCES change (id),
    unsigned INTEGER NOT NULL CHECK (unsigned IN (0, 1)), -- may plugins be adopted that nobody signed?
    named    INTEGER NOT NULL CHECK (named IN (0, 1)),    -- may others be told which plugins it uses?
    why      TEXT NOT NULL
) STRICT;

-- An installation that is asked although its publisher's key was compromised: until a day, with a reason. The latest counts.
CREATE TABLE kept_on (
    change       INTEGER PRIMARY KEY REFERENCES change (id),
    installation BLOB NOT NULL REFERENCES installation (id),
    until        INTEGER NOT NULL,  -- day, the last
    reason       TEXT NOT NULL
) STRICT;
CREATE INDEX kept_on_installation ON kept_on (installation, change);

-- An installation that was proposed as an update of another, and the difference that was read and acknowledged.
CREATE TABLE installation_update (
    installation BLOB PRIMARY KEY REFERENCES installation (id),
    updates      BLOB NOT NULL REFERENCES installation (id),
    difference   BLOB,              -- none: nothing that had to be acknowledged was
    change       INTEGER NOT NULL REFERENCES change (id)
) STRICT, WITHOUT ROWID;
