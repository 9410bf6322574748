-- What an authority says about plugins from elsewhere, and which installation takes the place of which. As sqlite/authority/0017.

CREATE TABLE plugin_rule (
    authority words NOT NULL DEFAULT this_authority(),
    change    bigint NOT NULL,
    unsigned  bigint NOT NULL CHECK (unsigned IN (0, 1)), -- may plugins be adopted that nobody signed?
    named     bigint NOT NULL CHECK (named IN (0, 1)),    -- may others be told which plugins it uses?
    why       words NOT NULL,
    PRIMARY KEY (authority, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('plugin_rule');
GRANT SELECT, INSERT ON plugin_rule TO hearth_app;

CREATE TABLE kept_on (
    authority    words NOT NULL DEFAULT this_authority(),
    change       bigint NOT NULL,
    installation bytea NOT NULL,
    until        bigint NOT NULL,   -- day, the last
    reason       words NOT NULL,
    PRIMARY KEY (authority, change),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id)
);
CREATE INDEX kept_on_installation ON kept_on (authority, installation, change);
CALL keep_apart('kept_on');
GRANT SELECT, INSERT ON kept_on TO hearth_app;

CREATE TABLE installation_update (
    authority    words NOT NULL DEFAULT this_authority(),
    installation bytea NOT NULL,
    updates      bytea NOT NULL,
    difference   bytea,             -- none: nothing that had to be acknowledged was
    change       bigint NOT NULL,
    PRIMARY KEY (authority, installation),
    FOREIGN KEY (authority, installation) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, updates) REFERENCES installation (authority, id),
    FOREIGN KEY (authority, change) REFERENCES change (authority, id)
);
CALL keep_apart('installation_update');
GRANT SELECT, INSERT ON installation_update TO hearth_app;
